"""Imports point one way, and a command loads no more than it needs."""

import ast
import builtins
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import kpieval

PACKAGE = Path(kpieval.__file__).parent

LAYERS = (
    {"problems", "nearest", "folders", "colors"},
    {"translation"},
    {"model", "calendar"},
    {"expressions"},
    {"check", "read", "build"},
    {"sources"},
    {"plan"},
    {"collect"},
    {"evaluate"},
    {"judge"},
    {"rows"},
    {"render", "gate"},
    {"sentences", "findings", "history", "queried", "result", "api"},
    {"publish", "notify"},
    {"propose", "cli", "__main__"},
)
"""From what knows nothing of the others to what knows them all; within a layer everybody may know everybody."""


def stage(module: str) -> str:
    return module.split(".")[1]


def imported(file: Path) -> Iterator[str]:
    """The modules of kpieval that a file needs when it runs, wherever in the file it says so."""
    tree = ast.parse(file.read_text("utf-8"))
    only_types = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in only_types:
            continue
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "kpieval":
            names = [f"kpieval.{each.name}" for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (name for name in names if name.startswith("kpieval."))


def test_imports_point_one_way() -> None:
    height = {name: index for index, layer in enumerate(LAYERS) for name in layer}
    upwards = []
    for file in sorted(PACKAGE.rglob("*.py")):
        own = file.relative_to(PACKAGE).with_suffix("").parts[0]
        if own == "__init__":
            continue
        assert own in height, f"{own} is in no layer"
        upwards += [
            f"{file.relative_to(PACKAGE)} imports {name}"
            for name in imported(file)
            if stage(name) != "__version__" and height[stage(name)] > height[own]
        ]
    assert upwards == []


def test_no_module_hides_a_builtin() -> None:
    """Importing `kpieval.cli.list` would make `list` a module in all of `kpieval.cli`."""
    named = {file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py") if file.stem in dir(builtins)}
    assert named == set()


def loaded(*arguments: str) -> set[str]:
    """The packages that a command line has loaded when it ends."""
    code = "import sys; from kpieval.cli import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return {name for name in done.stderr.split() if "." not in name}


HEAVY = {"duckdb", "jinja2", "babel", "markdown_it", "nh3", "jsonschema", "yaml", "sqlglot", "numpy", "pyarrow"}
"""What takes long enough to load that one would wait for it."""


@pytest.mark.parametrize("command", [["--version"], ["--help"], ["report", "--help"]])
def test_help_loads_nothing_heavy(command: list[str]) -> None:
    assert loaded(*command) & HEAVY == set()


def test_validate_loads_neither_engine_nor_report() -> None:
    pack = Path(__file__).parents[1] / "kpis" / "sales-leadership"
    assert loaded("validate", str(pack)) & HEAVY == {"jsonschema", "yaml", "sqlglot"}

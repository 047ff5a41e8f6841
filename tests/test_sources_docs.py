"""What `docs/sources.md` shows is so, and every problem of a source has its page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from asking import ask, project
from kpieval.problems import DataError

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLES = [
    (BLOCKS[at][1], BLOCKS[at + 1][1], BLOCKS[at + 2][1])
    for at in range(len(BLOCKS) - 2)
    if [kind for kind, _ in BLOCKS[at : at + 3]] == ["yaml", "csv", "text"]
]
CONNECTIONS = "connections: {warehouse: {url: 'postgresql://localhost/crm'}}"


@pytest.mark.parametrize(("declaration", "content", "expected"), EXAMPLES)
def test_examples_give_what_is_shown(declaration: str, content: str, expected: str, tmp_path: Path) -> None:
    made = project(tmp_path, declaration, {"deals.csv": content})
    try:
        columns = list(made.sources["deals"].columns)
        found = [columns, *ask(made, f"select {', '.join(columns)} from rows order by id")]
        said = "".join(", ".join("-" if cell is None else str(cell) for cell in row) + "\n" for row in found)
    except DataError as error:
        said = "".join(f"{problem}\n" for problem in error.problems)
    assert said == expected


@pytest.mark.parametrize("declaration", [content for kind, content in BLOCKS if kind == "yaml"])
def test_declarations_are_valid(declaration: str, tmp_path: Path) -> None:
    project(tmp_path, declaration, more=CONNECTIONS)


def test_every_problem_has_its_page() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "engine/kpieval/sources").glob("*.py"))
    used = set(re.findall(r'roblem\(\s*(?:"(?:error|warning|note)",\s*)?"([a-z0-9]+-[a-z0-9-]+)"', code))
    assert len(used) > 30
    assert sorted(each for each in used if not (ROOT / f"docs/problems/{each}.md").is_file()) == []

"""The script that sets everything up, as far as that can be seen without a set-up."""

import ast
import importlib.machinery
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
RUN = ROOT / "run"


@pytest.fixture
def script() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("run", str(RUN))
    spec = importlib.util.spec_from_loader("run", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(module)
    sys.dont_write_bytecode = before
    return module


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 0), (3, 10, 13)])
def test_an_older_python_is_refused_in_a_sentence(version: tuple[int, int, int]) -> None:
    pretend = f"sys.version_info = {version}; sys.argv = ['run', 'test']"
    code = f"import runpy, sys; {pretend}; runpy.run_path('{RUN}', {{}}, '__main__')"
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False)
    refused = f"kpieval needs Python 3.11 or newer, and this is Python {version[0]}.{version[1]} ({sys.executable}).\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", refused)


def test_it_parses_on_an_older_python() -> None:
    # nothing newer than Python 3.4 is allowed here; that 2.7 takes it as well is seen by its imports and its print()
    ast.parse(RUN.read_text("utf-8"), feature_version=(3, 4))
    assert not re.search(r"\bf['\"]", RUN.read_text("utf-8"))


def test_an_interrupted_set_up_leaves_no_stamp(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = tmp_path / ".venv"
    monkeypatch.setattr(script, "VENV", str(venv))
    monkeypatch.setattr(script, "STAMP", str(venv / "stamp"))
    monkeypatch.setattr(script, "PYTHON", sys.executable)
    installs: list[str] = []

    def interrupted(lock: str) -> None:
        installs.append(lock)
        venv.mkdir()
        raise KeyboardInterrupt

    def complete(lock: str) -> None:
        installs.append(lock)
        (venv / "bin").mkdir(parents=True)

    monkeypatch.setattr(script, "call", lambda _command: 0)
    monkeypatch.setattr(script, "install", interrupted)
    with pytest.raises(KeyboardInterrupt):
        script.set_up(script.USE)
    assert not (venv / "stamp").exists()
    monkeypatch.setattr(script, "install", complete)
    script.set_up(script.DEVELOP)
    script.set_up(script.DEVELOP)
    script.set_up(script.USE)  # an environment for developing serves for using
    assert len(installs) == 2
    monkeypatch.setattr(script, "stamp", lambda lock: lock + " of another Python")
    script.set_up(script.USE)
    assert len(installs) == 3


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_lock_files_have_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    packages = re.findall(
        r"^[\w.-]+(?:\[\w+\])?==[^ ]+.*(?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+", text, re.MULTILINE
    )
    assert len(packages) == len(re.findall(r"==\S+ .*\\$", text, re.MULTILINE))
    assert "://" not in text
    assert "--index" not in text
    assert "--find-links" not in text


def test_lock_files_list_what_the_package_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    needed, groups = project["project"]["dependencies"], project["dependency-groups"]
    groups = {
        "requirements.lock": needed,
        "requirements-dev.lock": needed + groups["dev"] + groups["docs"],
    }
    for lock, wanted in groups.items():
        locked = set(re.findall(r"^([\w.-]+)(?:\[\w+\])?==", (ROOT / lock).read_text("utf-8"), re.MULTILINE))
        names = {re.split(r"[<>=;]", each)[0].strip() for each in wanted}
        assert names <= locked

"""Sessions that a user could paste: each file of `cases/cli/` is one, run command by command in an empty folder.

`$` begins a command, `2>` a line of stderr, `[n]` the exit code where it isn't 0; all else is stdout. `<here>` stands
for the folder. What a session needs is made by its own commands, or lies in the folder of the same name beside it.
"""

import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "cases" / "cli"
ERROR = "2> "


@dataclass
class Step:
    command: str
    shown: list[str] = field(default_factory=list)


def parse(text: str) -> tuple[list[str], list[Step]]:
    """The lines of comment at the top, and the steps."""
    head: list[str] = []
    steps: list[Step] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            steps.append(Step(line[2:]))
        elif steps:
            steps[-1].shown.append(line)
        else:
            head.append(line)
    return head, steps


def play(command: str, folder: Path, path: str) -> list[str]:
    """What a command shows."""
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith(("COVERAGE_", "TMP"))},
        "PATH": path,
        "HOME": str(folder),
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONWARNINGS": "error",
        "PYTHONHASHSEED": "0",
    }
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, timeout=120, check=False
    )
    out, err = (stream.decode().replace(str(folder), "<here>").splitlines() for stream in (done.stdout, done.stderr))
    return [*out, *((ERROR + line).rstrip() for line in err), *([f"[{done.returncode}]"] if done.returncode else [])]


@pytest.fixture
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH on which `kpieval` is the one under test."""
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "kpieval"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kpieval "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    return f"{folder}:{os.environ['PATH']}"


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda case: case.stem)
def test_session(case: Path, tmp_path: Path, path: str, *, update: bool) -> None:
    if (CASES / case.stem).is_dir():
        shutil.copytree(CASES / case.stem, tmp_path, dirs_exist_ok=True)
    head, steps = parse(case.read_text("utf-8"))
    seen = list(head)
    for step in steps:
        seen += [f"$ {step.command}", *play(step.command, tmp_path, path)]
        while step.shown and not step.shown[-1]:
            seen.append(step.shown.pop())  # an empty line between two commands is for the reader
    text = "\n".join(seen) + "\n"
    if update:
        case.write_text(text, "utf-8")
    assert text == case.read_text("utf-8")

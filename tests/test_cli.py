"""Sessions that a user could paste: each file of `cases/cli/` is one, run command by command in an empty folder.

`$` begins a command, `2>` a line of stderr, `[n]` the exit code where it isn't 0; all else is stdout. `<here>` stands
for the folder.
"""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

import sessions

CASES = Path(__file__).parent / "cases" / "cli"


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


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda case: case.stem)
def test_session(case: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, *, update: bool) -> None:
    commands = tmp_path_factory.mktemp("bin")
    sessions.install(commands)
    head, steps = parse(case.read_text("utf-8"))
    seen = list(head)
    for step in steps:
        seen += [f"$ {step.command}", *sessions.play(step.command, tmp_path, commands)]
        while step.shown and not step.shown[-1]:
            seen.append(step.shown.pop())  # an empty line between two commands is for the reader
    text = "\n".join(seen) + "\n"
    if update:
        case.write_text(text, "utf-8")
    assert text == case.read_text("utf-8")

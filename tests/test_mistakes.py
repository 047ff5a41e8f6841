"""One mistake is told as one: each entry of `cases/mistakes/` is an edit of a project that is right, and what it gives.

A file is named after the project and holds entries of this form: a title after `==`, after `@` the file that is
edited, the lines that are taken away after `-` and those that come instead after `+`, then the messages. In these `N`
stands for what changes whenever the project grows: numbers of lines and of places; the line itself is shown below.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kpieval.build import build
from kpieval.problems import DefinitionError
from kpieval.read import read
from kpieval.render.terminal import format_problem

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases" / "mistakes"
GROWING = re.compile(r"(?<=\.yaml:)\d+|\d+(?= more places)|(?<=before line )\d+")
PROJECTS = {"pack": ROOT / "kpis/sales-leadership", "example": ROOT / "examples/sales-leadership"}


@dataclass
class Mistake:
    """An edit, as it is written down, and the messages that it is said to give."""

    title: str
    file: str = ""
    away: list[str] = field(default_factory=list)
    instead: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)

    def make(self, project: Path, folder: Path) -> Path:
        """A copy of the project with the mistake."""
        copy = folder / "project"
        shutil.copytree(project, copy, ignore=shutil.ignore_patterns("data", "*.py"))
        path = copy / self.file
        path.parent.mkdir(exist_ok=True)
        text = path.read_text("utf-8") if path.exists() else ""
        away, instead = ("".join(f"{line}\n" for line in lines) for lines in (self.away, self.instead))
        assert away in text, f"{self.file} has other lines than {self.away}"
        path.write_text(text.replace(away, instead, 1) if away else text + instead, "utf-8")
        return copy

    def written(self) -> str:
        """The entry as it is written down."""
        lines = [f"== {self.title}", f"@ {self.file}", *(f"-{line}" for line in self.away)]
        return "".join(f"{line}\n" for line in [*lines, *(f"+{line}" for line in self.instead), *self.messages])


def parse(text: str) -> list[Mistake]:
    found: list[Mistake] = []
    for line in text.splitlines():
        if line.startswith("== "):
            found.append(Mistake(line[3:]))
        elif line.startswith("@ "):
            found[-1].file = line[2:]
        elif line.startswith("-"):
            found[-1].away.append(line[1:])
        elif line.startswith("+"):
            found[-1].instead.append(line[1:])
        elif line:
            found[-1].messages.append(line)
    return found


def messages(project: Path) -> list[str]:
    try:
        problems = build(read(project))[1]
    except DefinitionError as error:
        problems = error.problems
    told = (problem for problem in problems if problem.code != "double-count")  # the pack's own, mistake or not
    return [GROWING.sub("N", line) for problem in told for line in format_problem(problem).splitlines()]


@pytest.mark.parametrize("name", PROJECTS)
def test_a_mistake_is_told_once_and_where_it_was_made(
    name: str, tmp_path: Path, subtests: pytest.Subtests, *, update: bool
) -> None:
    file = CASES / f"{name}.txt"
    mistakes = parse(file.read_text("utf-8"))
    for index, mistake in enumerate(mistakes):
        with subtests.test(mistake.title):
            (tmp_path / str(index)).mkdir()
            said = messages(mistake.make(PROJECTS[name], tmp_path / str(index)))
            if update:
                mistake.messages = said
            assert said == mistake.messages
    if update:
        file.write_text("\n".join(mistake.written() for mistake in mistakes), "utf-8")
    assert file.read_text("utf-8") == "\n".join(mistake.written() for mistake in mistakes)

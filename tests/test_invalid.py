"""Every folder in `tests/cases/invalid/` is a project with a mistake, beside the exact messages that it must give."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from kpieval.build import build
from kpieval.problems import DefinitionError, Problem
from kpieval.read import read
from kpieval.render.terminal import format_problem

ROOT = Path(__file__).parents[1]
CASES = sorted(path for path in (ROOT / "tests/cases/invalid").iterdir() if path.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_says_what_is_wrong_and_where(case: Path, update: bool) -> None:  # noqa: FBT001
    found = problems(case)
    messages = "".join(f"{format_problem(problem)}\n" for problem in found)
    expected = case / "messages.txt"
    if update:
        expected.write_text(messages, encoding="utf-8")
    assert messages == expected.read_text(encoding="utf-8")
    assert messages, "a case of the corpus has something wrong with it"


def test_every_code_of_the_corpus_has_its_page() -> None:
    codes = {
        code for case in CASES for code in re.findall(r"\[([a-z0-9-]+)\] ", (case / "messages.txt").read_text("utf-8"))
    }
    assert sorted(code for code in codes if not (ROOT / f"docs/problems/{code}.md").is_file()) == []


def problems(case: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with the project in a folder, on a day on which no benchmark of a pack has expired."""
    try:
        definitions = read(case)
    except DefinitionError as error:
        return error.problems
    return build(definitions, dt.datetime(2026, 11, 1, tzinfo=dt.UTC))[1]

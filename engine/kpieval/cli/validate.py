"""`kpieval validate`: definitions in; everything that is wrong with them out, without a look at the data."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from kpieval.cli.console import in_order
from kpieval.cli.options import formats, project_path, talk
from kpieval.problems import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kpieval.cli.console import Console
    from kpieval.problems import Problem


@click.command(short_help="Check all definitions, without reading data.")
@project_path
@formats("text", "json", default="text", help="Text for people, JSON for programs.")
@talk
@click.pass_obj
def command(console: Console, path: Path, format_: str) -> int:
    """Check the definitions of the project at PATH, without reading data.

    Prints every problem with file, line and column. Exits with 2 if there is an error; warnings don't count.
    """
    files, found = check(path)
    problems = in_order(found)
    failed = any(problem.severity == "error" for problem in problems)
    if format_ == "json":
        click.echo(json.dumps({"files": files, "problems": [as_json(problem) for problem in problems]}, indent=2))
    else:
        console.problems(problems, sys.stdout)
        if not console.quiet:
            click.echo(f"{count(files, 'file')}, {summary(problems)}")
    return DefinitionError.exit_code if failed else 0


def check(path: Path) -> tuple[int, tuple[Problem, ...]]:
    """The number of files read, and all that is wrong with them."""
    from kpieval.build import build
    from kpieval.read import read

    try:
        definitions = read(path)
    except DefinitionError as error:
        return 0, error.problems
    _, problems = build(definitions, dt.datetime.now(dt.UTC))
    return len(definitions.files), problems


def summary(problems: Iterable[Problem]) -> str:
    """How many problems of which severity."""
    found = Counter(problem.severity for problem in problems)
    return ", ".join(count(found[severity], severity) for severity in found) or "no problems"


def count(number: int, noun: str) -> str:
    """A number with its noun."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def as_json(problem: Problem) -> dict[str, str | int | None]:
    """A problem as the result's JSON has it."""
    place = problem.place
    return {
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "hint": problem.hint,
    }

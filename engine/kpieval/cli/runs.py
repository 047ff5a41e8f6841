"""What `evaluate` and `report` share: which project is run, for when, and where to; and the run itself."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpieval.cli.options import formats, project_path
from kpieval.cli.outputs import Output, quarantine_folder

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from kpieval.cli.console import Console
    from kpieval.collect.timeline import Request
    from kpieval.result import Result

    type_ = Callable[..., Any]


def arguments(*names: str, otherwise: str, output: str) -> Callable[[type_], type_]:
    """Add PATH; --format, one of `names`, `otherwise` being said of its default; --output, by default `output`.

    And, as one `request`, what is asked of the data.
    """

    def add(function: type_) -> type_:
        format_ = formats(*names, help=f"Default: what the name of the output file says, else {otherwise}.")
        where = click.option(
            "-o",
            "--output",
            metavar="PATH",
            default=output,
            callback=lambda _context, _option, given: Output(given),
            help="A file, a folder, or - for stdout.",
        )
        return project_path(format_(where(requesting(function))))

    return add


def requesting(function: type_) -> type_:
    """Add --period, --periods, --as-of and --history, which come to the command as one request."""

    @functools.wraps(function)
    def command(
        *given: object,
        period: str | None,
        periods: int | None,
        as_of: dt.datetime | None,
        history: Path | None,
        **others: object,
    ) -> object:
        from kpieval.collect.timeline import Request

        return function(*given, request=Request(period, periods, as_of.date() if as_of else None, history), **others)

    period_ = click.option(
        "-p", "--period", metavar="PERIOD", help="Such as 2026-Q3, 2026-09, 2026; default: the last complete one."
    )
    periods_ = click.option(
        "--periods", type=click.IntRange(min=1), metavar="N", help="How many periods, the reported one included."
    )
    as_of_ = click.option(
        "--as-of",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DATE",
        help="Take this day for today, such as 2026-09-30.",
    )
    history_ = click.option(
        "--history",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help="Keep the run there, and say what earlier ones have reported otherwise.",
    )
    return period_(periods_(as_of_(history_(command))))


def evaluated(console: Console, path: Path, request: Request, output: Output) -> Result:
    """The result of a project, with its warnings said. Rows that can't be read are kept beside the output."""
    from kpieval.api import load

    project = load(path)
    console.secrets = project.secrets
    console.problems(project.problems)
    with console.working(f"Evaluating {project.name}"):
        result = project.evaluate(
            request.period,
            request.periods,
            request.as_of,
            quarantine_dir=quarantine_folder(output, project.name),
            history=request.history,
        )
        if request.history is not None:
            result.keep(request.history)
    console.problems(problem for problem in result.problems if problem not in project.problems)
    return result

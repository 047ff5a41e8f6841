"""What commands share that need a result: which project is run, for when, and where to; and the run itself."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpieval.cli.options import formats, project_path
from kpieval.cli.outputs import Output, quarantine_folder
from kpieval.cli.saved import load_result, saved_result

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from kpieval.cli.console import Console
    from kpieval.collect.timeline import Request
    from kpieval.model.notify import Webhook
    from kpieval.result import Result

    type_ = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A result to be shown; `root` is the folder of its project, and not known of a result that was written earlier."""

    result: dict[str, Any]
    root: Path | None
    webhooks: tuple[Webhook, ...]


def arguments(*names: str, otherwise: str, output: str) -> Callable[[type_], type_]:
    """Add PATH; --format, one of `names`, `otherwise` being said of its default; --output, by default `output`.

    And, as one `request`, what is asked of the data. The command gets the `outputs`.
    """

    def add(function: type_) -> type_:
        format_ = formats(*names, help=f"Default: what the name of the output file says, else {otherwise}.")
        where = click.option(
            "-o",
            "--output",
            "outputs",
            metavar="[FORMAT:]PATH",
            multiple=True,
            default=(output,),
            callback=lambda _context, _option, given: tuple(map(Output.parse, given)),
            help="A file, a folder, or - for stdout; may be repeated. Say the format in front where the name doesn't.",
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


@contextmanager
def told(console: Console, path: Path, request: Request, outputs: tuple[Output, ...]) -> Iterator[Told]:
    """The result of a project, or the one that was written earlier, for as long as it is needed."""
    file = saved_result(path)
    if file is None:
        with evaluated(console, path, request, outputs) as run:
            yield Told(run.for_report(), run.root, run.webhooks)
    elif request.period or request.periods or request.as_of or request.history:
        raise click.UsageError(f"{file} holds one result; --period, --periods, --as-of and --history need a project.")
    else:
        yield Told(load_result(file), None, ())


def evaluated(console: Console, path: Path, request: Request, outputs: tuple[Output, ...]) -> Result:
    """The result of a project, with its warnings said. Rows that can't be read are kept beside the first output."""
    from kpieval.api import load

    project = load(path)
    console.secrets = project.secrets
    console.problems(project.problems)
    with console.working(f"Evaluating {project.name}"):
        result = project.evaluate(
            request.period,
            request.periods,
            request.as_of,
            quarantine_dir=quarantine_folder(outputs, project.name),
            history=request.history,
        )
        if request.history is not None:
            result.keep(request.history)
    console.problems(problem for problem in result.problems if problem not in project.problems)
    return result

"""`kpieval report`: a project, or a result written earlier, in; one page for people out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kpieval.cli import runs
from kpieval.cli.gate import closed, wanted
from kpieval.cli.options import fail_on, talk
from kpieval.cli.outputs import Output, put, report_name, show
from kpieval.cli.saved import load_result, saved_result

if TYPE_CHECKING:
    from pathlib import Path

    from kpieval.cli.console import Console
    from kpieval.collect.timeline import Request

FORMATS = ("html", "md")

FOLDER = "out/"
"""Where reports go unless --output says otherwise, seen from the current folder."""


@click.command(short_help="Write the report: one HTML page, or Markdown.")
@runs.arguments(*FORMATS, otherwise="HTML", output=FOLDER)
@fail_on
@talk
@click.pass_obj
def command(
    console: Console,
    path: Path,
    format_: str | None,
    output: Output,
    request: Request,
    fail_on: tuple[str, ...],
) -> int:
    """Write the report of the project at PATH, and print where it is.

    PATH may also be a result that `kpieval evaluate -o FOLDER/` wrote: then no data are read. Without --output, the
    page is out/PROJECT-PERIOD.html in the current folder.
    """
    from kpieval.render import render

    file = saved_result(path)
    if file is None:
        with runs.evaluated(console, path, request, output) as run:
            result = run.to_dict()
    elif request.period or request.periods or request.as_of or request.history:
        raise click.UsageError(f"{file} holds one result; --period, --periods, --as-of and --history need a project.")
    else:
        result = load_result(file)
    format_ = format_ or output.format(FORMATS) or "html"
    statuses = wanted(result, fail_on)
    page = render(result, format_)
    if output.is_stdout:
        show(page)
    else:
        target = output.path / report_name(result, format_) if output.is_folder else output.path
        put(page, target)
        if not console.quiet:
            click.echo(f"Report: {target}")
    return int(closed(result, statuses, console))

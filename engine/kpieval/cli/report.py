"""`kpieval report`: a project, or a result written earlier, in; one page for people out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpieval.cli.evaluate import compute
from kpieval.cli.gate import closed, wanted
from kpieval.cli.options import fail_on, formats, output, project_path, request, talk
from kpieval.cli.outputs import STDOUT, is_folder, put, report_name, show, suffix_format
from kpieval.cli.saved import load_result, saved_result

if TYPE_CHECKING:
    import datetime as dt

    from kpieval.cli.console import Console

FORMATS = ("html", "md")

FOLDER = Path("out")
"""Where reports go unless --output says otherwise, seen from the current folder."""


@click.command(short_help="Write the report: one HTML page, or Markdown.")
@project_path
@formats(*FORMATS, help="Default: what the name of the output file says, else HTML.")
@output
@request
@fail_on
@talk
@click.pass_obj
def command(
    console: Console,
    path: Path,
    format_: str | None,
    output: str | None,
    period: str | None,
    periods: int | None,
    as_of: dt.date | None,
    fail_on: tuple[str, ...],
) -> int:
    """Write the report of the project at PATH, and print where it is.

    PATH may also be a result that `kpieval evaluate -o FOLDER/` wrote: then no data are read. Without --output, the
    page is out/PROJECT-PERIOD.html in the current folder.
    """
    from kpieval.render import render

    file = saved_result(path)
    if file is None:
        with compute(console, path, period, periods, as_of) as evaluated:
            result = evaluated.to_dict()
    elif period or periods or as_of:
        raise click.UsageError(f"{file} holds one result; --period, --periods and --as-of need a project.")
    else:
        result = load_result(file)
    format_ = format_ or suffix_format(output, FORMATS) or "html"
    statuses = wanted(result, fail_on)
    page = render(result, format_)
    if output == STDOUT:
        show(page)
    else:
        name = report_name(result, format_)
        target = FOLDER / name if output is None else Path(output, name) if is_folder(output) else Path(output)
        put(page, target)
        if not console.quiet:
            click.echo(f"Report: {target}")
    return int(closed(result, statuses, console))

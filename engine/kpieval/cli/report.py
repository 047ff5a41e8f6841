"""`kpieval report`: a project, or a result written earlier, in; a page or a site for people out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kpieval.cli import gate, runs
from kpieval.cli.deliver import CI, Target, deliver, targets, with_gate
from kpieval.cli.options import talk, templates_option
from kpieval.cli.outputs import NAMES, Delivery, chosen, report_name

if TYPE_CHECKING:
    from pathlib import Path

    from kpieval.cli.console import Console
    from kpieval.cli.gate import Asked
    from kpieval.cli.outputs import Output
    from kpieval.collect.timeline import Request

PAGES = ("html", "md", "email", "xlsx")
SITE = "site"
FORMATS = (*PAGES, SITE, "json", "csv", *CI)

FOLDER = "out/"
"""Where reports go unless --output says otherwise, seen from the current folder."""


@click.command(short_help="Write the report: one HTML page, a site, Markdown, a mail or a workbook.")
@runs.arguments(*FORMATS, otherwise="HTML", output=FOLDER)
@templates_option
@gate.asking
@talk
@click.pass_obj
def command(
    console: Console,
    path: Path,
    format_: str | None,
    outputs: tuple[Output, ...],
    request: Request,
    asked: Asked,
    templates: Path | None,
) -> int:
    """Write the report of the project at PATH, and print where it is.

    PATH may also be a result that `kpieval evaluate -o FOLDER/` wrote: then no data are read. Without --output, the
    page is out/PROJECT-PERIOD.html in the current folder. With `--format site`, the folder that is the output gets a
    page for each KPI and for each member with a score.
    """
    outputs = chosen(outputs, format_)
    for output in outputs:
        if output.asked and output.asked not in FORMATS:
            raise click.BadParameter(f"`report` doesn't write {output.asked}; `evaluate` does.", param_hint="--output")
    delivery = Delivery()
    with runs.told(console, path, request, outputs) as told:
        found = gate.closed_by(asked, told.result, told.root)
        result = with_gate(told.result, found)

        def destination(output: Output) -> list[Target]:
            shape = output.format(FORMATS) or format_ or "html"
            if shape == SITE:
                return [Target(shape, _folder(output))]
            name = report_name(result, shape) if shape in PAGES else NAMES[shape]
            path = None if output.is_stdout else output.path / name if output.is_folder else output.path
            return [Target(shape, path)]

        plan = targets(outputs, destination)
        deliver(result, plan, told.root, delivery, templates)
    failed = {problem.place.file for problem in delivery.problems if problem.place}
    for target in plan:
        if target.format in (*PAGES, SITE) and target.path is not None and not console.quiet:
            written = target.path / "index.html" if target.format == SITE else target.path
            if str(written) not in failed:
                click.echo(f"Report: {written}")
    gate.say(found, console)
    delivery.finish()
    return int(found is not None and found.closed)


def _folder(output: Output) -> Path:
    """Where the pages of a site go: a folder, which may be new."""
    if output.is_stdout or (output.path.exists() and not output.path.is_dir()):
        raise click.BadParameter("a site has many pages: say a folder.", param_hint="--output")
    return output.path

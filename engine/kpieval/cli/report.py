"""`kpieval report`: a project, or a result written earlier, in; one page for people out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kpieval.cli import gate, runs
from kpieval.cli.deliver import CI, Target, deliver, targets, with_gate
from kpieval.cli.options import talk
from kpieval.cli.outputs import NAMES, Delivery, report_name
from kpieval.cli.saved import load_result, saved_result

if TYPE_CHECKING:
    from pathlib import Path

    from kpieval.cli.console import Console
    from kpieval.cli.gate import Asked
    from kpieval.cli.outputs import Output
    from kpieval.collect.timeline import Request

PAGES = ("html", "md")
FORMATS = (*PAGES, "json", "csv", *CI)

FOLDER = "out/"
"""Where reports go unless --output says otherwise, seen from the current folder."""


@click.command(short_help="Write the report: one HTML page, or Markdown.")
@runs.arguments(*FORMATS, otherwise="HTML", output=FOLDER)
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
) -> int:
    """Write the report of the project at PATH, and print where it is.

    PATH may also be a result that `kpieval evaluate -o FOLDER/` wrote: then no data are read. Without --output, the
    page is out/PROJECT-PERIOD.html in the current folder.
    """
    for output in outputs:
        if output.asked and output.asked not in FORMATS:
            raise click.BadParameter(f"`report` doesn't write {output.asked}; `evaluate` does.", param_hint="--output")
    file = saved_result(path)
    root = None
    if file is None:
        with runs.evaluated(console, path, request, outputs) as run:
            result, root = run.to_dict(), run.root
    elif request.period or request.periods or request.as_of:
        raise click.UsageError(f"{file} holds one result; --period, --periods and --as-of need a project.")
    else:
        result = load_result(file)
    found = gate.closed_by(asked, result, root)
    result = with_gate(result, found)

    def destination(output: Output) -> list[Target]:
        shape = output.format(FORMATS) or format_ or "html"
        name = report_name(result, shape) if shape in PAGES else NAMES[shape]
        return [Target(shape, None if output.is_stdout else output.path / name if output.is_folder else output.path)]

    plan, delivery = targets(outputs, destination), Delivery()
    deliver(result, plan, root, delivery)
    failed = {problem.place.file for problem in delivery.problems if problem.place}
    for target in plan:
        if target.format in PAGES and target.path is not None and str(target.path) not in failed and not console.quiet:
            click.echo(f"Report: {target.path}")
    gate.say(found, console)
    delivery.finish()
    return int(found is not None and found.closed)

"""`kpieval publish`: a project, or a result written earlier, in; a folder that a web server or a share shows out."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from kpieval.cli import gate, runs
from kpieval.cli.deliver import uncollected
from kpieval.cli.options import chosen_templates, project_path, talk, templates_option
from kpieval.cli.outputs import STDOUT, Output

if TYPE_CHECKING:
    from kpieval.cli.console import Console
    from kpieval.cli.gate import Asked
    from kpieval.collect.timeline import Request
    from kpieval.publish import Published

KEEP = 12


@click.command(short_help="Publish the report into a folder that others read.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@project_path
@runs.requesting
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=KEEP,
    show_default=True,
    metavar="N",
    help="Keep the last N runs, and the last run of each of the last N periods.",
)
@templates_option
@gate.asking
@talk
@click.pass_obj
def command(
    console: Console, folder: Path, path: Path, request: Request, keep: int, asked: Asked, templates: Path | None
) -> int:
    """Publish the report of the project at PATH into the folder DIR, and print where it is.

    DIR is a folder of kpieval's own: DIR/index.html is the newest report, DIR/runs.html lists the runs before it. Who
    reads it sees the old report or the new one. PATH may also be a result that `kpieval evaluate -o FOLDER/` wrote;
    then nobody is notified.
    """
    from kpieval.publish import publish
    from kpieval.publish.contents import write_documents
    from kpieval.publish.telling import tell

    with runs.told(console, path, request, (Output(STDOUT),)) as told:
        found = gate.closed_by(asked, told.result, told.root)
        with TemporaryDirectory(prefix="kpieval-") as made:
            with uncollected():
                write_documents(told.result, Path(made), chosen_templates(templates, told.root))
            published = publish(told.result, Path(made), folder, keep=keep)
    if not console.quiet:
        click.echo(said(published, folder))
    gate.say(found, console)
    if told.webhooks:
        with console.working("Telling who is to be notified"):
            tell(folder, published.front, told.webhooks)
    return int(found is not None and found.closed)


def said(published: Published, folder: Path) -> str:
    """Where the report is."""
    run, front = published.run, published.front
    what = "Published" if published.new else "Published already, nothing is new"
    if run == front:
        return f"{what}: {folder / 'index.html'}"
    return f"{what}: {folder / 'runs' / run.name / 'index.html'}; the front page stays with {front.period}"

"""`kpieval publish`: a project, or a result written earlier, in; a folder that a web server or a share shows out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpieval.cli import runs
from kpieval.cli.gate import closed, wanted
from kpieval.cli.options import fail_on, project_path, talk
from kpieval.cli.outputs import STDOUT, Output
from kpieval.cli.saved import load_result, saved_result

if TYPE_CHECKING:
    from kpieval.cli.console import Console
    from kpieval.collect.timeline import Request
    from kpieval.model.notify import Webhook
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
@fail_on
@talk
@click.pass_obj
def command(console: Console, folder: Path, path: Path, request: Request, keep: int, fail_on: tuple[str, ...]) -> int:
    """Publish the report of the project at PATH into the folder DIR, and print where it is.

    DIR is a folder of kpieval's own: DIR/index.html is the newest report, DIR/runs.html lists the runs before it. Who
    reads it sees the old report or the new one. PATH may also be a result that `kpieval evaluate -o FOLDER/` wrote;
    then nobody is notified.
    """
    from kpieval.publish import publish
    from kpieval.publish.contents import documents
    from kpieval.publish.telling import tell

    file = saved_result(path)
    webhooks: tuple[Webhook, ...] = ()
    if file is None:
        with runs.evaluated(console, path, request, Output(STDOUT)) as run:
            result, webhooks = run.to_dict(), run.webhooks
    elif request.period or request.periods or request.as_of or request.history:
        raise click.UsageError(f"{file} holds one result; --period, --periods, --as-of and --history need a project.")
    else:
        result = load_result(file)
    statuses = wanted(result, fail_on)
    published = publish(result, documents(result), folder, keep=keep)
    if not console.quiet:
        click.echo(said(published, folder))
    failed = closed(result, statuses, console)
    if webhooks:
        with console.working("Telling who is to be notified"):
            tell(folder, published.front, webhooks)
    return int(failed)


def said(published: Published, folder: Path) -> str:
    """Where the report is."""
    run, front = published.run, published.front
    what = "Published" if published.new else "Published already, nothing is new"
    if run == front:
        return f"{what}: {folder / 'index.html'}"
    return f"{what}: {folder / 'runs' / run.name / 'index.html'}; the front page stays with {front.period}"

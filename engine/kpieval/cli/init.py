"""`kpieval init`: a data file, or nothing at all, in; a first project that runs out. Asks and overwrites nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpieval.cli.options import talk
from kpieval.cli.outputs import put
from kpieval.problems import OutputError, Place, Problem

if TYPE_CHECKING:
    from kpieval.cli.console import Console

SCHEMAS = ".schemas"
"""Where the project keeps the schemas that its editor shows."""


@click.command(short_help="Begin a project, from a data file or with an example.")
@click.argument("data", type=click.Path(path_type=Path), required=False)
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), help="The project's folder.")
@talk
@click.pass_obj
def command(console: Console, data: Path | None, output: Path | None) -> int:
    """Begin a project, with typed columns and a first KPI proposed from the file DATA (CSV, JSON, Parquet, Excel).

    Without DATA, the project is a small example. The folder is by default named after the file. Nothing that is there
    is overwritten.
    """
    folder = output or Path(data.name.split(".")[0] + "-kpis" if data else "my-kpis")
    texts, doubts = proposed(data, folder) if data else (example(folder), [])
    texts |= schemas()
    refuse_to_overwrite(folder, texts)
    for name, text in texts.items():
        put(text, folder / name)
    for doubt in doubts:
        console.say(f"Please check: {doubt}")
    for name in texts:
        if not name.startswith(SCHEMAS) and not console.quiet:
            click.echo(f"Wrote {folder / name}")
    console.say(f"Next: kpieval report {folder}")
    return 0


def proposed(data: Path, folder: Path) -> tuple[dict[str, str], list[str]]:
    """The files of a project about this data, and what should be looked at."""
    from kpieval.propose.columns import propose
    from kpieval.propose.project import files
    from kpieval.propose.table import open_table

    with open_table(data) as table:
        proposals = propose(table)
        return files(table, proposals, folder), [f"{each.name}. {each.comment}" for each in proposals if each.comment]


def example(folder: Path) -> dict[str, str]:
    """The files of a project that needs no data of one's own."""
    from kpieval.propose.example import files

    return files(folder.name)


def schemas() -> dict[str, str]:
    """The schemas of what is written by hand, so that an editor helps; nobody writes a result."""
    from kpieval import folders

    files = sorted(folders.schemas().glob("*.schema.json"))
    return {f"{SCHEMAS}/{file.name}": file.read_text("utf-8") for file in files if file.name != "result.schema.json"}


def refuse_to_overwrite(folder: Path, texts: dict[str, str]) -> None:
    """Stop before anything is written where something is."""
    for name in ("kpieval.yaml", *texts):
        if (folder / name).exists():
            message = f"{folder / name} is there already, and nothing is overwritten."
            place = Place(str(folder / name))
            raise OutputError(Problem("error", "already-there", message, place, "Name another folder by --output."))

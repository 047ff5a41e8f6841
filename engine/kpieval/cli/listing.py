"""`kpieval list`: definitions in; what there is out: KPIs, scorecards, levels, sources, packs, what isn't measured."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from kpieval.cli.options import formats, project_path, talk
from kpieval.problems import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kpieval.cli.console import Console
    from kpieval.model import Project, Source

Listing = dict[str, Any]


@click.command(short_help="List KPIs, scorecards, levels, sources and packs.")
@project_path
@formats("text", "json", default="text", help="Text for people, JSON for programs.")
@talk
@click.pass_obj
def command(console: Console, path: Path, format_: str) -> int:
    """List what the project at PATH declares, without reading data."""
    from kpieval.build import build
    from kpieval.read import read

    definitions = read(path)
    project, problems = build(definitions)
    if project is None:
        raise DefinitionError(problems)
    console.problems(problems)
    found = listing(project, definitions.project.data.get("uses") or [])
    click.echo(json.dumps(found, indent=2, ensure_ascii=False) if format_ == "json" else as_text(found))
    return 0


def listing(project: Project, packs: Iterable[str]) -> Listing:
    """Everything by name."""
    from kpieval.plan import plan

    plans = plan(project)
    return {
        "project": project.name,
        "title": project.title,
        "kpis": [
            {
                "name": kpi.name,
                "title": kpi.title,
                "unit": kpi.unit.kind,
                "levels": list(kpi.levels),
                "missing": missing(plans.sources(plans.kpis[kpi.name]), project.sources),
            }
            for kpi in project.kpis.values()
        ],
        "scorecards": [
            {
                "name": card.name,
                "title": card.title,
                "level": card.level,
                "kpis": {name: part.weight for name, part in card.kpis.items()},
                "scorecards": {name: part.weight for name, part in card.scorecards.items()},
            }
            for card in project.scorecards.values()
        ],
        "levels": [{"name": level.name, "parent": level.parent} for level in project.levels.values()],
        "sources": [
            {
                "name": source.name,
                "location": location(source, project.root),
                "columns": list(source.columns),
                "measures": [measure.name for measure in project.measures.values() if measure.source == source.name],
            }
            for source in project.sources.values()
        ],
        "packs": list(packs),
    }


def missing(needed: Mapping[str, Iterable[str]], sources: Mapping[str, Source]) -> list[Listing]:
    """The sources that a KPI needs but the project doesn't map, each with the columns that it must have."""
    return [
        {"source": name, "columns": sorted(stored(sources[name], columns))}
        for name, columns in sorted(needed.items())
        if not sources[name].mapped
    ]


def stored(source: Source, names: Iterable[str]) -> set[str]:
    """The columns that must be in the data: for a computed one those that it is computed from."""
    from kpieval.expressions import columns_used

    found: set[str] = set()
    for name in names:
        computed = source.columns[name].value
        found |= columns_used(computed.tree) if computed else {name}
    return found


def location(source: Source, root: Path) -> str | None:
    """Where the rows are: files as seen from the project, or a table; None for a source that isn't mapped."""
    if source.table:
        return f"{source.connection}:{source.table}"
    return ", ".join(os.path.relpath(file, root).replace(os.sep, "/") for file in source.files) or None


def as_text(found: Listing) -> str:
    """The listing as people read it: a paragraph for each kind of thing that there is."""
    measured = [kpi for kpi in found["kpis"] if not kpi["missing"]]
    unmeasured = [kpi for kpi in found["kpis"] if kpi["missing"]]
    paragraphs: dict[str, list[tuple[str, ...]]] = {
        found["project"]: [(found["title"],)],
        "KPIs": [(kpi["name"], kpi["title"], ", ".join(kpi["levels"])) for kpi in measured],
        "Not measured": [(kpi["name"], kpi["title"], needs(kpi)) for kpi in unmeasured],
        "Scorecards": [(card["name"], card["title"], card["level"]) for card in found["scorecards"]],
        "Levels": [(level["name"], f"below {level['parent']}") for level in found["levels"]],
        "Sources": [(each["name"], each["location"] or "not mapped") for each in found["sources"]],
        "Packs": [(pack,) for pack in found["packs"]],
    }
    return "\n\n".join("\n".join([title, *aligned(rows)]) for title, rows in paragraphs.items() if rows)


def needs(kpi: Listing) -> str:
    """What a KPI waits for."""
    return "needs " + "; ".join(f"{each['source']} ({', '.join(each['columns'])})" for each in kpi["missing"])


def aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Rows as lines, in columns."""
    from kpieval.render.terminal import visible

    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield visible("  " + "  ".join(cells)).rstrip()

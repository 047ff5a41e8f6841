"""The levels of a KPI as funnel plots: who is further from the rest than chance explains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.model import ORGANISATION
from kpieval.render import charts
from kpieval.render.views import comparing
from kpieval.render.views.kpi_view import FunnelPlot, FunnelRow
from kpieval.render.words import CSV_COMMAND, plural
from kpieval.translation import marked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index
    from kpieval.render.views.reading import Reader

Json = dict[str, Any]

TOLD = 60
"""So many members are told in the table behind a plot; of more, only those outside of the limits, up to so many."""
NAMED = 8
"""So many members are named in a sentence."""
_INSIDE = "inside"
_TARGET = marked("The middle is the target, {value}.")
_ALL = marked("The middle is what all have together, {value}.")
_SPREAD = marked("They differ more among each other than chance explains, and the limits are wider by as much.")
_LOOKS = {"": ("none", "grey"), "better": ("good", "blue"), "worse": ("fair", "orange")}
"""The colours of Making Data Count, NHS England: blue is better than chance, orange worse."""


def funnel_plots(index: Index, reader: Reader) -> tuple[FunnelPlot, ...]:
    """A plot for each level, and for each group of peers there, that has limits, from the coarsest level on."""
    found = []
    for level in index.levels_below(reader.kpi["name"]):
        rows = [row for row in index.now(reader.kpi["name"], level) if row["funnel"] and row["denominator"]]
        groups: dict[str, list[Json]] = {}
        for row in rows:
            groups.setdefault(_group(index, reader.kpi, row), []).append(row)
        for name, own in sorted(groups.items()):
            if plot := _plot(index, reader, level, name, own):
                found.append(plot)
    return tuple(found)


def _group(index: Index, kpi: Json, row: Json) -> str:
    """Within whom a member has its peers."""
    within = kpi["peers"]["within"] if kpi["peers"] else None
    if within in {None, ORGANISATION}:
        return ""
    found: Json | None = row
    while found and found["level"] != within:
        found = index.parent(found["level"], found["member"])
    return found["label"] if found else ""


def _plot(index: Index, reader: Reader, level: str, group: str, rows: Sequence[Json]) -> FunnelPlot | None:
    formats = reader.formats
    centre, spread = rows[0]["funnel"]["centre"], rows[0]["funnel"]["dispersion"]
    centres = {row["funnel"]["centre"] for row in rows}
    outside = [row for row in rows if row["funnel"]["position"] != _INSIDE]
    many = plural(index.levels[level]["title"], formats.language)
    title = formats.say("{members} of {group}", members=many, group=group) if group else many
    told = _outside(reader, outside)
    chart = (
        charts.funnel(
            [_place(row) for row in rows],
            centre,
            reader.axis,
            lambda cases: formats.count(round(cases)),
            " ".join([_pictured(title, len(rows), formats), told]),
            reader.least,
        )
        if len(centres) == 1
        else None
    )
    if chart is None:
        return None
    around = _TARGET if reader.kpi["peers"]["funnel"] == "target" else _ALL
    words = [told, formats.say(around, value=reader.plain(centre))]
    if spread > 1:
        words.append(formats.say(_SPREAD))
    listed = rows if len(rows) <= TOLD else outside[:TOLD]
    more = len(rows) - len(listed)
    return FunnelPlot(
        title,
        chart,
        tuple(words),
        tuple(_row(reader, row) for row in sorted(listed, key=_furthest)),
        _more(more, formats) if more else "",
    )


def _pictured(title: str, number: int, formats: Formats) -> str:
    """What the picture shows."""
    return formats.counted(
        number,
        "{title}: {count} figure by the cases under it.",
        "{title}: {count} figures by the cases under them.",
        title=title,
    )


def _more(number: int, formats: Formats) -> str:
    """Where those are that the table has no room for."""
    return formats.counted(
        number,
        "{count} more is in the figures of the run ({command}).",
        "{count} more are in the figures of the run ({command}).",
        command=CSV_COMMAND,
    )


def _place(row: Json) -> charts.Place:
    limits, side = row["funnel"], _side(row)
    tone, color = _LOOKS[side]
    name = row["label"] if side else ""
    return charts.Place(
        row["value"], row["denominator"], tuple(limits["inner"]), tuple(limits["outer"]), tone, color, name
    )


def _outside(reader: Reader, rows: Sequence[Json]) -> str:
    """Who is beyond the limits, the better ones first."""
    if not rows:
        return reader.formats.say("Nobody is outside of what chance explains.")
    sides: dict[str, list[str]] = {"better": [], "worse": []}
    for row in sorted(rows, key=_furthest):
        sides[_side(row)].append(f"{row['label']} ({reader.value(row)})")
    better, worse, formats = sides["better"], sides["worse"], reader.formats
    said = []
    if better:
        said.append(
            formats.counted(
                len(better),
                "Better than chance explains is {names}.",
                "Better than chance explains are {names}.",
                names=formats.named(better, NAMED),
            )
        )
    if worse:
        said.append(
            formats.counted(
                len(worse),
                "Worse than chance explains is {names}.",
                "Worse than chance explains are {names}.",
                names=formats.named(worse, NAMED),
            )
        )
    return " ".join(said)


def _side(row: Json) -> str:
    side: str = row["funnel"]["side"] or ""
    return side


def _row(reader: Reader, row: Json) -> FunnelRow:
    limits, say = row["funnel"], reader.formats.say
    position = say(comparing.POSITIONS[limits["position"]])
    if limits["side"] == "better":
        position = say("{position}, better", position=position)
    elif limits["side"] == "worse":
        position = say("{position}, worse", position=position)
    return FunnelRow(
        row["label"],
        reader.value(row),
        reader.formats.count(row["denominator"]),
        reader.between(*limits["inner"]),
        reader.between(*limits["outer"]),
        position,
    )


def _furthest(row: Json) -> tuple[float, str]:
    """Those beyond the outer limits first."""
    order = list(comparing.POSITIONS)
    return (-order.index(row["funnel"]["position"]), row["label"])

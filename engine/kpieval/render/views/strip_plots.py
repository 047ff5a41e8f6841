"""The large levels of a KPI as strips: where all of its members stand, how many have which status, who isn't drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kpieval.model import Unit
from kpieval.render import charts
from kpieval.render.views.kpi_view import StripPlot, StripRow
from kpieval.render.words import COMPARABLE, NOTHING, instead, plural, several, silent, status
from kpieval.translation import inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpieval.render.charts import Scale
    from kpieval.render.views.index import Index
    from kpieval.render.views.reading import Reader
    from kpieval.render.words import Status

Json = dict[str, Any]

FEWEST = 20
"""Of fewer members the table of them is picture enough."""
_SHARE = Unit("percent")


def strip_plots(index: Index, reader: Reader, whole: Json | None) -> tuple[StripPlot, ...]:
    """A strip for each level with so many values, from the coarsest on; `whole` is what all have together."""
    found = []
    for level in index.levels_below(reader.kpi["name"]):
        drawn: list[Json] = []
        others: list[Json] = []
        for row in index.now(reader.kpi["name"], level):
            (drawn if row["value"] is not None and row["reason"] in COMPARABLE else others).append(row)
        if len(drawn) >= FEWEST:
            found.append(_plot(reader, index.levels[level]["title"], whole, drawn, others))
    return tuple(found)


def _plot(reader: Reader, level: str, whole: Json | None, drawn: Sequence[Json], others: Sequence[Json]) -> StripPlot:
    formats = reader.formats
    values: list[float] = [row["value"] for row in drawn]
    low, middle, high = charts.quartiles(values)
    median = formats.say("median {value}", value=formats.value(middle, reader.unit))
    told = formats.say(
        "{count} {level}: {median}, the middle half {interval}.",
        count=formats.count(len(drawn)),
        level=several(level, len(drawn), formats),
        median=median,
        interval=reader.between(low, high),
    )
    target, total = _target(reader, drawn), _total(reader, whole)
    scale, along = charts.strip_scale(values, target[0] if target else (), reader.least)
    rows = tuple(_rows(reader, drawn, others))
    beside = [formats.say("{term}: {words}", term=row.status.word, words=row.count) for row in rows]
    beside += [named[1] for named in (target, total) if named]
    chart = charts.strip(
        [reader.point(row) for row in drawn],
        scale,
        dict(zip(along, reader.axis(along), strict=True)),
        target,
        total,
        median,
        f"{reader.kpi['title']}. {told} {', '.join(beside)}.",
        descending=reader.kpi["direction"] == "lower_is_better",
    )
    return StripPlot(
        formats.say("Where all {members} stand", members=inside(plural(level, formats.language), formats.language)),
        chart,
        (told, *_reading(reader, chart.each, _beyond(values, scale), drawn, len(others))),
        rows,
    )


def _target(reader: Reader, rows: Sequence[Json]) -> tuple[tuple[float, ...], str] | None:
    """The target of all, one number or the two ends of a range, and its word; None where they don't have the same."""
    targets = {tuple(row["target_range"] or [row["target"]]) for row in rows}
    if len(targets) > 1 or None in (target := targets.pop()):
        return None
    return target, reader.formats.say("target {target}", target=reader.target(rows[0]))


def _total(reader: Reader, whole: Json | None) -> tuple[float, str] | None:
    """What all have together, and its word."""
    if whole is None or whole["value"] is None:
        return None
    return whole["value"], f"{whole['label']} {reader.value(whole)}"


def _rows(reader: Reader, drawn: Sequence[Json], others: Sequence[Json]) -> Iterator[StripRow]:
    """How many have each status, the worst first; then how many aren't drawn, by their reasons."""
    formats, total = reader.formats, len(drawn) + len(others)
    held: dict[str | None, list[float]] = {}
    for row in drawn:
        held.setdefault(row["status"], []).append(row["value"])
    reasons = Counter(row["reason"] for row in others)

    def share(count: int) -> str:
        return formats.value(count / total, _SHARE, decimals=formats.apart(count / total, (0.0, 1.0), _SHARE, most=1))

    for name in [*(band["name"] for band in reversed(reader.kpi["bands"])), None]:
        if values := held.get(name):
            verdict = status(reader.kpi, name) if name else _without(reader, "no_target")
            values_said = reader.between(min(values), max(values))
            yield StripRow(verdict, formats.count(len(values)), share(len(values)), values_said)
    for reason, count in sorted(reasons.items()):
        yield StripRow(_without(reader, reason), formats.count(count), share(count), NOTHING)


def _without(reader: Reader, reason: str) -> Status:
    """How it looks where there is no verdict, with the reason as its word."""
    return replace(silent(reader.formats), word=instead(reader.kpi, reason, reader.formats))


def _reading(reader: Reader, each: int, beyond: int, drawn: Sequence[Json], others: int) -> Iterator[str]:
    """What has to be known to read the picture."""
    counted, say = reader.formats.counted, reader.formats.say
    yield counted(each, "Each mark is one.", "Each mark stands for up to {count}.")
    if beyond:
        yield counted(
            beyond,
            "{count} lies beyond the scale and is drawn at its end.",
            "{count} lie beyond the scale and are drawn at its end.",
        )
    if len({(row["target"], *(row["target_range"] or ())) for row in drawn}) > 1:
        yield say("Their targets differ, so none is drawn.")
    if others:
        yield counted(
            others,
            "{count} more has no figure to compare, and is not drawn.",
            "{count} more have no figure to compare, and are not drawn.",
        )


def _beyond(values: Sequence[float], scale: Scale) -> int:
    return sum(not scale.low <= value <= scale.high for value in values)

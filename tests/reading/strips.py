"""What may stand in and around a strip, and what its marks say: how many of whom stand in each of its columns."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.translation import inside
from reading.known import plain, shares
from reading.tongue import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from reading.known import Claim, Json, Known
    from reading.tree import Element

LEFT, PITCH = 24, 5
"""Where columns begin if there is no target, and how wide they and how high marks are."""
STACK = re.compile(r"M([\d.]+) ([\d.]+)(?:v-(\d+)|((?:(?:m0-5)?h4l-2-4z)+))")
TONES = ("good", "fair", "poor", "none")
ONE, SEVERAL = "Each mark is one.", "Each mark stands for up to {count}."
Columns = dict[tuple[int, str], int]


@dataclass(frozen=True)
class Group:
    """The members of a level in the reported period: who has a figure to compare, and who hasn't."""

    drawn: Sequence[Json]
    others: Sequence[Json]

    @property
    def counts(self) -> list[tuple[str | None, str | None, list[Json]]]:
        """Who has each status, the worst first as the bands have it; then who has none, by reason."""
        found: dict[tuple[str | None, str | None], list[Json]] = {}
        for row in (*self.drawn, *self.others):
            found.setdefault((row["status"], None if row["status"] else row["reason"]), []).append(row)
        return [(status, reason, rows) for (status, reason), rows in found.items()]


def group(known: Known, name: str, title: str) -> Group:
    """Whom a strip is about."""
    language = known.formats.language
    told = {
        known.formats.say("Where all {members} stand", members=inside(known.many(level), language)): level
        for level in known.kpis[name]["levels"]
    }
    rows = known.now[name, told[title]]
    drawn = [row for row in rows if row["value"] is not None and row["reason"] in (None, "no_target")]
    return Group(drawn, [row for row in rows if row not in drawn])


def strip(known: Known, name: str, figure: Element) -> Iterator[Claim]:
    """The figure of a strip: its words, the picture and the table behind it."""
    title = figure.all("strong")[0].text
    held, svg = group(known, name, title), figure.all("svg.strip")[0]
    reading = _reading(known, name, held, svg)
    yield figure.all("figcaption")[0], Place("strip", said=reading)
    spans, lines = figure.all("figcaption span.v"), figure.all("table tbody tr")
    ordered = _ordered(known, name, held)
    after = {}
    for (word, rows), span, line in zip(ordered, spans, lines, strict=True):
        count, share, values = line.own("td")
        number = Place("members of a status", plain(len(rows)))
        after[word] = number.figures
        yield span, number
        yield count, number
        yield share, Place("share of a status", shares(len(rows) / len((*held.drawn, *held.others))))
        yield values, _ends(known, name, rows)
        assert span.text.startswith(word), (span.text, word)
        assert line.own("th")[0].text == word, (line.text, word)
    top = known.top(name)
    beside: list[Any] = [("target {target}", {"target": known.target(held.drawn[0])})]
    if top:
        after[top["label"]] = known.value(top).figures
    yield svg, Place("picture of a strip", said=[*reading, *beside], after=after)
    for text in svg.all("g.names text"):
        yield text, Place("word in a strip", said=[*beside, *_median(known, name, held)], after=after)


def _ordered(known: Known, name: str, held: Group) -> list[tuple[str, list[Json]]]:
    """The words for each status and reason, in the order of the page."""
    kpi = known.kpis[name]
    bands = {band["name"]: (place, band["label"]) for place, band in enumerate(reversed(kpi["bands"]))}
    found = []
    for status, reason, rows in held.counts:
        if status:
            found.append((bands[status][0], "", bands[status][1], rows))
        else:
            found.append((len(bands) + (reason != "no_target"), reason or "", known.instead(name, reason), rows))
    return [(word, rows) for *_, word, rows in sorted(found, key=lambda each: each[:2])]


def _ends(known: Known, name: str, rows: Sequence[Json]) -> Place:
    """The lowest and the highest of the values that are compared."""
    values = [row["value"] for row in rows if row["reason"] in (None, "no_target")]
    return Place("values of a status", known.of(name, *({min(values), max(values)} if values else ())))


def quantile(values: Sequence[float], share: float) -> float:
    """Between the two values that are next to it, in proportion."""
    ordered = sorted(values)
    at = share * (len(ordered) - 1)
    below = math.floor(at)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (at - below) * (ordered[above] - ordered[below])


def _median(known: Known, name: str, held: Group) -> list[Any]:
    middle = quantile([row["value"] for row in held.drawn], 0.5)
    return [("median {value}", {"value": Place("median of a strip", known.of(name, middle))})]


def _reading(known: Known, name: str, held: Group, svg: Element) -> list[Any]:
    """The sentences beside a strip."""
    values = [row["value"] for row in held.drawn]
    unit = 100 if known.kpis[name]["unit"]["kind"] == "points" else 1
    (_, low), *_, (_, high) = scale(known, svg)
    beyond = plain(sum(not low <= value * unit <= high for value in values))
    half = known.of(name, quantile(values, 0.25), quantile(values, 0.75))
    holes = {
        "count": Place("members of a strip", plain(len(values))),
        "median": Place("median of a strip", said=_median(known, name, held)),
        "interval": Place("middle half", half),
    }
    ends = (
        "{count} lies beyond the scale and is drawn at its end.",
        "{count} lie beyond the scale and are drawn at its end.",
    )
    more = (
        "{count} more has no figure to compare, and is not drawn.",
        "{count} more have no figure to compare, and are not drawn.",
    )
    return [
        ("{count} {level}: {median}, the middle half {interval}.", holes),
        ((ONE, SEVERAL), {"count": Place("members of a mark", plain(*stands_for(known, name, held, svg)))}),
        (ends, {"count": Place("members beyond the scale", beyond)}),
        (more, {"count": Place("members that are not drawn", plain(len(held.others)))}),
    ]


# the picture


def scale(known: Known, svg: Element) -> list[tuple[float, float]]:
    """Where the round numbers along the foot stand, and what they are: shares of one, points, or as they are."""
    groups = [group for group in svg.own("g") if "names" not in group.classes]
    found = []
    for text in groups[0].all("text"):
        shown = next(known.tongue.numbers(text.text))
        number = shown.figure.number
        found.append((float(text.attributes["x"]), float(number / 100 if shown.figure.percent else number)))
    return found


def begin(known: Known, name: str, held: Group, svg: Element) -> float:
    """Where the columns begin: at a target that all have."""
    aims = {tuple(row["target_range"] or [row["target"]]) for row in held.drawn}
    aim = next(iter(aims))[0] if len(aims) == 1 else None
    return LEFT if aim is None else where(known, name, svg, aim)


def marks(svg: Element, start: float) -> Columns:
    """How many marks of each tone stand in the columns, counted from where these begin."""
    found: Counter[tuple[int, str]] = Counter()
    for path in svg.own("path"):
        tone = next((tone for tone in TONES if f"m-{tone}" in path.classes), None)
        for middle, _, number in stacks(path.attributes["d"]) if tone else ():
            found[round((middle - PITCH / 2 - start) / PITCH), tone or ""] += number
    return dict(found)


def stacks(path: str) -> Iterator[tuple[float, float, int]]:
    """The stacks of marks of a path: the middle and the foot of each, and of how many marks it is."""
    assert STACK.sub("", path) == "", path
    for x, y, line, triangles in STACK.findall(path):
        if triangles:
            yield float(x) + PITCH / 2 - 0.5, float(y), triangles.count("z")
        else:
            yield float(x), float(y), math.ceil(int(line) / PITCH)


def where(known: Known, name: str, svg: Element, value: float) -> float:
    """Where a value of a KPI stands on the scale that is written along the foot, or the end that is nearer to it."""
    (x0, low), *_, (x1, high) = scale(known, svg)
    unit = 100 if known.kpis[name]["unit"]["kind"] == "points" else 1
    return min(x1, max(x0, x0 + (value * unit - low) * (x1 - x0) / (high - low)))


def columns(known: Known, name: str, held: Group, svg: Element) -> Columns:
    """How many members of each tone belong into the columns, by their values."""
    start = begin(known, name, held, svg)
    turned = known.kpis[name]["direction"] == "lower_is_better"
    found: Counter[tuple[int, str]] = Counter()
    for row in held.drawn:
        place = round((where(known, name, svg, row["value"]) - start) / PITCH, 6)
        column = math.ceil(place) - 1 if turned else math.floor(place)
        found[column, known.tone(name, row)] += 1
    return dict(found)


def stands_for(known: Known, name: str, held: Group, svg: Element) -> list[int]:
    """For how many members a mark can stand, so that the columns are as high as they are drawn."""
    there, counted = marks(svg, begin(known, name, held, svg)), columns(known, name, held, svg)
    return [
        each
        for each in range(1, len(held.drawn) + 1)
        if there == {key: math.ceil(count / each) for key, count in counted.items()}
    ]

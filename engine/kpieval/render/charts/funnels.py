"""A funnel plot: shares over how many cases they rest on, between the limits of chance (Spiegelhalter 2005)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from kpieval.render.charts.parts import Label, Mark
from kpieval.render.charts.scale import Scale, short, ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

WIDTH, HEIGHT = 400, 220
LEFT, TOP, FOOT, MARGIN = 50, 12, 36, 14
_FEWEST = 5
_STEPS = 12
_LINE = 11
_TURN = 230
"""From here on a name is written to the left of its mark."""


@dataclass(frozen=True, slots=True)
class Place:
    """A member on a funnel plot: its share, the cases under it, limits of 95 % and 99.8 %, and its name if shown."""

    value: float
    cases: float
    inner: tuple[float, float]
    outer: tuple[float, float]
    tone: str
    color: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Funnel:
    """`inner` and `outer` are the curves of the limits; `below` of a name says whether it stands to the left."""

    centre: str
    inner: str
    outer: str
    marks: tuple[Mark, ...]
    names: tuple[Label, ...]
    up: tuple[Label, ...]
    along: tuple[Label, ...]
    text: str


def funnel(
    places: Sequence[Place],
    centre: float,
    write: Callable[[Sequence[float]], Sequence[str]],
    count: Callable[[float], str],
    text: str,
    least: float = 0.0,
) -> Funnel | None:
    """The plot of the members that have limits; None of fewer than five, who make no picture.

    `write` turns the values up the axis into labels, whose steps are `least` or more, `count` the cases along it. The
    scale holds every value; limits of few cases may lie beyond it, and are cut there.
    """
    placed = sorted((place for place in places if place.cases > 0), key=lambda place: (place.cases, place.value))
    if len(placed) < _FEWEST:
        return None
    values, middle = [place.value for place in placed], placed[len(placed) // 2]
    up = ticks(min(*values, *middle.outer), max(*values, *middle.outer), least=least)
    most = placed[-1].cases
    y = Scale(up[0], up[-1], HEIGHT - FOOT, TOP)
    x = Scale(0.0, most * 1.04, LEFT, WIDTH - MARGIN)
    along = [tick for tick in ticks(0.0, most, 4, least=1.0) if tick <= x.high]
    return Funnel(
        centre=y.text(centre),
        inner=_curves(placed, [place.inner for place in placed], centre, x, y),
        outer=_curves(placed, [place.outer for place in placed], centre, x, y),
        marks=tuple(Mark(x.text(place.cases), y.text(place.value), place.tone, place.color) for place in placed),
        names=_names([place for place in placed if place.name], x, y),
        up=tuple(Label(str(LEFT - 4), y.text(value), said) for value, said in zip(up, write(up), strict=True)),
        along=tuple(Label(x.text(value), str(HEIGHT - FOOT + 13), count(value)) for value in along),
        text=text,
    )


def _names(named: Sequence[Place], x: Scale, y: Scale) -> tuple[Label, ...]:
    """Names beside their marks, to the left of them where the plot ends, each a line from the one above."""
    labels, lowest = [], -math.inf
    for place in sorted(named, key=lambda place: y.at(place.value)):
        at = x.at(place.cases)
        left, lowest = at > _TURN, max(y.at(place.value), lowest + _LINE)
        labels.append(Label(short(at - 7 if left else at + 7), short(lowest + 3), place.name, "left" if left else ""))
    return tuple(labels)


def _curves(placed: Sequence[Place], limits: Sequence[tuple[float, float]], centre: float, x: Scale, y: Scale) -> str:
    """Both curves. Between two members a limit is as far off as the root of the cases says, as the limits are.

    A limit that is cut at 0 or 1 tells nothing of that, and takes the factor of the next one that isn't.
    """
    paths = []
    for side in (0, 1):
        known = [
            (place.cases, (limit[side] - centre) * math.sqrt(place.cases))
            for place, limit in zip(placed, limits, strict=True)
            if 0.0 < limit[side] < 1.0
        ]
        if not known:
            continue
        known.insert(0, (placed[0].cases, known[0][1]))
        inside = [
            f"{x.text(cases)} {y.text(value)}" for cases, value in _between(known, centre) if y.low <= value <= y.high
        ]
        paths.append("M" + "L".join(inside) if inside else "")
    return "".join(paths)


def _between(known: Sequence[tuple[float, float]], centre: float) -> Iterator[tuple[float, float]]:
    """Points of a curve through cases with a factor each, closer to each other where the cases are few."""
    for (cases, factor), (further, its) in pairwise(known):
        for step in range(_STEPS if further > cases else 0):
            part = (step / _STEPS) ** 2
            now = cases + (further - cases) * part
            yield now, centre + (factor + (its - factor) * part) / math.sqrt(now)
    last, factor = known[-1]
    yield last, centre + factor / math.sqrt(last)

"""Bullet graphs, as Stephen Few specified them: a bar from zero, a mark at the target, bands as shades of one grey."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from kpieval.render.charts.parts import Range
from kpieval.render.charts.scale import Scale, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpieval.render.charts.parts import Point

WIDTH = 200
_PLAIN = 3


@dataclass(frozen=True, slots=True)
class Bullet:
    """A value against its target and against benchmarks."""

    ranges: tuple[Range, ...]
    bar: Range
    target: str | None
    benchmarks: tuple[str, ...]
    whisker: tuple[str, str] | None
    zero: str | None
    text: str


def bullet(
    point: Point,
    edges: Sequence[float],
    upper: Sequence[float],
    text: str,
    *,
    descending: bool,
    whole: tuple[float, float] | None = None,
    benchmarks: Sequence[float] = (),
) -> Bullet | None:
    """The bullet graph of a value.

    `edges` part the bands, the best first; around a target range they are its lower ends, and `upper` its upper ones.
    `descending`: a higher value is better. `whole` is the scale where it is known; else it holds all that is shown.
    """
    if point.value is None:
        return None
    numbers = [0.0, *point.numbers, *edges, *upper, *benchmarks]
    low, high = min(numbers), max(numbers)
    margin = (high - low) * 0.06 or 1.0
    left, right = whole or (low - margin if low < 0 else 0.0, high + margin)
    scale = Scale(left, right, 0, WIDTH)
    zero, value = scale.at(0.0), scale.at(point.value)
    return Bullet(
        ranges=_around(scale, edges, upper) if point.aim else _ranges(scale, edges, descending=descending),
        bar=Range(short(min(zero, value)), short(max(abs(value - zero), 1.0)), 0),
        target=None if point.target is None else scale.text(point.target),
        benchmarks=tuple(scale.text(value) for value in benchmarks),
        whisker=(scale.text(point.interval[0]), scale.text(point.interval[1])) if point.interval else None,
        zero=short(zero) if low < 0 else None,
        text=text,
    )


def _ranges(scale: Scale, edges: Sequence[float], *, descending: bool) -> tuple[Range, ...]:
    """The bands from the left to the right end of the scale."""
    if not edges:
        return (Range(scale.text(scale.low), short(scale.end - scale.start), _PLAIN),)
    known = sorted(set(edges))
    stops = [scale.low, *(edge for edge in known if scale.low < edge < scale.high), scale.high]
    return tuple(
        Range(
            scale.text(low),
            short(scale.at(high) - scale.at(low)),
            min(_worse(known, low, high, descending=descending), 4),
        )
        for low, high in pairwise(stops)
    )


def _worse(edges: Sequence[float], low: float, high: float, *, descending: bool) -> int:
    """How many bands are worse than the one from `low` to `high`, whether they are on the scale or not."""
    return sum(edge <= low for edge in edges) if descending else sum(edge >= high for edge in edges)


def _around(scale: Scale, lower: Sequence[float], upper: Sequence[float]) -> tuple[Range, ...]:
    """The bands on both sides of a target range: the best in the middle, the worst at both ends."""
    stops = [scale.low, *sorted(lower), *sorted(upper), scale.high]
    last = len(stops) - 2
    return tuple(
        Range(scale.text(low), short(scale.at(high) - scale.at(low)), min(index, last - index, 4))
        for index, (low, high) in enumerate(pairwise(stops))
    )

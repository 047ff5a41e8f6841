"""Numbers become geometry: small frozen charts in the units of their view box, which the macros of `charts.html` draw.

Coordinates are strings with at most one decimal, so that a page stays small. A bullet graph follows Stephen Few's
specification: a bar from zero, a mark at the target, the bands as ranges behind them in shades of one grey.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from kpieval.render.scale import Scale, across, short, ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SPARK = (96, 24)
BULLET = (200, 22)
TREND = (400, 160)
DOTS = (240, 16)
_PLAIN = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on a chart; `tone` names its shape."""

    x: str
    y: str
    tone: str
    color: str
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A word on a chart, in one line or two."""

    x: str
    y: str
    text: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Spark:
    """The history in the size of a word: a line, its last point, and the target where it is."""

    path: str
    last: Mark
    target: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Range:
    """A stretch of a bullet graph; shade 0 is the worst band, the darkest."""

    x: str
    width: str
    shade: int


@dataclass(frozen=True, slots=True)
class Bullet:
    """A value against its target."""

    ranges: tuple[Range, ...]
    bar: Range
    target: str | None
    whisker: tuple[str, str] | None
    zero: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Trend:
    """The history with its target and its intervals."""

    path: str
    whiskers: str
    target: str
    aim: tuple[str, str] | None
    marks: tuple[Mark, ...]
    grid: tuple[Label, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One member on the scale of its table."""

    mark: Mark
    whisker: tuple[str, str] | None
    target: str | None


@dataclass(frozen=True, slots=True)
class Point:
    """What a chart is drawn from: one period, or one member."""

    value: float | None
    target: float | None
    interval: tuple[float, float] | None
    tone: str
    color: str
    hollow: bool = False
    aim: tuple[float, float] | None = None


def spark(points: Sequence[Point], text: str) -> Spark | None:
    """The sparkline of a history; None where nothing was measured."""
    known = [point.value for point in points if point.value is not None]
    if not known:
        return None
    goal = points[-1].target
    x, y = (
        across(len(points), 3, SPARK[0] - 5),
        _vertical([*known, *([] if goal is None else [goal])], SPARK[1] - 4, 4),
    )
    index = max(number for number, point in enumerate(points) if point.value is not None)
    last = points[index]
    mark = Mark(short(x(index)), y.text(last.value or 0.0), last.tone, last.color, last.hollow)
    return Spark(_line(points, x, y), mark, None if goal is None else y.text(goal), text)


def bullet(
    point: Point,
    edges: Sequence[float],
    upper: Sequence[float],
    text: str,
    *,
    descending: bool,
    whole: tuple[float, float] | None = None,
) -> Bullet | None:
    """The bullet graph of a value.

    `edges` part the bands, the best first; around a target range they are its lower ends, and `upper` its upper ones.
    `descending`: a higher value is better. `whole` is the scale where it is known; else it holds all that is shown.
    """
    if point.value is None:
        return None
    numbers = [
        0.0,
        point.value,
        *edges,
        *upper,
        *(point.aim or ()),
        *([] if point.target is None else [point.target]),
        *(point.interval or ()),
    ]
    low, high = min(numbers), max(numbers)
    margin = (high - low) * 0.06 or 1.0
    left, right = whole or (low - margin if low < 0 else 0.0, high + margin)
    scale = Scale(left, right, 0, BULLET[0])
    zero, value = scale.at(0.0), scale.at(point.value)
    return Bullet(
        ranges=_around(scale, edges, upper) if point.aim else _ranges(scale, edges, descending=descending),
        bar=Range(short(min(zero, value)), short(max(abs(value - zero), 1.0)), 0),
        target=None if point.target is None else scale.text(point.target),
        whisker=_whisker(point, scale),
        zero=short(zero) if low < 0 else None,
        text=text,
    )


def trend(points: Sequence[Point], write: Callable[[Sequence[float]], Sequence[str]], text: str) -> Trend | None:
    """The chart of a history; `write` turns the values along the axis into labels."""
    known = [number for point in points for number in _numbers(point)]
    if all(point.value is None for point in points):
        return None
    grid = ticks(min(known), max(known))
    x, y = _moments(len(points)), Scale(grid[0], grid[-1], TREND[1] - 32, 12)
    return Trend(
        path=_line(points, x, y),
        whiskers="".join(
            f"M{short(x(index))} {y.text(point.interval[0])}V{y.text(point.interval[1])}"
            for index, point in enumerate(points)
            if point.interval and point.value is not None
        ),
        target=_steps(points, x, y),
        aim=(y.text(points[-1].aim[1]), short(y.at(points[-1].aim[0]) - y.at(points[-1].aim[1])))
        if points[-1].aim
        else None,
        marks=tuple(
            Mark(short(x(index)), y.text(point.value), point.tone, point.color, point.hollow)
            for index, point in enumerate(points)
            if point.value is not None
        ),
        grid=tuple(Label("46", y.text(value), said) for value, said in zip(grid, write(grid), strict=True)),
        text=text,
    )


def axis(periods: Sequence[tuple[str, str]]) -> tuple[Label, ...]:
    """The periods along the foot of every trend, each in two lines; a year is said where it begins."""
    x, count = _moments(len(periods)), len(periods)
    every = math.ceil(count / 12)
    labels, year = [], ""
    for index in range((count - 1) % every, count, every):
        name, its_year = periods[index]
        labels.append(Label(short(x(index)), str(TREND[1] - 17), name, its_year if its_year != year else ""))
        year = its_year
    return tuple(labels)


def member_scale(points: Iterable[Point]) -> tuple[Scale, list[float]] | None:
    """One scale for all the members of a KPI, and the round numbers at its ends; None where nobody has a value."""
    known = [number for point in points for number in _numbers(point)]
    if not known:
        return None
    marks = ticks(min(known), max(known), 2)
    return Scale(marks[0], marks[-1], 6, DOTS[0] - 6), marks


def dot(point: Point, scale: Scale) -> Dot | None:
    """One member on the common scale."""
    if point.value is None:
        return None
    mark = Mark(scale.pixel(point.value), str(DOTS[1] // 2), point.tone, point.color, point.hollow)
    whisker = (scale.pixel(point.interval[0]), scale.pixel(point.interval[1])) if point.interval else None
    return Dot(mark, whisker, None if point.target is None else scale.pixel(point.target))


def _numbers(point: Point) -> list[float]:
    optional = (point.value, point.target, *(point.interval or ()), *(point.aim or ()))
    return [number for number in optional if number is not None]


def _whisker(point: Point, scale: Scale) -> tuple[str, str] | None:
    return (scale.text(point.interval[0]), scale.text(point.interval[1])) if point.interval else None


def _moments(count: int) -> Callable[[int], float]:
    """Where the periods of a trend stand."""
    return across(count, 76, TREND[0] - 30)


def _vertical(values: Sequence[float], bottom: float, top: float) -> Scale:
    low, high = min(values), max(values)
    return Scale(low, high, bottom, top) if low < high else Scale(low - 1, low + 1, bottom, top)


def _line(points: Sequence[Point], x: Callable[[int], float], y: Scale) -> str:
    """The path through the points, with a gap where there is no value."""
    parts, pen = [], "M"
    for index, point in enumerate(points):
        if point.value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{short(x(index))} {y.text(point.value)}")
        pen = "L"
    return "".join(parts)


def _steps(points: Sequence[Point], x: Callable[[int], float], y: Scale) -> str:
    """The target of each period as a stair, half a period to either side."""
    half = min(24, (x(1) - x(0)) / 2) if len(points) > 1 else 10
    parts = []
    for target, run in groupby(enumerate(points), lambda item: item[1].target):
        indices = [index for index, _ in run]
        if target is not None:
            parts.append(f"M{short(x(indices[0]) - half)} {y.text(target)}H{short(x(indices[-1]) + half)}")
    return "".join(parts)


def _ranges(scale: Scale, edges: Sequence[float], *, descending: bool) -> tuple[Range, ...]:
    """The bands from the left to the right end of the scale."""
    if not edges:
        return (Range(scale.text(scale.low), short(scale.end - scale.start), _PLAIN),)
    inner = sorted({edge for edge in edges if scale.low < edge < scale.high})
    stops = [scale.low, *inner, scale.high]
    shades = range(len(stops) - 1) if descending else range(len(stops) - 2, -1, -1)
    return tuple(
        Range(scale.text(low), short(scale.at(high) - scale.at(low)), min(shade, 4))
        for low, high, shade in zip(stops, stops[1:], shades, strict=False)
    )


def _around(scale: Scale, lower: Sequence[float], upper: Sequence[float]) -> tuple[Range, ...]:
    """The bands on both sides of a target range: the best in the middle, the worst at both ends."""
    stops = [scale.low, *sorted(lower), *sorted(upper), scale.high]
    last = len(stops) - 2
    return tuple(
        Range(scale.text(low), short(scale.at(high) - scale.at(low)), min(index, last - index, 4))
        for index, (low, high) in enumerate(pairwise(stops))
    )

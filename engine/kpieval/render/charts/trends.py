"""A history with its target, its intervals, and the limits of its process (an XmR chart, where there are any)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING

from kpieval.render.charts.lines import line
from kpieval.render.charts.parts import Label, Mark
from kpieval.render.charts.scale import Scale, across, short, ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpieval.render.charts.parts import Point

WIDTH, HEIGHT = 400, 160
LEFT, TOP, FOOT = 50, 12, 32
_LABELS = 12


@dataclass(frozen=True, slots=True)
class Trend:
    """`limits` is the stretch between the limits of the process as top and height, `mean` the line in its middle."""

    path: str
    whiskers: str
    target: str
    aim: tuple[str, str] | None
    limits: tuple[str, str] | None
    mean: str | None
    marks: tuple[Mark, ...]
    notes: tuple[Label, ...]
    grid: tuple[Label, ...]
    text: str


def trend(
    points: Sequence[Point],
    write: Callable[[Sequence[float]], Sequence[str]],
    text: str,
    notes: Mapping[int, str] = MappingProxyType({}),
    least: float = 0.0,
) -> Trend | None:
    """The chart of a history; `write` turns the values along the axis into labels, whose steps are `least` or more.

    `notes` are the numbers of annotations by the period that they fall into.
    """
    known = [number for point in points for number in point.numbers]
    if all(point.value is None for point in points):
        return None
    grid = ticks(min(known), max(known), least=least)
    x, y = _moments(len(points)), Scale(grid[0], grid[-1], HEIGHT - FOOT, TOP)
    last = next((point for point in reversed(points) if point.limits), None)
    return Trend(
        path=line([point.value for point in points], x, y),
        whiskers="".join(
            f"M{short(x(index))} {y.text(point.interval[0])}V{y.text(point.interval[1])}"
            for index, point in enumerate(points)
            if point.interval and point.value is not None
        ),
        target=_steps(points, x, y),
        aim=_stretch(y, points[-1].aim),
        limits=_stretch(y, last.limits if last else None),
        mean=y.text(last.mean) if last and last.mean is not None else None,
        marks=tuple(
            Mark(short(x(index)), y.text(point.value), point.tone, point.color, point.hollow)
            for index, point in enumerate(points)
            if point.value is not None
        ),
        notes=tuple(Label(short(x(index)), str(TOP - 3), number) for index, number in notes.items()),
        grid=tuple(Label(str(LEFT - 4), y.text(value), said) for value, said in zip(grid, write(grid), strict=True)),
        text=text,
    )


def axis(periods: Sequence[tuple[str, str]]) -> tuple[Label, ...]:
    """The periods along the foot of every trend, each in two lines; a year is said where it begins."""
    x, count = _moments(len(periods)), len(periods)
    every = math.ceil(count / _LABELS)
    labels, year = [], ""
    for index in range((count - 1) % every, count, every):
        name, its_year = periods[index]
        labels.append(Label(short(x(index)), str(HEIGHT - 17), name, its_year if its_year != year else ""))
        year = its_year
    return tuple(labels)


def _moments(count: int) -> Callable[[int], float]:
    """Where the periods of a trend stand."""
    return across(count, LEFT + 26, WIDTH - 30)


def _stretch(y: Scale, ends: tuple[float, float] | None) -> tuple[str, str] | None:
    """Two values as the top and the height of what lies between them."""
    return (y.text(ends[1]), short(y.at(ends[0]) - y.at(ends[1]))) if ends else None


def _steps(points: Sequence[Point], x: Callable[[int], float], y: Scale) -> str:
    """The target of each period as a stair, half a period to either side."""
    half = min(24, (x(1) - x(0)) / 2) if len(points) > 1 else 10
    parts = []
    for target, run in groupby(enumerate(points), lambda item: item[1].target):
        indices = [index for index, _ in run]
        if target is not None:
            parts.append(f"M{short(x(indices[0]) - half)} {y.text(target)}H{short(x(indices[-1]) + half)}")
    return "".join(parts)

"""Members on one scale, each in its line of a table, with the interval of its value (Cleveland's dot plot)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.render.charts.parts import Mark
from kpieval.render.charts.scale import Scale, ticks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpieval.render.charts.parts import Point

WIDTH, HEIGHT = 240, 16


@dataclass(frozen=True, slots=True)
class Dot:
    """One member on the scale of its table."""

    mark: Mark
    whisker: tuple[str, str] | None
    target: str | None


def member_scale(points: Iterable[Point], least: float = 0.0) -> tuple[Scale, list[float]] | None:
    """One scale for all the members of a KPI, and the round numbers at its ends, whose steps are `least` or more.

    None where nobody has a value.
    """
    known = [number for point in points for number in (*_own(point), *(point.aim or ()))]
    if not known:
        return None
    marks = ticks(min(known), max(known), 2, least)
    return Scale(marks[0], marks[-1], 6, WIDTH - 6), marks


def dot(point: Point, scale: Scale) -> Dot | None:
    """One member on the common scale."""
    if point.value is None:
        return None
    mark = Mark(scale.pixel(point.value), str(HEIGHT // 2), point.tone, point.color, point.hollow)
    whisker = (scale.pixel(point.interval[0]), scale.pixel(point.interval[1])) if point.interval else None
    return Dot(mark, whisker, None if point.target is None else scale.pixel(point.target))


def _own(point: Point) -> list[float]:
    optional = (point.value, point.target, *(point.interval or ()))
    return [number for number in optional if number is not None]

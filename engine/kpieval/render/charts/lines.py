"""What the charts of a history share: the line through its points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.render.charts.scale import short

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kpieval.render.charts.parts import Point
    from kpieval.render.charts.scale import Scale


def line(points: Sequence[Point], x: Callable[[int], float], y: Scale) -> str:
    """The path through the points, with a gap where there is no value."""
    parts, pen = [], "M"
    for index, point in enumerate(points):
        if point.value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{short(x(index))} {y.text(point.value)}")
        pen = "L"
    return "".join(parts)

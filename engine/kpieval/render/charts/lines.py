"""What the charts of a history share: the line through its points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.render.charts.scale import short

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kpieval.render.charts.scale import Scale


def line(values: Sequence[float | None], x: Callable[[int], float], y: Scale) -> str:
    """The path through the values, with a gap where there is no value."""
    parts, pen = [], "M"
    for index, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{short(x(index))} {y.text(value)}")
        pen = "L"
    return "".join(parts)

"""Sparklines: a history in the size of a word (Tufte 2006, *Beautiful Evidence*)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.render.charts.lines import line
from kpieval.render.charts.parts import Mark
from kpieval.render.charts.scale import Scale, across, short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpieval.render.charts.parts import Point

WIDTH, HEIGHT = 96, 24


@dataclass(frozen=True, slots=True)
class Spark:
    """A line, its last point, and the target where it is."""

    path: str
    last: Mark
    target: str | None
    text: str


def spark(values: Sequence[float | None], last: Point, goal: float | None, text: str) -> Spark | None:
    """The sparkline of a history; None where nothing was measured. `last` is how the last value looks."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    x = across(len(values), 3, WIDTH - 5)
    y = _vertical([*known, *([] if goal is None else [goal])], HEIGHT - 4, 4)
    index = max(number for number, value in enumerate(values) if value is not None)
    mark = Mark(short(x(index)), y.text(known[-1]), last.tone, last.color, last.hollow)
    return Spark(line(values, x, y), mark, None if goal is None else y.text(goal), text)


def _vertical(values: Sequence[float], bottom: float, top: float) -> Scale:
    low, high = min(values), max(values)
    return Scale(low, high, bottom, top) if low < high else Scale(low - 1, low + 1, bottom, top)

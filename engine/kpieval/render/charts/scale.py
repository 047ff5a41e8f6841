"""Values become coordinates: a scale, the round numbers along it, and places side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` laid out between two coordinates."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The coordinate of a value; what is beyond the scale stands at its end."""
        if value <= self.low:
            return self.start
        if value >= self.high:
            return self.end
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def text(self, value: float) -> str:
        """The coordinate as it is written."""
        return short(self.at(value))

    def pixel(self, value: float) -> str:
        """The coordinate in whole pixels, for the many small charts of a table."""
        return str(round(self.at(value)))


def short(number: float) -> str:
    """A coordinate with at most one decimal."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def ticks(low: float, high: float, count: int = 3, least: float = 0.0) -> list[float]:
    """Round numbers that span `low` to `high` in about `count` steps, which are multiples of the `least`, if any."""
    span = high - low
    if span <= 0 or not math.isfinite(span):
        return [low, high] if low < high else [low - 1, low + 1]
    raw = span / count
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(size * magnitude for size in _STEPS if size * magnitude >= raw * 0.999)
    if least:
        step = math.ceil(step / least) * least
    first = math.floor(low / step + 1e-9)
    last = max(first + 1, math.ceil(high / step - 1e-9))
    if last - first > 4 * count:
        return [low, high]
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def across(count: int, left: float, right: float) -> Callable[[int], float]:
    """The places of `count` things from `left` to `right`; a single one stands at the right."""
    return lambda index: right - (right - left) * (count - 1 - index) / max(1, count - 1)

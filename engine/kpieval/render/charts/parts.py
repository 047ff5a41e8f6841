"""What charts are made of: the points that they are drawn from, and marks, words and stretches that they draw."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """What a chart is drawn from: one period, or one member. `limits` are those of its process."""

    value: float | None
    target: float | None
    interval: tuple[float, float] | None
    tone: str
    color: str
    hollow: bool = False
    aim: tuple[float, float] | None = None
    mean: float | None = None
    limits: tuple[float, float] | None = None

    @property
    def numbers(self) -> list[float]:
        """All that a scale must hold."""
        optional = (self.value, self.target, *(self.interval or ()), *(self.aim or ()), *(self.limits or ()))
        return [number for number in optional if number is not None]


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
class Range:
    """A stretch of a chart from `x` on; shade 0 is the worst band, the darkest."""

    x: str
    width: str
    shade: int

"""Which periods an input of a KPI looks at: `prior(trailing(x, 4))` becomes a map from a period to a run of periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kpieval.calendar import Periods
    from kpieval.model import Grain

Point = Literal["start", "end"]


@dataclass(frozen=True, slots=True)
class Step:
    """One call: `prior` by `count` periods, `year_ago`, `trailing` over `count` periods, or `to_date` of a `unit`."""

    function: Literal["prior", "year_ago", "trailing", "to_date"]
    count: int = 1
    unit: Grain | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The calls around an input, the outermost first, and whether only one day of the run counts (`point`)."""

    steps: tuple[Step, ...] = ()
    point: Point | None = None

    def within(self, step: Step) -> Window:
        """This window with one more call inside it."""
        return Window((*self.steps, step), self.point)

    def at(self, point: Point) -> Window:
        """The first or the last day of this window; an inner call has no say once an outer one has picked a day."""
        return self if self.point else Window(self.steps, point)

    @property
    def earlier(self) -> bool:
        """Whether it looks at another time than the period itself: its absence is a missing baseline."""
        return any(step.function in {"prior", "year_ago"} for step in self.steps)

    @property
    def complete(self) -> bool:
        """Whether all its periods must lie inside the recorded history: half a trailing year is no trailing year."""
        return any(step.function == "trailing" for step in self.steps)

    @property
    def single(self) -> bool:
        """Whether it looks at exactly one period."""
        return not any(step.function in {"trailing", "to_date"} for step in self.steps)

    def bounds(self, index: int, periods: Periods) -> tuple[int, int] | None:
        """The first and the last period that are looked at from period `index`; None where there is no such period."""
        first, last = index, index
        for step in self.steps:
            if step.function == "prior":
                first, last = first - step.count, last - step.count
            elif step.function == "trailing":
                first -= step.count - 1
            elif step.function == "to_date" and step.unit:
                first = periods.first_of(first, step.unit)
            else:
                earlier = periods.year_ago(first), periods.year_ago(last)
                if earlier[0] is None or earlier[1] is None:
                    return None
                first, last = earlier[0], earlier[1]
        return first, last

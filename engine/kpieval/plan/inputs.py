"""What a KPI's formula is fed with: aggregates, other KPIs, aggregates over members, days; in a window of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sqlglot import exp

    from kpieval.model import Time
    from kpieval.plan.window import Window

AggregateFunction = Literal[
    "rows", "count", "count_distinct", "sum", "avg", "min", "max", "stddev", "median", "quantile"
]
MemberFunction = Literal["share", "count", "avg", "median", "sum", "min", "max", "quantile", "stddev", "successes"]

HOLISTIC = frozenset({"count_distinct", "median", "quantile", "stddev"})
"""Aggregates that can't be put together from those of parts: they are asked for at each level and window.

A standard deviation could, by a sum of squares; but that loses its digits where large values differ little."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate over a source's rows, dated by `time`; `rows` counts all of them, whatever the filters."""

    source: str
    time: Time
    function: AggregateFunction
    argument: exp.Expr | None = None
    filter: exp.Expr | None = None
    parameter: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """An aggregate in a window, for the member itself or (`above` = 1, 2, ..) for a member over it."""

    aggregate: Aggregate
    window: Window
    above: int = 0


@dataclass(frozen=True, slots=True)
class Referred:
    """The value of another KPI that is evaluated by itself."""

    kpi: str
    window: Window
    above: int = 0


@dataclass(frozen=True, slots=True)
class Over:
    """An aggregate over the members of the level `per`: `terms` are columns of that level's grid."""

    owner: str
    function: MemberFunction
    term: exp.Expr | None
    parameter: float | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a window; `elapsed`: only those up to the day of the run."""

    window: Window
    elapsed: bool = False


Input = Measured | Referred | Over | Days


@dataclass(slots=True)
class Inputs:
    """The inputs of all formulas, each named once: `c0`, `c1`, ..."""

    names: dict[Input, str] = field(default_factory=dict)

    def name(self, item: Input) -> str:
        """The column that holds this input, a new one at its first mention."""
        return self.names.setdefault(item, f"c{len(self.names)}")

    def __getitem__(self, column: str) -> Input:
        """The input that a column holds."""
        return list(self.names)[int(column[1:])]

"""What is judged: KPIs, with their units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from kpieval.expressions import Expression
    from kpieval.model.targets import Band, Peers, Target
    from kpieval.problems import Place

Direction = Literal["higher_is_better", "lower_is_better", "target_range", "neutral"]
"""Which way is better; of a `neutral` KPI neither is, so it has values, and no verdicts."""

Rollup = Literal["pooled", "mean_of_members", "median_of_members", "worst", "sum"]


Reason = Literal[
    "suppressed", "not_applicable", "no_data", "no_baseline", "zero_denominator", "insufficient_sample", "no_target"
]
"""Why there is no verdict, in the order in which it is looked for.

`suppressed`: a group too small to be shown, or one that would tell of such a group. `no_data`: no row behind the
value. `no_baseline`: nothing earlier to compare with, in the formula or, where there is a value, as its target.
`insufficient_sample`: a value, but too few rows, or with `confidence: require` an uncertain one. `no_target`: nothing
to compare the value with.
"""

REASONS: tuple[Reason, ...] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Unit:
    """How a value is shown. A percent is kept as a fraction, points as a difference of fractions."""

    kind: Literal["percent", "number", "currency", "hours", "days", "points", "ratio", "suffix"] = "number"
    decimals: int | None = None
    suffix: str | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """A KPI that is watched over time: limits are drawn from `min_periods` values on."""

    min_periods: int = 8


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI. `value` is over measures, KPIs and aggregates of `source`; with `per`, over the members of that level.

    `peers` tells whom members are ranked among, `process` that the KPI is watched over time: nobody is unless it is
    said. A value of fewer than `min_group` people is suppressed.
    """

    name: str
    title: str
    place: Place
    value: Expression
    levels: tuple[str, ...]
    unit: Unit
    direction: Direction
    bands: tuple[Band, ...]
    targets: tuple[Target, ...] = ()
    source: str | None = None
    per: str | None = None
    rollup: Rollup = "pooled"
    min_sample: int | None = None
    sample: Expression | None = None
    interval: Literal["auto", "wilson", "t", "none"] = "auto"
    confidence: Literal["show", "require"] = "show"
    applies_to: Expression | None = None
    peers: Peers | None = None
    process: Process | None = None
    min_group: int | None = None
    question: str | None = None
    description: str | None = None
    owner: str | None = None
    benchmarks: tuple[str, ...] = ()
    drives: tuple[str, ...] = ()
    guarded_by: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

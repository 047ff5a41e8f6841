"""What a value is held against: fixed targets, one's own past, one's peers, published benchmarks; and statuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from kpieval.expressions import Expression
    from kpieval.problems import Place

Statistic = Literal["mean", "median", "best", "quantile"]


@dataclass(frozen=True, slots=True)
class Band:
    """A status and where it begins, counted from the best one down; the worst has no edge.

    `percent` is a share of the target (1.0 = the target itself), `edge` a value of the KPI itself; one of them is set.
    `labelled` is whether the author wrote the label.
    """

    name: str
    label: str
    icon: str
    color: str
    percent: float | None = None
    edge: float | None = None
    labelled: bool = True


@dataclass(frozen=True, slots=True)
class Peers:
    """Whom a member is compared with: those of its own level, with `within` only those under the same member there.

    With fewer than `min_peers`, itself included, nothing is said. The limits of a `funnel` are drawn around what the
    peers have together (`pooled`), or around each one's `target`.
    """

    within: str | None = None
    min_peers: int = 3
    funnel: Literal["pooled", "target"] = "pooled"


@dataclass(frozen=True, slots=True)
class PeerTarget:
    """A statistic of the peers' values; `quantile` (0.75 of them are no better) goes with the statistic of that name.

    `exclude_self` leaves the member itself out, of the number of peers as well.
    """

    statistic: Statistic
    group: Peers
    quantile: float | None = None
    exclude_self: bool = True


@dataclass(frozen=True, slots=True)
class PastTarget:
    """The KPI's own earlier values: of the `period` before, of a `year` ago, or a statistic over a trailing window.

    The window is the `periods` before the one that is judged. At least `min_periods` of them need a value with a large
    enough sample, else there is no baseline.
    """

    of: Literal["period", "year", "trailing"]
    periods: int = 1
    statistic: Statistic = "median"
    min_periods: int = 1


@dataclass(frozen=True, slots=True)
class BenchmarkTarget:
    """A published value; with `quantile` (0.5) that quantile of a benchmark that has several."""

    name: str
    quantile: float | None = None


@dataclass(frozen=True, slots=True)
class Improvement:
    """By how much a compared value is to be bettered, in the KPI's direction: a share of its size, or an amount."""

    relative: float | None = None
    absolute: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a KPI should reach, for whom and when.

    One of these is set: a `value` (of a `benchmark` where it is published), a `measure` of the data, the range `low`
    to `high`, the `past`, or the `peers`. `start` and `end` (exclusive) are dates; `level` and `where` (over the
    member's attributes) narrow it.
    """

    place: Place
    value: float | None = None
    measure: Expression | None = None
    low: float | None = None
    high: float | None = None
    past: PastTarget | None = None
    peers: PeerTarget | None = None
    benchmark: BenchmarkTarget | None = None
    improvement: Improvement | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    level: str | None = None
    where: Expression | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published value of a KPI, or `quantiles` by share (0.25, 0.5, ..), with what a reader needs to weigh it.

    `basis` tells whether it counts things or adds up an amount; it has to be that of the KPI. `expires` is the last day
    on which it should be used.
    """

    name: str
    kpi: str
    place: Place
    title: str
    source: Mapping[str, str | int]
    value: float | None = None
    quantiles: Mapping[float, float] | None = None
    population: str | None = None
    definition: str | None = None
    basis: Literal["count", "amount"] | None = None
    expires: dt.date | None = None
    expires_place: Place | None = None

    def expired(self, day: dt.date) -> bool:
        """Whether its last day has gone by on a day."""
        return self.expires is not None and self.expires < day

"""`prior`, `trailing`, `peers`, `benchmark`, `improve_by` of a target -> what a value is compared with."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, cast

from kpieval.build.benchmarks import QUANTILES, share
from kpieval.model import ORGANISATION, BenchmarkTarget, Improvement, PastTarget, Peers, PeerTarget
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from kpieval.build.catalogue import Catalogue
    from kpieval.build.node import Node
    from kpieval.model import Benchmark, Statistic, Unit

KINDS = ("prior", "trailing", "peers", "benchmark")
MIN_PEERS = 5
"""A statistic of fewer peers says more about one of them than about all."""

_STATISTICS = ("median", "mean", "best")
_IMPROVEMENT = re.compile(r"(\d+(?:\.\d+)?)\s*(%|points?|)")
_WITH_POINTS = ("percent", "points")
_MEDIAN = 0.5
_LIKELY_SHARE = 1.5


def past(node: Node) -> PastTarget | None:
    """The KPI's own past that a target names."""
    of = node.choice("prior", ("period", "year"))
    if of is not None:
        return PastTarget(cast("Literal['period', 'year']", of))
    periods = node.whole("trailing")
    if periods is None:
        return None
    least = node.whole("min_periods") or periods
    if least > periods:
        node.error(
            "too-many-periods",
            f"Of {periods} periods never {least} can have a value, so there would never be a target.",
            "min_periods",
            hint=f"Write a number up to {periods}, or look back on more periods.",
        )
    statistic = cast("Statistic", node.choice("statistic", _STATISTICS) or "median")
    return PastTarget("trailing", periods, statistic, least)


def peers(node: Node, catalogue: Catalogue, scope: tuple[str, ...]) -> PeerTarget | None:
    """The peers that a target names, for members of the levels in `scope`."""
    written = node.text("peers")
    if written is None:
        return None
    if scope == (ORGANISATION,):
        node.error(
            "organisation-without-peers",
            "There is only one organisation, so nobody is its peer.",
            "peers",
            key=True,
            hint="Show the KPI at a level below, or compare it with its past or with a benchmark.",
        )
    quantile = share(written) if re.fullmatch(r"p\d{1,2}", written) else None
    if quantile is None and written not in _STATISTICS:
        node.misshapen("a statistic of the peers", "peers")
        return None
    exclude = node.get("exclude_self")
    return PeerTarget(
        statistic="quantile" if quantile is not None else cast("Statistic", written),
        group=Peers(_within(node, catalogue, scope), node.whole("min_peers") or MIN_PEERS),
        quantile=quantile,
        exclude_self=exclude is None or exclude.value is True,
    )


def _within(node: Node, catalogue: Catalogue, scope: tuple[str, ...]) -> str | None:
    """The level whose members set peers apart; the organisation is one, and sets nobody apart.

    In a tree it may be the level itself: peers are those directly under the same member.
    """
    within = node.text("within")
    if within is None or within == ORGANISATION:
        return None
    hierarchy = catalogue.hierarchy
    if within not in hierarchy:
        node.error("unknown-level", f"There is no level `{within}`.", "within", hint=did_you_mean(within, hierarchy))
        return None
    trees = {level for level in scope if level in hierarchy.levels and hierarchy.levels[level].tree}
    above = {level: (*([level] if level in trees else []), *hierarchy.above(level)) for level in scope}
    if hierarchy.sure and not any(within in levels for levels in above.values()):
        known = hierarchy.ordered({each for levels in above.values() for each in levels} - {ORGANISATION})
        node.error(
            "level-not-above",
            f"Members at {', '.join(scope)} have no {within} in common.",
            "within",
            hint=f"Above them is {', '.join(known)}." if known else "Leave it out: all of the level are peers.",
        )
    return within


def benchmark(node: Node, catalogue: Catalogue) -> tuple[BenchmarkTarget, float | None] | None:
    """The benchmark that a target names, with its value; None for a value that is not known."""
    name = node.text("benchmark")
    if name is None:
        return None
    if name not in catalogue.benchmarks:
        hint = did_you_mean(name, catalogue.benchmarks)
        node.error("unknown-benchmark", f"There is no benchmark `{name}`.", "benchmark", hint=hint)
        return None
    found = catalogue.benchmarks[name]
    if found is None:
        return BenchmarkTarget(name), None
    known = found.kpi in catalogue.names and found.kpi not in catalogue.measure_sources  # else it is told there
    if found.kpi != node.definition.name and known:
        node.error(
            "benchmark-of-other-kpi",
            f"`{name}` is a benchmark of `{found.kpi}`, not of `{node.definition.name}`.",
            "benchmark",
            hint="Two definitions under one name can't be compared.",
        )
        return None
    return _quantile(node, found)


def _quantile(node: Node, found: Benchmark) -> tuple[BenchmarkTarget, float | None]:
    written = node.choice("quantile", QUANTILES)
    if found.quantiles is None:
        if written is not None:
            node.error("unknown-quantile", f"`{found.name}` has one value and no quantiles.", "quantile", key=True)
        return BenchmarkTarget(found.name), found.value
    quantile = share(written) if written is not None else _MEDIAN
    if quantile not in found.quantiles:
        known = [f"p{round(each * 100)}" for each in found.quantiles]
        where = "quantile" if written is not None else "benchmark"
        node.error(
            "unknown-quantile",
            f"`{found.name}` has no p{round(quantile * 100)}; it has {', '.join(known)}.",
            where,
            hint=None if written is not None else f"Say which is the target: `quantile: {known[-1]}`.",
        )
        return BenchmarkTarget(found.name), None
    return BenchmarkTarget(found.name, quantile), found.quantiles[quantile]


def improvement(node: Node, unit: Unit) -> Improvement | None:
    """By how much a target betters what it is compared with."""
    child = node.get("improve_by")
    written = child.text() if child is not None else None
    if child is None or written is None:
        return None
    match = _IMPROVEMENT.fullmatch(written)
    if match is None:
        child.misshapen("an improvement")
        return None
    amount = Decimal(match.group(1))
    if match.group(2) == "%":
        return Improvement(relative=float(amount / 100))
    if match.group(2):
        return _points(child, amount, unit)
    if unit.kind in _WITH_POINTS and amount > Decimal(_LIKELY_SHARE):
        child.warn(
            "percent-as-number",
            f"`{written}` is {amount * 100:g} points, for the unit is {unit.kind}.",
            hint=f"If {written} points are meant, write `{written} points`.",
        )
    return Improvement(absolute=float(amount))


def _points(node: Node, amount: Decimal, unit: Unit) -> Improvement:
    """A point is a hundredth of what a percentage is a share of."""
    if unit.kind not in _WITH_POINTS:
        node.error(
            "points-of-nothing",
            f"Points are those of a percentage, but the unit is {unit.suffix or unit.kind}.",
            hint=f"Write the amount itself, or a share of the value: {amount:g}%.",
        )
    return Improvement(absolute=float(amount / 100))

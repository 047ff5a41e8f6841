"""Value against target: the target in force, the edges of the bands around it, and the status, as SQL of one KPI at one level."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.collect.sql import render, text

if TYPE_CHECKING:
    from collections.abc import Callable

    from kpieval.model import Band, Kpi, Target
    from kpieval.plan import Tree


def targets(
    planned: tuple[tuple[Target, Tree | None], ...], level: str, attributes: frozenset[str], usable: Callable[[Tree], bool]
) -> dict[str, str]:
    """SQL of the `target`, or of `low` and `high`, in force for a member on the first day of a period.

    The most specific one wins: level and condition, then condition, then level, then all the rest.
    """
    fitting = [
        (target, tree) for target, tree in planned
        if target.level in {None, level}
        and (target.where is None or _attributes(target) <= attributes)
        and (tree is None or usable(tree))
    ]  # fmt: skip
    fitting.sort(key=lambda pair: (pair[0].where is None, pair[0].level is None))
    found = {}
    for field in ("target", "low", "high"):
        cases = "".join(f" when {_holds(target)} then {_amount(target, tree, field)}" for target, tree in fitting)
        found[field] = f"case{cases} end" if cases else "cast(null as double)"
    return found


def edges(kpi: Kpi) -> tuple[list[str], list[str]]:
    """SQL of where each band but the worst ends, best first, in terms of `target`, or of `low` and of `high`."""
    bands = kpi.bands[:-1]
    if kpi.direction == "target_range":
        lower = [_edge(band, "low", _less) for band in bands]
        return lower, [_edge(band, "high", lambda p: -_less(p)) for band in bands]
    if kpi.direction == "lower_is_better":
        return [_edge(band, "target", lambda p: p - 1) for band in bands], []
    return [_edge(band, "target", _less) for band in bands], []


def status(kpi: Kpi) -> str:
    """SQL of the name of the band that `value` is in, given the lists `edges` and `edges_high`."""
    cases = "".join(
        f" when {_within(kpi, position)} then {text(band.name)}" for position, band in enumerate(kpi.bands[:-1], 1)
    )
    return f"case{cases} else {text(kpi.bands[-1].name)} end" if cases else "cast(null as varchar)"


def attainment(kpi: Kpi) -> str:
    """SQL of the share of the target that is reached; null where the target isn't above zero."""
    if kpi.direction == "target_range":
        return (
            "case when low <= 0 then null when reaches(value, low) and reaches(high, value) then 1.0 "
            "when value < low then value / low when value > 0 then high / value end"
        )
    if kpi.direction == "lower_is_better":
        return "case when target > 0 and value > 0 then target / value end"
    return "case when target > 0 then value / target end"


def about_member(condition: Tree) -> str:
    """SQL of a condition over the attributes of a member."""
    named = condition.transform(
        lambda node: exp.column(f"attribute_{node.name}") if isinstance(node, exp.Column) else node
    )
    return render(named, "duckdb")


def _less(percent: Decimal) -> Decimal:
    return percent - 1


def _edge(band: Band, around: str, shift: Callable[[Decimal], Decimal]) -> str:
    """The target moved by a share of its own size, so that it is right for a negative one too."""
    if band.edge is not None:
        return repr(band.edge)
    moved = shift(Decimal(repr(band.percent)))
    return f"({around} + ({moved}) * abs({around}))"


def _within(kpi: Kpi, position: int) -> str:
    edge = f"list_extract(edges, {position})"
    if kpi.direction == "higher_is_better":
        return f"reaches(value, {edge})"
    if kpi.direction == "lower_is_better":
        return f"reaches({edge}, value)"
    return f"reaches(value, {edge}) and reaches(list_extract(edges_high, {position}), value)"


def _attributes(target: Target) -> set[str]:
    from kpieval.expressions import columns_used  # noqa: PLC0415

    return set() if target.where is None else columns_used(target.where.tree)


def _holds(target: Target) -> str:
    conditions = []
    if target.start is not None:
        conditions.append(f"start_day >= date '{target.start}'")
    if target.end is not None:
        conditions.append(f"start_day < date '{target.end}'")
    if target.where is not None:
        conditions.append(f"({about_member(target.where.tree)})")
    return " and ".join(conditions) or "true"


def _amount(target: Target, tree: Tree | None, field: str) -> str:
    amount = {"target": target.value, "low": target.low, "high": target.high}[field]
    if field == "target" and tree is not None:
        return f"cast({render(tree, 'duckdb')} as double)"
    return "null" if amount is None else f"cast({amount!r} as double)"

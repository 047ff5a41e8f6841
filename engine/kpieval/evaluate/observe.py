"""The raw observations of a level's KPIs: what each formula gives for every member and period, in one pass.

A row has the value and what its verdict rests on: `rows` and `rows_earlier` behind it, whether a divisor is zero, the
sample `n`, the numbers of its interval (`a` to `d`, as `verdict` reads them), and the target in force.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.collect.sql import name, render
from kpieval.expressions import columns_used

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpieval.model import Kpi, Target
    from kpieval.plan import Planned, Tree
    from kpieval.plan.formula import Formula

_NULL = "cast(null as double)"


def raw(
    planned: Mapping[int, Planned], level: str, grid: str, attributes: frozenset[str], usable: Callable[[Tree], bool]
) -> str:
    """The query of the raw observations of some KPIs, by number, at a level: from the level's grid."""
    selects = []
    for number, one in planned.items():
        fields = {
            "kpi": f"{number}::integer",
            "mid": "mid",
            "period": "period",
            **_fields(one, level, attributes, usable),
        }
        selects.append(f"select {', '.join(f'{sql} as {field}' for field, sql in fields.items())} from {grid}")
    return " union all ".join(selects)


def _fields(planned: Planned, level: str, attributes: frozenset[str], usable: Callable[[Tree], bool]) -> dict[str, str]:
    kpi, formula = planned.kpi, planned.at(level)
    ratio = formula.evidence.ratio
    counted = formula.population is not None
    return {
        "raw": _number(formula.value),
        "numerator": _number(ratio.numerator if ratio else None),
        "denominator": _number(ratio.denominator if ratio else None),
        "n": _number(formula.sample),
        **dict(zip("abcd", map(_number, _evidence(formula)), strict=True)),
        **_targets(planned.targets, level, attributes, usable),
        "counted": name(f"counted {kpi.name}") if counted else "cast(null as bigint)",
        "missing": name(f"missing {kpi.name}") if counted else "cast(null as bigint)",
        "rows": _sum([*formula.rows, *([name(f"counted {kpi.name}")] if counted else [])]),
        "rows_earlier": _sum(formula.rows_earlier),
        "zero": _any_zero(formula.divisors),
        "zero_earlier": _any_zero(formula.divisors_earlier),
        "applies": _applies(kpi, attributes),
    }


def _number(tree: Tree | None) -> str:
    return _NULL if tree is None else f"cast({render(tree)} as double)"


def _evidence(formula: Formula) -> tuple[Tree | None, Tree | None, Tree | None, Tree | None]:
    evidence = formula.evidence
    if evidence.share:
        return evidence.share.numerator, evidence.share.denominator, None, None
    if evidence.change:
        now, then = evidence.change
        return now.numerator, now.denominator, then.numerator, then.denominator
    if evidence.mean:
        return evidence.mean.mean, evidence.mean.deviation, evidence.mean.count, None
    return None, None, None, None


def _sum(columns: Sequence[str]) -> str:
    return f"cast({' + '.join(f'coalesce({c}, 0)' for c in columns)} as double)" if columns else _NULL


def _any_zero(divisors: Sequence[Tree]) -> str:
    return " or ".join(f"coalesce(({render(divisor)}) = 0, false)" for divisor in divisors) or "false"


def _applies(kpi: Kpi, attributes: frozenset[str]) -> str:
    return "true" if kpi.applies_to is None else about_member(kpi.applies_to.tree, attributes)


def about_member(condition: Tree, attributes: frozenset[str]) -> str:
    """SQL of whether a condition holds for a member; one over attributes that its level doesn't have holds for all."""
    if not {column.name for column in condition.find_all(exp.Column)} <= attributes:
        return "true"
    named = condition.transform(
        lambda node: exp.column(f"attribute_{node.name}") if isinstance(node, exp.Column) else node
    )
    return f"coalesce({render(named)}, false)"


def _targets(
    planned: Sequence[tuple[Target, Tree | None]],
    level: str,
    attributes: frozenset[str],
    usable: Callable[[Tree], bool],
) -> dict[str, str]:
    """SQL of the `target`, or of `low` and `high`, in force for a member on the first day of a period, and which it is.

    The most specific one wins: level and condition, then condition, then level, then all the rest. `target_by` is its
    place in the KPI's list, from 1.
    """
    fitting = [
        (number, target, tree) for number, (target, tree) in enumerate(planned, 1)
        if target.level in {None, level}
        and (target.where is None or columns_used(target.where.tree) <= attributes)
        and (tree is None or usable(tree))
    ]  # fmt: skip
    fitting.sort(key=lambda one: (one[1].where is None, one[1].level is None))
    cases = " ".join(f"when {_holds(target, attributes)} then {number}" for number, target, _ in fitting)
    found = {"target_by": f"case {cases} end" if cases else "cast(null as integer)"}
    for field in ("target", "low", "high"):
        amounts = [(_holds(target, attributes), _amount(target, tree, field)) for _, target, tree in fitting]
        if all(amount == _NULL for _, amount in amounts):
            found[field] = _NULL
        else:
            cases = " ".join(f"when {condition} then {amount}" for condition, amount in amounts)
            found[field] = f"cast(case {cases} end as double)"
    return found


def _holds(target: Target, attributes: frozenset[str]) -> str:
    conditions = []
    if target.start is not None:
        conditions.append(f"start_day >= date '{target.start}'")
    if target.end is not None:
        conditions.append(f"start_day < date '{target.end}'")
    if target.where is not None:
        conditions.append(about_member(target.where.tree, attributes))
    return " and ".join(conditions) or "true"


def _amount(target: Target, tree: Tree | None, field: str) -> str:
    amount = {"target": target.value, "low": target.low, "high": target.high}[field]
    if field == "target" and tree is not None:
        return _number(tree)
    return _NULL if amount is None else repr(amount)

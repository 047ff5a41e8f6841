"""The raw observations of some KPIs at all levels: values are computed side by side, and then set one below the other.

Side by side, in one row per member and period, a value finds the one before it by joining a table of members and not
one of observations, and whatever KPIs share is there once. A raw observation has the value, or why it is absent, and
what its verdict rests on: the sample `n`, the numbers of its interval (`a` to `d`, as `verdict` reads them), and the
target in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.collect.members import attribute_column
from kpieval.collect.sql import name, render, text
from kpieval.evaluate.reasons import reason
from kpieval.expressions import columns_used

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kpieval.model import Kpi, Target
    from kpieval.plan import Planned, Tree
    from kpieval.plan.formula import Formula

_NULL = "cast(null as double)"


@dataclass(frozen=True, slots=True)
class Observed:
    """A KPI at those of its levels where it is computed alike, as SQL over a grid.

    `value` and its `conditions` are computed before anything else, `fields` are the rest of its raw observations, which
    begin with the period `start`.
    """

    kpi: str
    levels: tuple[str, ...]
    value: str
    conditions: Mapping[str, str]
    fields: Mapping[str, str]
    start: int

    def absence(self, value: str) -> str:
        """Why there is no value; the members of nobody are judged by nothing."""
        when = self.conditions
        return (
            f"case when stranger or not ({when['applies']}) then {reason('not_applicable')} "
            f"when {when['rows']} = 0 then {reason('no_data')} "
            f"when {value} is null and {when['rows_earlier']} = 0 then {reason('no_baseline')} "
            f"when {value} is null and ({when['zero']}) then {reason('zero_denominator')} "
            f"when {value} is null and ({when['zero_earlier']}) then {reason('no_baseline')} "
            f"when {value} is null or not isfinite({value}) then {reason('no_data')} end"
        )


_CONDITIONS = ("applies", "rows", "rows_earlier", "zero", "zero_earlier")


def observed(
    planned: Planned,
    attributes: Mapping[str, frozenset[str]],
    fits: Callable[[Target, Tree | None, str], bool],
    start: int,
) -> list[Observed]:
    """How a KPI is observed at its levels, from the period `start` on.

    `attributes` are those that are known of the members of each level. `fits` tells whether the data have what a
    target, with its tree, needs at a level.
    """
    computed: dict[int, dict[str, str]] = {}
    alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for level in planned.kpi.levels:
        formula = planned.at(level)
        if id(formula) not in computed:
            computed[id(formula)] = _computed(planned.kpi, formula)
        applies = _applies(planned.kpi, level, attributes[level])
        aims = _targets(planned.targets, level, attributes[level], fits)
        alike.setdefault(tuple({**computed[id(formula)], "applies": applies, **aims}.items()), []).append(level)
    found = []
    for items, at in alike.items():
        sql = dict(items)
        value, conditions = sql.pop("value"), {key: sql.pop(key) for key in _CONDITIONS}
        found.append(Observed(planned.kpi.name, tuple(at), value, conditions, sql, start))
    return found


def raw(found: Sequence[Observed], grids: str) -> str:
    """The query of the raw observations, from the query of the grids."""
    numbered = list(enumerate(found))
    own = ("level", "mid", "member", "label", "period", "period_label")
    everywhere = {level for one in found for level in one.levels}
    formulas = "".join(
        f", {one.value} as raw_{i}"
        if set(one.levels) == everywhere
        else f", case when {_at(one.levels)} then {one.value} end as raw_{i}"
        for i, one in numbered
    )
    absences = "".join(f", {one.absence(f'raw_{i}')} as absence_{i}" for i, one in numbered)
    values = "".join(
        f", case when absence_{i} is null or stranger and {one.conditions['rows']} is distinct from 0 "
        f"and isfinite(raw_{i}) then raw_{i} end as value_{i}"
        for i, one in numbered
    )
    earlier = "".join(f", b.value_{i} as previous_{i}" for i, _ in numbered)
    alike: dict[tuple[tuple[str, ...], int], list[tuple[int, Observed]]] = {}
    for i, one in numbered:
        alike.setdefault((one.levels, one.start), []).append((i, one))
    selects = []
    for (levels, start), there in alike.items():
        columns = [
            {"kpi": f"cast({text(one.kpi)} as kpi_name)", "value": f"value_{i}", "absence": f"absence_{i}",
             "previous": f"previous_{i}", **one.fields}
            for i, one in there
        ]  # fmt: skip
        listed = ", ".join(f"unnest([{', '.join(each[field] for each in columns)}]) as {field}" for field in columns[0])
        selects.append(f"select {', '.join(own)}, {listed} from paired where {_at(levels)} and period >= {start}")
    return f"""
with computed as (select *{formulas} from ({grids})),
explained as (select *{absences} from computed),
valued as materialized (select * exclude ({", ".join(f"raw_{i}" for i, _ in numbered)}){values} from explained),
paired as materialized (
  select g.*{earlier} from valued as g
  left join valued as b on b.level = g.level and b.mid = g.mid and b.period = g.period - 1
)
{" union all ".join(selects)}"""


def _at(levels: Iterable[str]) -> str:
    return f"level in ({', '.join(map(text, levels))})"


def _computed(kpi: Kpi, formula: Formula) -> dict[str, str]:
    """What a formula gives, whatever the level."""
    ratio = formula.evidence.ratio
    counted = formula.population is not None
    return {
        "value": _number(formula.value),
        "numerator": _number(ratio.numerator if ratio else None),
        "denominator": _number(ratio.denominator if ratio else None),
        "n": _number(formula.sample),
        **dict(zip("abcd", map(_number, _evidence(formula)), strict=True)),
        "counted": name(f"counted {kpi.name}") if counted else "cast(null as bigint)",
        "missing": name(f"missing {kpi.name}") if counted else "cast(null as bigint)",
        "rows": _sum([*formula.rows, *([name(f"counted {kpi.name}")] if counted else [])]),
        "rows_earlier": _sum(formula.rows_earlier),
        "zero": _any_zero(formula.divisors),
        "zero_earlier": _any_zero(formula.divisors_earlier),
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


def _applies(kpi: Kpi, level: str, attributes: frozenset[str]) -> str:
    return "true" if kpi.applies_to is None else about_member(kpi.applies_to.tree, level, attributes)


def about_member(condition: Tree, level: str, attributes: frozenset[str]) -> str:
    """SQL of whether a condition holds for a member; one over attributes that its level doesn't have holds for all."""
    if not {column.name for column in condition.find_all(exp.Column)} <= attributes:
        return "true"
    named = condition.transform(
        lambda node: (
            exp.column(attribute_column(level, node.name), quoted=True) if isinstance(node, exp.Column) else node
        )
    )
    return f"coalesce({render(named)}, false)"


def _targets(
    planned: Sequence[tuple[Target, Tree | None]],
    level: str,
    attributes: frozenset[str],
    fits: Callable[[Target, Tree | None, str], bool],
) -> dict[str, str]:
    """SQL of the `target`, or of `low` and `high`, in force for a member on the first day of a period, and which it is.

    The most specific one wins: level and condition, then condition, then level, then all the rest. `target_by` is its
    place in the KPI's list, from 1. One that is compared has no amount yet.
    """
    fitting = [
        (number, target, tree) for number, (target, tree) in enumerate(planned, 1)
        if target.level in {None, level}
        and (target.where is None or columns_used(target.where.tree) <= attributes)
        and fits(target, tree, level)
    ]  # fmt: skip
    fitting.sort(key=lambda one: (one[1].where is None, one[1].level is None))
    cases = " ".join(f"when {_holds(target, level, attributes)} then {number}" for number, target, _ in fitting)
    found = {"target_by": f"case {cases} end" if cases else "cast(null as integer)"}
    for field in ("target", "low", "high"):
        amounts = [(_holds(target, level, attributes), _amount(target, tree, field)) for _, target, tree in fitting]
        if all(amount == _NULL for _, amount in amounts):
            found[field] = _NULL
        else:
            cases = " ".join(f"when {condition} then {amount}" for condition, amount in amounts)
            found[field] = f"cast(case {cases} end as double)"
    return found


def _holds(target: Target, level: str, attributes: frozenset[str]) -> str:
    conditions = []
    if target.start is not None:
        conditions.append(f"start_day >= date '{target.start}'")
    if target.end is not None:
        conditions.append(f"start_day < date '{target.end}'")
    if target.where is not None:
        conditions.append(about_member(target.where.tree, level, attributes))
    return " and ".join(conditions) or "true"


def _amount(target: Target, tree: Tree | None, field: str) -> str:
    amount = {"target": target.value, "low": target.low, "high": target.high}[field]
    if field == "target" and tree is not None:
        return _number(tree)
    return _NULL if amount is None else repr(amount)

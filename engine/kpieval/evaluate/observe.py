"""The observations of a level's KPIs: value, evidence, target and verdict of every member and period, as one query.

Why there is no verdict, in this order: `not_applicable`, `no_data` (no row behind the value), `no_baseline` (no earlier value
to compare with), `zero_denominator`, `insufficient_sample` (a value, but too few rows), `no_target`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect import members
from kpieval.collect.sql import name, render, text
from kpieval.evaluate import verdict
from kpieval.expressions import columns_used

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kpieval.model import Kpi
    from kpieval.plan import Planned, Tree
    from kpieval.plan.formula import Formula

COLUMNS = (
    "kpi", "level", "member", "label", "period", "value", "numerator", "denominator", "n", "low_limit", "high_limit",
    "uncertain", "status", "reason", "target", "low", "high", "edges", "edges_high", "attainment", "counted", "missing",
)  # fmt: skip


def observations(
    planned: Sequence[Planned], level: str, grid: str, attributes: frozenset[str], usable: Callable[[Tree], bool]
) -> str:
    """The query that gives the observations of the KPIs at a level, from the level's grid."""
    return " union all ".join(_observed(one, level, grid, attributes, usable) for one in planned)


def _observed(
    planned: Planned, level: str, grid: str, attributes: frozenset[str], usable: Callable[[Tree], bool]
) -> str:
    kpi, formula = planned.kpi, planned.at(level)
    targets = verdict.targets(planned.targets, level, attributes, usable)
    lower, upper = verdict.edges(kpi)
    evidence = formula.evidence
    limits = _limits(formula)
    ratio = evidence.ratio
    counted = formula.population is not None
    members_of = f"select member, period, counted, missing from {name(f'over_{kpi.name}_{level}')}"
    over = f" left join ({members_of}) as o using (member, period)" if counted else ""
    crossed = "len(list_filter(edges || edges_high, lambda e: e > low_limit and e < high_limit)) > 0"
    uncertain = "false" if limits is None else crossed
    first = {
        "member": "member", "label": "label", "period": "period",
        "raw": _finite(_number(formula.value)),
        "numerator": _number(ratio.numerator) if ratio else _NULL,
        "denominator": _number(ratio.denominator) if ratio else _NULL,
        "n": f"cast({render(formula.sample, 'duckdb')} as double)" if formula.sample is not None else _NULL,
        "low_limit": _finite(limits[0]) if limits else _NULL, "high_limit": _finite(limits[1]) if limits else _NULL,
        "counted": "o.counted" if counted else "cast(null as bigint)",
        "missing": "o.missing" if counted else "cast(null as bigint)",
        "absence": _absence(kpi, formula, attributes, counted=counted),
        **targets,
    }  # fmt: skip
    second = {
        "value": "case when absence is null or absence = 'unknown' then raw end",
        "edges": f"[{', '.join(lower)}]" if lower else "cast([] as double[])",
        "edges_high": f"[{', '.join(upper)}]" if upper else "cast([] as double[])",
    }
    small = f"coalesce(n, 0) < {kpi.min_sample}" if kpi.min_sample is not None else "false"
    edgeless = "len(list_filter(edges || edges_high, lambda e: e is null)) > 0" if lower else "true"
    third = {
        "unsure": f"value is not null and coalesce({uncertain}, false)",
        "reason": f"case when absence = 'unknown' then 'not_applicable' when absence is not null then absence "
        f"when value is null then 'no_data' when {small} then 'insufficient_sample' when {edgeless} then 'no_target' end",
        "band": verdict.status(kpi),
        "reached": verdict.attainment(kpi),
    }
    require = kpi.confidence == "require"
    doubt = "(unsure and reason is null)" if require else "false"
    last = {
        "kpi": text(kpi.name), "level": text(level), "member": "member", "label": "label", "period": "period",
        "value": "value", **{c: f"case when value is not null then {c} end" for c in ("numerator", "denominator")},
        "n": "case when absence is distinct from 'not_applicable' then n end",
        **{c: f"case when value is not null then {c} end" for c in ("low_limit", "high_limit")},
        "uncertain": "unsure and reason is null",
        "status": f"case when reason is null and not {doubt} then band end",
        "reason": f"case when {doubt} then 'insufficient_sample' else reason end",
        "target": "target", "low": "low", "high": "high", "edges": "edges", "edges_high": "edges_high",
        "attainment": "case when value is not null then reached end", "counted": "counted", "missing": "missing",
    }  # fmt: skip
    query = f"select {_list(first)} from {grid}{over}"
    query = f"select *, {_list(second)} from ({query})"
    query = f"select *, {_list(third)} from ({query})"
    return f"select {_list(last)} from ({query})"


_NULL = "cast(null as double)"


def _list(columns: dict[str, str]) -> str:
    return ", ".join(f"{sql} as {name(alias)}" for alias, sql in columns.items())


def _number(tree: Tree) -> str:
    return f"cast({render(tree, 'duckdb')} as double)"


def _finite(sql: str) -> str:
    return f"case when isfinite({sql}) then {sql} end"


def _limits(formula: Formula) -> tuple[str, str] | None:
    """SQL of the 95 % limits of the value, if its shape has any."""
    evidence = formula.evidence
    if evidence.share:
        k, n = _number(evidence.share.numerator), _number(evidence.share.denominator)
        proper = f"{n} > 0 and {k} between 0 and {n}"
        return f"case when {proper} then wilson_low({k}, {n}) end", f"case when {proper} then wilson_high({k}, {n}) end"
    if evidence.change:
        numbers = ", ".join(_number(t) for ratio in evidence.change for t in (ratio.numerator, ratio.denominator))
        return f"newcombe_low({numbers})", f"newcombe_high({numbers})"
    if evidence.mean:
        mean, spread, n = (_number(t) for t in (evidence.mean.mean, evidence.mean.deviation, evidence.mean.count))
        reach = f"t975({n} - 1) * {spread} / sqrt({n})"
        return tuple(f"case when {n} > 1 then {mean} {sign} {reach} end" for sign in "-+")  # type: ignore[return-value]
    return None


def _absence(kpi: Kpi, formula: Formula, attributes: frozenset[str], *, counted: bool) -> str:
    """SQL of why there is no value to judge; null where there is one."""
    cases = [f"member = {text(members.UNKNOWN)} then 'unknown'"]
    if kpi.applies_to is not None and columns_used(kpi.applies_to.tree) <= attributes:
        cases.append(f"not coalesce({verdict.about_member(kpi.applies_to.tree)}, false) then 'not_applicable'")
    value = render(formula.value, "duckdb")
    rows = [f"coalesce({row}, 0)" for row in formula.rows]
    if counted:
        rows.append("coalesce(o.counted, 0)")
    if rows:
        cases.append(f"{' + '.join(rows)} = 0 then 'no_data'")
    empty = f"({value}) is null"
    if formula.rows_earlier:
        earlier = " + ".join(f"coalesce({row}, 0)" for row in formula.rows_earlier)
        cases.append(f"{empty} and {earlier} = 0 then 'no_baseline'")
    for divisors, reason in ((formula.divisors, "zero_denominator"), (formula.divisors_earlier, "no_baseline")):
        if divisors:
            zero = " or ".join(f"coalesce(({render(divisor, 'duckdb')}) = 0, false)" for divisor in divisors)
            cases.append(f"{empty} and ({zero}) then {text(reason)}")
    cases.append(f"{empty} then 'no_data'")
    return f"case {' '.join(f'when {case}' for case in cases)} end"

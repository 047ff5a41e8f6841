"""Aggregates over rows and over members -> sqlglot's own nodes, which the planner takes apart; `share` stays a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.expressions.arguments import arguments_of
from kpieval.expressions.catalogue import BOOLEAN, FUNCTIONS, Function
from kpieval.expressions.scope import (
    by_code_point,
    call,
    cast_to,
    fixed,
    kind_of,
    nodes_in,
    offset,
    show,
    typed,
    unbounded,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.expressions.catalogue import Adapt
    from kpieval.expressions.scope import Kind, Scope


_AGGREGATES: Mapping[str, type[exp.Expression]] = {
    "sum": exp.Sum, "avg": exp.Avg, "min": exp.Min, "max": exp.Max, "median": exp.Median, "quantile": exp.Quantile,
    "stddev": exp.Stddev,
}  # fmt: skip


def aggregate(
    name: str, function: Function, node: exp.Expression, scope: Scope, where: exp.Expression | None = None
) -> exp.Expression:
    """The aggregate over the rows, or members, for which `where` holds."""
    if not _belongs(name, function, node, scope):
        return typed(node, None)
    members = scope.spot == "members"
    inner = scope.within("member" if members else "aggregate")
    condition = None
    if where is not None:
        condition = inner.check(where.this)
        if not inner.expect(condition, BOOLEAN, "`where` takes a condition", "Compare it: `... = ...`."):
            return typed(node, None)
    first = node.expressions[0] if node.expressions else None
    if name == "count" and not members:
        counted = _counted(node, first, inner)
        return typed(node, None) if counted is None else _where(counted, condition, "integer")
    if name == "count":
        return _counted_members(node, first, inner)
    arguments = arguments_of(name, function, node, inner)
    return typed(node, None) if arguments is None else _computed(name, function, arguments, condition)


def _computed(
    name: str, function: Function, arguments: list[exp.Expression], condition: exp.Expression | None
) -> exp.Expression:
    value, *parameters = arguments
    kind = function.gives or kind_of(value)
    if name == "share":
        return call("share", value, kind="number")
    made = _AGGREGATES[name](this=_adapted(value, function.parameters[0].adapt))
    if parameters:
        made.set("quantile", parameters[0])
    in_fixed_point = name == "sum" and kind == "number"
    made = _where(made, condition, "decimal" if in_fixed_point else kind)
    made.meta["factors"] = int(value.meta.get("factors", 1))
    wide = name in {"min", "max", "median", "quantile"} and unbounded(value)
    return cast_to(made, "number") if in_fixed_point else typed(made, kind, unbounded=wide)


def _adapted(value: exp.Expression, adapt: Adapt | None) -> exp.Expression:
    if adapt == "fixed":
        return fixed(value)
    if adapt == "double" and kind_of(value) != "number":
        return cast_to(value, "number")
    return by_code_point(value) if kind_of(value) == "text" else value


def _belongs(name: str, function: Function, node: exp.Expression, scope: Scope) -> bool:
    """Whether an aggregate may stand here; a problem where it may not."""
    message, hint = "", None
    if scope.inside:
        message = f"`{name}` stands inside of another aggregate."
        hint = "Aggregate once; a KPI with `per:` aggregates over members what was aggregated over rows."
    elif scope.spot == "row":
        message = f"`{name}` is over many rows, and here each row is looked at by itself."
        hint = "Aggregates belong into measures and into the value of a KPI."
    elif scope.spot == "rule":
        message = f"`{name}` is over many, and a rule looks at one member in one period."
        hint = "Make a KPI of it, and ask for its value."
    elif scope.spot == "members" and "member" not in function.uses:
        message = f"`{name}` is not over members."
    elif scope.spot != "members" and "aggregate" not in function.uses:
        message = f"`{name}` is over members, and this KPI has no `per:`."
        hint = "Say with `per: rep` which members are looked at."
    elif scope.spot == "value" and not scope.columns:
        message = f"`{name}` needs rows, and this KPI has no `source:`."
        hint = "Give the KPI a `source:`, or use a measure."
        if named := next((part.name for part in nodes_in(node) if part.name in scope.names), None):
            hint = f"`{named}` is one value already: leave `{name}` out; or say by `per:` over which members it goes."
    if message:
        scope.complain("misplaced-aggregate", message, node, hint)
    return not message


def _counted(node: exp.Expression, first: exp.Expression | None, inner: Scope) -> exp.Expression | None:
    """`count(*)`, `count(x)`, `count(distinct x)` over rows."""
    if isinstance(first, exp.Star):
        return exp.Count(this=first, big_int=True)
    distinct = isinstance(first, exp.Distinct)
    counted = first.expressions if isinstance(first, exp.Distinct) else node.expressions
    if len(counted) != 1:
        message = "`count` takes `*`, a column, or `distinct` and a column."
        inner.complain("wrong-arguments", message, node, "All rows: `count(*)`.")
        return None
    known = len(inner.problems)
    value = inner.check(counted[0])
    if kind_of(value) in {"null", "interval"}:
        inner.complain("wrong-arguments", "There is nothing to count here.", value)
    elif not distinct and kind_of(value) == "boolean" and not isinstance(value, exp.Column):
        message = "`count` counts what is not null, so also what is false."
        inner.complain("wrong-arguments", message, value, "Write `count(*) filter (where ...)`.")
    if len(inner.problems) > known:
        return None
    return exp.Count(this=exp.Distinct(expressions=[value]) if distinct else value, big_int=True)


def _counted_members(node: exp.Expression, first: exp.Expression | None, inner: Scope) -> exp.Expression:
    """`count()`, `count(*)`: all members that were measured; `count(condition)`: those for which it holds."""
    if first is None or isinstance(first, exp.Star):
        return typed(exp.Count(this=exp.Star(), big_int=True), "integer")
    if len(node.expressions) > 1 or isinstance(first, exp.Distinct):
        inner.complain("wrong-arguments", "Over members `count` takes one condition, or nothing.", node)
        return typed(node, None)
    condition = inner.check(first)
    if not inner.expect(condition, BOOLEAN, "Over members `count` takes a condition", "Compare it: `count(x > 0)`."):
        return typed(node, None)
    return typed(exp.Count(this=condition, big_int=True), "integer")


def filtered(node: exp.Expression, scope: Scope) -> exp.Expression:
    """An aggregate with its `filter (where ...)`."""
    inner = node.this
    name = inner.name if isinstance(inner, exp.Anonymous) else ""
    if name not in FUNCTIONS or "aggregate" not in FUNCTIONS[name].uses:
        scope.complain("misplaced-aggregate", f"`filter` belongs to aggregates, and {show(inner)} is none.", inner)
        return typed(node, None)
    if scope.spot == "members":
        hint = "Write `count(x > 0)` or `avg(case when x > 0 then y end)`."
        scope.complain("misplaced-aggregate", "Over members there is no `filter`.", inner, hint)
        return typed(node, None)
    at = offset(node)
    made = aggregate(name, FUNCTIONS[name], inner, scope, where=node.args["expression"])
    made.meta.setdefault("at", at)
    return made


def _where(made: exp.Expression, condition: exp.Expression | None, kind: Kind | None) -> exp.Expression:
    typed(made, kind)
    if condition is None:
        return made
    return typed(exp.Filter(this=made, expression=exp.Where(this=condition)), kind)

"""Calls: functions, aggregates, windows and casts -> checked nodes that say exactly what is computed.

Aggregates, over rows and over members, become sqlglot's own nodes (`exp.Sum`, `exp.Count`, ...), and so do `coalesce`,
`nullif`, `greatest` and `least`, for the planner looks at them. All other functions, `share` and the windows stay
`exp.Anonymous` with the name of the catalogue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.expressions.aggregates import aggregate, filtered
from kpieval.expressions.arguments import arguments_of
from kpieval.expressions.catalogue import FUNCTIONS, INTERVALS, NUMERIC, TEXT, Function
from kpieval.expressions.operators import guarded
from kpieval.expressions.scope import by_code_point, call, cast_to, fixed, kind_of, levelled, show, typed, unbounded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kpieval.expressions.scope import Kind, Scope
    from kpieval.model import Type

_TYPE_OF: Mapping[exp.DType, Type] = {
    exp.DType.TEXT: "text", exp.DType.BIGINT: "integer", exp.DType.DECIMAL: "decimal", exp.DType.DOUBLE: "number",
    exp.DType.BOOLEAN: "boolean", exp.DType.DATE: "date", exp.DType.TIMESTAMP: "timestamp",
}  # fmt: skip
_NODES: Mapping[str, Callable[[list[exp.Expression]], exp.Expression]] = {
    "coalesce": lambda parts: exp.Coalesce(this=parts[0], expressions=parts[1:]),
    "nullif": lambda parts: exp.Nullif(this=parts[0], expression=parts[1]),
    "greatest": lambda parts: exp.Greatest(this=parts[0], expressions=parts[1:], ignore_nulls=True),
    "least": lambda parts: exp.Least(this=parts[0], expressions=parts[1:], ignore_nulls=True),
}


def _call(node: exp.Expression, scope: Scope) -> exp.Expression:
    name = node.name
    if name == "interval":
        return _interval(node)
    function = FUNCTIONS[name]
    if "scalar" in function.uses:
        return _scalar(name, function, node, scope)
    if "window" in function.uses:
        return _window(name, function, node, scope)
    return aggregate(name, function, node, scope)


def _interval(node: exp.Expression) -> exp.Expression:
    amount, unit = (argument.name for argument in node.expressions)
    factor, of = INTERVALS[unit]
    made = exp.Interval(this=exp.Literal.string(str(int(amount) * factor)), unit=exp.var(of))
    return typed(made, "interval")


def _scalar(name: str, function: Function, node: exp.Expression, scope: Scope) -> exp.Expression:
    arguments = arguments_of(name, function, node, scope)
    if arguments is None:
        return typed(node, None)
    literals = [parameter.literal is not None for parameter in function.parameters]
    kind: Kind | None = function.gives
    wide = any(map(unbounded, arguments))
    if function.gives is None:
        values = [part for index, part in enumerate(arguments) if not literals[min(index, len(literals) - 1)]]
        values, kind = scope.common(values, f"brought together by `{name}`")
        arguments[: len(values)] = levelled(values) if name in {"coalesce", "greatest", "least"} else values
        if name in {"round", "floor", "ceil"}:
            return _rounded(name, arguments, kind)
        if name == "nullif" and kind in NUMERIC and kind_of(arguments[0]) != kind:
            arguments[0] = cast_to(arguments[0], kind)  # else one engine gives the first type, the other the common one
        if name in {"greatest", "least"} and kind == "text":
            arguments[0] = by_code_point(arguments[0])
    for index, part in enumerate(arguments):
        if function.parameters[min(index, len(literals) - 1)].adapt == "double":
            arguments[index] = cast_to(part, "number") if kind_of(part) != "number" else part
    node = _NODES[name](arguments) if name in _NODES else exp.Anonymous(this=name, expressions=arguments)
    made = typed(node, kind, unbounded=wide or name == "power")
    made.meta["factors"] = max((int(part.meta.get("factors", 1)) for part in arguments), default=1)
    return guarded(made) if name == "power" else made


def _rounded(name: str, arguments: list[exp.Expression], kind: Kind | None) -> exp.Expression:
    """Whole numbers are round already; doubles are rounded as the decimals that they show."""
    value = arguments[0]
    if kind == "integer":
        return typed(exp.Paren(this=value), kind)
    if kind is None:
        return typed(exp.Anonymous(this=name, expressions=arguments), None)
    made = call(name, fixed(value), *arguments[1:], kind="decimal")
    made.meta["factors"] = int(value.meta.get("factors", 1))
    return cast_to(made, "number") if kind == "number" else made


def _window(name: str, function: Function, node: exp.Expression, scope: Scope) -> exp.Expression:
    if scope.spot in {"row", "measure"} or scope.inside == "aggregate":
        message = f"`{name}` looks at other periods or members, and can't be used on rows."
        scope.complain(
            "misplaced-function", message, node, "It belongs into the value of a KPI, outside of aggregates of rows."
        )
        return typed(node, None)
    arguments = arguments_of(name, function, node, scope)
    if arguments is None:
        return typed(node, None)
    value = arguments[0]
    if not any(isinstance(part, exp.Column | exp.AggFunc) for part in value.walk()):
        scope.complain("wrong-arguments", f"`{name}` takes a measure, a KPI, or what is computed from them.", value)
        return typed(node, None)
    made = typed(exp.Anonymous(this=name, expressions=arguments), kind_of(value), unbounded=unbounded(value))
    made.meta["factors"] = int(value.meta.get("factors", 1))
    return made


def _cast(node: exp.Expression, scope: Scope) -> exp.Expression:
    """`cast(x as type)`: null where text isn't written plainly; what engines do differently is refused."""
    target = _TYPE_OF[node.args["to"].this]
    value = scope.check(node.this)
    kind = kind_of(value)
    if kind is None:
        return typed(node, None)
    if target in {"date", "timestamp"} and isinstance(value, exp.Literal) and value.is_string:
        return scope.as_day(value, target)
    made = value if kind == target and target != "decimal" else _converted(value, kind, target)
    if made is None:
        message = f"{show(value)} is {kind}, and can't be made {target} in the same way on every engine."
        hint = "Write a `case`." if "boolean" in {kind, target} else None
        scope.complain("type-mismatch", message, value, hint)
        return typed(node, None)
    return made


def _converted(value: exp.Expression, kind: Kind, target: Type) -> exp.Expression | None:
    if kind == "text":
        return call(f"text_as_{target}", value, kind=target)
    if kind == "number" and target in {"integer", "decimal"}:
        return cast_to(fixed(value), target)
    if kind == "boolean" and target == "integer":
        return cast_to(cast_to(value, "int"), "integer")
    if kind == "date" and target == "text":
        return call("date_as_text", value, kind="text")
    allowed: Mapping[str, frozenset[str]] = {
        "integer": frozenset({"decimal", "number", "text"}),
        "decimal": frozenset({"integer", "decimal", "number"}),
        "date": frozenset({"timestamp"}),
        "timestamp": frozenset({"date"}),
        "boolean": frozenset(TEXT),
    }
    return cast_to(value, target) if target in allowed.get(kind, frozenset()) else None


CALLS: Mapping[type[exp.Expression], Callable[[exp.Expression, Scope], exp.Expression]] = {
    exp.Anonymous: _call,
    exp.Filter: filtered,
    exp.Cast: _cast,
}

"""Calls: functions, aggregates, windows and casts -> checked nodes that say exactly what is computed.

Aggregates, over rows and over members, become sqlglot's own nodes (`exp.Sum`, `exp.Count`, ...), and so do `coalesce`,
`nullif`, `greatest` and `least`, for the planner looks at them. All other functions, `share` and the windows stay
`exp.Anonymous` with the name of the catalogue.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from sqlglot import exp

from kpieval.expressions.catalogue import BOOLEAN, FUNCTIONS, INTERVALS, NUMERIC, TEXT, Function, Parameter
from kpieval.expressions.operators import by_code_point, guarded
from kpieval.expressions.scope import call, cast_to, fixed, kind_of, offset, show, typed, unbounded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kpieval.expressions.scope import Kind, Scope
    from kpieval.model import Type

_TYPE_OF: Mapping[exp.DType, Type] = {
    exp.DType.TEXT: "text", exp.DType.BIGINT: "integer", exp.DType.DECIMAL: "decimal", exp.DType.DOUBLE: "number",
    exp.DType.BOOLEAN: "boolean", exp.DType.DATE: "date", exp.DType.TIMESTAMP: "timestamp",
}  # fmt: skip
_AGGREGATES: Mapping[str, type[exp.Expression]] = {
    "sum": exp.Sum, "avg": exp.Avg, "min": exp.Min, "max": exp.Max, "median": exp.Median, "quantile": exp.Quantile,
    "stddev": exp.Stddev,
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
    return _aggregate(name, function, node, scope)


def _interval(node: exp.Expression) -> exp.Expression:
    amount, unit = (argument.name for argument in node.expressions)
    factor, of = INTERVALS[unit]
    made = exp.Interval(this=exp.Literal.string(str(int(amount) * factor)), unit=exp.var(of))
    return typed(made, "interval")


def _arguments(name: str, function: Function, node: exp.Expression, scope: Scope) -> list[exp.Expression] | None:
    """The checked arguments, adapted to what the function takes; None where something is wrong with them."""
    given = list(node.expressions)
    most = len(function.parameters)
    if len(given) < function.required or (len(given) > most and not function.repeat):
        needed = str(most) if function.required == most else f"{function.required} or {most}"
        if function.repeat:
            needed = f"{function.required} or more"
        message = f"`{name}` takes {needed} argument{'s' if needed != '1' else ''}, and {len(given)} {'is' if len(given) == 1 else 'are'} given."
        scope.complain("wrong-arguments", message, node, f"docs/expressions.md shows how `{name}` is written.")
        return None
    made: list[exp.Expression | None] = []
    for index, argument in enumerate(given):
        parameter = function.parameters[min(index, most - 1)]
        made.append(
            _literal(name, parameter, argument, scope)
            if parameter.literal
            else _argument(name, parameter, argument, scope)
        )
    return None if None in made else cast("list[exp.Expression]", made)


def _argument(name: str, parameter: Parameter, argument: exp.Expression, scope: Scope) -> exp.Expression | None:
    checked = scope.check(argument)
    hint = None
    if kind_of(checked) == "boolean" and name in _AGGREGATES:
        hint = "Count what is true: `count(*) filter (where ...)`."
    if kind_of(checked) == "null" and name in {"coalesce", "nullif", "greatest", "least"}:
        return checked
    return (
        checked if scope.expect(checked, parameter.types, f"`{name}` takes {_kinds(parameter.types)}", hint) else None
    )


def _kinds(types: frozenset[Type]) -> str:
    """The types as a message names them: `a number`, `text`, `a date or a timestamp`."""
    if types >= NUMERIC:
        return "a number" if types == NUMERIC else "numbers, text and dates"
    names: Mapping[str, str] = {"text": "text", "boolean": "a condition", "date": "a date", "timestamp": "a timestamp"}
    return " or ".join(names[name] for name in sorted(types))


def _literal(name: str, parameter: Parameter, argument: exp.Expression, scope: Scope) -> exp.Expression | None:
    """An argument that must be written out."""
    if parameter.literal == "word":
        if isinstance(argument, exp.Literal) and argument.is_string and argument.name.lower() in parameter.words:
            return typed(exp.Literal.string(argument.name.lower()), "text")
        words = ", ".join(f"'{word}'" for word in parameter.words)
        scope.complain("wrong-arguments", f"`{name}` takes one of {words} here.", argument)
        return None
    whole = parameter.literal == "whole"
    if isinstance(argument, exp.Literal) and not argument.is_string and not (whole and not argument.name.isdecimal()):
        if parameter.low <= Decimal(argument.name) <= Decimal(str(parameter.high)):
            return typed(argument, "integer" if argument.name.isdecimal() else "decimal")
    kind = "whole number" if whole else "number"
    message = f"`{name}` takes a {kind} from {parameter.low:g} to {parameter.high:,g} here, written out."
    scope.complain("wrong-arguments", message, argument)
    return None


def _scalar(name: str, function: Function, node: exp.Expression, scope: Scope) -> exp.Expression:
    arguments = _arguments(name, function, node, scope)
    if arguments is None:
        return typed(node, None)
    literals = [parameter.literal is not None for parameter in function.parameters]
    kind: Kind | None = function.gives
    wide = any(map(unbounded, arguments))
    if function.gives is None:
        values = [part for index, part in enumerate(arguments) if not literals[min(index, len(literals) - 1)]]
        values, kind = scope.common(values, f"brought together by `{name}`")
        arguments[: len(values)] = values
        if name in {"round", "floor", "ceil"}:
            return _rounded(name, arguments, kind)
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
    arguments = _arguments(name, function, node, scope)
    if arguments is None:
        return typed(node, None)
    value = arguments[0]
    if not any(isinstance(part, exp.Column | exp.AggFunc) for part in value.walk()):
        scope.complain("wrong-arguments", f"`{name}` takes a measure, a KPI, or what is computed from them.", value)
        return typed(node, None)
    made = typed(exp.Anonymous(this=name, expressions=arguments), kind_of(value), unbounded=unbounded(value))
    made.meta["factors"] = int(value.meta.get("factors", 1))
    return made


def _aggregate(
    name: str, function: Function, node: exp.Expression, scope: Scope, where: exp.Expression | None = None
) -> exp.Expression:
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
        return typed(node, None) if counted is None else _filtered(counted, condition, "integer")
    if name == "count":
        return _counted_members(node, first, inner)
    arguments = _arguments(name, function, node, inner)
    return typed(node, None) if arguments is None else _computed(name, function, arguments, condition)


def _computed(
    name: str, function: Function, arguments: list[exp.Expression], condition: exp.Expression | None
) -> exp.Expression:
    value = arguments[0]
    kind = function.gives or kind_of(value)
    adapted = value
    if function.parameters[0].adapt == "fixed":
        adapted = fixed(value)
    elif name in {"min", "max"} and kind == "text":
        adapted = by_code_point(value)
    if function.parameters[0].adapt == "double" and kind_of(value) != "number":
        adapted = cast_to(value, "number")
    if name == "share":
        return call("share", value, kind="number")
    made: exp.Expression
    if name == "quantile":
        made = exp.Quantile(this=adapted, quantile=arguments[1])
    else:
        made = _AGGREGATES[name](this=adapted)
    fixed_sum = name == "sum" and kind == "number"
    made = _filtered(made, condition, "decimal" if fixed_sum else kind)
    made.meta["factors"] = int(value.meta.get("factors", 1))
    wide = name in {"min", "max", "median", "quantile"} and unbounded(value)
    return cast_to(made, "number") if fixed_sum else typed(made, kind, unbounded=wide)


def _belongs(name: str, function: Function, node: exp.Expression, scope: Scope) -> bool:
    """Whether an aggregate may stand here; a problem where it may not."""
    message, hint = "", None
    if scope.inside:
        message = f"`{name}` stands inside of another aggregate."
        hint = "Aggregate once; a KPI with `per:` aggregates over members what was aggregated over rows."
    elif scope.spot == "row":
        message = f"`{name}` is over many rows, and here each row is looked at by itself."
        hint = "Aggregates belong into measures and into the value of a KPI."
    elif scope.spot == "members" and "member" not in function.uses:
        message = f"`{name}` is not over members."
    elif scope.spot != "members" and "aggregate" not in function.uses:
        message = f"`{name}` is over members, and this KPI has no `per:`."
        hint = "Say with `per: rep` which members are looked at."
    elif scope.spot == "value" and not scope.columns:
        message = f"`{name}` needs rows, and this KPI has no `source:`."
        hint = "Give the KPI a `source:`, or use a measure."
    if message:
        scope.complain("misplaced-aggregate", message, node, hint)
    return not message


def _counted(node: exp.Expression, first: exp.Expression | None, inner: Scope) -> exp.Expression | None:
    """`count(*)`, `count(x)`, `count(distinct x)` over rows."""
    if first is None or len(node.expressions) > 1:
        inner.complain(
            "wrong-arguments", "`count` takes `*`, a column, or `distinct` and a column.", node, "All rows: `count(*)`."
        )
        return None
    if isinstance(first, exp.Star):
        return exp.Count(this=first, big_int=True)
    distinct = isinstance(first, exp.Distinct)
    if distinct and len(first.expressions) != 1:
        inner.complain("wrong-arguments", "`count(distinct ...)` takes one value.", node)
        return None
    value = inner.check(first.expressions[0] if distinct else first)
    if kind_of(value) is None:
        return None
    if kind_of(value) in {"null", "interval"}:  # count(null) is always 0
        inner.complain("wrong-arguments", "There is nothing to count here.", value)
        return None
    if not distinct and kind_of(value) == "boolean" and not isinstance(value, exp.Column):
        message = "`count` counts what is not null, so also what is false."
        inner.complain("wrong-arguments", message, value, "Write `count(*) filter (where ...)`.")
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


def _filter(node: exp.Expression, scope: Scope) -> exp.Expression:
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
    made = _aggregate(name, FUNCTIONS[name], inner, scope, where=node.args["expression"])
    made.meta.setdefault("at", at)
    return made


def _filtered(aggregate: exp.Expression, condition: exp.Expression | None, kind: Kind | None) -> exp.Expression:
    if condition is None:
        return typed(aggregate, kind)
    typed(aggregate, kind)
    return typed(exp.Filter(this=aggregate, expression=exp.Where(this=condition)), kind)


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
        scope.complain("wrong-type", message, value, hint)
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
    exp.Filter: _filter,
    exp.Cast: _cast,
}

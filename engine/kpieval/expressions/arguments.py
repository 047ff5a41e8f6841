"""The arguments of a call -> checked ones, as many and of the kinds that the function takes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from sqlglot import exp

from kpieval.expressions.catalogue import FUNCTIONS, NUMERIC, Function, Parameter
from kpieval.expressions.scope import kind_of, typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.expressions.scope import Scope
    from kpieval.model import Type


def arguments_of(name: str, function: Function, node: exp.Expression, scope: Scope) -> list[exp.Expression] | None:
    """The checked arguments, adapted to what the function takes; None where something is wrong with them."""
    given = list(node.expressions)
    most = len(function.parameters)
    if len(given) < function.required or (len(given) > most and not function.repeat):
        needed = str(most) if function.required == most else f"{function.required} or {most}"
        if function.repeat:
            needed = f"{function.required} or more"
        plural = "" if needed == "1" else "s"
        message = f"`{name}` takes {needed} argument{plural}, not {len(given)}."
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
    return None if any(part is None for part in made) else cast("list[exp.Expression]", made)


def _argument(name: str, parameter: Parameter, argument: exp.Expression, scope: Scope) -> exp.Expression | None:
    checked = scope.check(argument)
    hint = None
    if kind_of(checked) == "boolean" and "aggregate" in FUNCTIONS[name].uses:
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
        bare = isinstance(argument, exp.Column) and argument.name.lower() in parameter.words
        hint = f"Quote it: '{argument.name.lower()}'." if bare else None
        scope.complain("wrong-arguments", f"`{name}` takes one of {words} here.", argument, hint)
        return None
    whole = isinstance(argument, exp.Literal) and argument.name.isdecimal()
    number = isinstance(argument, exp.Literal) and not argument.is_string and (whole or parameter.literal == "number")
    if number and parameter.low <= Decimal(argument.name) <= parameter.high:
        return typed(argument, "integer" if whole else "decimal")
    kind = "whole number" if parameter.literal == "whole" else "number"
    message = f"`{name}` takes a {kind} from {parameter.low:g} to {parameter.high:,g} here, written out."
    scope.complain("wrong-arguments", message, argument)
    return None

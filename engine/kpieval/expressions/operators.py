"""Operators, literals, `case`: a parsed node -> the checked one, with its kind and all that is implied written out.

What is written out, so that engines need not agree on it: comparisons of text by code point (`collate "C"`), dates that
were written as text, a date plus an interval being a date, and products that would need more digits than there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.expressions.catalogue import BOOLEAN, DAYS, NUMERIC, TEXT
from kpieval.expressions.scope import cast_to, condition_hint, fixed, kind_of, levelled, show, typed, unbounded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kpieval.expressions.scope import Scope

SHORT = 4
"""So many decimals of a number that an author writes don't count as those of one more factor."""

MAX_FACTORS = 2
"""Decimals that can be multiplied with each other before there are more digits than a decimal holds."""


def _column(node: exp.Expression, scope: Scope) -> exp.Expression:
    return scope.name(node)


def _literal(node: exp.Expression, _scope: Scope) -> exp.Expression:
    if node.is_string:
        return typed(node, "text")
    if "e" in node.name.lower():
        return cast_to(node, "number")
    return typed(node, "decimal" if "." in node.name else "integer")


def _boolean(node: exp.Expression, _scope: Scope) -> exp.Expression:
    return typed(node, "boolean")


def _null(node: exp.Expression, _scope: Scope) -> exp.Expression:
    return typed(node, "null")


def _paren(node: exp.Expression, scope: Scope) -> exp.Expression:
    node.set("this", scope.check(node.this))
    return _like_inner(node, node.this)


def _like_inner(node: exp.Expression, inner: exp.Expression) -> exp.Expression:
    node.meta["factors"] = _factors(inner)
    return typed(node, kind_of(inner), unbounded=unbounded(inner))


def _neg(node: exp.Expression, scope: Scope) -> exp.Expression:
    node.set("this", scope.check(node.this))
    if not scope.expect(node.this, NUMERIC, "A sign belongs to a number"):
        return typed(node, None)
    return _like_inner(node, node.this)


def _two(node: exp.Expression, scope: Scope) -> tuple[exp.Expression, exp.Expression]:
    return scope.check(node.args["this"]), scope.check(node.args["expression"])


def _sum(node: exp.Expression, scope: Scope) -> exp.Expression:
    """`+` and `-`: numbers, dates and intervals, dates and days, and the days between two dates."""
    left, right = _two(node, scope)
    node.set("this", left)
    node.set("expression", right)
    kinds = kind_of(left), kind_of(right)
    plus = isinstance(node, exp.Add)
    if None in kinds:
        return typed(node, None)
    if kinds[0] in DAYS and kinds[1] == "interval":
        return cast_to(node, "date") if kinds[0] == "date" else typed(node, "timestamp")
    if kinds[0] == "date" and kinds[1] == "integer":
        node.set("expression", cast_to(right, "int"))
        return typed(node, "date")
    if kinds == ("date", "date") and not plus:
        return cast_to(typed(node, "integer"), "integer")
    if not set(kinds) & {*DAYS, "interval"}:
        return _number(node, scope, "added" if plus else "subtracted")
    verb = "added" if plus else "subtracted"
    message = f"{show(left)} is {kinds[0]} and {show(right)} is {kinds[1]}: they can't be {verb}."
    hint = "Dates take intervals: `close_date + interval 3 month`; the time between two is `days_between(a, b)`."
    scope.complain("type-mismatch", message, right, f"{hint[:-1]} or `hours_between(a, b)`.")
    return typed(node, None)


def _number(node: exp.Expression, scope: Scope, verb: str) -> exp.Expression:
    """Arithmetic of two checked numbers."""
    parts = node.args["this"], node.args["expression"]
    for part in parts:
        if not scope.expect(
            part,
            NUMERIC,
            f"Only numbers can be {verb}",
            "Text is joined with `||`." if kind_of(part) == "text" and verb == "added" else None,
        ):
            return typed(node, None)
    kind = scope.common(parts, verb)[1]
    node.meta["factors"] = max(_factors(part) for part in parts)
    return typed(node, kind, unbounded=any(map(unbounded, parts)))


def _product(node: exp.Expression, scope: Scope) -> exp.Expression:
    left, right = _two(node, scope)
    node.set("this", left)
    node.set("expression", right)
    typed_node = _number(node, scope, "multiplied")
    factors = _factors(left) + _factors(right)
    if kind_of(typed_node) == "decimal" and factors > MAX_FACTORS:
        node.set("this", cast_to(left, "number"))
        return typed(node, "number")
    node.meta["factors"] = factors
    return guarded(typed_node)


def _factors(node: exp.Expression) -> int:
    """How many decimals of unknown length have been multiplied to make this one."""
    if kind_of(node) != "decimal":
        return 0
    if isinstance(node, exp.Literal):
        return int(len(node.name.partition(".")[2]) > SHORT)
    return int(node.meta.get("factors", 1))


def guarded(node: exp.Expression) -> exp.Expression:
    """Mark what may leave the range of doubles: `render` sees to it that no infinity comes out."""
    if unbounded(node):
        node.meta["guard"] = True
    return node


def _quotient(node: exp.Expression, scope: Scope) -> exp.Expression:
    left, right = _two(node, scope)
    node.set("this", left)
    node.set("expression", right)
    typed_node = _number(node, scope, "divided")
    wide = unbounded(left) or unbounded(right)
    return guarded(typed(node, "number", unbounded=wide)) if kind_of(typed_node) else node


def _modulo(node: exp.Expression, scope: Scope) -> exp.Expression:
    """The rest of a division, of doubles too by way of fixed point."""
    left, right = _two(node, scope)
    node.set("this", fixed(left))
    node.set("expression", fixed(right))
    typed_node = _number(node, scope, "divided")
    return (
        cast_to(typed_node, "number")
        if "number" in {kind_of(left), kind_of(right)} and kind_of(typed_node)
        else typed_node
    )


def _concatenation(node: exp.Expression, scope: Scope) -> exp.Expression:
    fine = True
    for key in ("this", "expression"):
        part = scope.check(node.args[key])
        node.set(key, part)
        fine = scope.expect(part, TEXT, "`||` joins text", "Write `cast(x as text)`.") and fine
    return typed(node, "text" if fine else None)


def _case(node: exp.Expression, scope: Scope) -> exp.Expression:
    tested = scope.check(node.this) if node.args.get("this") else None
    ifs = node.args["ifs"]
    conditions = [scope.check(part.this) for part in ifs]
    fine = True
    if tested is None:
        for part in conditions:
            fine = scope.expect(part, BOOLEAN, "`when` takes a condition", condition_hint(part)) and fine
    else:
        (tested, *conditions), kind = scope.common((tested, *conditions), "compared")
        node.set("this", tested)
        fine = kind is not None
    values = [scope.check(part.args["true"]) for part in ifs]
    default = node.args.get("default")
    values, kind = scope.common(
        [*values, *([scope.check(default)] if default is not None else [])], "results of one `case`"
    )
    values = levelled(values)
    for part, condition, value in zip(ifs, conditions, values, strict=False):
        part.set("this", condition)
        part.set("true", value)
    if default is not None:
        node.set("default", values[-1])
    node.meta["factors"] = max(_factors(value) for value in values)
    return typed(node, kind if fine else None, unbounded=any(map(unbounded, values)))


OPERATORS: Mapping[type[exp.Expression], Callable[[exp.Expression, Scope], exp.Expression]] = {
    exp.Column: _column, exp.Literal: _literal, exp.Boolean: _boolean, exp.Null: _null, exp.Paren: _paren,
    exp.Neg: _neg, exp.Add: _sum, exp.Sub: _sum, exp.Mul: _product, exp.Div: _quotient, exp.Mod: _modulo,
    exp.DPipe: _concatenation, exp.Case: _case,
}  # fmt: skip

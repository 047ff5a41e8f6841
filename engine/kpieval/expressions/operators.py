"""Operators, literals, `case`: a parsed node -> the checked one, with its kind and all that is implied written out.

What is written out, so that engines need not agree on it: comparisons of text by code point (`collate "C"`), dates that
were written as text, a date plus an interval being a date, and products that would need more digits than there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.expressions.catalogue import BOOLEAN, DAYS, NUMERIC, TEXT
from kpieval.expressions.scope import cast_to, fixed, kind_of, show, typed, unbounded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kpieval.expressions.scope import Scope

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


def _logical(node: exp.Expression, scope: Scope) -> exp.Expression:
    what = "`not` turns a condition round" if isinstance(node, exp.Not) else f"`{node.key}` joins conditions"
    fine = True
    for key in ("this",) if isinstance(node, exp.Not) else ("this", "expression"):
        part = scope.check(node.args[key])
        node.set(key, part)
        fine = scope.expect(part, BOOLEAN, what, _condition(part)) and fine
    return typed(node, "boolean" if fine else None)


def _condition(part: exp.Expression) -> str | None:
    if kind_of(part) == "text" and isinstance(part, exp.Column):
        return f"Compare it: `{part.name} = '...'`."
    if isinstance(part, exp.Literal) and part.is_string:
        return "For one of several texts write `x in ('a', 'b')`."
    return "Compare it: `... > 0`." if kind_of(part) in NUMERIC else None


def _two(node: exp.Expression, scope: Scope) -> tuple[exp.Expression, exp.Expression]:
    return scope.check(node.args["this"]), scope.check(node.args["expression"])


def _comparison(node: exp.Expression, scope: Scope) -> exp.Expression:
    parts = _two(node, scope)
    if any(kind_of(part) == "null" for part in parts):
        scope.complain(
            "wrong-type", "Nothing is equal to null, nor above or below it.", node, "Write `is null` or `is not null`."
        )
        return typed(node, None)
    (left, right), kind = scope.common(parts, "compared")
    ordered = not isinstance(node, exp.EQ | exp.NEQ)
    if ordered and kind == "boolean":
        scope.complain("wrong-type", f"{show(left)} is boolean, and has no order.", node)
        kind = None
    node.set("this", by_code_point(left) if ordered and kind == "text" else left)
    node.set("expression", right)
    return typed(node, "boolean" if kind else None)


def by_code_point(node: exp.Expression) -> exp.Expression:
    """Text in the order of its code points, whatever the database's own order is."""
    return typed(exp.Collate(this=node, expression=exp.to_identifier("C", quoted=True)), "text")


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
    scope.complain("wrong-type", message, right, f"{hint[:-1]} or `hours_between(a, b)`.")
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
        return int(len(node.name.partition(".")[2]) > 4)  # noqa: PLR2004
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


def _between(node: exp.Expression, scope: Scope) -> exp.Expression:
    parts = [scope.check(node.args[key]) for key in ("this", "low", "high")]
    if any(kind_of(part) == "null" for part in parts):
        scope.complain("wrong-type", "Nothing lies beside null.", node, "Write `is null`.")
    parts, kind = scope.common(parts, "compared")
    if kind == "boolean":
        scope.complain("wrong-type", f"{show(parts[0])} is boolean, and has no order.", node)
        kind = None
    node.set("this", by_code_point(parts[0]) if kind == "text" else parts[0])
    node.set("low", parts[1])
    node.set("high", parts[2])
    return typed(node, "boolean" if kind else None)


def _in(node: exp.Expression, scope: Scope) -> exp.Expression:
    parts = [scope.check(part) for part in (node.this, *node.expressions)]
    for part in parts[1:]:
        if not _plain(part):
            hint = "Write `is null`." if isinstance(part, exp.Null) else "Write `x = a or x = b`."
            scope.complain("expression-syntax", "A list after `in` holds plain values only.", part, hint)
            return typed(node, None)
    parts, kind = scope.common(parts, "compared")
    node.set("this", parts[0])
    node.set("expressions", parts[1:])
    return typed(node, "boolean" if kind else None)


def _like(node: exp.Expression, scope: Scope, escape: str = "") -> exp.Expression:
    left, pattern = _two(node, scope)
    node.set("this", left)
    node.set("expression", pattern)
    fine = scope.expect(left, TEXT, "`like` compares text")
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        scope.complain(
            "expression-syntax",
            "The pattern after `like` is written out: `like 'ab%'`.",
            pattern,
            "Or write `starts_with(a, b)` or `contains(a, b)`.",
        )
        fine = False
    elif escape and not _well_escaped(pattern.name, escape):
        message = f"In this pattern `{escape}` stands before something that needs no escape."
        scope.complain("expression-syntax", message, pattern, f"It may stand before `%`, `_` and `{escape}`.")
        fine = False
    return typed(node, "boolean" if fine else None)


def _well_escaped(pattern: str, mark: str) -> bool:
    """Whether each escape stands before what needs one; engines differ on all others."""
    rest = pattern.replace(mark * 2, "").replace(f"{mark}%", "").replace(f"{mark}_", "")
    return mark not in rest


def _escape(node: exp.Expression, scope: Scope) -> exp.Expression:
    mark = node.args["expression"].name
    if not isinstance(node.this, exp.Like) or len(mark) != 1 or mark in "%_":
        scope.complain("expression-syntax", "`escape` gives `like` one character, other than `%` and `_`.", node)
        return typed(node, None)
    node.set("this", _like(node.this, scope, mark))
    return typed(node, kind_of(node.this))


def _is(node: exp.Expression, scope: Scope) -> exp.Expression:
    part, other = scope.check(node.this), node.args["expression"]
    node.set("this", part)
    if not isinstance(other, exp.Null):
        hint = "Compare it with `=`."
        if not scope.expect(part, BOOLEAN, "Only a boolean is true or false", hint):
            return typed(node, None)
    return typed(node, "boolean" if kind_of(part) else None)


def _case(node: exp.Expression, scope: Scope) -> exp.Expression:
    tested = scope.check(node.this) if node.args.get("this") else None
    ifs = node.args["ifs"]
    conditions = [scope.check(part.this) for part in ifs]
    fine = True
    if tested is None:
        for part in conditions:
            fine = scope.expect(part, BOOLEAN, "`when` takes a condition", _condition(part)) and fine
    else:
        (tested, *conditions), kind = scope.common((tested, *conditions), "compared")
        node.set("this", tested)
        fine = kind is not None
    values = [scope.check(part.args["true"]) for part in ifs]
    default = node.args.get("default")
    values, kind = scope.common(
        [*values, *([scope.check(default)] if default is not None else [])], "results of one `case`"
    )
    for part, condition, value in zip(ifs, conditions, values, strict=False):
        part.set("this", condition)
        part.set("true", value)
    if default is not None:
        node.set("default", values[-1])
    node.meta["factors"] = max(_factors(value) for value in values)
    return typed(node, kind if fine else None, unbounded=any(map(unbounded, values)))


def _plain(node: exp.Expression) -> bool:
    """Whether the node is a literal, with a sign or a type at most."""
    while isinstance(node, exp.Paren | exp.Neg | exp.Cast):
        node = node.this
    return isinstance(node, exp.Literal | exp.Boolean)


OPERATORS: Mapping[type[exp.Expression], Callable[[exp.Expression, Scope], exp.Expression]] = {
    exp.Column: _column, exp.Literal: _literal, exp.Boolean: _boolean, exp.Null: _null, exp.Paren: _paren,
    exp.Neg: _neg, exp.And: _logical, exp.Or: _logical, exp.Not: _logical, exp.EQ: _comparison,
    exp.NEQ: _comparison, exp.LT: _comparison, exp.LTE: _comparison, exp.GT: _comparison, exp.GTE: _comparison,
    exp.Add: _sum, exp.Sub: _sum, exp.Mul: _product, exp.Div: _quotient, exp.Mod: _modulo,
    exp.DPipe: _concatenation, exp.Between: _between, exp.In: _in, exp.Like: _like, exp.Escape: _escape,
    exp.Is: _is, exp.Case: _case,
}  # fmt: skip

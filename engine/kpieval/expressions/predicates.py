"""Comparisons and what joins them: a parsed node -> the checked one, a boolean.

Text is compared by code point (`collate "C"` on engines with an order of their own), and what a date is compared with
is a date, though it was written as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.expressions.catalogue import BOOLEAN, TEXT
from kpieval.expressions.scope import by_code_point, condition_hint, kind_of, show, typed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kpieval.expressions.scope import Scope


def _logical(node: exp.Expression, scope: Scope) -> exp.Expression:
    what = "`not` turns a condition round" if isinstance(node, exp.Not) else f"`{node.key}` joins conditions"
    fine = True
    for key in ("this",) if isinstance(node, exp.Not) else ("this", "expression"):
        part = scope.check(node.args[key])
        node.set(key, part)
        fine = scope.expect(part, BOOLEAN, what, condition_hint(part)) and fine
    return typed(node, "boolean" if fine else None)


def _comparison(node: exp.Expression, scope: Scope) -> exp.Expression:
    parts = (scope.check(node.args["this"]), scope.check(node.args["expression"]))
    if any(kind_of(part) == "null" for part in parts):
        scope.complain(
            "type-mismatch",
            "Nothing is equal to null, nor above or below it.",
            node,
            "Write `is null` or `is not null`.",
        )
        return typed(node, None)
    (left, right), kind = scope.common(parts, "compared")
    ordered = not isinstance(node, exp.EQ | exp.NEQ)
    if ordered and kind == "boolean":
        scope.complain("type-mismatch", f"{show(left)} is boolean, and has no order.", node)
        kind = None
    node.set("this", by_code_point(left) if ordered and kind == "text" else left)
    node.set("expression", right)
    return typed(node, "boolean" if kind else None)


def _between(node: exp.Expression, scope: Scope) -> exp.Expression:
    parts = [scope.check(node.args[key]) for key in ("this", "low", "high")]
    if any(kind_of(part) == "null" for part in parts):
        scope.complain("type-mismatch", "Nothing lies beside null.", node, "Write `is null`.")
    parts, kind = scope.common(parts, "compared")
    if kind == "boolean":
        scope.complain("type-mismatch", f"{show(parts[0])} is boolean, and has no order.", node)
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


def _like(node: exp.Expression, scope: Scope) -> exp.Expression:
    negated = node.args.pop("negate", None)
    return _negated(_matched(node, scope), negated)


def _negated(node: exp.Expression, negated: object) -> exp.Expression:
    """`a not like b`, which sqlglot writes into the node itself, where nothing else looks."""
    return typed(exp.Not(this=node), kind_of(node)) if negated else node


def _matched(node: exp.Expression, scope: Scope, escape: str = "") -> exp.Expression:
    left, pattern = (scope.check(node.args["this"]), scope.check(node.args["expression"]))
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
    negated = node.this.args.pop("negate", None)
    node.set("this", _matched(node.this, scope, mark))
    return _negated(typed(node, kind_of(node.this)), negated)


def _is(node: exp.Expression, scope: Scope) -> exp.Expression:
    part, other = scope.check(node.this), node.args["expression"]
    node.set("this", part)
    if not isinstance(other, exp.Null):
        hint = "Compare it with `=`."
        if not scope.expect(part, BOOLEAN, "Only a boolean is true or false", hint):
            return typed(node, None)
    return typed(node, "boolean" if kind_of(part) else None)


def _plain(node: exp.Expression) -> bool:
    """Whether the node is a literal, with a sign or a type at most."""
    while isinstance(node, exp.Paren | exp.Neg | exp.Cast):
        node = node.this
    return isinstance(node, exp.Literal | exp.Boolean)


PREDICATES: Mapping[type[exp.Expression], Callable[[exp.Expression, Scope], exp.Expression]] = {
    exp.And: _logical, exp.Or: _logical, exp.Not: _logical, exp.EQ: _comparison, exp.NEQ: _comparison,
    exp.LT: _comparison, exp.LTE: _comparison, exp.GT: _comparison, exp.GTE: _comparison,
    exp.Between: _between, exp.In: _in, exp.Like: _like, exp.Escape: _escape, exp.Is: _is,
}  # fmt: skip

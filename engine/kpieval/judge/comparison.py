"""Comparisons of numbers in a condition -> calls of the macro `reaches`, which takes equal doubles for equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_NUMBERS = frozenset({"integer", "decimal", "number"})


def with_tolerance(tree: exp.Expression) -> exp.Expression:
    """The condition with each comparison of numbers as verdicts are compared: 0.1 + 0.2 is 0.3."""
    return cast("exp.Expression", tree.transform(_compared))


def _compared(node: exp.Expr) -> exp.Expr:
    if type(node) not in _MADE:
        return node
    sides = [side for side in node.iter_expressions() if isinstance(side, exp.Expression)]
    if any(side.meta.get("kind") not in _NUMBERS for side in sides):
        return node
    return exp.Paren(this=_MADE[type(node)](*(_double(side) for side in sides)))


def _double(side: exp.Expression) -> exp.Expression:
    return exp.Cast(this=side.copy(), to=exp.DataType.build("double"))


def _reaches(one: exp.Expression, other: exp.Expression) -> exp.Expression:
    return exp.Anonymous(this="reaches", expressions=[one, other])


def _equal(one: exp.Expression, other: exp.Expression) -> exp.Expression:
    return exp.And(this=_reaches(one, other), expression=_reaches(other.copy(), one.copy()))


def _not(condition: exp.Expression) -> exp.Expression:
    return exp.Not(this=exp.Paren(this=condition))


def _one_of(one: exp.Expression, *others: exp.Expression) -> exp.Expression:
    found = exp.Paren(this=_equal(one, others[0]))
    for other in others[1:]:
        found = exp.Paren(this=exp.Or(this=found, expression=exp.Paren(this=_equal(one.copy(), other))))
    return found


_MADE: Mapping[type[exp.Expr], Callable[..., exp.Expression]] = {
    exp.GTE: _reaches,
    exp.LTE: lambda one, other: _reaches(other, one),
    exp.GT: lambda one, other: _not(_reaches(other, one)),
    exp.LT: lambda one, other: _not(_reaches(one, other)),
    exp.EQ: _equal,
    exp.NEQ: lambda one, other: _not(_equal(one, other)),
    exp.Between: lambda one, low, high: exp.And(this=_reaches(one, low), expression=_reaches(high, one.copy())),
    exp.In: _one_of,
}

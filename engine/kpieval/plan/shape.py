"""What the shape of a formula tells about its evidence: how large its sample is, and which interval it may carry."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from sqlglot import exp

from kpieval.plan.inputs import Inputs, Measured, Over

if TYPE_CHECKING:
    from kpieval.plan.inputs import Aggregate, Input

Tree = exp.Expr
Interval = Literal["auto", "wilson", "t", "none"]

_AMONG = frozenset({"avg", "median", "min", "max", "quantile"})
"""Aggregates over members that lie among the values of these."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One number over another."""

    numerator: Tree
    denominator: Tree


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean with the standard deviation and the number of what it is the mean of."""

    mean: Tree
    deviation: Tree
    count: Tree


@dataclass(frozen=True, slots=True)
class Evidence:
    """`ratio`: the outermost division, if the formula is one. At most one of the others gives the interval."""

    ratio: Ratio | None = None
    share: Ratio | None = None
    change: tuple[Ratio, Ratio] | None = None
    mean: Mean | None = None


def evidence(value: Tree, interval: Interval, inputs: Inputs) -> Evidence:
    """The evidence in a formula: `auto` gives an interval where the shape proves it; `wilson` takes the author's word.

    A ratio that is a share on somebody's word counts what is in its numbers, not in its rows: totals of a month are one
    row, and thousands of patients.
    """
    value = value.unnest()
    column = inputs[value.name] if isinstance(value, exp.Column) else None
    if isinstance(column, Over) and column.function == "share":
        successes = exp.column(inputs.name(replace(column, function="successes")))
        trials = exp.column(inputs.name(Over(column.owner, "count", None)))
        ratio = Ratio(successes, trials)
        return Evidence(ratio, ratio if interval != "none" else None)
    if isinstance(value, exp.Div):
        ratio = Ratio(value.this.unnest(), value.expression.unnest())
        certain = interval == "wilson" or (interval == "auto" and _is_share(ratio, inputs))
        return Evidence(ratio, ratio if certain else None)
    if interval in {"auto", "wilson"} and isinstance(value, exp.Sub):
        left, right = value.this.unnest(), value.expression.unnest()
        if isinstance(left, exp.Div) and isinstance(right, exp.Div):
            now, then = (
                Ratio(left.this.unnest(), left.expression.unnest()),
                Ratio(right.this.unnest(), right.expression.unnest()),
            )
            if interval == "wilson" or (_is_share(now, inputs) and _is_share(then, inputs)):
                return Evidence(change=(now, then))
    if interval in {"auto", "t"} and column is not None:
        return Evidence(mean=_mean(value, column, inputs))
    return Evidence()


def is_share(value: Tree, interval: Interval, inputs: Inputs) -> bool:
    """Whether a value lies between 0 and 1: a share by its shape or on the author's word, or a mean of such shares."""
    value = value.unnest()
    if isinstance(value, exp.Div):
        ratio = Ratio(value.this.unnest(), value.expression.unnest())
        return interval == "wilson" or _is_share(ratio, inputs)
    item = inputs[value.name] if isinstance(value, exp.Column) else None
    if not isinstance(item, Over):
        return False
    of_shares = item.function in _AMONG and item.term is not None and is_share(item.term, interval, inputs)
    return item.function == "share" or of_shares


def sample_of_word(value: Tree) -> Tree | None:
    """What is counted in a value that is a share, or the change of one, on its author's word: what it divides by."""
    value = value.unnest()
    if isinstance(value, exp.Div):
        divisor: Tree = value.expression.unnest()
        return divisor
    if isinstance(value, exp.Sub):
        parts = [part.unnest() for part in (value.this, value.expression)]
        if all(isinstance(part, exp.Div) for part in parts):
            return exp.Least(this=parts[0].expression.unnest(), expressions=[parts[1].expression.unnest()])
    return None


def sample(tree: Tree, inputs: Inputs) -> Tree | None:
    """How many rows or members a formula rests on: what it divides by, counted; None where nothing is counted."""
    tree = tree.unnest()
    if isinstance(tree, exp.Column):
        return _sample_of_input(inputs, tree.name)
    if isinstance(tree, exp.Div):
        return sample(tree.expression, inputs) or sample(tree.this, inputs)
    parts = [found for child in tree.iter_expressions() if (found := sample(child, inputs)) is not None]
    if isinstance(tree, exp.Add) and not tree.find(exp.Div):
        return exp.paren(exp.Add(this=parts[0], expression=parts[1])) if len(parts) > 1 else next(iter(parts), None)
    distinct = list(dict.fromkeys(parts))
    if len(distinct) > 1:
        return exp.Least(this=distinct[0], expressions=distinct[1:])
    return distinct[0] if distinct else None


def _sample_of_input(inputs: Inputs, name: str) -> Tree | None:
    item = inputs[name]
    if isinstance(item, Over):
        return exp.column(inputs.name(Over(item.owner, "count", None)))
    if not isinstance(item, Measured):
        return None
    aggregate = item.aggregate
    if aggregate.function in {"rows", "count", "count_distinct"}:
        return exp.column(name)
    counted = replace(aggregate, function="count", parameter=None)
    return exp.column(inputs.name(replace(item, aggregate=counted)))


def _mean(value: Tree, item: Input, inputs: Inputs) -> Mean | None:
    if isinstance(item, Over) and item.function == "avg":
        spread: Input = replace(item, function="stddev")
        count: Input = Over(item.owner, "count", None)
    elif isinstance(item, Measured) and item.aggregate.function == "avg":
        spread = replace(item, aggregate=replace(item.aggregate, function="stddev"))
        count = replace(item, aggregate=replace(item.aggregate, function="count"))
    else:
        return None
    return Mean(value, exp.column(inputs.name(spread)), exp.column(inputs.name(count)))


def _is_share(ratio: Ratio, inputs: Inputs) -> bool:
    """Whether the numerator provably counts some of what the denominator counts."""
    some, whole = _counts(ratio.numerator, inputs), _counts(ratio.denominator, inputs)
    if not some or not whole:
        return False
    if not Counter(some) - Counter(whole):
        return True
    if len(some) > 1 or len(whole) > 1 or some[0].window != whole[0].window or some[0].above != whole[0].above:
        return False
    return _implies(some[0].aggregate, whole[0].aggregate)


def _counts(tree: Tree, inputs: Inputs) -> list[Measured] | None:
    """The counts that a tree adds up; None if it is anything else."""
    tree = tree.unnest()
    if isinstance(tree, exp.Add):
        left, right = _counts(tree.this, inputs), _counts(tree.expression, inputs)
        return None if left is None or right is None else left + right
    item = inputs[tree.name] if isinstance(tree, exp.Column) else None
    return [item] if isinstance(item, Measured) and item.aggregate.function == "count" else None


def _implies(some: Aggregate, whole: Aggregate) -> bool:
    """Whether each row that `some` counts is counted by `whole` as well."""
    if (some.source, some.time) != (whole.source, whole.time) or whole.argument not in {None, some.argument}:
        return False
    conditions = _conditions(some)
    return all(any(_narrower(given, wanted) for given in conditions) for wanted in _conditions(whole))


def _conditions(aggregate: Aggregate) -> list[Tree]:
    """The conditions that all have to hold for a row to be counted."""
    if aggregate.filter is None:
        return []
    condition = aggregate.filter.unnest()
    parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
    return [part.unnest() for part in parts]


def _narrower(given: Tree, wanted: Tree) -> bool:
    """Whether `given` holding means that `wanted` holds: the same condition, or fewer of the listed values."""
    if given == wanted:
        return True
    values, allowed = _listed(given), _listed(wanted)
    return values is not None and allowed is not None and given.this == wanted.this and values <= allowed


def _listed(condition: Tree) -> set[Tree] | None:
    if isinstance(condition, exp.EQ) and isinstance(condition.expression, exp.Literal):
        return {condition.expression}
    if isinstance(condition, exp.In) and all(isinstance(item, exp.Literal) for item in condition.expressions):
        return set(condition.expressions)
    return None

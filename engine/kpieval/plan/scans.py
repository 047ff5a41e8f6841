"""The aggregates wanted of one source become one query over its rows, and a layout that tells what its columns are.

Additive aggregates are asked for as parts (a sum and a count for an average) at the finest level and single periods;
the evaluation adds the parts up. What can't be added up is asked for at each level and window. All of them are branches
of one union over the same rows, so the source is read once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sqlglot import exp

from kpieval.plan import filters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.model import Time
    from kpieval.plan.inputs import Aggregate
    from kpieval.plan.window import Point, Window

Tree = exp.Expr


@dataclass(frozen=True, slots=True)
class Grouping:
    """What the rows of one branch are grouped by.

    `entry` is the level whose key the source holds (None: all rows together), `time` what dates a row, `point` the one
    day of each period that counts. A holistic aggregate has a `level` and a `window` of its own; in a level that is a
    `tree` a row counts for everybody above its member.
    """

    entry: str | None
    time: Time
    point: Point | None = None
    level: str | None = None
    window: Window | None = None
    source: str = ""
    tree: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A column that adds up: how the scan makes it, and how it goes on from there."""

    function: Literal["count", "sum", "min", "max"]
    argument: Tree | None
    condition: Tree | None


@dataclass(slots=True)
class Branch:
    """One select of the union: its group keys, its columns, and for each part the column and groups that make it."""

    number: int
    grouping: Grouping
    keys: dict[str, Tree] = field(default_factory=dict)
    columns: dict[Part, str] = field(default_factory=dict)
    parts: dict[Part, tuple[str, Tree | None]] = field(default_factory=dict)
    holistic: dict[Aggregate, str] = field(default_factory=dict)


def parts_of(aggregate: Aggregate) -> dict[str, Part]:
    """The parts that an additive aggregate is put together from, by the name of their role."""
    argument, condition = aggregate.argument, aggregate.filter
    count = Part("count", argument, condition)
    match aggregate.function:
        case "rows":
            return {"count": Part("count", None, None)}
        case "count":
            return {"count": count}
        case "sum":
            return {"sum": Part("sum", argument, condition)}
        case "avg":
            return {"sum": Part("sum", argument, condition), "count": count}
        case "min" | "max" as extreme:
            return {extreme: Part(extreme, argument, condition)}
    message = f"{aggregate.function} can't be put together from parts"
    raise LookupError(message)


def branches(wanted: Mapping[Grouping, Iterable[Aggregate]]) -> list[Branch]:
    """Lay out one branch per grouping: every part once, filters as group keys where they fit."""
    return [_branch(number, grouping, list(aggregates)) for number, (grouping, aggregates) in enumerate(wanted.items())]


def _branch(number: int, grouping: Grouping, aggregates: list[Aggregate]) -> Branch:
    branch = Branch(number, grouping)
    if grouping.level is not None:
        branch.holistic = {aggregate: f"b{number}p{position}" for position, aggregate in enumerate(aggregates)}
        return branch
    wanted = dict.fromkeys(part for aggregate in aggregates for part in parts_of(aggregate).values())
    conditions = (part.condition for part in wanted if part.condition is not None)
    keys = filters.keys(conditions, prefix=f"b{number}k")
    branch.keys = keys.trees
    for part in wanted:
        local = keys.answered.get(part.condition) if part.condition is not None else None
        scanned = Part(part.function, part.argument, part.condition if local is None else None)
        column = branch.columns.setdefault(scanned, f"b{number}p{len(branch.columns)}")
        branch.parts[part] = (column, local)
    return branch

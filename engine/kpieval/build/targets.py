"""`target:` -> what a KPI should reach, for whom and when, with no two targets for the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

from kpieval import expressions
from kpieval.build import comparisons
from kpieval.build.attributes import attribute_condition
from kpieval.build.mistaken import over_names
from kpieval.build.names import PERIOD_LENGTHS
from kpieval.build.units import check_scale, number
from kpieval.model import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpieval.build.catalogue import Catalogue
    from kpieval.build.node import Node
    from kpieval.expressions import Expression
    from kpieval.model import Direction, Unit

_KINDS = ("value", "measure", "between", *comparisons.KINDS)


def targets(
    kpi: Node, catalogue: Catalogue, levels: tuple[str, ...], direction: Direction, unit: Unit
) -> tuple[Target, ...]:
    """The targets of a KPI that is shown at these levels."""
    read = [
        (node, target)
        for node in kpi.elements("target")
        if (target := _target(node, catalogue, levels, direction, unit)) is not None
    ]
    read = [(node, _closed(target, [other for _, other in read])) for node, target in read]
    for (_, earlier), (node, target) in combinations(read, 2):
        if _same_scope(earlier, target) and _meet(earlier, target):
            node.error(
                "overlapping-targets",
                f"This target and the one in line {earlier.place.line} both hold{_first_day(earlier, target)}.",
                hint="Bound them with `from` and `to`, or narrow one with `level` or `where`.",
            )
    return tuple(target for _, target in read)


def _target(
    node: Node, catalogue: Catalogue, levels: tuple[str, ...], direction: Direction, unit: Unit
) -> Target | None:
    if not isinstance(node.value, dict):
        written = number(node)
        if written is None:
            return None
        check_scale(node, written, unit)
        _fits(node, direction)
        return Target(node.place, value=written.value)
    written = number(node.get("value"))
    if written is not None:
        check_scale(node.get("value") or node, written, unit)
    low, high = _between(node, unit)
    _fits(node, direction)
    level = _level(node, catalogue, levels)
    scope = (level,) if level else levels
    start, end = _dates(node)
    published = comparisons.benchmark(node, catalogue)
    return Target(
        place=node.place,
        value=written.value if written else published[1] if published else None,
        measure=_measure(node, catalogue, scope),
        low=low,
        high=high,
        past=comparisons.past(node),
        peers=comparisons.peers(node, catalogue, scope),
        benchmark=published[0] if published else None,
        improvement=comparisons.improvement(node, unit),
        start=start,
        end=end,
        level=level,
        where=attribute_condition(node, "where", catalogue, scope),
        note=node.text("note"),
    )


def _fits(node: Node, direction: Direction) -> None:
    """A range goes with the direction of that name, and nothing else does."""
    kind = next((key for key in _KINDS if node.get(key) is not None), None) if isinstance(node.value, dict) else None
    if kind == "between" and direction != "target_range":
        node.error(
            "range-without-direction",
            f"A range is a target for `direction: target_range`, but the direction is {direction}.",
            "between",
            key=True,
            hint="Say `direction: target_range`, or give one value as the target.",
        )
    elif kind != "between" and direction == "target_range":
        compared = f", and `{kind}` gives none" if kind in comparisons.KINDS else ""
        node.error(
            "range-missing",
            f"With `direction: target_range` the target is a range{compared}.",
            *([kind] if compared and kind else []),
            key=bool(compared),
            hint="Write it as `target: {between: [6, 10]}`.",
        )


def _between(node: Node, unit: Unit) -> tuple[float | None, float | None]:
    ends = list(node.elements("between"))
    written = [read for end in ends if (read := number(end)) is not None]
    if len(ends) != 2 or len(written) != 2:  # noqa: PLR2004 - a range has two ends
        return None, None
    for end, read in zip(ends, written, strict=True):
        check_scale(end, read, unit)
    low, high = (read.value for read in written)
    if low >= high:
        node.error(
            "empty-range",
            f"The range from {low:g} to {high:g} holds nothing.",
            "between",
            hint="Name the lower end first.",
        )
    return low, high


def _dates(node: Node) -> tuple[dt.date | None, dt.date | None]:
    """The first day, and the day after the last."""
    start, last = node.date("from"), node.date("to")
    if start is not None and last is not None and last < start:
        node.error("empty-span", f"The target ends on {last}, before it starts on {start}.", "to")
    return start, last + dt.timedelta(days=1) if last is not None and last < dt.date.max else None


def _level(node: Node, catalogue: Catalogue, levels: tuple[str, ...]) -> str | None:
    level = node.text("level")
    if level is None or level in levels:
        return level
    if level not in catalogue.hierarchy:
        hint = catalogue.hierarchy.nearest(level)
        node.error("unknown-level", f"There is no level `{level}`.", "level", hint=hint)
    else:
        node.error(
            "level-not-shown",
            f"The KPI has no value at {level}; it has one at {', '.join(levels)}.",
            "level",
        )
    return None


def _measure(node: Node, catalogue: Catalogue, scope: tuple[str, ...]) -> Expression | None:
    child = node.get("measure")
    if child is None:
        return None
    expression = over_names(child, partial(expressions.value, names=catalogue.names), catalogue.no_measures)
    if expression is None:
        return None
    used = expressions.names_used(expression.tree) - set(PERIOD_LENGTHS)
    for name in sorted(used):
        if name not in catalogue.measure_sources:
            child.error("target-from-kpi", f"A target takes measures, but `{name}` is a KPI.", hint="Use its measures.")
            return None
        reached = catalogue.reached[catalogue.measure_sources[name]]
        if not set(reached) & set(scope):
            child.error(
                "level-not-reached",
                f"`{name}` is counted at {', '.join(catalogue.hierarchy.ordered(reached))}, not at {', '.join(scope)}.",
                hint="The KPI would never have a target.",
            )
    return expression


def _closed(target: Target, others: Iterable[Target]) -> Target:
    """A target without an end holds until the next one of its scope starts."""
    if target.end is not None:
        return target
    later = [
        other.start
        for other in others
        if other.start is not None and other.start > (target.start or dt.date.min) and _same_scope(target, other)
    ]
    return replace(target, end=min(later, default=None))


def _same_scope(one: Target, other: Target) -> bool:
    if one.level != other.level:
        return False
    if one.where is None or other.where is None:
        return one.where is other.where
    return bool(one.where.tree == other.where.tree)


def _meet(one: Target, other: Target) -> bool:
    first = max(one.start or dt.date.min, other.start or dt.date.min)
    return first < min(one.end or dt.date.max, other.end or dt.date.max)


def _first_day(one: Target, other: Target) -> str:
    starts = [start for start in (one.start, other.start) if start is not None]
    return f" on {max(starts)}" if starts else ""

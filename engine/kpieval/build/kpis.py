"""KPI files -> KPIs, each with the levels at which it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast, get_args

from kpieval.build.attributes import attribute_condition
from kpieval.build.bands import bands
from kpieval.build.comparison import comparison
from kpieval.build.hundreds import check_hundreds
from kpieval.build.neutral import is_neutral
from kpieval.build.privacy import min_group
from kpieval.build.targets import targets
from kpieval.build.units import unit
from kpieval.model import Direction, Kpi, Rollup

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from kpieval.build.catalogue import Catalogue
    from kpieval.build.comparison import Comparison
    from kpieval.build.node import Node
    from kpieval.build.reach import Reach
    from kpieval.build.values import Draft

DIRECTIONS: tuple[str, ...] = get_args(Direction)
ROLLUPS: tuple[str, ...] = get_args(Rollup)


@dataclass(frozen=True, slots=True)
class Defaults:
    """What the project says of every KPI that says nothing else: its bands, peers, process and smallest group."""

    bands: Node | None
    comparison: Comparison
    min_group: int | None


def kpi(draft: Draft, catalogue: Catalogue, reach: Reach, defaults: Defaults) -> Kpi | None:
    """One KPI; None where its value is wrong."""
    node = draft.node
    levels, sure = _levels(draft, catalogue, reach)
    direction = cast("Direction", node.choice("direction", DIRECTIONS) or "higher_is_better")
    unit_ = unit(node, catalogue.currency)
    value = node.get("value")
    if value is not None and draft.value is not None:
        check_hundreds(value, draft.value, unit_, catalogue.measures)
    targets_ = () if is_neutral(node) else targets(node, catalogue, levels, direction, unit_)
    bands_ = () if is_neutral(node) else bands(node, defaults.bands, direction, unit_, targets_)
    rollup = cast("Rollup", node.choice("rollup", ROLLUPS) or "pooled")
    if rollup != "pooled" and sure:
        _members(draft, catalogue, levels, rollup)
    applies_to = attribute_condition(node, "applies_to", catalogue, levels)
    compared = comparison(node, catalogue.hierarchy, levels, defaults.comparison)
    if draft.value is None:
        return None
    return Kpi(
        name=draft.name,
        title=node.text("title") or draft.name.replace("_", " ").capitalize(),
        place=node.definition.place("kpi"),
        value=draft.value,
        levels=levels,
        unit=unit_,
        direction=direction,
        bands=bands_,
        targets=targets_,
        source=draft.source,
        per=draft.per,
        rollup=rollup,
        min_sample=node.whole("min_sample"),
        sample=draft.sample,
        interval=cast("Literal['auto', 'wilson', 't', 'none']", node.choice("interval", INTERVALS) or "auto"),
        confidence=cast("Literal['show', 'require']", node.choice("confidence", CONFIDENCES) or "show"),
        applies_to=applies_to,
        min_group=min_group(node, defaults.min_group),
        peers=compared.peers,
        process=compared.process,
        question=node.text("question"),
        description=node.text("description"),
        owner=node.text("owner"),
        benchmarks=node.texts("benchmarks"),
        drives=node.texts("drives"),
        guarded_by=node.texts("guarded_by"),
        tags=node.texts("tags"),
    )


INTERVALS = ("auto", "wilson", "t", "none")
CONFIDENCES = ("show", "require")


def _levels(draft: Draft, catalogue: Catalogue, reach: Reach) -> tuple[tuple[str, ...], bool]:
    """The levels that are listed, or all that can be, and whether that is sure.

    Where a level has no value this is noted, and nothing that is said of levels elsewhere is held against it.
    """
    hierarchy = catalogue.hierarchy
    before = len(draft.node.found.problems)
    elements = {level: element for element in draft.node.elements("levels") if (level := element.text()) is not None}
    for level, element in elements.items():
        if level not in hierarchy:
            element.error("unknown-level", f"There is no level `{level}`.", hint=hierarchy.nearest(level))
    if hierarchy.sure and not draft.unsure:
        _check_levels(draft, reach, {level: elements[level] for level in hierarchy.ordered(elements)})
    if not hierarchy.sure or draft.unsure or len(draft.node.found.problems) > before:
        return tuple(hierarchy), False
    return reach.shown(draft.name), True


def _check_levels(draft: Draft, reach: Reach, listed: Mapping[str, Node]) -> None:
    """Note the levels at which there is no value: once for each reason, at the first of them."""
    reached = reach.of(draft.name)
    if not reached:
        _nowhere(draft, reach)
        return
    lacking: dict[str, list[str]] = {}
    for level in listed:
        if level not in reached:
            lacking.setdefault(reach.obstacle(draft, level).reason, []).append(level)
    for reason, levels in lacking.items():
        obstacle = reach.obstacle(draft, levels[0])
        message = f"There is no value at {', '.join(levels)}: {reason}."
        listed[levels[0]].error("level-not-reached", message, hint=obstacle.hint, cause=obstacle.cause)
    finest = next(iter(listed), None)
    if not lacking and draft.rolled_up and finest is not None and finest not in reach.of_members(draft):
        obstacle = reach.obstacle(draft, finest)
        message = f"There is no value of each {finest} to aggregate: {obstacle.reason}."
        listed[finest].error("level-not-reached", message, hint=obstacle.hint, cause=obstacle.cause)


def _nowhere(draft: Draft, reach: Reach) -> None:
    """Note that a KPI has a value at no level at all."""
    if draft.per is not None and not reach.of_members(draft):
        obstacle = reach.obstacle(draft, draft.per)
        message = f"There is no value for each {draft.per}: {obstacle.reason}."
        draft.node.error("level-not-reached", message, "per", hint=obstacle.hint, cause=obstacle.cause)
    else:
        parts = ", ".join(reach.parts(draft))
        draft.node.error("level-not-reached", f"Its parts have a value at no common level: {parts}.", "value")


def _members(draft: Draft, catalogue: Catalogue, levels: tuple[str, ...], rollup: str) -> None:
    """The values of the finest level are aggregated, so all others have to be above it."""
    finest, *coarser = levels
    beside = [level for level in coarser if level not in catalogue.hierarchy.above(finest)]
    if not coarser:
        draft.node.error(
            "rollup-without-members",
            f"`{rollup}` aggregates the members below, but the KPI is shown only at {finest}.",
            "rollup",
            hint="List a finer level in `levels:` as well, or leave `rollup` out.",
        )
    elif beside:
        draft.node.error(
            "rollup-without-members",
            f"`{rollup}` aggregates the value of each {finest}, but {beside[0]} isn't above {finest}.",
            "rollup",
            hint="List only levels of one way up in `levels:`.",
        )

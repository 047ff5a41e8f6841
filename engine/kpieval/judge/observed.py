"""The table of observations: what was judged, with what the judgement adds; and its rows as the result has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.evaluate.verdict import ORDER
from kpieval.judge import EXTENSIONS
from kpieval.judge.points import points_sql

if TYPE_CHECKING:
    from kpieval.evaluate.verdict import Shape

_COLUMNS = {
    "kpi": "kpi", "period": "period_label", "level": "level", "member": "member", "label": "label",
    "value": "value", "numerator": "numerator", "denominator": "denominator", "n": "n",
    "interval_low": "low_limit", "interval_high": "high_limit",
    "uncertain": "uncertain", "status": "status", "reason": "reason",
    "target": "target", "target_low": "low", "target_high": "high", "target_by": "target_by",
    "edges": "edges", "edges_high": "edges_high",
    "attainment": "attainment", "score": "score", "previous": "previous", "change": "change",
    "members_counted": "counted", "members_missing": "missing",
}  # fmt: skip
"""The columns of the observations, and what they are in `judged`."""


def row(found: dict[str, Any]) -> dict[str, Any]:
    """A row of the table as the result has it: limits as pairs, whole numbers without a point."""
    for name in ("numerator", "denominator", "n"):
        if found[name] is not None and found[name].is_integer():
            found[name] = int(found[name])
    interval = _pair(found.pop("interval_low"), found.pop("interval_high"))
    target_range = _pair(found.pop("target_low"), found.pop("target_high"))
    return found | {
        "interval": interval,
        "target_range": target_range,
        **{each.name: each.nest(found) for each in EXTENSIONS},
    }


def _pair(low: float | None, high: float | None) -> list[float] | None:
    return None if low is None or high is None else [low, high]


def view(shape: Shape, first: int, judgement: frozenset[str]) -> str:
    """The view of the observations: of `judged`, which is in order, with what the `judgement` adds, which is not."""
    empty = dict.fromkeys(_COLUMNS.values(), "cast(null as double)")
    empty |= {**dict.fromkeys(("counted", "missing"), "cast(null as bigint)"), "target_by": "cast(null as integer)"}
    stored = {column: f"o.{column}" for column in shape.columns()}
    made = {**empty, **stored, **_edge_lists(shape), "change": "minus(o.value, o.previous)"}
    made["score"] = points_sql(shape.edges, ranges=shape.ranges)
    listed = [f"{made[own]} as {column}" for column, own in _COLUMNS.items()]
    listed += [each.selected(made=each.name in judgement) for each in EXTENSIONS]
    joins = ["join meta as m on m.kpi = o.kpi and m.level = o.level"] if shape.edges else []
    joins += [each.join() for each in EXTENSIONS if each.name in judgement]
    order = ORDER.replace("by ", "by o.").replace(", ", ", o.") if joins else ""
    return (
        f"create or replace temp view observations as select {', '.join(listed)} from judged as o {' '.join(joins)} "
        f"where o.period >= {first} {order}"
    )


def _edge_lists(shape: Shape) -> dict[str, str]:
    """SQL of the edges of a KPI's bands as lists; null where it has none, or no target to count them from."""
    found = {}
    for side, alias, known in (("edge", "edges", shape.edges), ("high", "edges_high", shape.edges and shape.ranges)):
        names = ", ".join(f"o.{side}_{i}" for i in range(1, shape.edges + 1))
        listed = f"case when o.{side}_1 is not null then [{names}][1:o.edges] end"
        found[alias] = listed if known else "cast(null as double[])"
    return found

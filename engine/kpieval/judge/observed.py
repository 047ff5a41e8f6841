"""The table of observations: what was judged, with what the judgement adds; and its rows as the result has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.evaluate.verdict import ORDER
from kpieval.judge import EXTENSIONS
from kpieval.judge.extension import pairs
from kpieval.judge.points import points_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

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

_PAIRS = {"interval": ("interval_low", "interval_high"), "target_range": ("target_low", "target_high")}
_ENDS = frozenset(end for ends in _PAIRS.values() for end in ends)
_COUNTS = ("numerator", "denominator", "n")
"""Numbers that are whole where they count."""


def rows(connection: duckdb.DuckDBPyConnection, query: str, given: Sequence[object] = ()) -> list[dict[str, Any]]:
    """The observations that a query of what is `given` gives, in its order, as the result has them.

    They are made column by column: limits are pairs, whole numbers have no point, what was judged beside is an object.
    """
    cursor = connection.execute(query, given)
    names = [column[0] for column in cursor.description or ()]
    found = dict(zip(names, zip(*cursor.fetchall(), strict=True), strict=False))
    if not found:
        return []
    made: dict[str, Sequence[Any]] = {name: found[name] for name in _COLUMNS if name not in _ENDS}
    for name in _COUNTS:
        made[name] = [number if number is None or not number.is_integer() else int(number) for number in made[name]]
    for name, (low, high) in _PAIRS.items():
        made[name] = pairs(found[low], found[high])
    for each in EXTENSIONS:
        made[each.name] = each.nested([found[f"{each.name}_{column}"] for column in each.columns])
    return [dict(zip(made, row, strict=True)) for row in zip(*made.values(), strict=True)]


def view(name: str, shape: Shape, first: int, judgement: frozenset[str]) -> str:
    """A view of the observations: of `judged`, which is in order, with what the `judgement` adds, which is not."""
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
        f"create or replace temp view {name} as select {', '.join(listed)} from judged as o {' '.join(joins)} "
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

"""The small tables that a scan joins by name: periods, runs of periods, who belongs to whom, and who is above whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.sources import Lookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpieval.model import Type
    from kpieval.plan.dates import Dates
    from kpieval.plan.scans import Grouping

Tree = exp.Expr

PERIODS, WINDOWS, LINES, TREES = "kpi_periods", "kpi_windows", "kpi_lines", "kpi_trees"


def line_column(level: str) -> str:
    """The column of `LINES` that has the member of a level."""
    return f"level_{level}"


def lookups(
    tree: Tree, dates: Dates, windows: Sequence[tuple[int, int, int, int]], belonging: Sequence[Lookup]
) -> tuple[Lookup, ...]:
    """Those of the tables that a query names: `windows` and `belonging` are as they come, periods those of `dates`."""
    named = {table.name for table in tree.find_all(exp.Table)}
    found: list[Lookup] = []
    if PERIODS in named:
        types: Mapping[str, Type] = {
            "period_index": "integer", "period_start": "date", "period_end": "date", "period_last": "date"
        }  # fmt: skip
        rows = [(p.index, p.start, p.end, p.last) for p in dates.all]
        found.append(Lookup(PERIODS, types, rows))
    if WINDOWS in named:
        names = ("branch", "period_index", "first_index", "last_index")
        found.append(Lookup(WINDOWS, dict.fromkeys(names, "integer"), list(windows)))
    return (*found, *(lookup for lookup in belonging if lookup.name in named))


def placed(select: exp.Select, grouping: Grouping, member: Tree, day: Tree) -> exp.Select:
    """The rows with whom their member belongs to on a day at the level they are grouped for; in a tree, with all."""
    if grouping.level != grouping.entry:
        select = _joined(select, LINES, ("entry", grouping.entry or ""), member, day)
        member = exp.column(line_column(grouping.level or ""), table=LINES)
    return _joined(select, TREES, ("level", grouping.level or ""), member, day) if grouping.tree else select


def _joined(select: exp.Select, table: str, of: tuple[str, str], member: Tree, day: Tree) -> exp.Select:
    """With the rows of a table of memberships that are about a member and hold on a day."""
    column, value = of
    on = exp.and_(
        exp.EQ(this=exp.column(column, table=table), expression=exp.Literal.string(value)),
        exp.EQ(this=member, expression=exp.column("member", table=table)),
        exp.GTE(this=day.copy(), expression=exp.column("start_day", table=table)),
        exp.LT(this=day.copy(), expression=exp.column("end_day", table=table)),
    )
    return select.join(table, on=on, join_type="left", copy=False)

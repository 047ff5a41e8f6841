"""The small tables that a scan joins by name: periods, the runs of periods of its windows, who belongs to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.sources import Lookup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpieval.model import Type
    from kpieval.plan.dates import Dates

Tree = exp.Expr

PERIODS, WINDOWS, LINES = "kpi_periods", "kpi_windows", "kpi_lines"


def line_column(level: str) -> str:
    """The column of `LINES` that has the member of a level."""
    return f"level_{level}"


def lookups(
    tree: Tree, dates: Dates, windows: Sequence[tuple[int, int, int, int]], lines: Lookup | None
) -> tuple[Lookup, ...]:
    """Those of the tables that a query names: `windows` and `lines` are as they come, periods are those of `dates`."""
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
    if LINES in named and lines is not None:
        found.append(lines)
    return tuple(found)

"""Members of whom a source has always had rows, and now has none -> a warning: what stands above them is lower for it.

In a panel every member reports in every period: a hospital its month, a shop its day. A hole in it is seen in the row
of the member, and in no total above. A rep without a deal is no hole. So a panel is a source that had rows in nearly
all of the periods before, of each member from its first row on, for as long as it is valid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect import members
from kpieval.collect.sql import text
from kpieval.evaluate.account import rows_column
from kpieval.plan.dates import CROSSING
from kpieval.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from kpieval.collect.cells import Cells
    from kpieval.collect.timeline import Timeline
    from kpieval.model import Project, Source

_WHOLE = 0.95
"""Such a share of what was due before makes a panel: a source with a hole now and then still is one."""
_LEAST = 3
"""So many periods with rows before show whether a source is one."""
_SHOWN = 3

# Due is whoever is valid on the first and on the last day of a period, from its first row on.
_HOLES = """
with periods (period, first_day, last_day) as (values {periods}),
seen as (
  select member, period from {table} where member is not null and period > {crossing} and {rows} > 0 group by all),
begun as (select member, min(period) as period from seen where period < {now} group by member),
due as (
  select p.period, b.member from periods as p join begun as b on p.period >= b.period
  where p.period in (select period from seen)
    and exists (from {listed} as m where m.member = b.member and p.first_day >= m.start_day and p.first_day < m.end_day)
    and exists (from {listed} as m where m.member = b.member and p.last_day >= m.start_day and p.last_day < m.end_day)),
held as (select d.*, s.member is not null as there from due as d left join seen as s using (member, period))
select count(distinct period) filter (where period < {now}) as periods,
  count(*) filter (where period < {now}) as before, count(*) filter (where period < {now} and there) as kept,
  count(*) filter (where period = {now}) as due,
  coalesce(list(member order by member) filter (where period = {now} and not there), []) as silent
from held
"""


def holes(
    connection: duckdb.DuckDBPyConnection, project: Project, cells: Cells, name: str, times: Timeline
) -> Iterator[Problem]:
    """A warning for each level whose members are silent in the reported period, if that is over."""
    source, period = project.sources[name], times.periods.at(times.last)
    if not times.complete(period):
        return
    for grouping in cells.by_source.get(source.name, ()):
        level = grouping.entry
        plain = grouping.level is None and grouping.point is None and grouping.time == source.time
        rows = rows_column(cells, grouping)
        if not plain or rows is None or level is None or not members.has_list(project, level):
            continue
        due, silent = _silent(connection, cells.tables[grouping, ""], rows, members.table(level), times)
        if silent:
            yield _problem(source, level, period.label, due, silent)


def _silent(
    connection: duckdb.DuckDBPyConnection, table: str, rows: str, listed: str, times: Timeline
) -> tuple[int, list[str]]:
    """How many members are due in the reported period, and those without rows in it; nobody in what is no panel."""
    read = (times.periods.at(index) for index in range(times.earliest, times.last + 1))
    rows_of = (f"{each.index}, date {text(str(each.start))}, date {text(str(each.last))}" for each in read)
    values = ", ".join(f"({row})" for row in rows_of)
    sql = _HOLES.format(periods=values, table=table, rows=rows, listed=listed, crossing=CROSSING, now=times.last)
    periods, before, kept, due, silent = connection.execute(sql).fetchall()[0]
    whole = periods >= _LEAST and kept >= _WHOLE * before
    return due, silent if whole else []


def _problem(source: Source, level: str, period: str, due: int, silent: list[str]) -> Problem:
    count = len(silent)
    names = ", ".join(f"`{member}`" for member in silent[:_SHOWN])
    more = f" and {count - _SHOWN:,} more" if count > _SHOWN else ""
    have, them = ("has", "it") if count == 1 else ("have", "them")
    message = (
        f"{count:,} of {due:,} members of {level} {have} no rows of `{source.name}` in {period}: {names}{more}. "
        f"What stands above {them} rests on the others."
    )
    hint = "Get the rows, or end the time of who no longer reports by `valid:` of the level."
    return Problem("warning", "members-without-rows", message, source.place, hint)

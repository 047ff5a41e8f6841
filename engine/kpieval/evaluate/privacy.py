"""Small groups are taken out of raw observations, and so are others until nothing shown tells what a small group said.

What is shown of a KPI and a period are sums over nested groups: a manager's answers are a part of the region's. The
rest of a group are its rows that no group below has. By adding and subtracting what is shown one can find the sums of
just these parts, and of no smaller ones: of each shown group its own rest, and those of the hidden groups below it,
down to the next shown ones. So it is enough that no part has fewer rows than the smallest group, unless it has none;
as long as one has, the smallest shown group below it is hidden as well (complementary suppression in nested tables:
L. Willenborg and T. de Waal, Elements of Statistical Disclosure Control, Springer 2001, chapter 6).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect.members import UNKNOWN
from kpieval.collect.sql import text
from kpieval.collect.trees import is_tree
from kpieval.evaluate.moments import fill
from kpieval.evaluate.reasons import reason
from kpieval.model import ORGANISATION
from kpieval.plan import path

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from kpieval.model import Kpi, Project

EMPTIED = ("numerator", "denominator", "n", "a", "b", "c", "d", "counted", "missing")
"""The fields of a raw observation that are empty where its value is hidden."""


def suppress(connection: duckdb.DuckDBPyConnection, project: Project, kpis: Sequence[Kpi]) -> None:
    """Hide what has to be hidden of these KPIs in the table `observed`."""
    _groups(connection, project, kpis)
    while _hide_more(connection):
        pass
    connection.execute("create temp table hidden as select distinct kpi, period, level, mid from groups where hidden")
    emptied = ", ".join(f"{field} = null" for field in EMPTIED)
    same = "o.kpi = h.kpi and o.level = h.level and o.mid = h.mid"
    connection.execute(
        f"update observed as o set value = null, absence = {reason('suppressed')}, {emptied} "
        f"from hidden as h where {same} and o.period = h.period"
    )
    connection.execute(f"update observed as o set previous = null from hidden as h where {same} "
                       f"and o.period = h.period + 1")  # fmt: skip
    for table in ("groups", "hidden"):
        connection.execute(f"drop table {table}")


def _groups(connection: duckdb.DuckDBPyConnection, project: Project, kpis: Sequence[Kpi]) -> None:
    """The table `groups`: the observations of the KPIs, each with the next larger group that it is a part of.

    Once for every way up on which they are shown, since the groups of different ways overlap. A value whose sample
    isn't known is hidden: nobody can say that its group is large enough.
    """
    fill(connection, "smallest (kpi kpi_name, least integer)", [(kpi.name, kpi.min_group) for kpi in kpis])
    steps = [
        (kpi.name, way, level, step, above)
        for kpi in kpis
        for way, levels in enumerate(_ways(project, kpi.levels))
        for place, level in enumerate(levels)
        for step, above in enumerate([*([level] if is_tree(project, level) else []), *levels[place + 1 :], None])
    ]
    fill(connection, "steps (kpi kpi_name, way integer, level level_name, step integer, up level_name)", steps)
    unknown, whole = text(UNKNOWN), text(ORGANISATION)
    connection.execute(f"""
create temp table groups as
with shown as (
  select o.kpi, o.period, o.level, o.mid, s.way, coalesce(o.n, 0) as n, p.least,
    o.value is not null and coalesce(o.n, 0) < p.least as hidden
  from observed as o join smallest as p on p.kpi = o.kpi
  join steps as s on s.kpi = o.kpi and s.level = o.level and s.up is null),
parents as (
  select g.kpi, g.period, g.way, g.level, g.mid, f.level as above_level, f.mid as above_mid
  from shown as g join steps as s on s.kpi = g.kpi and s.way = g.way and s.level = g.level
  left join above as a on a.level = g.level and a.mid = g.mid and a.period = g.period and a.up = s.up
  join people as w on w.level = s.up
    and w.member = case when s.up = {whole} then {whole} else coalesce(a.member, {unknown}) end
  join shown as f on f.kpi = g.kpi and f.period = g.period and f.way = g.way and f.level = s.up and f.mid = w.mid
  where s.up <> g.level or a.member is not null
  qualify row_number() over (partition by g.kpi, g.period, g.way, g.level, g.mid order by s.step) = 1),
placed as (select * from shown left join parents using (kpi, period, way, level, mid)),
below as (
  select kpi, period, way, above_level as level, above_mid as mid, sum(n) as parts
  from placed where above_mid is not null group by all)
select placed.*, greatest(n - coalesce(parts, 0), 0) as rest
from placed left join below using (kpi, period, way, level, mid)""")
    for table in ("smallest", "steps"):
        connection.execute(f"drop table {table}")


def _ways(project: Project, shown: Sequence[str]) -> list[list[str]]:
    """The ways up on which a KPI is shown, each from its finest level to the coarsest."""
    finest = [level for level in shown if not any(level in path(other, project)[1:] for other in shown)]
    return [[level for level in path(start, project) if level in shown] for start in finest]


_NEXT = """
with recursive climb as (
  select kpi, period, way, level as foot_level, mid as foot_mid, n, rest, hidden,
    level, mid, hidden as here, 0 as steps, above_level, above_mid from groups
  union all
  select c.kpi, c.period, c.way, c.foot_level, c.foot_mid, c.n, c.rest, c.hidden, g.level, g.mid, g.hidden, c.steps + 1,
    g.above_level, g.above_mid
  from climb as c join groups as g
    on g.kpi = c.kpi and g.period = c.period and g.way = c.way and g.level = c.above_level and g.mid = c.above_mid
  where c.steps = 0 or c.here),
reached as (select * from climb where not here),
parts as (select kpi, period, way, level, mid, sum(rest) as mass from reached where steps = 0 or hidden group by all),
small as (
  select parts.* from parts join groups as g using (kpi, period, way, level, mid) where mass > 0 and mass < g.least)
select r.kpi, r.period, r.foot_level as level, r.foot_mid as mid
from reached as r join small using (kpi, period, way, level, mid)
left join parts as own on own.kpi = r.kpi and own.period = r.period and own.way = r.way and own.level = r.foot_level
  and own.mid = r.foot_mid
where r.steps > 0 and not r.hidden and r.n > 0
qualify row_number() over (partition by r.kpi, r.period, r.way, r.level, r.mid
  order by coalesce(own.mass, 0) = 0, own.mass, r.n, r.foot_level desc, r.foot_mid) = 1"""
"""Below each shown group with a part that is too small the smallest shown one.

Every group climbs through the hidden ones to the next one that is shown. A shown group without a rest of its own is all
in those below it: hiding it adds nothing by itself, so it comes last.
"""


def _hide_more(connection: duckdb.DuckDBPyConnection) -> bool:
    """Hide what has to be hidden next; whether there was anything."""
    connection.execute(f"create or replace temp table more as {_NEXT}")
    changed = connection.execute(
        "update groups as g set hidden = true from more as m "
        "where g.kpi = m.kpi and g.period = m.period and g.level = m.level and g.mid = m.mid"
    ).fetchall()
    return bool(changed[0][0])

"""Comparable observations -> groups of peers: of one KPI, level and period, under one member above where that is said.

Leaves `peer_groups`, a row for each group with its number of `members`, their `median`, their `best` value and, for
shares of counts, what they have together (`pooled`); and `peer_values`, a row for each observation, by the number of
its group. There the value is turned so that more is better (`merit`), and so is its interval, from `worst` to `best`;
a value without one is `exact`, and so is one whose interval has no width. Merits of a group that differ by rounding
alone are made equal, each to the next, so that they can be counted.

A member that belongs to nobody at the level above is alone. A value that should have an interval and has none, such as
a mean of one, is nobody's peer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.evaluate.moments import fill
from kpieval.judge.comparable import comparable
from kpieval.model import ORGANISATION
from kpieval.plan import path

if TYPE_CHECKING:
    from kpieval.evaluate import Evaluated

_ROWS = f"""
create temp table peer_rows as
with belongs as (
  select u.level, u.mid, u.period, u.up, dense_rank() over (order by u.member) as above
  from above as u where u.member is not null)
select o.kpi, o.level, o.mid, o.period, case when c.within is null then 0 else coalesce(b.above, -o.mid) end as circle,
  c.min_peers, c.at_target, m.direction, m.evidence, o.value, o.numerator, o.denominator, o.error, o.target,
  case m.direction when -1 then -o.value else o.value end as merit,
  case m.direction when -1 then -o.high_limit else o.low_limit end as worst,
  case m.direction when -1 then -o.low_limit else o.high_limit end as best,
  coalesce(reaches(o.low_limit, o.high_limit), true) as exact
from compared as c
join verdicts as o on o.kpi = c.kpi and o.level = c.level
join meta as m on m.kpi = o.kpi and m.level = o.level
left join belongs as b on b.level = o.level and b.mid = o.mid and b.period = o.period and b.up = c.within
where {comparable("o")} and (m.evidence = 0 or o.low_limit is not null)
"""

_GROUPS = """
create temp table peer_groups as
select row_number() over (order by kpi, level, period, circle) as number, *
from (
  select kpi, level, period, circle, min_peers, at_target, direction, evidence, count(*) as members,
    quantile_cont(value, 0.5) as median, case direction when 1 then max(value) when -1 then min(value) end as best,
    sum(numerator order by mid) filter (where evidence = 1) / sum(denominator order by mid) as pooled
  from peer_rows group by kpi, level, period, circle, min_peers, at_target, direction, evidence)
"""

_VALUES = """
create temp table peer_values as
select g.number, r.* exclude (kpi, level, period, circle, min_peers, at_target, direction)
from peer_rows as r join peer_groups as g
  on g.kpi = r.kpi and g.level = r.level and g.period = r.period and g.circle = r.circle
"""

# There is hardly ever a group with such values; only those are gone through.
_EQUAL = """
update peer_values as v set merit = e.merit
from (
  with stepped as (
    select number, mid, merit, lag(merit) over (partition by number order by merit, mid) as before from peer_values),
  placed as (
    select number, mid, merit, sum(case when reaches(before, merit) then 0 else 1 end)
      over (partition by number order by merit, mid rows unbounded preceding) as place
    from stepped where number in (select number from stepped where merit > before and reaches(before, merit)))
  select number, mid, min(merit) over (partition by number, place) as merit from placed) as e
where v.number = e.number and v.mid = e.mid
"""


def make(run: Evaluated) -> None:
    """Make both tables, for the KPIs that are compared among peers."""
    project = run.plan.project
    compared = []
    for name in run.measured:
        kpi = run.plan.kpis[name].kpi
        for level in kpi.levels:
            if kpi.peers is not None and level != ORGANISATION:
                within = kpi.peers.within if kpi.peers.within in path(level, project)[1:-1] else None
                compared.append((name, level, within, kpi.peers.min_peers, kpi.peers.funnel == "target"))
    fill(
        run.connection,
        "compared (kpi kpi_name, level level_name, within level_name, min_peers integer, at_target boolean)",
        sorted(compared, key=lambda row: row[:2]),
    )
    for statement in (_ROWS, _GROUPS, _VALUES, _EQUAL):
        run.connection.execute(statement)
    run.connection.execute("drop table peer_rows")

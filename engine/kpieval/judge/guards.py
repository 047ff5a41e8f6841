"""`guarded_by:` -> the observations of KPIs that rose at the cost of another: the table `guard`.

A KPI is marked where it got better and its guard got worse, two periods running. What is better is said by the
direction; for a target range it is the distance from the range that shrinks or grows, and inside of it nothing does. A
value that rests on too few cases is no step up or down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.evaluate.moments import fill
from kpieval.judge.badness import badness
from kpieval.judge.extension import Extension

if TYPE_CHECKING:
    from kpieval.evaluate import Evaluated

GUARD = Extension("guard", {"falling": "varchar[]"})
"""`falling` are the guards that got worse."""


def make(run: Evaluated) -> frozenset[str]:
    """Make the table, if a measured KPI has a measured guard."""
    pairs = [
        (name, guard, position)
        for name, planned in run.plan.kpis.items()
        if name in run.measured
        for position, guard in enumerate(planned.kpi.guarded_by)
        if guard in run.measured
    ]
    if not pairs:
        return frozenset()
    connection = run.connection
    fill(connection, "guards (kpi kpi_name, guard kpi_name, position integer)", pairs)
    connection.execute(f"create temp table {GUARD.declaration()}")
    connection.execute(f"insert into {GUARD.name} by name {_marked()}")
    return frozenset({GUARD.name})


def _marked() -> str:
    """The query of the observations to mark. A step is above 0 where the value got worse."""
    return f"""
with known as (
  select j.kpi, j.level, j.mid, j.period, {badness("j", "m")} as bad
  from verdicts as j join meta as m on m.kpi = j.kpi and m.level = j.level
  where j.kpi in (select kpi from guards union select guard from guards)),
stepped as (
  select now.*, minus(now.bad, before.bad) as step from known as now
  join known as before on before.kpi = now.kpi and before.level = now.level and before.mid = now.mid
    and before.period = now.period - 1),
running as (
  select now.kpi, now.level, now.mid, now.period,
    now.step < 0 and before.step < 0 as better, now.step > 0 and before.step > 0 as worse
  from stepped as now join stepped as before on before.kpi = now.kpi and before.level = now.level
    and before.mid = now.mid and before.period = now.period - 1)
select o.kpi, o.level, o.mid, o.period, list(cast(g.guard as varchar) order by g.position) as falling
from running as o join guards as g on g.kpi = o.kpi
join running as r on r.kpi = g.guard and r.level = o.level and r.mid = o.mid and r.period = o.period
where o.better and r.worse
group by o.kpi, o.level, o.mid, o.period"""

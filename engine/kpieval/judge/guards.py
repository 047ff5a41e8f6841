"""`guarded_by:` -> the observations of KPIs that rose at the cost of another: the table `guard`.

A KPI is marked where it got better and its guard got worse, two periods running. What is better is said by the
direction; for a target range it is the distance from the range that shrinks or grows, and inside of it nothing does. A
value that rests on too few cases is no step up or down.

Where values have intervals, both must have moved by more than chance in the two periods: the 95 % interval of the
difference, made of the intervals of both values, leaves 0 out (G. Y. Zou and A. Donner (2008), Construction of
confidence limits about effect measures: a general approach, Statistics in Medicine 27, 1693-1702; for shares it is the
one of Newcombe).
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
  select j.kpi, j.level, j.mid, j.period, j.value, j.low_limit, j.high_limit, m.evidence, {badness("j", "m")} as bad
  from verdicts as j join meta as m on m.kpi = j.kpi and m.level = j.level
  where j.kpi in (select kpi from guards union select guard from guards)),
stepped as (
  select now.kpi, now.level, now.mid, now.period, minus(now.bad, middle.bad) as step,
    minus(middle.bad, first.bad) as step_before, now.evidence = 0 or coalesce({_apart("now", "first")}, false) as moved
  from known as now
  join known as middle on middle.kpi = now.kpi and middle.level = now.level and middle.mid = now.mid
    and middle.period = now.period - 1
  join known as first on first.kpi = now.kpi and first.level = now.level and first.mid = now.mid
    and first.period = now.period - 2),
running as (
  select kpi, level, mid, period, step < 0 and step_before < 0 as better, step > 0 and step_before > 0 as worse
  from stepped where moved)
select o.kpi, o.level, o.mid, o.period, list(cast(g.guard as varchar) order by g.position) as falling
from running as o join guards as g on g.kpi = o.kpi
join running as r on r.kpi = g.guard and r.level = o.level and r.mid = o.mid and r.period = o.period
where o.better and r.worse
group by o.kpi, o.level, o.mid, o.period"""


def _apart(one: str, other: str) -> str:
    """SQL of whether the 95 % interval of the difference of two values, made of their own, leaves 0 out."""
    return " or ".join(
        f"{high}.value - {low}.value > sqrt(pow({high}.value - {high}.low_limit, 2) "
        f"+ pow({low}.high_limit - {low}.value, 2))"
        for high, low in ((one, other), (other, one))
    )

"""Observations in time -> the extension `trend`: how sure a change is, and for how long the status has been this one.

`change` is the 95 % interval of the change of a share of counts to the period before: that of two independent shares
(`newcombe_low` and `newcombe_high` in `evaluate.statistics`). `streak` counts the periods in a row, this one included,
that have the same status, as far back as the run looks: the periods that it reports, and those that they are compared
with. One that is as old as the first of these is `at_least` so long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.evaluate.lookback import before
from kpieval.judge.extension import Extension

if TYPE_CHECKING:
    from kpieval.evaluate import Evaluated

TREND = Extension("trend", {"change_low": "double", "change_high": "double", "streak": "bigint", "at_least": "boolean"})

# In a run of one status the period and its number among those with the status rise together.
_TREND = """
insert into trend by name
with runs as (
  select kpi, level, mid, period, status,
    period - row_number() over (partition by kpi, level, mid, status order by period) as run
  from verdicts where status is not null),
streaks as (
  select kpi, level, mid, period,
    row_number() over (partition by kpi, level, mid, status, run order by period) as streak
  from runs),
changes as (
  select o.kpi, o.level, o.mid, o.period,
    newcombe_low(o.numerator, o.denominator, b.numerator, b.denominator) as change_low,
    newcombe_high(o.numerator, o.denominator, b.numerator, b.denominator) as change_high
  from meta as m
  join verdicts as o on o.kpi = m.kpi and o.level = m.level
  join verdicts as b on b.kpi = o.kpi and b.level = o.level and b.mid = o.mid and b.period = o.period - 1
  where m.evidence = 1 and o.low_limit is not null and b.low_limit is not null)
select *, period - streak < {first} as at_least from streaks full join changes using (kpi, level, mid, period)
"""


def make(run: Evaluated) -> None:
    """Make the table."""
    run.connection.execute(f"create temp table {TREND.declaration()}")
    run.connection.execute(_TREND.format(first=run.timeline.first - before(run.plan.project)))

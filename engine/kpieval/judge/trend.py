"""Observations in time -> the extension `trend`: how sure a change is, and for how long the status has been this one.

`change` is the 95 % interval of the change of a share of counts to the period before: that of two independent shares
(`newcombe_low` and `newcombe_high` in `evaluate.statistics`). `streak` counts the periods in a row, this one included,
that have the same status, as far back as the run evaluates: the periods that it reports, and the one before them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.judge.extension import Extension

if TYPE_CHECKING:
    from kpieval.evaluate import Evaluated

TREND = Extension("trend", {"change_low": "double", "change_high": "double", "streak": "bigint"})

_TREND = """
insert into trend by name
with followed as (
  select o.kpi, o.level, o.mid, o.period, o.status, o.numerator as k, o.denominator as n,
    o.value is not null and m.evidence = 1 and o.low_limit is not null as share,
    lag(case when o.low_limit is not null then o.numerator end) over series as k_before,
    lag(case when o.low_limit is not null then o.denominator end) over series as n_before,
    lag(o.period) over series = o.period - 1 as follows, lag(o.status) over series as status_before
  from judged as o join meta as m on m.kpi = o.kpi and m.level = o.level
  window series as (partition by o.kpi, o.level, o.mid order by o.period)),
begun as (
  select *, max(case when follows and status = status_before then null else period end)
    over (partition by kpi, level, mid order by period rows unbounded preceding) as since
  from followed)
select kpi, level, mid, period,
  case when share and follows then newcombe_low(k, n, k_before, n_before) end as change_low,
  case when share and follows then newcombe_high(k, n, k_before, n_before) end as change_high,
  case when status is not null then period - since + 1 end as streak
from begun where status is not null or share and follows and n_before is not null
"""


def make(run: Evaluated) -> None:
    """Make the table."""
    run.connection.execute(f"create temp table {TREND.declaration()}")
    run.connection.execute(_TREND)

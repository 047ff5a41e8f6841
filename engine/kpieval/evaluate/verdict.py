"""Raw observations become verdicts, all in one query: interval, edges of the bands, status, or the reason for none.

Why there is no verdict, in this order: `not_applicable`, `no_data` (no row behind the value), `no_baseline` (no earlier
value to compare with), `zero_denominator`, `insufficient_sample` (a value, but too few rows, or with `confidence:
require` an uncertain one), `no_target`.

A band's edge that is a share of the target is the target moved by a share of its own size, so that it is right for a
negative one too: 85 % of -10 is -11.5 where higher is better.
"""

from __future__ import annotations

from kpieval.collect.members import UNKNOWN
from kpieval.collect.sql import text

JUDGED = (
    "kpi varchar, level varchar, member varchar, label varchar, period bigint, value double, numerator double, "
    "denominator double, n double, low_limit double, high_limit double, uncertain boolean, status varchar, "
    "reason varchar, target double, low double, high double, edges double[], edges_high double[], "
    "attainment double, counted bigint, missing bigint"
)
"""The columns of the table of judged observations."""

_REASONS = f"""
select *, case when member = {text(UNKNOWN)} then 'not_applicable'
  when not applies then 'not_applicable'
  when rows = 0 then 'no_data'
  when raw is null and rows_earlier = 0 then 'no_baseline'
  when raw is null and zero then 'zero_denominator'
  when raw is null and zero_earlier then 'no_baseline'
  when raw is null or not isfinite(raw) then 'no_data' end as absence
from raw join meta using (kpi, level)
"""

_VALUES = f"""
select *, case when absence is null or member = {text(UNKNOWN)} then raw end as value,
  case evidence
    when 'share' then case when b > 0 and a between 0 and b then wilson_low(a, b) end
    when 'change' then case when b > 0 and d > 0 then newcombe_low(a, b, c, d) end
    when 'mean' then case when c > 1 then a - {{reach}} end end as low_limit,
  case evidence
    when 'share' then case when b > 0 and a between 0 and b then wilson_high(a, b) end
    when 'change' then case when b > 0 and d > 0 then newcombe_high(a, b, c, d) end
    when 'mean' then case when c > 1 then a + {{reach}} end end as high_limit,
  case when len(absolutes) > 0 then absolutes
    else list_transform(shifts, lambda s: coalesce(target, low) + s * abs(coalesce(target, low))) end as edges,
  case when direction = 'target_range' then list_transform(shifts, lambda s: high - s * abs(high))
    else cast([] as double[]) end as edges_high
from ({_REASONS})
"""

_PLACES = f"""
select * replace (case when value is not null then low_limit end as low_limit,
                  case when value is not null then high_limit end as high_limit),
  case direction
    when 'higher_is_better' then list_transform(edges, lambda e: reaches(value, e))
    when 'lower_is_better' then list_transform(edges, lambda e: reaches(e, value))
    else list_transform(edges, lambda e, i: reaches(value, e) and reaches(list_extract(edges_high, i), value)) end as
    reached,
  case when absence is not null then absence
    when coalesce(n, 0) < min_sample then 'insufficient_sample'
    when len(edges) = 0 or list_extract(edges, 1) is null then 'no_target' end as reason
from ({_VALUES})
"""

_DOUBTS = f"""
select *, reason is null and value is not null
  and len(list_filter(edges || edges_high, lambda e: e > low_limit and e < high_limit)) > 0 as uncertain
from ({_PLACES})
"""

_JUDGED = f"""
insert into judged by name
select kpi, level, member, label, period, value,
  case when value is not null then numerator end as numerator,
  case when value is not null then denominator end as denominator,
  case when reason is distinct from 'not_applicable' then n end as n,
  low_limit, high_limit, coalesce(uncertain, false) as uncertain,
  case when reason is null and not (require and coalesce(uncertain, false))
    then list_extract(bands, coalesce(list_position(reached, true), len(bands))) end as status,
  case when reason is null and require and coalesce(uncertain, false) then 'insufficient_sample' else reason end as
  reason, target, low, high, edges, edges_high, case direction
    when 'higher_is_better' then case when target > 0 then value / target end
    when 'lower_is_better' then case when target > 0 and value > 0 then target / value end
    else case when low <= 0 then null when reaches(value, low) and reaches(high, value) then 1.0
      when value < low then value / low when value > 0 then high / value end end as attainment,
  counted, missing
from ({_DOUBTS})
"""


def judge(*, means: bool) -> str:
    """The query that judges the rows of `raw` by `meta` into `judged`; `means` as in `statistics.define`."""
    return _JUDGED.replace("{reach}", "t975(c - 1) * b / sqrt(c)" if means else "null")

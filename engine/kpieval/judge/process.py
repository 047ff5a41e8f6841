"""Values over time -> the extension `process`: what a KPI varies by of itself, and whether something has happened.

The limits are those of a chart of individual values: the mean of the points, -+ 2.66 times the mean range from one to
the next. D. J. Wheeler (1993), Understanding Variation; 2.66 is 3 / 1.128, d2 of D. C. Montgomery, Introduction to
Statistical Quality Control. The points are the comparable values of the periods that the run reports, none before them;
a period without one breaks ranges and runs. Below `min_periods` points no limits are drawn; below twelve, a break
counting as one less, they are `provisional`. The limits of a share (see `plan.shape.is_share`) end at 0 and at 1, where
nothing can lie beyond; the thirds are those of the whole way.

The rules are the four of NHS England's Making Data Count. A rule holds for each point of its pattern:

- `outside`: a point beyond the limits;
- `shift`: seven or more in a row on one side of the mean;
- `trend`: seven or more in a row, each above the one before, or each below;
- `two_of_three`: two of three in a row that lie on one side of the mean are in the outer third, within the limit.

`variation` goes by the first of outside, trend, two_of_three, shift that holds: the direction of a trend, else the side
on which the point lies. `assurance` tells whether the target in force is reached throughout the limits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.evaluate.moments import fill
from kpieval.judge.comparable import comparable
from kpieval.judge.extension import Extension

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpieval.evaluate import Evaluated

RULES = ("outside", "shift", "trend", "two_of_three")
VARIATIONS = ("common_cause", "improvement", "concern", "special_cause")
ASSURANCES = ("passing", "failing", "hit_and_miss")

PROCESS = Extension(
    "process",
    {
        "mean": "double",
        "limits_low": "double",
        "limits_high": "double",
        "points": "bigint",
        "provisional": "boolean",
        "rules": f"enum {RULES}[]",
        "variation": f"enum {VARIATIONS}",
        "assurance": f"enum {ASSURANCES}",
    },
)

_RUN = 7
"""So many points make a shift, or a trend."""

_STEADY = 12

# An island has a point in each of its periods; a step leads from the point of the period before.
_POINTS = """
create temp table process_points as
select kpi, level, mid, period, x, island,
  case when before = period - 1 then abs(x - x_before) end as moved,
  case when before = period - 1 then side(x, x_before) end as step
from (
  select o.kpi, o.level, o.mid, o.period, o.value as x, o.period - row_number() over series as island,
    lag(o.period) over series as before, lag(o.value) over series as x_before
  from watched as w join verdicts as o on o.kpi = w.kpi and o.level = w.level
  where o.period >= {first} and {comparable}
  window series as (partition by o.kpi, o.level, o.mid order by o.period))
"""

_SERIES = f"""
create temp table process_series as
select * exclude (mean, reach, drawn, share), case when drawn then mean end as mean,
  case when drawn then reach end as reach,
  case when drawn then case when share then greatest(0.0, mean - reach) else mean - reach end end as low,
  case when drawn then case when share then least(1.0, mean + reach) else mean + reach end end as high,
  case when drawn then ranges + 1 < {_STEADY} end as provisional
from (
  select p.kpi, p.level, p.mid, count(*) as points, count(moved) as ranges, avg(x order by period) as mean,
    2.66 * avg(moved order by period) as reach, points >= any_value(w.min_periods) and ranges > 0 as drawn,
    any_value(w.share) and min(x) >= 0 and max(x) <= 1 as share
  from process_points as p join watched as w on w.kpi = p.kpi and w.level = p.level
  group by p.kpi, p.level, p.mid)
"""

# The thirds of a side: 1 is the outer one, 2 is beyond the limit; below the mean they are negative.
_SIDES = """
create temp table process_sides as
select p.kpi, p.level, p.mid, p.period, p.island, p.step, side(x, mean) as side,
  case when side(x, mean + reach) > 0 then 2 when side(x, mean - reach) < 0 then -2
    when side(x, mean + reach * 2 / 3) > 0 then 1 when side(x, mean - reach * 2 / 3) < 0 then -1 else 0 end as third
from process_points as p join process_series as s on s.kpi = p.kpi and s.level = p.level and s.mid = p.mid
where s.mean is not null
"""

# The patterns are looked for where there are points enough for one: that is in few series.
_PATTERNS = """
create temp table process_patterns as
with candidates as (
  select kpi, level, mid from process_sides group by kpi, level, mid
  having count(*) filter (where side = 1) >= {run} or count(*) filter (where side = -1) >= {run}
    or count(*) filter (where step = 1) >= {run} - 1 or count(*) filter (where step = -1) >= {run} - 1
    or count(*) filter (where third = 1) > 1 or count(*) filter (where third = -1) > 1),
around as (
  select p.kpi, p.level, p.mid, p.period, side, step, third, {around}
  from process_sides as p join candidates as c on c.kpi = p.kpi and c.level = p.level and c.mid = p.mid
  window points as (partition by p.kpi, p.level, p.mid, p.island order by p.period))
select kpi, level, mid, period, {shift} as shift, {rising} as rising, {falling} as falling,
  {two_of_three} as two_of_three
from around where {shift} or {rising} or {falling} or {two_of_three}
"""

_PROCESS = """
insert into process by name
with ruled as (
  select o.kpi, o.level, o.mid, o.period, o.target, o.low, o.high, m.direction, s.points, s.mean, s.provisional,
    s.low as limits_low, s.high as limits_high, p.side, abs(p.third) = 2 as outside,
    coalesce(q.shift, false) as shift, coalesce(q.rising, false) as rising, coalesce(q.falling, false) as falling,
    coalesce(q.two_of_three, false) as two_of_three, q.kpi is null and abs(p.third) < 2 as common
  from process_series as s
  join verdicts as o on o.kpi = s.kpi and o.level = s.level and o.mid = s.mid
  join meta as m on m.kpi = o.kpi and m.level = o.level
  left join process_sides as p on p.kpi = o.kpi and p.level = o.level and p.mid = o.mid and p.period = o.period
  left join process_patterns as q on q.kpi = o.kpi and q.level = o.level and q.mid = o.mid and q.period = o.period
  where o.period >= {first})
select kpi, level, mid, period, mean, limits_low, limits_high, points, provisional,
  case when side is null then null when common then [] else list_filter([
    case when outside then 'outside' end, case when shift then 'shift' end,
    case when rising or falling then 'trend' end, case when two_of_three then 'two_of_three' end
  ], lambda rule: rule is not null) end as rules,
  case when side is null then null when common then 'common_cause'
    when direction = 0 then 'special_cause'
    when direction * case when outside or not (rising or falling) then side when rising then 1 else -1 end > 0
    then 'improvement' else 'concern' end as variation,
  case when coalesce(target, low) is null or mean is null then null
    when case direction when 1 then reaches(limits_low, target) when -1 then reaches(target, limits_high)
      else reaches(limits_low, low) and reaches(high, limits_high) end then 'passing'
    when case direction when 1 then not reaches(limits_high, target) when -1 then not reaches(target, limits_low)
      else not (reaches(limits_high, low) and reaches(high, limits_low)) end then 'failing'
    else 'hit_and_miss' end as assurance
from ruled
"""


def make(run: Evaluated) -> None:
    """Make the table, for the KPIs that are watched."""
    planned = (run.plan.kpis[name] for name in sorted(run.measured))
    watched = [
        (one.kpi.name, level, one.kpi.process.min_periods, one.at(level).is_share)
        for one in planned if one.kpi.process is not None for level in one.kpi.levels
    ]  # fmt: skip
    fill(run.connection, "watched (kpi kpi_name, level level_name, min_periods integer, share boolean)", watched)
    first = run.timeline.first
    for statement in (
        f"create temp table {PROCESS.declaration()}",
        _POINTS.format(first=first, comparable=comparable("o")),
        _SERIES,
        _SIDES,
        _PATTERNS.format(run=_RUN, around=", ".join(_around()), **_patterns()),
        _PROCESS.format(first=first),
    ):
        run.connection.execute(statement)


def _around() -> Iterator[str]:
    """What the points before and after have: `side_2` is that of the second one before, `side2` of the second after."""
    for column in ("side", "step", "third"):
        for k in range(1, _RUN):
            yield f"lag({column}, {k}) over points as {column}_{k}"
            yield f"lead({column}, {k}) over points as {column}{k}"


def _patterns() -> dict[str, str]:
    def alike(column: str, value: str, first: int, sign: str) -> list[str]:
        return [f"{column}{f'{sign}{k}' if k else ''} = {value}" for k in range(first, _RUN)]

    rising, falling = (_in_a_row(alike("step", way, 0, "_"), alike("step", way, 1, "")) for way in ("1", "-1"))
    outer = [
        f"side{a} = side and side{b} = side and (third{a} = third or third{b} = third)"
        for a, b in (("_2", "_1"), ("_1", "1"), ("1", "2"))
    ]
    return {
        "shift": f"(side <> 0 and {_in_a_row(alike('side', 'side', 1, '_'), alike('side', 'side', 1, ''))})",
        "rising": rising,
        "falling": falling,
        "two_of_three": f"(abs(third) = 1 and coalesce({' or '.join(outer)}, false))",
    }


def _in_a_row(before: Sequence[str], after: Sequence[str]) -> str:
    """Whether a point and those around it for which the conditions hold without a break are a run of enough points."""
    counts = []
    for conditions in (before, after):
        count = "0"
        for condition in reversed(conditions):
            count = f"case when {condition} then 1 + {count} else 0 end"
        counts.append(count)
    return f"(1 + {counts[0]} + {counts[1]} >= {_RUN})"

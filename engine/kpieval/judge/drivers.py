"""`drives:` -> how far the data bear each arrow out: the table `drivers`, a lag correlation for each.

At the finest level that both KPIs share with at least three members, each value is taken as its difference from the
member's own mean, so that what members always differ in says nothing (a fixed-effects, or within-member, correlation:
J. M. Bland and D. G. Altman (1995), Calculating correlation coefficients with repeated observations: part 1,
correlation within subjects, BMJ 310, 446). The driver of a period is held against the driven one of the same period and
of the one to four periods after it; the lag with the largest correlation is told, by its size.

The 95 % interval is Fisher's z, of a partial correlation: R. A. Fisher (1924), The distribution of the partial
correlation coefficient, Metron 3, 329-332. Taking out the means of M members takes M - 1 off the N pairs, beside the
three of a plain correlation: the variance of z is 1 / (N - M - 2). As the best of L lags is told, the interval is that
of 1 - 0.05 / L (Bonferroni). Values are compared as good and bad: above 0, better leads to better. It is a correlation:
what both follow makes one as well as what one does to the other.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from kpieval.evaluate.moments import fill
from kpieval.judge.badness import badness

if TYPE_CHECKING:
    from kpieval.evaluate import Evaluated

DRIVERS = "drivers"
LAGS = 4
"""So many periods may lie between a driver and what it drives."""
MEMBERS = 3
"""So many members at least are compared."""
_STILL = 1e-12
"""Who moves less than this, in squares of the whole range, doesn't."""


def make(run: Evaluated) -> frozenset[str]:
    """Make the table, if a KPI drives another; it has a row for each arrow, in the order of declaration."""
    pairs = [(name, driven) for name, planned in run.plan.kpis.items() for driven in planned.kpi.drives]
    arrows = [(*pair, position) for position, pair in enumerate(pairs)]
    if not arrows:
        return frozenset()
    connection = run.connection
    fill(connection, "arrows (driver kpi_name, driven kpi_name, position integer)", arrows)
    quantiles = [(tried, NormalDist().inv_cdf(1 - 0.05 / (2 * tried))) for tried in range(1, LAGS + 2)]
    fill(connection, "bonferroni (tried integer, quantile double)", quantiles)
    connection.execute(_GOODNESS.format(bad=badness("j", "m"), first=run.timeline.first))
    connection.execute(_PLACES.format(members=MEMBERS))
    of_pairs = {"x": "x.good", "y": "y.good", "xx": "x.good * x.good", "yy": "y.good * y.good", "xy": "x.good * y.good"}
    within = {f"within_{a}{b}": f"s{a}{b} - s{a} * s{b} / pairs" for a, b in ("xx", "yy", "xy")}
    sums = {name: _sum(term) for name, term in (of_pairs | within).items()}
    connection.execute(_CORRELATED.format(lags=LAGS, members=MEMBERS, least=_STILL, **sums))
    connection.execute(_TOLD.format(table=DRIVERS))
    return frozenset({DRIVERS})


def found(run: Evaluated) -> list[dict[str, Any]]:
    """The rows of the table."""
    rows = run.connection.execute(
        f"select cast(driver as varchar), cast(driven as varchar), cast(level as varchar), lag, correlation, low, "
        f"high, pairs, periods, evidence from {DRIVERS} order by position"
    ).fetchall()
    return [
        {"driver": driver, "driven": driven, "level": level, "lag": lag, "correlation": correlation,
         "interval": None if low is None else [low, high], "pairs": pairs, "periods": periods, "evidence": evidence}
        for driver, driven, level, lag, correlation, low, high, pairs, periods, evidence in rows
    ]  # fmt: skip


_GOODNESS = """
create temp table goodness as
select j.kpi, j.level, j.mid, j.period, -({bad}) as good
from verdicts as j join meta as m on m.kpi = j.kpi and m.level = j.level
where j.period >= {first} and {bad} is not null
  and j.kpi in (select driver from arrows union select driven from arrows)
"""

_PLACES = """
create temp table driving as
with known as (select kpi, level, mid from goodness group by kpi, level, mid having count(*) > 1)
select a.driver, a.driven, a.position, x.level from arrows as a join known as x on x.kpi = a.driver
join known as y on y.kpi = a.driven and y.level = x.level and y.mid = x.mid
group by a.driver, a.driven, a.position, x.level having count(*) >= {members}
qualify row_number() over (partition by a.position order by x.level) = 1
"""
"""Each arrow with its level: levels are enumerated from the finest on."""

_CORRELATED = """
create temp table correlated as
with least as (select kpi, level, mid, min(good) as low from goodness group by kpi, level, mid),
ranges as (
  select kpi, level, max(g.good - l.low) as width from goodness as g join least as l using (kpi, level, mid)
  group by kpi, level having width > 0),
scaled as (
  select kpi, level, mid, g.period, (g.good - l.low) / r.width as good
  from goodness as g join least as l using (kpi, level, mid) join ranges as r using (kpi, level)),
members as (
  select d.position, y.period - x.period as lag, x.mid, count(*) as pairs, {x} as sx, {y} as sy, {xx} as sxx,
    {yy} as syy, {xy} as sxy
  from driving as d join scaled as x on x.kpi = d.driver and x.level = d.level
  join scaled as y on y.kpi = d.driven and y.level = d.level and y.mid = x.mid
    and y.period between x.period and x.period + {lags}
  group by d.position, lag, x.mid having count(*) > 1),
sums as (
  select position, lag, sum(pairs) as pairs, count(*) as members, {within_xx} as xx, {within_yy} as yy,
    {within_xy} as xy
  from members group by position, lag having count(*) >= {members} and sum(pairs) - count(*) > 2)
select position, lag, pairs, members, xy / sqrt(xx * yy) as r from sums where xx > {least} and yy > {least}
"""
"""Values are scaled to 0 to 1 and added in fixed point, so that no order, of rows or threads, changes a digit."""


def _sum(term: str) -> str:
    """SQL of a sum of numbers around 1, in fixed point."""
    return f"cast(sum(cast({term} as decimal(38, 15))) as double)"


_TOLD = """
create temp table {table} as
with best as (
  select *, count(*) over (partition by position) as tried from correlated
  qualify row_number() over (partition by position order by round(abs(r), 12) desc, lag) = 1),
limited as (
  select b.*, tanh(atanh(least(greatest(r, -1 + 1e-12), 1 - 1e-12)) - quantile / sqrt(pairs - members - 2)) as low,
    tanh(atanh(least(greatest(r, -1 + 1e-12), 1 - 1e-12)) + quantile / sqrt(pairs - members - 2)) as high
  from best as b join bonferroni as q on q.tried = b.tried),
lengths as (
  select d.position, count(distinct x.period) as periods
  from driving as d join goodness as x on x.kpi = d.driver and x.level = d.level
  join goodness as y on y.kpi = d.driven and y.level = d.level and y.mid = x.mid and y.period = x.period
  group by d.position)
select a.position, a.driver, a.driven, d.level, l.lag, l.r as correlation, l.low, l.high,
  cast(coalesce(l.pairs, 0) as bigint) as pairs, coalesce(n.periods, 0) as periods,
  coalesce(l.low > 0, false) as evidence
from arrows as a left join driving as d on d.position = a.position left join limited as l on l.position = a.position
left join lengths as n on n.position = a.position
order by a.position
"""

"""Groups of peers -> the extension `funnel`: how far a share of counts may be from the centre by chance alone.

D. J. Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine 24, 1185-1202.
The centre c is the pooled share of the group, the member itself included, or its target. For n cases the limits are

    c -+ z s sqrt(d) + (z^2 - 1) (1 - 2 c) / (6 n) -+ 1 / (2 n),    s = sqrt(c (1 - c) / n),

with z = 1.960 for the inner (95 %) and 3.090 for the outer (99.8 %) ones, cut at 0 and 1: those of the score test,
corrected for the skewness of a binomial count (E. A. Cornish and R. A. Fisher (1938), Moments and cumulants in the
specification of distributions, Revue de l'Institut International de Statistique 5, 307-320) and by half a case for its
steps. Where the expansion turns back, z |1 - 2 c| > 3 n s, no count on the side near 0 (or 1) is unlikely, and that is
the limit. What is beyond a limit is so by the exact binomial test as well (decision 0014).

`dispersion` is 1, or the factor by which the variance between peers exceeds that of chance: the mean of their squared
z-scores, the lowest and the highest tenth of these set to the quantiles there, where it is significantly above 1, that
is, above 1 + 2 sqrt(2 / members). D. J. Spiegelhalter (2005), Handling over-dispersion of performance indicators,
Quality and Safety in Health Care 14, 347-351.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.judge.extension import Extension

if TYPE_CHECKING:
    from kpieval.evaluate import Evaluated

POSITIONS = ("inside", "beyond_95", "beyond_99_8")
SIDES = ("better", "worse")

FUNNEL = Extension(
    "funnel",
    {
        "centre": "double",
        "inner_low": "double",
        "inner_high": "double",
        "outer_low": "double",
        "outer_high": "double",
        "dispersion": "double",
        "position": f"enum {POSITIONS}",
        "side": f"enum {SIDES}",
    },
)

INNER, OUTER = 1.959963984540054, 3.090232306167813
"""The 97.5 % and the 99.9 % quantiles of the normal distribution."""

_MACROS = """
create temp macro funnel_low(c, n, d, z) as case when z * (1 - 2 * c) > 3 * sqrt(n * c * (1 - c)) then 0.0 else
  greatest(0, c - z * sqrt(d * c * (1 - c) / n) + (z * z - 1) * (1 - 2 * c) / (6 * n) - 0.5 / n) end;
create temp macro funnel_high(c, n, d, z) as case when z * (2 * c - 1) > 3 * sqrt(n * c * (1 - c)) then 1.0 else
  least(1, c + z * sqrt(d * c * (1 - c) / n) + (z * z - 1) * (1 - 2 * c) / (6 * n) + 0.5 / n) end;
"""

_LIMITS = f"""
insert into funnel by name
with counts as (
  select g.number, g.kpi, g.level, g.period, g.direction, v.mid, v.value, v.denominator as n,
    case when g.at_target then v.target else g.pooled end as centre
  from peer_values as v join peer_groups as g on g.number = v.number
  where g.evidence = 1 and g.members >= g.min_peers),
scored as (
  select *, (value - centre) / sqrt(centre * (1 - centre) / n) as z from counts where centre > 0 and centre < 1),
tails as (
  select number, quantile_cont(z, 0.1) as low, quantile_cont(z, 0.9) as high from scored group by number),
dispersed as (
  select s.number, sum(pow(least(high, greatest(low, z)), 2) order by mid) / count(*) as d, count(*) as members
  from scored as s join tails as t on t.number = s.number group by s.number),
limited as (
  select s.*, case when d > 1 + 2 * sqrt(2 / members) then d else 1.0 end as dispersion
  from scored as s join dispersed as d on d.number = s.number),
drawn as (
  select *,
    funnel_low(centre, n, dispersion, {INNER}) as inner_low, funnel_high(centre, n, dispersion, {INNER}) as inner_high,
    funnel_low(centre, n, dispersion, {OUTER}) as outer_low, funnel_high(centre, n, dispersion, {OUTER}) as outer_high
  from limited),
positioned as (
  select *, case when reaches(value, outer_low) and reaches(outer_high, value) then
      case when reaches(value, inner_low) and reaches(inner_high, value) then 'inside' else 'beyond_95' end
    else 'beyond_99_8' end as position
  from drawn)
select kpi, level, mid, period, centre, inner_low, inner_high, outer_low, outer_high, dispersion, position,
  case when position <> 'inside' and direction <> 0 then
    case when (value > centre) = (direction = 1) then 'better' else 'worse' end end as side
from positioned
"""


def make(run: Evaluated) -> None:
    """Make the table, from the groups that `peer_groups` has made."""
    run.connection.execute(_MACROS)
    run.connection.execute(f"create temp table {FUNNEL.declaration()}")
    run.connection.execute(_LIMITS)

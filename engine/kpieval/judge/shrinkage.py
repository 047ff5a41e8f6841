"""Groups of peers -> the table `shrunken`: each value drawn towards that of all, the more the less it rests on.

Empirical Bayes: how much true values differ is estimated from how much more the measured ones differ than chance
explains, and a value keeps that share of its distance which isn't chance. C. N. Morris (1983), Parametric empirical
Bayes inference, JASA 78, 47-55.

- Shares of counts: beta-binomial by moments, with weights n. J. C. Kleinman (1973), Proportions with extraneous
  variance, JASA 68, 46-54. With P the pooled share, k members, N the sum and N2 the sum of squares of their n, and
  S = sum of n (p - P)^2, the correlation within members is g = (S / (P (1 - P)) - (k - 1)) / (N - N2 / N - (k - 1)),
  kept within 0 and 1, and a share is drawn to P + n g / (n g + 1 - g) (p - P).
- Means: normal, with the variance between members of R. DerSimonian and N. Laird (1986), Meta-analysis in clinical
  trials, Controlled Clinical Trials 7, 177-188. With variances v = error^2, weights w = 1 / v (W their sum, W2 that of
  their squares), m the weighted mean and Q = sum of w (y - m)^2, it is t = max(0, (Q - (k - 1)) / (W - W2 / W)), and a
  mean is drawn to M + t / (t + v) (y - M), where M is the mean with weights 1 / (v + t).

There is none where chance can't be told from true differences: fewer than two members, nobody with more than one count,
a mean whose answers are all the same. Sums run in the order of members, for the same last digit always.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_SHARES = """
insert into shrunken
with counts as (
  select v.number, v.mid, v.numerator as k, v.denominator as n, g.pooled, g.members
  from peer_values as v join peer_groups as g on g.number = v.number where v.evidence = 1 and g.members > 1),
spread as (
  select number, any_value(pooled) * (1 - any_value(pooled)) as chance, any_value(members) - 1 as expected,
    sum(n order by mid) as total, sum(n * n order by mid) as squares,
    sum(n * pow(k / n - pooled, 2) order by mid) as spread
  from counts group by number),
correlated as (
  select number, case when chance = 0 then 0 when total - squares / total > expected
    then greatest(0, least(1, (spread / chance - expected) / (total - squares / total - expected))) end as within
  from spread)
select c.number, c.mid, pooled + n * within / (n * within + 1 - within) * (k / n - pooled)
from counts as c join correlated as g on g.number = c.number where within is not null
"""

_MEANS = """
insert into shrunken
with means as (
  select v.number, v.mid, v.value as y, pow(v.error, 2) as v
  from peer_values as v where v.evidence = 3 and not v.exact),
fixed as (
  select number, count(*) as members, sum(1 / v order by mid) as weight, sum(1 / (v * v) order by mid) as squares,
    sum(y / v order by mid) / sum(1 / v order by mid) as mean
  from means group by number having count(*) > 1),
between_ as (
  select f.number, greatest(0, (sum(pow(y - mean, 2) / v order by mid) - (any_value(members) - 1))
    / (any_value(weight) - any_value(squares) / any_value(weight))) as t
  from means as m join fixed as f on f.number = m.number group by f.number),
centred as (
  select b.number, any_value(t) as t, sum(y / (v + t) order by mid) / sum(1 / (v + t) order by mid) as mean
  from means as m join between_ as b on b.number = m.number group by b.number)
select m.number, m.mid, mean + t / (t + v) * (y - mean) from means as m join centred as c on c.number = m.number
"""


def make(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table, by group and member."""
    connection.execute("create temp table shrunken (number bigint, mid integer, shrunken double)")
    found = {row[0] for row in connection.execute("select distinct evidence from peer_groups").fetchall()}
    for evidence, statement in ((1, _SHARES), (3, _MEANS)):
        if evidence in found:
            connection.execute(statement)

"""Verdicts -> the extension `next`: how far it is to the next better band.

`distance` is the `edge` less the value, in the KPI's own unit: positive where it has to rise, negative where it has to
fall. For a share of counts, `count` is by how many the numerator would have had to be larger (or, negative, smaller)
with the same denominator: two more of the nine deals. It is null where no number would do. There is no row in the
best band, and none without a status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.evaluate.verdict import Shape
from kpieval.judge.extension import Extension

if TYPE_CHECKING:
    from kpieval.evaluate import Evaluated

NEXT = Extension("next", {"status": "band_name", "edge": "double", "distance": "double", "count": "bigint"})

_NEXT = """
insert into next by name
with edged as (
  select o.kpi, o.level, o.mid, o.period, o.value, {bands} as status,
    case when m.evidence = 1 and o.low_limit is not null then o.numerator end as k, o.denominator as n,
    case when m.direction = 0 and o.value > o.edge_1 then {highs} else {edges} end as edge
  from verdicts as o join meta as m on m.kpi = o.kpi and m.level = o.level where o.status <> m.band_1),
counted as (
  select *, edge > value as rising, ceil(edge * n - k) as more, floor(edge * n - k) as fewer from edged)
select kpi, level, mid, period, status, edge, minus(edge, value) as distance,
  case when rising then
      case when k + more > n then null when reaches((k + more - 1) / n, edge) then more - 1 else more end
    when k + fewer < 0 then null when reaches(edge, (k + fewer + 1) / n) then fewer + 1 else fewer end as count
from counted
"""


def make(run: Evaluated) -> None:
    """Make the table."""
    run.connection.execute(f"create temp table {NEXT.declaration()}")
    edges = Shape.of([run.plan.kpis[name] for name in run.measured]).edges
    bands, highs, lows = (_above(f"{column}_{{}}", edges) for column in ("m.band", "o.high", "o.edge"))
    run.connection.execute(_NEXT.format(bands=bands, highs=highs, edges=lows))


def _above(column: str, edges: int) -> str:
    """What belongs to the band above the status; above the worst it is the last that has an edge."""
    among = " ".join(f"when m.band_{i + 1} then {column.format(i)}" for i in range(1, edges))
    last = " ".join(f"when {i} then {column.format(i)}" for i in range(1, edges + 1))
    return f"case o.status {among} else case m.edges {last} end end" if among else column.format(1)

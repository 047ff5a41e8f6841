"""Groups of peers -> the extension `peers`: whose value is better than whose, as far as the intervals allow.

A member's ranks run from one more than the peers whose whole interval is better, to the number of members without those
whose whole interval is worse. Only where that is one place does it have a rank; equal exact values share the best place
of theirs (1, 2, 2, 4). What that says of overlapping intervals is in H. Goldstein and D. J. Spiegelhalter (1996),
League tables and their limitations, JRSS A 159, 385-443.

`percentile` is about the values alone, as `median` and `best` are: the share of the other peers whose value is worse,
equal ones counted half. `shrunken` is what `shrinkage` makes of a value that rests on little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.judge import shrinkage
from kpieval.judge.extension import Extension

if TYPE_CHECKING:
    from kpieval.evaluate import Evaluated

WITHHELD = ("group_too_small", "no_order", "intervals_overlap")
"""Why there is no rank: fewer peers than asked for, a target range, or intervals that leave more than one place."""

PEERS = Extension(
    "peers",
    {
        "count": "bigint",
        "rank": "bigint",
        "ranks_low": "bigint",
        "ranks_high": "bigint",
        "percentile": "double",
        "median": "double",
        "best": "double",
        "withheld": f"enum {WITHHELD}",
        "shrunken": "double",
    },
)

# The ends of all intervals in a row. An end's place there, less its place among those of its kind, is the number of the
# others before it: of intervals begun, or over. Upper ends are moved by the tolerance: intervals that touch overlap.
_SPANS = """
create temp table peer_spans as
with ends as (
  select number, mid, unnest([worst, best + tolerance(best)]) as point, unnest([0, 1]) as kind
  from peer_values where evidence > 0),
counted as (
  select number, mid, kind, rank() over (partition by number order by point, kind)
    - rank() over (partition by number, kind order by point) as others
  from ends)
select number, mid, max(others) filter (where kind = 1) as begun, max(others) filter (where kind = 0) as over
from counted group by number, mid
"""

_PEERS = """
insert into peers by name
with twins as (
  select number, merit, count(*) as twins from peer_values where exact and evidence > 0 group by number, merit),
sorted as (
  select number, mid, merit, exact, rank() over merits - 1 as below, cume_dist() over merits as share
  from peer_values window merits as (partition by number order by merit)),
counted as (
  select s.*, g.* exclude (number), cast(round(s.share * g.members) as bigint) as reached,
    g.members >= g.min_peers as enough, g.members >= g.min_peers and g.direction <> 0 as ranked
  from sorted as s join peer_groups as g on g.number = s.number),
placed as (
  select c.*, h.shrunken, 1 + members - coalesce(e.begun, reached) as ranks_low,
    members - coalesce(e.over + coalesce(t.twins - 1, 0), reached - 1) as ranks_high
  from counted as c
  left join peer_spans as e on e.number = c.number and e.mid = c.mid
  left join twins as t on t.number = c.number and t.merit = c.merit and c.exact
  left join shrunken as h on h.number = c.number and h.mid = c.mid)
select kpi, level, mid, period, members as count,
  case when ranked and ranks_low = ranks_high then ranks_low end as rank,
  case when ranked then ranks_low end as ranks_low,
  case when ranked then ranks_high end as ranks_high,
  case when ranked then (below + (reached - below - 1) / 2) / nullif(members - 1, 0) end as percentile,
  case when enough then median end as median,
  case when enough then best end as best,
  case when not enough then 'group_too_small' when direction = 0 then 'no_order'
    when ranks_low < ranks_high then 'intervals_overlap' end as withheld,
  case when enough and isfinite(shrunken) then shrunken end as shrunken
from placed
"""


def make(run: Evaluated) -> None:
    """Make the table, from the groups that `peer_groups` has made."""
    shrinkage.make(run.connection)
    run.connection.execute(f"create temp table {PEERS.declaration()}")
    run.connection.execute(_SPANS)
    run.connection.execute(_PEERS)

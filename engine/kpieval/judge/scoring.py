"""One scorecard -> the SQL that scores all its members: what each part gives, the mean, the status, the peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect.members import UNKNOWN
from kpieval.collect.sql import text
from kpieval.evaluate.verdict import Shape
from kpieval.judge.points import points_sql
from kpieval.model import ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kpieval.evaluate import Evaluated
    from kpieval.model import Band, Peers, Scorecard

SCORE_REASONS = ("not_applicable", "no_data", "incomplete", "insufficient_coverage")
"""Why there is no score, in the order in which it is looked for.

`not_applicable`: no part is meant for the member. `no_data`: no part that weighs has a verdict. `incomplete`: one has
none, with `on_missing: fail`. `insufficient_coverage`: those that have one weigh too little.
"""

NOT_MEASURED = "not_measured"
"""Why a part has no verdict whose data aren't there at all."""

WITHHELD = "group_too_small"
"""Why there is no rank."""

_UNIT = "1e13"
"""Points are added in units of so small a part of one that nothing is lost: a double has no more digits below 100."""

_SAME = 9
"""Scores, and losses, that agree in so many decimals are tied."""

_APPLIES = "reason is distinct from 'not_applicable'"


def scoring(run: Evaluated, numbers: Mapping[str, int], name: str) -> Iterator[str]:
    """The statements that add a scorecard to `scores` and `score_parts`; `numbers` are those of all scorecards."""
    card = run.plan.project.scorecards[name]
    number, level = numbers[name], text(card.level)
    edges = Shape.of([run.plan.kpis[kpi] for kpi in run.measured]).edges
    drawn = [_kpis(card, number, level, edges)] if card.kpis else []
    for part, other in enumerate(card.scorecards, len(card.kpis) + 1):
        found = run.plan.project.scorecards[other]
        source = _beside(numbers[other]) if found.level == card.level else _below(numbers[other], level, card, found)
        drawn.append(_scorecard(number, part, source))
    parts = f"{_entitled(level)} {' union all '.join(drawn)}"
    yield f"create or replace temp table drawn as select *, {_worth(card)} as worth from ({parts})"
    yield f"create or replace temp table totals as {_totals(card)}"
    if card.peers is not None:
        yield f"create or replace temp table ranked as {_ranked(card.peers, level)}"
    yield f"insert into scores by name {_scores(card, number, level)}"
    yield f"insert into score_parts by name {_parts(number)}"


def _entitled(level: str) -> str:
    """Everybody who is to get a score: the members of the level, but not those that nobody knows."""
    known = f"level = {level} and member <> {text(UNKNOWN)}"
    return f"with entitled as (select distinct mid, period from judged where {known})"


def _kpis(card: Scorecard, number: int, level: str, edges: int) -> str:
    """What the KPIs give: by the edges of their bands, or by what the scorecard says of each status."""
    points = points_sql(edges) if card.points is None else "w.points"
    return f"""
select e.mid, e.period, p.part, p.whole, {points} as points, o.status::varchar as status,
  case when not p.measured then {text(NOT_MEASURED)} when o.kpi is null then 'no_data'
    else o.reason::varchar end as reason,
  coalesce(p.gate and o.status = m.lowest, false) as closes
from entitled as e
join card_parts as p on p.scorecard = {number} and p.kind = 'kpi'
left join verdicts as o on o.kpi = p.kpi and o.level = {level} and o.mid = e.mid and o.period = e.period
left join meta as m on m.kpi = o.kpi and m.level = {level}
left join card_points as w on w.scorecard = {number} and w.kpi = o.kpi and w.status = o.status::varchar"""


def _scorecard(number: int, part: int, source: str) -> str:
    """What another scorecard gives: its score."""
    return f"""
select e.mid, e.period, p.part, p.whole, c.score as points, c.status,
  case when not p.measured then {text(NOT_MEASURED)} when c.score is null then coalesce(c.reason, 'no_data')
    end as reason, false as closes
from entitled as e
join card_parts as p on p.scorecard = {number} and p.part = {part}
left join ({source}) as c on c.mid = e.mid and c.period = e.period"""


def _beside(other: int) -> str:
    return f"select mid, period, score, status, reason from scores where scorecard = {other}"


def _below(other: int, level: str, card: Scorecard, found: Scorecard) -> str:
    """The mean score of the members below, in the period; why there is none, if all of them say the same."""
    above = f"join above as a on a.level = s.level and a.mid = s.mid and a.period = s.period and a.up = {level}"
    belongs = "and u.member = a.member"
    if card.level == ORGANISATION:
        above = belongs = ""
    return f"""
select m.mid, m.period, m.score, b.name as status, m.reason
from (select u.mid, s.period, fsum(s.score order by s.mid) / count(s.score) as score,
    case when count(s.score) = 0 and min(s.reason) = max(s.reason) then min(s.reason) end as reason
  from scores as s {above} join people as u on u.level = {level} {belongs}
  where s.scorecard = {other} group by u.mid, s.period) as m
left join score_bands as b on b.scorecard = {other} and b.status = {_status("m.score", found.bands)}"""


def _worth(card: Scorecard) -> str:
    """The points of a part that count: where a missing one counts as zero, they are 0."""
    return f"case when {_APPLIES} then coalesce(points, 0.0) end" if card.on_missing == "zero" else "points"


def _totals(card: Scorecard) -> str:
    """The score of each member and period, or the reason why there is none.

    Weights and points are added as whole numbers: the sums are exact, and the same in whatever order they are made.
    """
    fails = "lacking" if card.on_missing == "fail" else "false"
    return f"""
select mid, period, total, gate, -gain[2] as gain, coverage, reason,
  case when reason is null then least(100.0, gained::double / total::double / {_UNIT}) end as score
from (select *, covered::double / nullif(applying, 0)::double as coverage,
    case when nobody then 'not_applicable' when covered = 0 then 'no_data' when {fails} then 'incomplete'
      when not reaches(covered::double / applying::double, {card.min_coverage!r}) then 'insufficient_coverage'
    end as reason
  from (select mid, period,
      coalesce(sum(whole) filter (where {_APPLIES}), 0) as applying,
      coalesce(sum(whole) filter (where points is not null), 0) as covered,
      sum(whole) filter (where worth is not null) as total,
      sum(whole * cast(round(worth * {_UNIT}) as hugeint)) as gained,
      bool_and(not ({_APPLIES})) as nobody, bool_or(points is null and {_APPLIES}) as lacking,
      min(part) filter (where closes) as gate,
      max([whole * cast(round((100 - worth) * 1e{_SAME}) as hugeint), -part])
        filter (where whole > 0 and round((100 - worth) * 1e{_SAME}) > 0) as gain
    from drawn group by mid, period))"""


def _ranked(peers: Peers, level: str) -> str:
    """Everybody with a score among those who have the same member above; who belongs to nobody is alone."""
    group, above = "period", ""
    if peers.within is not None and peers.within != ORGANISATION:
        up = text(peers.within)
        above = f"left join above as a on a.level = {level} and a.mid = t.mid and a.period = t.period and a.up = {up}"
        group = "period, under, case when under is null then mid end"
    under = "a.member" if above else "null"
    return f"""
select mid, period, count(*) over (partition by {group}) as size,
  rank() over (partition by {group} order by rounded desc) as rank,
  count(*) over (partition by {group}, rounded) - 1 as ties,
  median(score) over (partition by {group}) as median
from (select t.mid, t.period, t.score, round(t.score, {_SAME}) as rounded, {under} as under from totals as t {above}
  where t.score is not null)"""


def _scores(card: Scorecard, number: int, level: str) -> str:
    """The rows of `scores`. A percentile is the share of the others with a lower score, ties counting half."""
    status = f"case when t.gate is not null then {len(card.bands)} else {_status('t.score', card.bands)} end"
    peers, ranked = "", ""
    if card.peers is not None:
        enough = f"r.size >= {card.peers.min_peers}"
        ranked = "left join ranked as r on r.mid = t.mid and r.period = t.period"
        peers = f""", r.size as peers_count, case when {enough} then r.rank end as peers_rank,
  case when {enough} and r.size > 1 then (r.size - r.rank - r.ties / 2) / (r.size - 1) end as peers_percentile,
  case when {enough} then r.median end as peers_median,
  case when not ({enough}) then {text(WITHHELD)} end as peers_withheld"""
    return f"""
select {number} as scorecard, {level} as level, t.mid, t.period, t.score, b.name as status, t.reason, t.coverage,
  g.name as gated_by, e.score as previous, round(t.score - e.score, 12) as change,
  case when t.score is not null then h.name end as largest_gain{peers}
from totals as t
left join totals as e on e.mid = t.mid and e.period = t.period - 1
left join score_bands as b on b.scorecard = {number} and b.status = {status}
left join card_parts as g on g.scorecard = {number} and g.part = t.gate
left join card_parts as h on h.scorecard = {number} and h.part = t.gain
{ranked}"""


def _parts(number: int) -> str:
    """The rows of `score_parts`."""
    return f"""
select {number} as scorecard, d.mid, d.period, d.part, d.worth as points,
  case when t.score is not null then d.whole::double * d.worth / t.total::double end as contribution,
  case when t.score is not null then d.whole::double * (100 - d.worth) / t.total::double end as loss,
  d.status, d.reason
from drawn as d join totals as t on t.mid = d.mid and t.period = d.period"""


def _status(score: str, bands: Sequence[Band]) -> str:
    """The number of the band that a score reaches; null without a score."""
    reached = " ".join(f"when reaches({score}, {band.edge!r}) then {i}" for i, band in enumerate(bands[:-1], 1))
    return f"case when {score} is null then null {reached} else {len(bands)} end"

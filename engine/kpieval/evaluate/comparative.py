"""Targets that are values themselves, of the same KPI: one's own earlier ones, or those of the peers.

Raw observations in, the same out with their `target` filled in, and whether that is of the `past`. Only values that
could be judged count: of members to whom the KPI applies, from a large enough sample. KPIs with the same targets are
compared in one pass: windows for the past, and for the peers one list of values for each group, sorted once.

A quantile of n values lies at 1 + p (n - 1) in their order, between two values by linear interpolation: definition 7 of
R. J. Hyndman and Y. Fan (1996), Sample quantiles in statistical packages, The American Statistician 50, 361-365. Where
lower is better the order is turned round, so p75 is as good as the best quarter either way.

A mean is of a compensated sum (`favg`): a plain one of 2,000 times 0.1 is further from 0.1 than `reaches` forgives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.collect.sql import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kpieval.collect.timeline import Timeline
    from kpieval.model import Improvement, PastTarget, PeerTarget
    from kpieval.plan import Planned

_NEVER = 1_000_000
"""How many periods before a period lies the one that it has no counterpart of: before all that are evaluated."""

_MEMBER = "partition by kpi, level, mid order by period"


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A target by its place in the KPI's list, from 1: what it looks at, and by how much that is to be bettered."""

    number: int
    past: PastTarget | None
    peers: PeerTarget | None
    improvement: Improvement | None


@dataclass(frozen=True, slots=True)
class _Alike:
    """What KPIs share that are compared in one pass; `sign` is -1 where lower is better."""

    sign: int
    min_sample: int
    comparisons: tuple[_Comparison, ...]

    @classmethod
    def of(cls, planned: Planned) -> _Alike:
        """The comparisons of a KPI."""
        found = tuple(
            _Comparison(number, target.past, target.peers, target.improvement)
            for number, (target, _) in enumerate(planned.targets, 1)
            if target.past is not None or target.peers is not None
        )
        kpi = planned.kpi
        return cls(-1 if kpi.direction == "lower_is_better" else 1, kpi.min_sample or 0, found)

    @property
    def past(self) -> Iterator[tuple[int, PastTarget]]:
        """The comparisons with the past."""
        return ((each.number, each.past) for each in self.comparisons if each.past is not None)

    @property
    def peers(self) -> Iterator[tuple[int, PeerTarget]]:
        """The comparisons with peers."""
        return ((each.number, each.peers) for each in self.comparisons if each.peers is not None)


def compared(raw: str, planned: Iterable[Planned], times: Timeline) -> str:
    """The query of the raw observations, with the targets of these KPIs that are comparisons, and the column `past`."""
    alike: dict[_Alike, list[str]] = {}
    for one in planned:
        alike.setdefault(_Alike.of(one), []).append(one.kpi.name)
    passes = [(found, kpis) for found, kpis in alike.items() if found.comparisons]
    if not passes:
        return f"select *, false as past from ({raw})"
    parts = [part for i, (found, kpis) in enumerate(passes) for part in _pass(i, found, kpis, times)]
    held = " union all ".join(f"from held_{i}" for i, _ in enumerate(passes))
    return f"""
with raw as materialized ({raw}), {", ".join(parts)}
select o.* replace (coalesce(h.target, o.target) as target), coalesce(h.past, false) as past
from raw as o left join ({held}) as h
on h.kpi = o.kpi and h.level = o.level and h.mid = o.mid and h.period = o.period"""


def _pass(i: int, alike: _Alike, kpis: list[str], times: Timeline) -> Iterator[str]:
    """The common table expressions of one pass, the last of which has the targets."""
    withins = list(dict.fromkeys(target.group.within for _, target in alike.peers if target.group.within))
    above = "".join(f", a{k}.member as within_{k}" for k, _ in enumerate(withins))
    joins = "".join(
        f" left join above as a{k} on a{k}.level = o.level and a{k}.mid = o.mid and a{k}.period = o.period "
        f"and a{k}.up = {text(within)}"
        for k, within in enumerate(withins)
    )
    if any(target.of == "year" for _, target in alike.past):
        above += f", coalesce(y.back, {_NEVER}) as back"
        joins += f" left join ({_years(times)}) as y (period, back) on y.period = o.period"
    yield (
        f"own_{i} as materialized (select o.kpi, o.level, o.mid, o.period, o.target_by, "
        f"case when o.absence is null and coalesce(o.n, 0) >= {alike.min_sample} then o.value end as own{above} "
        f"from raw as o{joins} where o.kpi in ({', '.join(map(text, kpis))}))"
    )
    seen = "".join(f", {_seen(target)} as seen_{number}" for number, target in alike.past)
    joins = ""
    for number, target in alike.peers:
        group = f"within_{withins.index(target.group.within)}" if target.group.within else None
        by = ["kpi", "level", "period", *([group] if group else [])]
        yield f"peers_{i}_{number} as ({_group(target, alike.sign, f'own_{i}', by)})"
        joins += f" left join peers_{i}_{number} as p_{number} using ({', '.join(by)})"
        if target.statistic == "mean" and target.exclude_self:
            frame = "rows between unbounded preceding and unbounded following exclude current row"
            seen += f", favg(own) over (partition by {', '.join(by)} order by own, mid {frame}) as seen_{number}"
    yield f"seen_{i} as (select *{seen} from own_{i})"
    targets = " ".join(f"when {each.number} then {_target(each, alike.sign)}" for each in alike.comparisons)
    of_past = ", ".join(str(number) for number, _ in alike.past)
    yield (
        f"held_{i} as (select kpi, level, mid, period, case target_by {targets} end as target, "
        f"{f'target_by in ({of_past})' if of_past else 'false'} as past from seen_{i}{joins} "
        f"where target_by in ({', '.join(str(each.number) for each in alike.comparisons)}))"
    )


def _years(times: Timeline) -> str:
    """How many periods lie between each period and the same one of the year before; a 53rd week may have none."""
    indices = [period.index for period in times.evaluated]
    before = {index: times.periods.year_ago(index) for index in indices}
    rows = ", ".join(f"({index}, {index - earlier})" for index, earlier in before.items() if earlier is not None)
    return f"values {rows}" if rows else "select null, null"


def _seen(target: PastTarget) -> str:
    """The one earlier value that is looked at, or the list of them."""
    if target.of == "trailing":
        return f"list(own) over ({_MEMBER} range between {target.periods} preceding and 1 preceding)"
    back = "back" if target.of == "year" else "1"
    return f"max(own) over ({_MEMBER} range between {back} preceding and {back} preceding)"


def _group(target: PeerTarget, sign: int, own: str, by: list[str]) -> str:
    """The groups of peers with their number `k` and what a statistic of them, or of all but one of them, is made of.

    Without one value of n, the order of the others at a place is that of all at the same place or the next one: `whole`
    is the quantile of all; `a`, `b` and `c` are the three values that the quantile of the others can lie between.
    """
    listed = f"select {', '.join(by)}, list(own order by own) as x, favg(own order by own) as mean from {own}"
    share = _share(target, sign)
    if share is None:
        return f"select {', '.join(by)}, len(x) as k, mean from ({listed} where own is not null group by all)"
    places = f"round({share} * (len(x) - 1), 9) as h, round({share} * (len(x) - 2), 9) as g"
    return (
        f"select {', '.join(by)}, len(x) as k, {_between('x[lo + 1]', 'x[lo + 2]', 'h - lo')} as whole, "
        f"x[rank + 1] as a, x[rank + 2] as b, x[rank + 3] as c, g - rank as f "
        f"from (select *, cast(floor(h) as integer) as lo, cast(floor(g) as integer) as rank "
        f"from (select *, {places} from ({listed} where own is not null group by all)))"
    )


def _share(target: PeerTarget, sign: int) -> float | None:
    """The share of the peers' values that lie below the statistic; None for the mean."""
    good = {"best": 1.0, "median": 0.5, "mean": None, "quantile": target.quantile}[target.statistic]
    return None if good is None else good if sign > 0 else round(1 - good, 12)


def _between(one: str, next_: str, part: str) -> str:
    return f"case when {part} > 0 then {one} + ({part}) * ({next_} - {one}) else {one} end"


def _target(comparison: _Comparison, sign: int) -> str:
    """SQL of what is compared with, bettered; null where there is too little to compare with."""
    number, base = comparison.number, "null"
    if comparison.past is not None:
        base = _of_past(comparison.past, f"seen_{number}", sign)
    elif comparison.peers is not None:
        base = _of_peers(comparison.peers, number, sign)
    better = comparison.improvement
    if better is None:
        return base
    if better.relative is not None:
        return f"({base}) + {sign * better.relative!r} * abs({base})"
    return f"({base}) + {sign * (better.absolute or 0.0)!r}"


def _of_past(target: PastTarget, seen: str, sign: int) -> str:
    if target.of != "trailing":
        return seen
    statistic = {
        "median": f"list_aggregate({seen}, 'quantile_cont', 0.5)",
        "mean": f"list_aggregate({seen}, 'favg')",
        "best": f"list_max({seen})" if sign > 0 else f"list_min({seen})",
    }[target.statistic]
    return f"case when list_count({seen}) >= {target.min_periods} then {statistic} end"


def _of_peers(target: PeerTarget, number: int, sign: int) -> str:
    peers = f"p_{number}"
    if not target.exclude_self:
        statistic = f"{peers}.mean" if _share(target, sign) is None else f"{peers}.whole"
        return f"case when {peers}.k >= {target.group.min_peers} then {statistic} end"
    if _share(target, sign) is None:
        others = f"seen_{number}"
    else:
        one = f"case when own <= {peers}.a then {peers}.b else {peers}.a end"
        next_ = f"case when own <= {peers}.b then {peers}.c else {peers}.b end"
        others = f"case when own is null then {peers}.whole else {_between(one, next_, f'{peers}.f')} end"
    return f"case when {peers}.k - cast(own is not null as integer) >= {target.group.min_peers} then {others} end"

"""Observations and scores of a run that is too large to have all as objects of Python: asked for from its database.

Those of the reported period, which most questions are about, become a table of their own, and so does how they went.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kpieval.collect.sql import text
from kpieval.judge import observed, scored
from kpieval.rows import Rows, Scores, Series

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    import duckdb

    from kpieval.rows import Key

Json = dict[str, Any]

KEPT = 6_000
"""At most so many observations that were read by KPI and level are remembered."""

ANSWERS_KEPT = 4
"""But so many answers always are: a page asks for all levels of its KPI again and again."""

ABREAST = 128
"""So many members are read at once: whoever asks for one asks for its neighbours next."""


@dataclass(slots=True)
class _Member:
    """What is known of a member: its rows of the reported period and its series, by KPI."""

    now: dict[str, Json] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)


class QueriedRows(Rows):
    """The observations in the view `observations` of a connection, with `bare_observations` (see `judge.observed`)."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, periods: Sequence[str]) -> None:
        self._connection, self._periods = connection, periods
        self._kpis = [
            kpi for (kpi,) in connection.execute("select distinct kpi from bare_observations order by kpi").fetchall()
        ]
        connection.execute("create or replace temp table reported as from observations limit 0")
        series = f"select kpi, level, member, {_series_of('value', periods, 'uncertain')} from bare_observations"
        connection.execute(f"create or replace temp table series as {series} group by kpi, level, member")
        for kpi in self._kpis:  # one by one: what stands beside them is joined, which takes room for each
            rows = f"from observations where kpi = {text(kpi)} and period = {text(periods[-1])}"
            connection.execute(f"insert into reported {rows}")
        self._answers: OrderedDict[Key, Mapping[str, Json]] = OrderedDict()
        self._values: dict[str, list[float]] = {}
        self._histories: Mapping[Key, Mapping[str, Mapping[str, Json]]] = {}
        self._neighbours: dict[Key, _Member] = {}

    def __iter__(self) -> Iterator[Json]:
        """All of them, KPI by KPI."""
        for kpi in self._kpis:
            yield from self._asked(f"observations where kpi = {text(kpi)}")

    def reported(self) -> list[Json]:
        """Those of the reported period, in their order."""
        return self._asked("reported")

    def now(self, kpi: str, level: str) -> Mapping[str, Json]:
        """Those of the reported period, by member."""
        if (kpi, level) not in self._answers:
            rows = self._asked(f"reported where {_is('kpi', kpi)} and {_is('level', level)}")
            self._answers[kpi, level] = {row["member"]: row for row in rows}
            while len(self._answers) > ANSWERS_KEPT and sum(map(len, self._answers.values())) > KEPT:
                self._answers.popitem(last=False)
        self._answers.move_to_end((kpi, level))
        return self._answers[kpi, level]

    def now_of(self, wanted: Collection[tuple[str, Key]]) -> Mapping[tuple[str, Key], Json]:
        """Those of the reported period of these KPIs and members, in one question."""
        names = ", ".join(f"try_cast(unnest(?) as {name}_name) as {name}" for name in ("kpi", "level", "member"))
        given = [
            [kpi for kpi, _ in wanted],
            [level for _, (level, _) in wanted],
            [member for _, (_, member) in wanted],
        ]
        query = f"from reported semi join (select {names}) using (kpi, level, member)"
        rows = observed.rows(self._connection, query, given)
        return {(row["kpi"], (row["level"], row["member"])): row for row in rows}

    def history(self, kpi: str, key: Key) -> Mapping[str, Json]:
        """Those of one member, by period; those of its other KPIs are read with them."""
        if key not in self._histories:
            level, member = key
            found: dict[str, dict[str, Json]] = defaultdict(dict)
            for row in self._asked(f"observations where {_is('level', level)} and {_is('member', member)}"):
                found[row["kpi"]][row["period"]] = row
            self._histories = {key: found}
        return self._histories[key].get(kpi, {})

    def of_member(self, key: Key) -> Mapping[str, Json]:
        """Those of one member in the reported period, by KPI."""
        return self._beside(key).now

    def series(self, key: Key) -> Mapping[str, Series]:
        """How those of one member went, by KPI."""
        return self._beside(key).series

    def values(self, kpi: str) -> list[float]:
        """The least and the largest value of a KPI, and one that isn't whole, where there is any."""
        if kpi not in self._values:
            asked = "select min(value), max(value), min(value) filter (where value <> trunc(value))"
            found = self._connection.execute(f"{asked} from bare_observations where {_is('kpi', kpi)}").fetchall()[0]
            self._values[kpi] = [value for value in found if value is not None]
        return self._values[kpi]

    def _beside(self, key: Key) -> _Member:
        """What is known of a member; it is read together with that of the next ones."""
        if key not in self._neighbours:
            self._neighbours = defaultdict(_Member)
            level, member = key
            next_ones = (
                f"select distinct member from reported where {_is('level', level)} "
                f"and member >= try_cast({text(member)} as member_name) order by member limit {ABREAST}"
            )
            here = f"{_is('level', level)} and member in ({next_ones})"
            for row in self._asked(f"reported where {here}"):
                self._neighbours[level, row["member"]].now[row["kpi"]] = row
            query = f"select kpi, member, series, status, uncertain from series where {here}"
            for kpi, name, values, status, uncertain in self._connection.execute(query).fetchall():
                self._neighbours[level, name].series[kpi] = Series(tuple(values), status, bool(uncertain))
        return self._neighbours.get(key) or _Member()

    def _asked(self, where: str) -> list[Json]:
        """The observations from a table or view for which a condition holds, in their order."""
        return observed.rows(self._connection, f"from {where}")


class QueriedScores(Scores):
    """The scores of a scorecard in the views of a connection (see `judge.scored`)."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, card: str, periods: Sequence[str]) -> None:
        self._connection, self._card, self._periods = connection, card, periods

    def __iter__(self) -> Iterator[Json]:
        """All of them, period by period."""
        for period in self._periods:
            yield from scored.scores_of(self._connection, self._card, period)

    @cached_property
    def now(self) -> Sequence[Json]:
        """Those of the reported period."""
        return scored.scores_of(self._connection, self._card, self._periods[-1])

    @cached_property
    def _series(self) -> Mapping[str, Series]:
        query = f"select member, {_series_of('score', self._periods, 'false')} from score_rows"
        found = self._connection.execute(f"{query} where scorecard = {text(self._card)} group by member").fetchall()
        return {member: Series(tuple(values), status, uncertain) for member, values, status, uncertain in found}

    def series(self, member: str) -> Series:
        """How that of one member went."""
        return self._series.get(member) or Series((None,) * len(self._periods), None, uncertain=False)


def _series_of(value: str, periods: Sequence[str], uncertain: str) -> str:
    """The columns of a series, of the rows of a group."""
    values = ", ".join(f"any_value({value}) filter (where period = {text(label)})" for label in periods)
    known = f"order by period) filter (where {value} is not null)"
    return f"[{values}] as series, last(status {known} as status, last({uncertain} {known} as uncertain"


def _is(column: str, name: str) -> str:
    """The condition that a name stands in a column; names are enumerations, and a stranger is none of them."""
    return f"{column} = try_cast({text(name)} as {column}_name)"

"""Observations of a run that is too large to have them all as objects of Python: asked for from its database.

Those of the reported period, which most questions are about, become a table of their own, in the order of members.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kpieval.collect.sql import text
from kpieval.judge import observed
from kpieval.render.rows import Course, Rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import duckdb

    from kpieval.render.rows import Key

Json = dict[str, Any]

KEPT = 12_000
"""So many observations that were read by KPI and level are remembered."""

ABREAST = 64
"""So many members are read at once: whoever asks for one asks for its neighbours next."""


@dataclass(slots=True)
class _Member:
    """What is known of a member: its rows of the reported period and its courses, by KPI."""

    now: dict[str, Json] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)


class QueriedRows(Rows):
    """The observations in the view `observations` of a connection, with `bare_observations` (see `judge.observed`)."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, periods: Sequence[str]) -> None:
        self._connection, self._periods = connection, periods
        connection.execute(
            f"create or replace temp table reported as from observations where period = {text(periods[-1])} "
            "order by level, member, kpi"
        )
        self._answers: OrderedDict[Key, Mapping[str, Json]] = OrderedDict()
        self._neighbours: dict[Key, _Member] = {}

    def __iter__(self) -> Iterator[Json]:
        """All of them, KPI by KPI."""
        for (kpi,) in self._connection.execute("select distinct kpi from bare_observations order by kpi").fetchall():
            yield from self._asked(f"observations where kpi = {text(kpi)}")

    def now(self, kpi: str, level: str) -> Mapping[str, Json]:
        """Those of the reported period, by member."""
        if (kpi, level) not in self._answers:
            rows = self._asked(f"reported where {_is('kpi', kpi)} and {_is('level', level)}")
            self._answers[kpi, level] = {row["member"]: row for row in rows}
            while sum(map(len, self._answers.values())) > KEPT and len(self._answers) > 1:
                self._answers.popitem(last=False)
        self._answers.move_to_end((kpi, level))
        return self._answers[kpi, level]

    def history(self, kpi: str, key: Key) -> Mapping[str, Json]:
        """Those of one member, by period."""
        level, member = key
        rows = self._asked(
            f"observations where {_is('kpi', kpi)} and {_is('level', level)} and {_is('member', member)}"
        )
        return {row["period"]: row for row in rows}

    def of_member(self, key: Key) -> Mapping[str, Json]:
        """Those of one member in the reported period, by KPI."""
        return self._beside(key).now

    def courses(self, key: Key) -> Mapping[str, Course]:
        """How those of one member went, by KPI."""
        return self._beside(key).courses

    def values(self, kpi: str) -> list[float]:
        """The least and the largest value of a KPI, and one that isn't whole, where there is any."""
        asked = "select min(value), max(value), min(value) filter (where value <> trunc(value))"
        found = self._connection.execute(f"{asked} from bare_observations where {_is('kpi', kpi)}").fetchall()[0]
        return [value for value in found if value is not None]

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
            for kpi, name, values, status, uncertain in self._connection.execute(self._going(here)).fetchall():
                self._neighbours[level, name].courses[kpi] = Course(tuple(values), status, bool(uncertain))
        return self._neighbours.get(key) or _Member()

    def _going(self, here: str) -> str:
        """The query of courses."""
        values = ", ".join(f"any_value(value) filter (where period = {text(label)})" for label in self._periods)
        known = "order by period) filter (where value is not null)"
        return (
            f"select kpi, member, [{values}], last(status {known}, last(uncertain {known} "
            f"from bare_observations where {here} group by kpi, member"
        )

    def _asked(self, where: str) -> list[Json]:
        """The observations from a table or view for which a condition holds, in their order."""
        return observed.rows(self._connection, f"from {where}")


def _is(column: str, name: str) -> str:
    """The condition that a name stands in a column; names are enumerations, and a stranger is none of them."""
    return f"{column} = try_cast({text(name)} as {column}_name)"

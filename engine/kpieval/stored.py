"""Observations of a run that is too large to have them all as objects of Python: read KPI by KPI, and member by member.

Each KPI's observations are written into a Parquet file of its own when somebody asks for them. When somebody asks for
members, two more files are made in the order of members: the reported period, and what sparklines are drawn from.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kpieval.collect.sql import text
from kpieval.render.rows import COURSE, Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from kpieval.render.rows import Key

Json = dict[str, Any]

GROUP = 8_192
"""Rows of a group of a file: the least that is read."""

KEPT = 24
"""So many answers about a KPI and a level are remembered."""

ABREAST = 64
"""So many members are read at once: whoever asks for one asks for its neighbours next."""

_COURSE = (
    "select kpi, period, level, member, value, target, "
    "case when target_low is not null then [target_low, target_high] end, "
    "case when interval_low is not null then [interval_low, interval_high] end, status, uncertain, null"
)
"""The fields of `COURSE`."""

_NARROW = (
    "kpi, period, level, member, value, target, target_low, target_high, interval_low, interval_high, status, uncertain"
)
"""The columns that these are made from."""


@dataclass(slots=True)
class _Member:
    """What is known of a member: its rows of the reported period by KPI, and its courses by KPI and period."""

    now: dict[str, Json] = field(default_factory=dict)
    courses: dict[tuple[str, str], Json] = field(default_factory=dict)


class StoredRows(Rows):
    """The observations of `kpis`, in the result's order; `query` gives those of one of them, in order.

    `shape` makes the result's form of a row. Files are made in `folder`.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        kpis: Sequence[str],
        query: Callable[[str], str],
        shape: Callable[[Json], Json],
        *,
        folder: Path,
        period: str,
    ) -> None:
        self._connection, self._query, self._shape, self._period = connection, query, shape, period
        self._files = {kpi: folder / f"kpi-{number}.parquet" for number, kpi in enumerate(kpis)}
        self._now, self._courses = folder / "members-now.parquet", folder / "members-courses.parquet"
        self._answers: OrderedDict[tuple[str, str], Mapping[str, Json]] = OrderedDict()
        self._neighbours: dict[Key, _Member] = {}

    def __iter__(self) -> Iterator[Json]:
        """All of them, KPI by KPI, a part of a file at a time; beside it others may ask for what they need."""
        for kpi in self._files:
            found = self._connection.cursor().execute(self._of(kpi))
            names = [column[0] for column in found.description or ()]
            while rows := found.fetchmany(GROUP):
                yield from (self._shape(dict(zip(names, row, strict=True))) for row in rows)

    def now(self, kpi: str, level: str) -> Mapping[str, Json]:
        """Those of the reported period, by member."""
        if kpi not in self._files:
            return {}
        if (kpi, level) not in self._answers:
            rows = self._asked(f"{self._of(kpi)} where level = $1 and period = $2", (level, self._period))
            self._answers[kpi, level] = {row["member"]: row for row in rows}
            if len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        self._answers.move_to_end((kpi, level))
        return self._answers[kpi, level]

    def history(self, kpi: str, key: Key) -> Mapping[str, Json]:
        """Those of one member, by period."""
        rows = self._asked(f"{self._of(kpi)} where level = $1 and member = $2", key)
        return {row["period"]: row for row in rows}

    def of_member(self, key: Key) -> Mapping[str, Json]:
        """Those of one member in the reported period, by KPI."""
        return self._beside(key).now

    def courses(self, key: Key) -> Mapping[tuple[str, str], Json]:
        """Those of one member, by KPI and period, with what a sparkline needs."""
        return self._beside(key).courses

    def values(self, kpi: str) -> list[float]:
        """The least and the largest value of a KPI, and one that isn't whole, where there is any."""
        if kpi not in self._files:
            return []
        asked = "select min(value), max(value), min(value) filter (where value <> trunc(value))"
        found = self._connection.execute(f"{self._of(kpi)} {asked}").fetchall()[0]
        return [value for value in found if value is not None]

    def _beside(self, key: Key) -> _Member:
        """What is known of a member; it is read together with that of the next ones."""
        if key not in self._neighbours:
            self._neighbours = defaultdict(_Member)
            now, courses = self._by_member()
            where = (
                "where level = $1 and member in "
                f"({now} select distinct member where level = $1 and member >= $2 order by member limit {ABREAST})"
            )
            for row in self._asked(f"{now} {where}", key):
                self._neighbours[row["level"], row["member"]].now[row["kpi"]] = row
            for values in self._connection.execute(f"{courses} {_COURSE} {where}", list(key)).fetchall():
                course = dict(zip(COURSE, values, strict=True))
                self._neighbours[course["level"], course["member"]].courses[course["kpi"], course["period"]] = course
        return self._neighbours.get(key) or _Member()

    def _by_member(self) -> tuple[str, str]:
        """What reads the reported period, and the courses, in the order of members."""
        if not self._now.exists():
            every = _reading(*(self._file(kpi) for kpi in self._files))
            self._write(f"{every} where period = {text(self._period)} order by level, member", self._now)
            self._write(f"{every} select {_NARROW} order by level, member", self._courses)
        return _reading(self._now), _reading(self._courses)

    def _of(self, kpi: str) -> str:
        """What reads the observations of a KPI."""
        return _reading(self._file(kpi))

    def _file(self, kpi: str) -> Path:
        if not self._files[kpi].exists():
            self._write(self._query(kpi), self._files[kpi])
        return self._files[kpi]

    def _write(self, query: str, file: Path) -> None:
        self._connection.execute(
            f"copy ({query}) to {text(str(file))} (format parquet, row_group_size {GROUP})"
        ).fetchall()

    def _asked(self, query: str, values: Sequence[str] = ()) -> list[Json]:
        """The rows that a query gives, in their order in the file."""
        found = self._connection.execute(query, list(values))
        names = [column[0] for column in found.description or ()]
        return [self._shape(dict(zip(names, row, strict=True))) for row in found.fetchall()]


def _reading(*files: Path) -> str:
    return f"from read_parquet([{', '.join(text(str(file)) for file in files)}])"

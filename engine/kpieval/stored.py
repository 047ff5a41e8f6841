"""Observations in a file: of a run that is too large to have them all as objects of Python.

They are written as Parquet, once in the order of KPIs and, when somebody asks for members, once more in the order of
members, so that each question reads a few groups of rows.
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
"""Rows of a group of the files: the least that is read."""

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


@dataclass(slots=True)
class _Member:
    """What is known of a member: its rows of the reported period by KPI, and its courses by KPI and period."""

    now: dict[str, Json] = field(default_factory=dict)
    courses: dict[tuple[str, str], Json] = field(default_factory=dict)


class StoredRows(Rows):
    """The observations that a query gives, with the columns of the result; `shape` makes the result's form of a row."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        query: str,
        folder: Path,
        period: str,
        shape: Callable[[Json], Json],
    ) -> None:
        self._connection, self._folder, self._period, self._shape = connection, folder, period, shape
        self._by_kpi = folder / "by-kpi.parquet"
        self._by_member = folder / "by-member.parquet"
        self._write(query, self._by_kpi)
        self._answers: OrderedDict[tuple[str, str], Mapping[str, Json]] = OrderedDict()
        self._neighbours: dict[Key, _Member] = {}

    def __iter__(self) -> Iterator[Json]:
        """All of them, a few at a time."""
        cursor = self._connection.cursor()
        found = cursor.execute(f"from read_parquet({text(str(self._by_kpi))})")
        names = [column[0] for column in found.description or ()]
        while rows := found.fetchmany(GROUP):
            yield from (self._shape(dict(zip(names, row, strict=True))) for row in rows)

    def now(self, kpi: str, level: str) -> Mapping[str, Json]:
        """Those of the reported period, by member."""
        if (kpi, level) not in self._answers:
            rows = self._asked(self._by_kpi, "kpi = $1 and level = $2 and period = $3", (kpi, level, self._period))
            self._answers[kpi, level] = {row["member"]: row for row in rows}
            if len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        self._answers.move_to_end((kpi, level))
        return self._answers[kpi, level]

    def history(self, kpi: str, key: Key) -> Mapping[str, Json]:
        """Those of one member, by period."""
        rows = self._asked(self._by_kpi, "kpi = $1 and level = $2 and member = $3", (kpi, *key))
        return {row["period"]: row for row in rows}

    def of_member(self, key: Key) -> Mapping[str, Json]:
        """Those of one member in the reported period, by KPI."""
        return self._beside(key).now

    def courses(self, key: Key) -> Mapping[tuple[str, str], Json]:
        """Those of one member, by KPI and period, with what a sparkline needs."""
        return self._beside(key).courses

    def _beside(self, key: Key) -> _Member:
        """What is known of a member; it is read together with that of the next ones."""
        if not self._by_member.exists():
            self._write(f"from read_parquet({text(str(self._by_kpi))}) order by level, member", self._by_member)
        if key not in self._neighbours:
            self._neighbours = defaultdict(_Member)
            file = f"from read_parquet({text(str(self._by_member))})"
            where = (
                "level = $1 and member in "
                f"({file} select distinct member where level = $1 and member >= $2 order by member limit {ABREAST})"
            )
            for row in self._asked(self._by_member, f"{where} and period = $3", (*key, self._period)):
                self._neighbours[row["level"], row["member"]].now[row["kpi"]] = row
            for values in self._connection.execute(f"{file} {_COURSE} where {where}", list(key)).fetchall():
                course = dict(zip(COURSE, values, strict=True))
                self._neighbours[course["level"], course["member"]].courses[course["kpi"], course["period"]] = course
        return self._neighbours.get(key) or _Member()

    def values(self, kpi: str) -> list[float]:
        """The least and the largest value of a KPI, and one that isn't whole, where there is any."""
        found = self._connection.execute(
            f"from read_parquet({text(str(self._by_kpi))}) "
            "select min(value), max(value), min(value) filter (where value <> trunc(value)) where kpi = $1",
            [kpi],
        ).fetchall()[0]
        return [value for value in found if value is not None]

    def _write(self, query: str, file: Path) -> None:
        self._connection.execute(
            f"copy ({query}) to {text(str(file))} (format parquet, row_group_size {GROUP})"
        ).fetchall()

    def _asked(self, file: Path, where: str, values: Sequence[str]) -> list[Json]:
        """The rows for which something holds, in their order in the file."""
        found = self._connection.execute(f"from read_parquet({text(str(file))}) where {where}", list(values))
        names = [column[0] for column in found.description or ()]
        return [self._shape(dict(zip(names, row, strict=True))) for row in found.fetchall()]

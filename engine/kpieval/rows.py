"""Where a report looks observations and scores up: by KPI and level, by member, over time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

Json = dict[str, Any]
Key = tuple[str, str]
"""The level and the key of a member."""


@dataclass(frozen=True, slots=True)
class Series:
    """The values of a KPI in all periods, None where there is none, and how the last of them was judged."""

    values: tuple[float | None, ...]
    status: str | None
    uncertain: bool


class Rows(ABC):
    """The observations of a result, each as `schemas/result.schema.json` has it, in their order."""

    @abstractmethod
    def __iter__(self) -> Iterator[Json]:
        """All of them."""

    @abstractmethod
    def reported(self) -> Iterable[Json]:
        """Those of the reported period, in their order."""

    @abstractmethod
    def now(self, kpi: str, level: str) -> Mapping[str, Json]:
        """Those of the reported period, by member."""

    def now_of(self, wanted: Collection[tuple[str, Key]]) -> Mapping[tuple[str, Key], Json]:
        """Those of the reported period of these KPIs and members, where there are any."""
        return {(kpi, key): row for kpi, key in wanted if (row := self.now(kpi, key[0]).get(key[1]))}

    @abstractmethod
    def history(self, kpi: str, key: Key) -> Mapping[str, Json]:
        """Those of one member, by period."""

    @abstractmethod
    def of_member(self, key: Key) -> Mapping[str, Json]:
        """Those of one member in the reported period, by KPI."""

    @abstractmethod
    def series(self, key: Key) -> Mapping[str, Series]:
        """How those of one member went, by KPI."""

    @abstractmethod
    def values(self, kpi: str) -> Iterable[float]:
        """Values that tell how all of a KPI are written: the largest ones, and one that isn't whole if there is any."""


class ListedRows(Rows):
    """Observations in a list: of a saved result, or of one that is small."""

    def __init__(self, rows: Sequence[Json], periods: Sequence[str]) -> None:
        self._rows, self._periods = rows, periods

    def __iter__(self) -> Iterator[Json]:
        """All of them."""
        return iter(self._rows)

    def reported(self) -> Iterable[Json]:
        """Those of the reported period, in their order."""
        return _of(self._periods[-1], self._rows)

    @cached_property
    def _now(self) -> Mapping[tuple[str, str], Mapping[str, Json]]:
        found: dict[tuple[str, str], dict[str, Json]] = defaultdict(dict)
        for row in self.reported():
            found[row["kpi"], row["level"]][row["member"]] = row
        return found

    @cached_property
    def _members(self) -> Mapping[Key, Mapping[str, Mapping[str, Json]]]:
        """Those of each member, by KPI and period."""
        found: dict[Key, dict[str, dict[str, Json]]] = defaultdict(lambda: defaultdict(dict))
        for row in self._rows:
            found[row["level"], row["member"]][row["kpi"]][row["period"]] = row
        return found

    @cached_property
    def _values(self) -> Mapping[str, Sequence[float]]:
        found: dict[str, list[float]] = defaultdict(list)
        for row in self._rows:
            if row["value"] is not None:
                found[row["kpi"]].append(row["value"])
        return found

    def now(self, kpi: str, level: str) -> Mapping[str, Json]:
        """Those of the reported period, by member."""
        return self._now.get((kpi, level), {})

    def history(self, kpi: str, key: Key) -> Mapping[str, Json]:
        """Those of one member, by period."""
        return self._members.get(key, {}).get(kpi, {})

    def of_member(self, key: Key) -> Mapping[str, Json]:
        """Those of one member in the reported period, by KPI."""
        last = self._periods[-1]
        return {kpi: rows[last] for kpi, rows in self._members.get(key, {}).items() if last in rows}

    def series(self, key: Key) -> Mapping[str, Series]:
        """How those of one member went, by KPI."""
        return {kpi: _series(rows, self._periods, "value") for kpi, rows in self._members.get(key, {}).items()}

    def values(self, kpi: str) -> Iterable[float]:
        """All values of a KPI."""
        return self._values.get(kpi, ())


class Scores(ABC):
    """The scores of a scorecard, each as `schemas/result.schema.json` has it, in their order."""

    @abstractmethod
    def __iter__(self) -> Iterator[Json]:
        """All of them."""

    @property
    @abstractmethod
    def now(self) -> Sequence[Json]:
        """Those of the reported period."""

    @abstractmethod
    def series(self, member: str) -> Series:
        """How that of one member went."""


class ListedScores(Scores):
    """Scores in a list: of a saved result, or of one that is small."""

    def __init__(self, scores: Sequence[Json], periods: Sequence[str]) -> None:
        self._scores, self._periods = scores, periods

    def __iter__(self) -> Iterator[Json]:
        """All of them."""
        return iter(self._scores)

    @cached_property
    def now(self) -> Sequence[Json]:
        """Those of the reported period."""
        return list(_of(self._periods[-1], self._scores))

    @cached_property
    def _by_member(self) -> Mapping[str, Mapping[str, Json]]:
        found: dict[str, dict[str, Json]] = defaultdict(dict)
        for score in self._scores:
            found[score["member"]][score["period"]] = score
        return found

    def series(self, member: str) -> Series:
        """How that of one member went."""
        return _series(self._by_member.get(member, {}), self._periods, "score")


def rows_of(result: Mapping[str, Any]) -> Rows:
    """The observations of a result, which are a list, or are asked for already."""
    rows = result["observations"]
    return rows if isinstance(rows, Rows) else ListedRows(rows, _labels(result))


def scores_of(result: Mapping[str, Any], card: Mapping[str, Any]) -> Scores:
    """The scores of a scorecard of a result, in the same way."""
    scores = card["scores"]
    return scores if isinstance(scores, Scores) else ListedScores(scores, _labels(result))


def _labels(result: Mapping[str, Any]) -> list[str]:
    return [period["label"] for period in result["periods"]]


def _of(period: str, rows: Iterable[Json]) -> Iterator[Json]:
    return (row for row in rows if row["period"] == period)


def _series(rows: Mapping[str, Json], periods: Sequence[str], name: str) -> Series:
    """The series of what is in a field, of rows by period."""
    found = [rows.get(period) for period in periods]
    last = next((row for row in reversed(found) if row and row[name] is not None), {})
    values = tuple(row[name] if row else None for row in found)
    return Series(values, last.get("status"), last.get("uncertain", False))

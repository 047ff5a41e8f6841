"""Where a report looks observations up: by KPI and level, by KPI and member over time, by member."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Json = dict[str, Any]
Key = tuple[str, str]
"""The level and the key of a member."""

COURSE = (
    "kpi", "period", "level", "member", "value", "target", "target_range", "interval", "status", "uncertain", "process",
)  # fmt: skip
"""What a history in the size of a word is drawn from. The process may be missing from it."""


class Rows(ABC):
    """The observations of a result, each as `schemas/result.schema.json` has it, in their order."""

    @abstractmethod
    def __iter__(self) -> Iterator[Json]:
        """All of them."""

    @abstractmethod
    def now(self, kpi: str, level: str) -> Mapping[str, Json]:
        """Those of the reported period, by member."""

    @abstractmethod
    def history(self, kpi: str, key: Key) -> Mapping[str, Json]:
        """Those of one member, by period."""

    @abstractmethod
    def of_member(self, key: Key) -> Mapping[str, Json]:
        """Those of one member in the reported period, by KPI."""

    @abstractmethod
    def courses(self, key: Key) -> Mapping[tuple[str, str], Json]:
        """Those of one member, by KPI and period, with at least what a sparkline needs: the fields `COURSE`."""

    @abstractmethod
    def values(self, kpi: str) -> Iterable[float]:
        """Values that tell how all of a KPI are written: the largest ones, and one that isn't whole if there is any."""


class ListedRows(Rows):
    """Observations in a list: of a saved result, or of one that is small."""

    def __init__(self, rows: Sequence[Json], period: str) -> None:
        self._rows, self._period = rows, period

    def __iter__(self) -> Iterator[Json]:
        """All of them."""
        return iter(self._rows)

    @cached_property
    def _now(self) -> Mapping[tuple[str, str], Mapping[str, Json]]:
        found: dict[tuple[str, str], dict[str, Json]] = defaultdict(dict)
        for row in self._rows:
            if row["period"] == self._period:
                found[row["kpi"], row["level"]][row["member"]] = row
        return found

    @cached_property
    def _members(self) -> Mapping[Key, Mapping[tuple[str, str], Json]]:
        found: dict[Key, dict[tuple[str, str], Json]] = defaultdict(dict)
        for row in self._rows:
            found[row["level"], row["member"]][row["kpi"], row["period"]] = row
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
        return {period: row for (name, period), row in self.courses(key).items() if name == kpi}

    def of_member(self, key: Key) -> Mapping[str, Json]:
        """Those of one member in the reported period, by KPI."""
        return {kpi: row for (kpi, period), row in self.courses(key).items() if period == self._period}

    def courses(self, key: Key) -> Mapping[tuple[str, str], Json]:
        """Those of one member, by KPI and period."""
        return self._members.get(key, {})

    def values(self, kpi: str) -> Iterable[float]:
        """All values of a KPI."""
        return self._values.get(kpi, ())

"""How a failure says what was observed: values in the units and the locale of the project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.model import ORGANISATION, Unit
from kpieval.render.formatting import Formats
from kpieval.render.views.reading import reader

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.render.views.reading import Reader

Json = dict[str, Any]

_POINTS = Unit("number", 1)


@dataclass(slots=True)
class Teller:
    """Tells values of KPIs and scores of one result."""

    formats: Formats
    kpis: Mapping[str, dict[str, Any]]
    _readers: dict[str, Reader]

    @classmethod
    def of(cls, result: Json) -> Teller:
        """The teller of a result."""
        formats = Formats(result["locale"], result["currency"])
        return cls(formats, {kpi["name"]: kpi for kpi in result["kpis"]}, {})

    def value(self, row: dict[str, Any]) -> str:
        """The value of an observation."""
        return self._reader(row).value(row)

    def known(self, row: dict[str, Any]) -> str | None:
        """The value of an observation, None where there is none."""
        return None if row["value"] is None else self.value(row)

    def counts_like(self, other: Teller, kpi: str) -> bool:
        """Whether both count a KPI in the same unit."""
        mine, theirs = self.kpis[kpi]["unit"], other.kpis[kpi]["unit"]
        return bool(mine["kind"] == theirs["kind"]) and self.formats.currency == other.formats.currency

    def apart(self, row: dict[str, Any], other: float) -> tuple[str, str]:
        """The value of an observation and another one of the same KPI, with the digits that tell them apart."""
        unit = self._reader(row).unit
        places = self.formats.apart(row["value"], [other], unit)
        return (
            self.formats.value(row["value"], unit, decimals=places),
            self.formats.value(other, unit, decimals=places),
        )

    def observed(self, row: dict[str, Any]) -> str:
        """A verdict with what it rests on: `poor, 39% against 50%`."""
        verdict = row["status"] or row["reason"]
        if row["value"] is None:
            return str(verdict)
        aimed = row["target"] is not None or row["target_range"]
        against = f" against {self._reader(row).target(row)}" if aimed else ""
        return f"{verdict}, {self.value(row)}{against}"

    def score(self, number: float) -> str:
        """A score, with one decimal."""
        return self.formats.value(number, _POINTS)

    def _reader(self, row: dict[str, Any]) -> Reader:
        name = row["kpi"]
        if name not in self._readers:
            self._readers[name] = reader(self.kpis[name], () if row["value"] is None else (row["value"],), self.formats)
        return self._readers[name]


def whom(row: Json, level: str) -> str:
    """Whom it is about: `team South`, `the organisation`."""
    return "the organisation" if level == ORGANISATION else f"{level} {row['label']}"

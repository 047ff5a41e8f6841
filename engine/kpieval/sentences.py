"""A rule's message -> the sentence of one finding: its holes filled with what was observed, in the project's locale.

Numbers are written as the report writes them, with their units and the digits that tell them apart from their target.
What fills a hole is text, whatever it holds: it is never read as a message again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kpieval.expressions.fields import OF_KPI
from kpieval.model import Unit
from kpieval.render.reading import reader
from kpieval.render.words import NO_VERDICT, NOTHING, REASONS, status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.model import Hole, Message
    from kpieval.render.formatting import Formats
    from kpieval.render.reading import Reader
    from kpieval.render.rows import Rows

Json = dict[str, Any]
Subject = tuple[str, str]
"""The level and the key of a member."""

_SHARES = frozenset({"attainment", "percentile", "coverage"})
_UNMEASURED = "not measured"


@dataclass(slots=True)
class Sentences:
    """Fills the messages of the reported period in. `scores` has the fields of scorecards, by name and member."""

    formats: Formats
    period: Json
    rows: Rows
    levels: Mapping[str, str]
    scores: Mapping[tuple[str, Subject], Mapping[str, Any]] = field(default_factory=dict)
    _readers: dict[str, Reader] = field(default_factory=dict)

    def learn(self, kpis: Mapping[str, Json], wanted: Iterable[str]) -> None:
        """Take in how the KPIs that are `wanted` are written."""
        self._readers = {
            name: reader(kpis[name], self.rows.values(name), self.formats) for name in wanted if name in kpis
        }

    def said(self, message: Message, subject: Subject, label: str) -> str:
        """The message about a member."""
        return "".join(piece if isinstance(piece, str) else self._filled(piece, subject, label) for piece in message)

    def moved(self, kpi: str, subject: Subject) -> str:
        """Where a KPI is, and by how much it moved: `Margin (36 %, +2 points)`."""
        read, row = self._readers[kpi], self.rows.now(kpi, subject[0])[subject[1]]
        change = read.change(row)
        return f"{read.kpi['title']} ({read.value(row)}{f', {change.text}' if change else ''})"

    def _filled(self, hole: Hole, subject: Subject, label: str) -> str:
        if hole.field is None:
            level = self.levels.get(subject[0], subject[0]).lower()
            period = self.formats.period(self.period["label"], self.period["start"])
            return {"member": label, "level": level, "period": period}[hole.name]
        if hole.name not in self._readers:
            found = self.scores.get((hole.name, subject))
            return _UNMEASURED if found is None else self._plain(hole.field, found[hole.field], size=hole.size)
        read, row = self._readers[hole.name], self.rows.now(hole.name, subject[0]).get(subject[1])
        if row is None:
            return _UNMEASURED
        return self._of_kpi(read, row, hole.field, size=hole.size)

    def _of_kpi(self, read: Reader, row: Json, name: str, *, size: bool) -> str:
        """A field of an observation."""
        match name:
            case "value" | "previous":
                number = row[name]
                if number is None:
                    return REASONS.get(row["reason"], NO_VERDICT.word).lower() if name == "value" else NOTHING
                return (
                    read.value(row | {"value": abs(number)}).removeprefix("+")
                    if size
                    else read.value(row | {"value": number})
                )
            case "target":
                return read.target(row | {"target": abs(row["target"])} if size and row["target"] is not None else row)
            case "change":
                change = row["change"]
                return NOTHING if change is None else self.formats.difference(change, read.unit, signed=not size)
            case "status":
                return status(read.kpi, row["status"]).word.lower()
        extension = OF_KPI[name].extension
        found = row if extension is None else row.get(extension) or {}
        least = "at least " if name == "streak" and found.get("at_least") else ""
        return least + self._plain(name, found.get(name), size=size)

    def _plain(self, name: str, value: object, *, size: bool) -> str:
        """A field that has no unit of its own."""
        if value is None:
            return NOTHING
        if isinstance(value, bool):
            return "uncertain" if value else "certain"
        if isinstance(value, str):
            return REASONS.get(value, value).lower() if name == "reason" else value.replace("_", " ")
        if not isinstance(value, int | float):
            return str(value)
        plain = Unit("number", 0 if value == int(value) else 1)
        if name == "change":
            return self.formats.difference(value, plain, signed=not size)
        return self.formats.value(abs(value) if size else value, Unit("percent") if name in _SHARES else plain)


def mentioned(messages: Iterable[Message]) -> dict[str, set[str]]:
    """The fields that messages mention, by the name of their KPI or scorecard."""
    found: dict[str, set[str]] = defaultdict(set)
    for message in messages:
        for piece in message:
            if not isinstance(piece, str) and piece.field is not None:
                found[piece.name].add(piece.field)
    return found

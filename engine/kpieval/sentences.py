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
from kpieval.render.views.reading import reader
from kpieval.render.words import NO_VERDICT, NOTHING, REASONS, SCORE_REASONS
from kpieval.translation import begun, inside, marked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kpieval.model import Hole, Message
    from kpieval.render.formatting import Formats
    from kpieval.render.views.reading import Reader
    from kpieval.rows import Rows

Json = dict[str, Any]
Subject = tuple[str, str]
"""The level and the key of a member."""

_SHARES = frozenset({"attainment", "percentile", "coverage"})
_UNMEASURED = marked("not measured")
_STATUSES = {"good": marked("Good"), "watch": marked("Watch"), "poor": marked("Poor")}
_COURSES = {
    "common_cause": marked("common cause"),
    "improvement": marked("improvement"),
    "concern": marked("concern"),
    "special_cause": marked("special cause"),
    "passing": marked("passing"),
    "failing": marked("failing"),
    "hit_and_miss": marked("hit and miss"),
}


@dataclass(slots=True)
class Sentences:
    """Fills the messages of the reported period in. `scores` has the fields of scorecards, by name and member."""

    formats: Formats
    period: Json
    levels: Mapping[str, str]
    scores: Mapping[tuple[str, Subject], Mapping[str, Any]] = field(default_factory=dict)
    observed: Mapping[tuple[str, Subject], Json] = field(default_factory=dict)
    _readers: dict[str, Reader] = field(default_factory=dict)

    def learn(self, kpis: Mapping[str, Json], rows: Rows, wanted: Collection[tuple[str, Subject]]) -> None:
        """Take in what is `wanted`: what was observed of these KPIs and members, and how it is written."""
        known = [(name, subject) for name, subject in wanted if name in kpis]
        self.observed = rows.now_of(known)
        self._readers = {
            name: reader(kpis[name], rows.values(name), self.formats) for name in {name for name, _ in known}
        }

    def said(self, message: Message, subject: Subject, label: str) -> str:
        """The message about a member."""
        return "".join(piece if isinstance(piece, str) else self._filled(piece, subject, label) for piece in message)

    def moved(self, kpi: str, subject: Subject) -> str:
        """Where a KPI is, and by how much it moved: `Margin (36 %, +2 points)`."""
        read, row = self._readers[kpi], self.observed[kpi, subject]
        change = read.change(row)
        return f"{read.kpi['title']} ({read.value(row)}{f', {change.text}' if change else ''})"

    def _filled(self, hole: Hole, subject: Subject, label: str) -> str:
        if hole.field is None:
            level = inside(self.levels.get(subject[0], subject[0]), self.formats.language)
            period = self.formats.period(self.period["label"], self.period["start"])
            return {"member": label, "level": level, "period": period}[hole.name]
        if hole.name not in self._readers:
            found = self.scores.get((hole.name, subject))
            return (
                self.formats.say(_UNMEASURED)
                if found is None
                else self._plain(hole.field, found[hole.field], size=hole.size)
            )
        read, row = self._readers[hole.name], self.observed.get((hole.name, subject))
        if row is None:
            return self.formats.say(_UNMEASURED)
        return self._of_kpi(read, row, hole.field, size=hole.size)

    def _of_kpi(self, read: Reader, row: Json, name: str, *, size: bool) -> str:
        """A field of an observation."""
        match name:
            case "value" | "previous":
                number = row[name]
                if number is None:
                    reason = REASONS.get(row["reason"], NO_VERDICT.word)
                    return begun(self.formats.say(reason)) if name == "value" else NOTHING
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
                return self._status(read, row["status"])
        extension = OF_KPI[name].extension
        found = row if extension is None else row.get(extension) or {}
        said = self._plain(name, found.get(name), size=size)
        return (
            self.formats.say("at least {number}", number=said) if name == "streak" and found.get("at_least") else said
        )

    def _status(self, read: Reader, name: str | None) -> str:
        if name is None:
            return begun(self.formats.say(NO_VERDICT.word))
        return inside(read.status(name).word, self.formats.language)

    def _plain(self, name: str, value: object, *, size: bool) -> str:
        """A field that has no unit of its own."""
        if value is None:
            return NOTHING
        if isinstance(value, bool):
            return self.formats.say("uncertain") if value else self.formats.say("certain")
        if isinstance(value, str):
            return self._text(name, value)
        if not isinstance(value, int | float):
            return str(value)
        plain = Unit("number", 0 if value == int(value) else 1)
        if name == "change":
            return self.formats.difference(value, plain, signed=not size)
        return self.formats.value(abs(value) if size else value, Unit("percent") if name in _SHARES else plain)

    def _text(self, name: str, value: str) -> str:
        """A field that is a word: those of our own in the language of the project."""
        say = self.formats.say
        match name:
            case "reason":
                return begun(say(SCORE_REASONS.get(value, value)))
            case "status" if value in _STATUSES:
                return inside(say(_STATUSES[value]), self.formats.language)
            case "variation" | "assurance":
                return say(_COURSES[value])
        return value.replace("_", " ")


def mentioned(messages: Iterable[Message]) -> dict[str, set[str]]:
    """The fields that messages mention, by the name of their KPI or scorecard."""
    found: dict[str, set[str]] = defaultdict(set)
    for message in messages:
        for piece in message:
            if not isinstance(piece, str) and piece.field is not None:
                found[piece.name].add(piece.field)
    return found

"""What was reported and is another figure now becomes a table: the whole organisation first, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.model import Unit
from kpieval.render.words import NOTHING, REASONS, status
from kpieval.translation import marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index

Json = dict[str, Any]

SHOWN = 20
"""So many restated figures are listed; the result has all."""

CAUSES: Mapping[str, str] = {
    "data": marked("The data have changed"),
    "definition": marked("It is computed in another way"),
    "target": marked("It is held against something else"),
}


@dataclass(frozen=True, slots=True)
class Restatement:
    """A figure as it was reported, and as it is now."""

    kpi: str
    label: str
    period: str
    reported: str
    on: str
    now: str
    cause: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of a table."""
        return self.kpi, self.label, self.period, f"{self.reported} {self.on}", self.now, self.cause


@dataclass(frozen=True, slots=True)
class Restated:
    """What became of earlier reports: a sentence or two, and the first figures that differ."""

    heads: tuple[str, ...]
    summary: str
    rows: tuple[Restatement, ...]


def restated(index: Index, formats: Formats) -> Restated | None:
    """What the result says of earlier reports; None where there was nothing to look at."""
    history = index.result["history"]
    if not history or not history["runs"]:
        return None
    found = [row for row in history["restatements"] if row["kpi"] in index.kpis]
    levels = {name: place for place, name in enumerate(reversed(index.levels))}
    found.sort(key=lambda row: levels.get(row["level"], len(levels)))
    say, runs = formats.say, len(history["runs"])
    looked_at = formats.counted(runs, "{count} earlier period", "{count} earlier periods")
    said = [
        formats.counted(
            len(found),
            "{count} figure reported for {periods} is different now.",
            "{count} figures reported for {periods} are different now.",
            periods=looked_at,
        )
        if found
        else say("Every figure reported for {periods} is still the same.", periods=looked_at)
    ]
    if len(found) > SHOWN:
        said.append(say("{number} of them are listed; the result has all.", number=formats.count(SHOWN)))
    heads = (say("KPI"), say("Whose"), say("Period"), say("As reported"), say("Now"), say("Why"))
    return Restated(heads, " ".join(said), tuple(_row(row, index, formats) for row in found[:SHOWN]))


def _row(row: Json, index: Index, formats: Formats) -> Restatement:
    kpi = index.kpis[row["kpi"]]
    period = index.periods.get(row["period"])
    return Restatement(
        kpi=kpi["title"],
        label=row["label"],
        period=formats.period(row["period"], period["start"]) if period else row["period"],
        reported=_figure(row["reported_value"], row["value"], row["reported_status"], "", kpi, formats),
        on=formats.say("on {date}", date=formats.date(row["reported_at"][:10])),
        now=_figure(row["value"], row["reported_value"], row["status"], row["reason"] or "", kpi, formats),
        cause=formats.say(CAUSES[row["cause"]]),
    )


def _figure(
    value: float | None, other: float | None, verdict: str | None, reason: str, kpi: Json, formats: Formats
) -> str:
    """A value with its verdict, in as many digits as it takes to tell it from the other."""
    unit = Unit(**kpi["unit"])
    word = status(kpi, verdict).word if verdict else formats.say(REASONS.get(reason, ""))
    if value is None:
        return word or NOTHING
    places = formats.apart(value, [] if other is None else [other], unit)
    shown = formats.value(value, unit, decimals=places)
    return f"{shown}, {word}" if word else shown

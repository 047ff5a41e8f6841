"""An observation becomes words: its value with the digits that the comparison needs, its verdict, change and gap."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kpieval.model import Unit
from kpieval.render.charts import Point
from kpieval.render.formatting import settled, unit_decimals
from kpieval.render.view import Change, Reading
from kpieval.render.words import NO_VERDICT, NOTHING, REASONS, instead, status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kpieval.render.formatting import Formats

Json = dict[str, Any]

_SET = frozenset({"value", "range", "benchmark"})
"""The kinds of targets whose number somebody wrote down."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the observations of one KPI aloud; its unit has settled decimals. `titles` are those of all KPIs."""

    kpi: Json
    unit: Unit
    formats: Formats
    titles: Mapping[str, str] = field(default_factory=dict)

    def read(self, row: Json | None) -> Reading:
        """An observation in words; None reads as "no data"."""
        if row is None:
            return Reading(NOTHING, NOTHING, NO_VERDICT, False, REASONS["no_data"], NOTHING, None, NOTHING, "")  # noqa: FBT003
        verdict = status(self.kpi, row["status"])
        reason = "" if row["status"] else instead(self.kpi, row["reason"])
        value, brief = self.value(row), self.value(row, short=True)
        cases = NOTHING if row["n"] is None else self.formats.count(row["n"])
        return Reading(
            value,
            brief,
            verdict,
            row["uncertain"],
            reason,
            self.target(row),
            self.change(row),
            cases,
            self.interval(row),
            self.guard(row),
        )

    def guard(self, row: Json) -> str:
        """Which KPIs got worse while this one got better, two periods running; empty where none did."""
        if not row["guard"]:
            return ""
        falling = [self.titles.get(name, name) for name in row["guard"]["falling"]]
        return f"while {self.formats.listed(falling)} {'gets' if len(falling) == 1 else 'get'} worse"

    def value(self, row: Json, *, short: bool = False) -> str:
        """The value, told apart from its target and from the edges of its bands."""
        if row["value"] is None:
            return NOTHING
        decimals = self.formats.apart(row["value"], _rivals(row), self.unit)
        kept = None if short and decimals == self.formats.apart(row["value"], [], self.unit) else decimals
        return self.formats.value(row["value"], self.unit, decimals=kept, short=short)

    def target(self, row: Json) -> str:
        """The target: what an author set in its own digits, what comes from data with those of a value."""
        if row["target_range"]:
            low, high = row["target_range"]
            return f"{self.exact(low, short=True)} to {self.exact(high)}"
        return NOTHING if row["target"] is None else self.held_against(row, row["target"])

    def held_against(self, row: Json, number: float, *, written: bool = False) -> str:
        """The target, or an edge that is a share of it; an edge that is `written` as a value is its author's."""
        if written or self._is_set(row):
            return self.exact(number)
        return self.beside(row, number)

    def beside(self, row: Json, number: float) -> str:
        """A number from the data, in the digits of a value, told apart from that of the observation."""
        others = [] if row["value"] is None else [row["value"]]
        return self.formats.value(number, self.unit, decimals=self.formats.apart(number, others, self.unit))

    def _is_set(self, row: Json) -> bool:
        """Whether somebody wrote the number that is the target down."""
        taken = row["target_by"]
        return taken is None or self.kpi["targets"][taken - 1]["kind"] in _SET

    def exact(self, number: float, *, short: bool = False) -> str:
        """A number that an author set, in its own digits (up to four more than usual); data keep the usual ones."""
        usual = self.formats.apart(number, [], self.unit)
        places = next((places for places in range(usual, usual + 5) if _ends(number, places, self.unit)), usual)
        return self.formats.value(number, self.unit, decimals=places, short=short)

    def change(self, row: Json) -> Change | None:
        """The difference from the period before, and whether that is for the better."""
        change = row["change"]
        if change is None:
            return None
        text = self.formats.difference(change, self.unit, short=self.unit.kind == "currency")
        brief = self.formats.difference(change, self.unit, short=True, most=0)
        arrow = "up" if change > 0 else "down" if change < 0 else "flat"
        direction = self.kpi["direction"]
        if direction in {"target_range", "neutral"} or change == 0:
            return Change(text, brief, arrow, "")
        return Change(text, brief, arrow, "better" if (change > 0) == (direction == "higher_is_better") else "worse")

    def interval(self, row: Json) -> str:
        """The interval as `18 % to 31 %`, empty where there is none."""
        if not row["interval"]:
            return ""
        return self.between(*row["interval"])

    def plain(self, number: float) -> str:
        """A number in the unit of the KPI that was computed, and isn't compared with anything."""
        return self.formats.value(number, self.unit, short=True)

    def between(self, low: float, high: float) -> str:
        """A stretch as `18 % to 31 %`, with the digits that tell its ends apart."""
        places = self.formats.apart(low, [high], self.unit, most=unit_decimals(self.unit) + 2)
        usual = places == unit_decimals(self.unit)
        ends = (
            self.formats.value(end, self.unit, decimals=None if usual else places, short=True) for end in (low, high)
        )
        return " to ".join(ends)

    def gap(self, row: Json) -> str:
        """How far the value is from its target: `6 points below the target of 30 %`."""
        value, target, bounds = row["value"], row["target"], row["target_range"]
        if value is None or (target is None and not bounds):
            return ""
        if bounds:
            low, high = bounds
            if low <= value <= high:
                return f"inside the target range of {self.target(row)}"
            distance = low - value if value < low else value - high
            side = "below" if value < low else "above"
            return f"{self._distance(row, distance)} {side} the target range of {self.target(row)}"
        if value == target:
            return f"exactly at the target of {self.target(row)}"
        side = "below" if value < target else "above"
        return f"{self._distance(row, value - target)} {side} the target of {self.target(row)}"

    def _distance(self, row: Json, number: float) -> str:
        """An unsigned difference, with as many digits as the value is shown with."""
        places = self.formats.apart(row["value"], _rivals(row), self.unit)
        return self.formats.difference(number, replace(self.unit, decimals=places), signed=False)

    def point(self, row: Json | None) -> Point:
        """What a chart draws of it."""
        if row is None:
            return Point(None, None, None, "none", "grey")
        low_high = tuple(row["interval"]) if row["interval"] else None
        aim = tuple(row["target_range"]) if row["target_range"] else None
        verdict = status(self.kpi, row["status"])
        process = row["process"] or {"mean": None, "limits": None}
        return Point(
            row["value"],
            row["target"],
            low_high,
            verdict.tone,
            verdict.color,
            row["uncertain"],
            aim,
            process["mean"],
            tuple(process["limits"]) if process["limits"] else None,
        )

    def axis(self, marks: Sequence[float]) -> list[str]:
        """The numbers along a scale: short, all with as many digits as the longest of them needs."""
        places = next((places for places in range(5) if all(_ends(mark, places, self.unit) for mark in marks)), 5)
        long = self.unit.kind == "currency" and not places
        return [self.formats.value(mark, self.unit, decimals=None if long else places, short=True) for mark in marks]


def reader(
    kpi: Json, values: Iterable[float], formats: Formats, titles: Mapping[str, str] = MappingProxyType({})
) -> Reader:
    """The reader of a KPI; the decimals fit all its `values`."""
    unit = Unit(kpi["unit"]["kind"], kpi["unit"]["decimals"], kpi["unit"]["suffix"])
    return Reader(kpi, settled(unit, list(values) or [0.0]), formats, titles)


def _rivals(row: Json) -> list[float]:
    target = [] if row["target"] is None else [row["target"]]
    return [*target, *(row["edges"] or ()), *(row.get("edges_high") or ()), *(row["target_range"] or ())]


def bounds(row: Json) -> tuple[list[float], list[float]]:
    """The lower and the upper ends of the bands around a target range, the best first; or the edges, and none."""
    lower, upper = row["edges"] or [], row.get("edges_high") or []
    if row["target_range"] and not (lower and upper):
        low, high = row["target_range"]
        return [low], [high]
    return lower, upper


def _ends(number: float, places: int, unit: Unit) -> bool:
    """Whether so many decimals say all of the number."""
    scaled = number * 100 if unit.kind in ("percent", "points") else number
    return abs(scaled - round(scaled, places)) <= 1e-9 * max(1.0, abs(scaled))

"""An observation becomes words: its value with the digits that the comparison needs, its verdict, change and gap."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kpieval.model import Unit
from kpieval.render.charts import Point
from kpieval.render.formatting import settled, unit_decimals
from kpieval.render.views.view import Change, Reading
from kpieval.render.words import NO_VERDICT, NOTHING, REASONS, instead, silent, status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.words import Status

Json = dict[str, Any]

_COUNTED = frozenset({"number", "suffix"})
"""The kinds of units that are counts where they have no decimals."""
_SET = frozenset({"value", "range", "benchmark"})
"""The kinds of targets whose number somebody wrote down."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the observations of one KPI aloud; its unit has settled decimals. `titles` are those of all KPIs."""

    kpi: Json
    unit: Unit
    formats: Formats
    titles: Mapping[str, str] = field(default_factory=dict)
    _statuses: Mapping[str | None, Status] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Work out once how each band looks."""
        known = {band["name"]: status(self.kpi, band["name"]) for band in self.kpi["bands"]}
        object.__setattr__(self, "_statuses", known)

    def status(self, name: str | None) -> Status:
        """A band of the KPI as it is shown."""
        return self._statuses.get(name, NO_VERDICT)

    def read(self, row: Json | None) -> Reading:
        """An observation in words; None reads as "no data"."""
        if row is None:
            why = self.formats.say(REASONS["no_data"])
            return Reading(NOTHING, NOTHING, silent(self.formats), False, why, NOTHING, None, NOTHING, "")  # noqa: FBT003 - certain
        verdict = self.status(row["status"])
        reason = "" if row["status"] else instead(self.kpi, row["reason"], self.formats)
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
            self.formats.say("uncertain") if row["uncertain"] else "",
        )

    def guard(self, row: Json) -> str:
        """Which KPIs got worse while this one got better, two periods running; empty where none did."""
        if not row["guard"]:
            return ""
        falling = [self.titles.get(name, name) for name in row["guard"]["falling"]]
        names = self.formats.listed(falling)
        return self.formats.counted(len(falling), "while {names} gets worse", "while {names} get worse", names=names)

    def value(self, row: Json, *, short: bool = False) -> str:
        """The value, told apart from its target and from the edges of its bands."""
        if row["value"] is None:
            return NOTHING
        decimals = self.decimals(row)
        kept = None if short and decimals == self.formats.apart(row["value"], [], self.unit) else decimals
        return self.formats.value(row["value"], self.unit, decimals=kept, short=short)

    def decimals(self, row: Json) -> int:
        """So many decimals tell a value from its target and from the edges of its bands."""
        return self.formats.apart(row["value"], _rivals(row), self.unit)

    def target(self, row: Json) -> str:
        """The target: what an author set in its own digits, what comes from data with those of a value."""
        if row["target_range"]:
            low, high = row["target_range"]
            return self.formats.stretch(self.exact(low, short=True), self.exact(high))
        return NOTHING if row["target"] is None else self.held_against(row, row["target"])

    def held_against(self, row: Json, number: float, *, written: bool = False) -> str:
        """The target, or an edge that is a share of it; an edge that is `written` as a value is its author's."""
        if written or self._is_set(row):
            return self.exact(number)
        return self.beside(row, number)

    def target_decimals(self, row: Json, number: float) -> int:
        """So many decimals a target, or an end of its range, is shown with."""
        return self._own(number) if self._is_set(row) else self._beside(row, number)

    def beside(self, row: Json, number: float) -> str:
        """A number from the data, in the digits of a value, told apart from that of the observation."""
        return self.formats.value(number, self.unit, decimals=self._beside(row, number))

    def _beside(self, row: Json, number: float) -> int:
        return self.formats.apart(number, [] if row["value"] is None else [row["value"]], self.unit)

    def _is_set(self, row: Json) -> bool:
        """Whether somebody wrote the number that is the target down."""
        taken = row["target_by"]
        return taken is None or self.kpi["targets"][taken - 1]["kind"] in _SET

    def exact(self, number: float, *, short: bool = False) -> str:
        """A number that an author set, in its own digits (up to four more than usual); data keep the usual ones."""
        return self.formats.value(number, self.unit, decimals=self._own(number), short=short)

    def _own(self, number: float) -> int:
        usual = self.formats.apart(number, [], self.unit)
        return next((places for places in range(usual, usual + 5) if _ends(number, places, self.unit)), usual)

    def change(self, row: Json) -> Change | None:
        """The difference from the period before, and whether that is for the better."""
        change = row["change"]
        if change is None:
            return None
        text = self.formats.difference(change, self.unit, short=self.unit.kind == "currency")
        brief = self.formats.difference(change, self.unit, short=True)
        arrow = "up" if change > 0 else "down" if change < 0 else "flat"
        direction = self.kpi["direction"]
        if direction in {"target_range", "neutral"} or change == 0:
            return Change(text, brief, arrow, "", "")
        if (change > 0) == (direction == "higher_is_better"):
            return Change(text, brief, arrow, "better", self.formats.say("better"))
        return Change(text, brief, arrow, "worse", self.formats.say("worse"))

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
        places = self.interval_decimals(low, high)
        usual = places == unit_decimals(self.unit)
        first, last = (
            self.formats.value(end, self.unit, decimals=None if usual else places, short=True) for end in (low, high)
        )
        return self.formats.stretch(first, last)

    def interval_decimals(self, low: float, high: float) -> int:
        """So many decimals tell the ends of a stretch apart."""
        return self.formats.apart(low, [high], self.unit, most=unit_decimals(self.unit) + 2)

    def gap(self, row: Json) -> str:
        """How far the value is from its target: `6 points below the target of 30 %.`."""
        say, value, target, bounds = self.formats.say, row["value"], row["target"], row["target_range"]
        if value is None or (target is None and not bounds):
            return ""
        if bounds:
            return self._gap_to_range(row, *bounds)
        if value == target:
            return say("Exactly at the target of {target}.", target=self.target(row))
        distance = self._distance(row, value - target)
        if value < target:
            return say("{distance} below the target of {target}.", distance=distance, target=self.target(row))
        return say("{distance} above the target of {target}.", distance=distance, target=self.target(row))

    def _gap_to_range(self, row: Json, low: float, high: float) -> str:
        say, value, target = self.formats.say, row["value"], self.target(row)
        if low <= value <= high:
            return say("Inside the target range of {target}.", target=target)
        distance = self._distance(row, low - value if value < low else value - high)
        if value < low:
            return say("{distance} below the target range of {target}.", distance=distance, target=target)
        return say("{distance} above the target range of {target}.", distance=distance, target=target)

    def _distance(self, row: Json, number: float) -> str:
        """An unsigned difference, with as many digits as the value is shown with."""
        return self.formats.difference(number, replace(self.unit, decimals=self.decimals(row)), signed=False)

    def point(self, row: Json | None) -> Point:
        """What a chart draws of it."""
        if row is None:
            return Point(None, None, None, "none", "grey")
        low_high = tuple(row["interval"]) if row["interval"] else None
        aim = tuple(row["target_range"]) if row["target_range"] else None
        verdict = self.status(row["status"])
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

    @property
    def least(self) -> float:
        """The smallest step along an axis: counts have no halves. 0 where any will do."""
        return 1.0 if self.unit.kind in _COUNTED and not unit_decimals(self.unit) else 0.0

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

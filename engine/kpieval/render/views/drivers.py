"""Arrows between KPIs become a tree from what leads to what follows, with the evidence that the data give for each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.translation import inside, marked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index
    from kpieval.render.views.view import Link, Reading

Json = dict[str, Any]

DEEPEST = 12
"""So many arrows in a row are drawn below each other."""
_SAME = {
    "day": marked("on the same day"),
    "week": marked("in the same week"),
    "month": marked("in the same month"),
    "quarter": marked("in the same quarter"),
    "year": marked("in the same year"),
}


@dataclass(frozen=True, slots=True)
class Driver:
    """A KPI in the tree: `evidence` for the arrow that leads to it (none for the first), `proven` whether it is any.

    What it drives itself stands where it is met first; elsewhere it is `repeated`.
    """

    kpi: Link
    reading: Reading | None
    evidence: str
    proven: bool
    repeated: bool
    drives: tuple[Driver, ...]


class Drivers:
    """Makes the tree; `read` gives a KPI's reading for the whole organisation, None where it isn't measured."""

    def __init__(self, index: Index, read: Callable[[str], Reading | None], formats: Formats) -> None:
        self.index, self.read, self.formats = index, read, formats
        self._arrows: dict[str, list[Json]] = defaultdict(list)
        for arrow in index.result["drivers"]:
            if {arrow["driver"], arrow["driven"]} <= index.kpis.keys():
                self._arrows[arrow["driver"]].append(arrow)
        self._met: set[str] = set()

    def tree(self) -> tuple[Driver, ...]:
        """The KPIs that nothing drives, each with all that follows from it."""
        driven = {arrow["driven"] for arrows in self._arrows.values() for arrow in arrows}
        first = [name for name in self.index.kpis if name in self._arrows and name not in driven]
        return tuple(self._driver(name, None, 0) for name in first)

    def _driver(self, name: str, arrow: Json | None, depth: int) -> Driver:
        onward = self._arrows.get(name, [])
        repeated = bool(onward) and (name in self._met or depth >= DEEPEST)
        self._met.add(name)
        return Driver(
            kpi=self.index.link(name),
            reading=self.read(name),
            evidence=self._evidence(arrow) if arrow else "",
            proven=bool(arrow and arrow["evidence"]),
            repeated=repeated,
            drives=() if repeated else tuple(self._driver(each["driven"], each, depth + 1) for each in onward),
        )

    def _evidence(self, arrow: Json) -> str:
        formats = self.formats
        if arrow["correlation"] is None:
            return formats.say("Too few figures to tell.")
        lag, grain = arrow["lag"], self.index.result["grain"]
        title = self.index.levels.get(arrow["level"], {"title": arrow["level"]})["title"]
        found = {
            "correlation": formats.number(arrow["correlation"], 2),
            "interval": formats.stretch(*(formats.number(end, 2) for end in arrow["interval"])),
            "when": formats.say("{time} later", time=spans(lag, grain, formats)) if lag else _at_once(grain, formats),
            "pairs": formats.count(arrow["pairs"]),
            "level": inside(title, formats.language),
        }
        if arrow["evidence"]:
            return formats.say(
                "Evidence: correlation {correlation} ({interval}) {when}; {pairs} pairs of figures, by {level}.",
                **found,
            )
        return formats.say(
            "No evidence in {time}: "
            "correlation {correlation} ({interval}) {when}; {pairs} pairs of figures, by {level}.",
            time=spans(arrow["periods"], grain, formats),
            **found,
        )


def spans(number: int, grain: str, formats: Formats) -> str:
    """So many periods: `2 quarters`."""
    match grain:
        case "day":
            return formats.counted(number, "{count} day", "{count} days")
        case "week":
            return formats.counted(number, "{count} week", "{count} weeks")
        case "month":
            return formats.counted(number, "{count} month", "{count} months")
        case "quarter":
            return formats.counted(number, "{count} quarter", "{count} quarters")
    return formats.counted(number, "{count} year", "{count} years")


def _at_once(grain: str, formats: Formats) -> str:
    """Without a lag."""
    return formats.say(_SAME[grain])


def flat(tree: Sequence[Driver], depth: int = 0) -> list[tuple[int, Driver]]:
    """The tree line by line, each with its depth."""
    return [line for driver in tree for line in ((depth, driver), *flat(driver.drives, depth + 1))]

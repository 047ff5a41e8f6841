"""Arrows between KPIs become a tree from what leads to what follows, with the evidence that the data give for each."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.index import Index
    from kpieval.render.view import Link, Reading

Json = dict[str, Any]

DEEPEST = 12
"""So many arrows in a row are drawn below each other."""


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
        grain = self.index.result["grain"]
        if arrow["correlation"] is None:
            return "Too few figures to tell."
        low, high = (self.formats.number(end, 2) for end in arrow["interval"])
        lag = arrow["lag"]
        when = f"{counted(lag, grain, f'{grain}s', self.formats)} later" if lag else f"in the same {grain}"
        level = self.index.levels.get(arrow["level"], {"title": arrow["level"]})["title"].lower()
        measured = f"correlation {self.formats.number(arrow['correlation'], 2)} ({low} to {high}) {when}"
        pairs = f"{self.formats.count(arrow['pairs'])} pairs of figures, by {level}"
        periods = counted(arrow["periods"], grain, f"{grain}s", self.formats)
        return f"{'Evidence' if arrow['evidence'] else f'No evidence in {periods}'}: {measured}; {pairs}."


def flat(tree: Sequence[Driver], depth: int = 0) -> list[tuple[int, Driver]]:
    """The tree line by line, each with its depth."""
    return [line for driver in tree for line in ((depth, driver), *flat(driver.drives, depth + 1))]

"""The levels at which each KPI has a value: those that everything in it reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.model import ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.build.catalogue import Catalogue
    from kpieval.build.values import Draft


class Reach:
    """Answers at which levels a name has a value, and which part of a KPI stands in the way at a level."""

    def __init__(self, drafts: Mapping[str, Draft], catalogue: Catalogue, unknown: Iterable[str]) -> None:
        """`unknown` are KPIs that nothing can be said of; they are taken to reach every level."""
        self._drafts = drafts
        self._catalogue = catalogue
        everywhere = frozenset((*catalogue.hierarchy.levels, ORGANISATION))
        self._everywhere = everywhere
        self._known: dict[str, frozenset[str]] = dict.fromkeys(unknown, everywhere)

    def of(self, name: str) -> frozenset[str]:
        """The levels at which a measure or a KPI has a value."""
        open_ = [name]
        while open_:  # no recursion: KPIs may build on each other in long chains
            current = open_[-1]
            draft = self._drafts.get(current)
            if draft is None or current in self._known:
                open_.pop()
                continue
            needed = [other for other in draft.needs if other in self._drafts and other not in self._known]
            if needed:
                open_ += needed
                continue
            open_.pop()
            self._known[current] = self._settle(draft)
        return self._known[name] if name in self._known else self._at(name)

    def shown(self, name: str) -> tuple[str, ...]:
        """The levels at which a KPI is shown unless it says so itself: with `per`, only those above the members."""
        levels = self.of(name)
        return self._catalogue.hierarchy.ordered(levels - {self._drafts[name].per})

    def obstacle(self, draft: Draft, level: str) -> str:
        """Why there is no value at a level, as the end of a sentence."""
        ordered = self._catalogue.hierarchy.ordered
        if draft.per is not None and level not in {draft.per, *self._catalogue.hierarchy.above(draft.per)}:
            return f"it is over each {draft.per}, and {level} isn't above that"
        level = draft.per or level
        if draft.source is not None and level not in self._catalogue.reached[draft.source]:
            return f"source `{draft.source}` reaches only {', '.join(ordered(self._catalogue.reached[draft.source]))}"
        for name in sorted(draft.needs):
            reached = self._at(name)
            if level not in (reached if name in draft.here else self._below(reached)):
                source_name = self._catalogue.measure_sources.get(name)
                if source_name is not None:
                    return f"`{name}` is in source `{source_name}`, which reaches only {', '.join(ordered(reached))}"
                return f"`{name}` has a value only at {', '.join(ordered(reached))}"
        return "its parts have no such level in common"

    def _at(self, name: str) -> frozenset[str]:
        if name in self._known:
            return self._known[name] or self._everywhere  # what has a value nowhere has been told, once
        source = self._catalogue.measure_sources.get(name)
        return self._catalogue.reached[source] if source is not None else self._everywhere

    def _settle(self, draft: Draft) -> frozenset[str]:
        levels = self._everywhere
        if draft.source is not None:
            levels &= self._catalogue.reached[draft.source]
        for name, windows in draft.uses:
            levels &= self._below(self._at(name)) if "of_parent" in windows else self._at(name)
        if draft.per is None:
            return levels
        if draft.per not in levels:
            return frozenset()
        return frozenset((draft.per, *self._catalogue.hierarchy.above(draft.per)))

    def _below(self, levels: frozenset[str]) -> frozenset[str]:
        """The levels whose parent is among `levels`; the organisation, where there is no value, is let through."""
        declared = self._catalogue.hierarchy.levels
        return frozenset((*(name for name, level in declared.items() if level.parent in levels), ORGANISATION))

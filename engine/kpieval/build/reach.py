"""The levels at which each KPI has a value: those at which everything in it has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.model import ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.build.catalogue import Catalogue
    from kpieval.build.uses import Use
    from kpieval.build.values import Draft


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a KPI has no value at a level, as the end of a sentence; the way out; and what others suffer from as well."""

    reason: str
    hint: str | None = None
    cause: str | None = None


class Reach:
    """Answers at which levels a KPI can be shown, and which part of it stands in the way at a level.

    A KPI that is aggregated from rows has a value wherever its parts have one. One that is over members, or has a
    roll-up of its own, is taken as it is: others find its value only at the levels at which it is shown.
    """

    def __init__(self, drafts: Mapping[str, Draft], catalogue: Catalogue, unknown: Iterable[str]) -> None:
        """`unknown` are KPIs that nothing can be said of; they are taken to have a value at every level."""
        self._drafts = drafts
        self._catalogue = catalogue
        self._everywhere = frozenset((*catalogue.hierarchy.levels, ORGANISATION))
        self._possible: dict[str, frozenset[str]] = dict.fromkeys(unknown, self._everywhere)
        self._looks_up: dict[str, int] = dict.fromkeys(unknown, 0)

    def of(self, name: str) -> frozenset[str]:
        """The levels at which a KPI can be shown."""
        open_ = [name]
        while open_:  # no recursion: KPIs may build on each other in long chains
            current = open_[-1]
            draft = self._drafts[current]
            needed = [other for other in draft.needs if other in self._drafts and other not in self._possible]
            if needed and current not in self._possible:
                open_ += needed
                continue
            open_.pop()
            if current not in self._possible:
                self._possible[current] = self._settle(draft)
                self._looks_up[current] = self._height(draft)
        return self._possible[name]

    def shown(self, name: str) -> tuple[str, ...]:
        """The levels at which a KPI is shown: those that it lists, or all at which it has a value.

        With `per`, these are the levels above the members; with `of_parent`, those that have a level above.
        """
        possible, draft, hierarchy = self.of(name), self._drafts[name], self._catalogue.hierarchy
        height = self._looks_up[name]
        valued = {level for level in possible - {draft.per} if hierarchy.places(level, height)}
        return hierarchy.ordered(possible & draft.listed) or hierarchy.ordered(valued or possible)

    def of_members(self, draft: Draft) -> frozenset[str]:
        """The levels whose members' values can be aggregated."""
        return self._common(draft, of_members=True) & ({draft.per} if draft.per else self._everywhere)

    def obstacle(self, draft: Draft, level: str) -> Obstacle:
        """Why there is no value at a level."""
        if draft.per is not None and level not in {draft.per, *self._catalogue.hierarchy.above(draft.per)}:
            above = ", ".join(self._catalogue.hierarchy.above(draft.per))
            reason = f"it is over each {draft.per}, above which there is only {above}"
            hint = self._parent_hint([draft.per], level)
            return Obstacle(reason, hint, hint or f"above {draft.per}")
        if draft.source is not None and level not in self._catalogue.reached[draft.source]:
            return self._of_source(draft.source, level, "")
        for use in sorted(draft.uses, key=lambda use: (use.name, use.above, use.of_members)):
            at = (draft.per if use.of_members else None) or level
            if at not in self._seen(use):
                return self._of_part(use.name, at)
        return Obstacle("its parts have no such level in common")

    def parts(self, draft: Draft) -> list[str]:
        """What of a KPI has a value at which levels, for all that hasn't one at every level."""
        found = {name: self._at(name) for name in sorted(draft.needs)}
        if draft.source is not None:
            found[draft.source] = self._catalogue.reached[draft.source]
        ordered = self._catalogue.hierarchy.ordered
        return [f"`{part}` at {', '.join(ordered(at))}" for part, at in found.items() if at != self._everywhere]

    def _of_part(self, name: str, level: str) -> Obstacle:
        source = self._catalogue.measure_sources.get(name)
        if source is not None:
            return self._of_source(source, level, f"`{name}` is in ")
        levels = ", ".join(self._catalogue.hierarchy.ordered(self._at(name)))
        hint = f"List {level} in the `levels:` of `{name}`, beside {levels}." if level in self._possible[name] else None
        return Obstacle(f"`{name}` has a value only at {levels}", hint)

    def _of_source(self, source: str, level: str, before: str) -> Obstacle:
        levels = ", ".join(self._catalogue.hierarchy.ordered(self._catalogue.reached[source]))
        finest = self._catalogue.sources[source].dimensions
        hint = self._parent_hint(finest, level)
        if hint is None and not finest:
            hint = f"Say which column of `{source}` holds the {level}: `dimensions: {{{level}: ...}}`."
        reason = f"{before}source `{source}`{', which' * bool(before)} reaches only {levels}"
        return Obstacle(reason, hint, hint or f"source {source}")

    def _parent_hint(self, finest: Iterable[str], level: str) -> str | None:
        """The way out where a list of members has a column of the level, but doesn't say that it is the one above."""
        for name in finest:
            declared = self._catalogue.hierarchy.levels[name]
            listed = self._catalogue.sources.get(declared.source or "")
            if declared.parent == ORGANISATION and listed is not None and level in listed.columns:
                return f"If it is above {name}, say so in `dimensions:`: `{name}: {{parent: {level}}}`."
        return None

    def _at(self, name: str) -> frozenset[str]:
        """The levels at which a name in an expression has a value."""
        draft = self._drafts.get(name)
        if draft is None or name in self._catalogue.measure_sources:
            source = self._catalogue.measure_sources.get(name)
            return self._catalogue.reached[source] if source is not None else self._everywhere
        possible = self._possible[name]
        if not possible or draft.listed - possible:
            return self._everywhere  # what is wrong with its levels is told there, once
        return frozenset(self.shown(name)) if draft.over_members else possible

    def _seen(self, use: Use) -> frozenset[str]:
        """The levels at which a use has a value; those that have too little above are let through."""
        levels = self._at(use.name)
        if not use.above:
            return levels
        places = self._catalogue.hierarchy.places
        return frozenset(level for level in self._everywhere if levels.issuperset(places(level, use.above)))

    def _common(self, draft: Draft, *, of_members: bool) -> frozenset[str]:
        """The levels at which all that is of the members, or all that is of the whole, has a value."""
        levels = self._everywhere
        if draft.source is not None and of_members == draft.over_members:
            levels &= self._catalogue.reached[draft.source]
        for use in draft.uses:
            if use.of_members == of_members:
                levels &= self._seen(use)
        return levels

    def _settle(self, draft: Draft) -> frozenset[str]:
        whole = self._common(draft, of_members=False)
        if not draft.over_members:
            return whole
        above = self._catalogue.hierarchy.above
        return frozenset(level for member in self.of_members(draft) for level in (member, *above(member))) & whole

    def _height(self, draft: Draft) -> int:
        """How many members up the value of a KPI looks from the level at which it is shown."""
        return max((use.above + self._further(use.name) for use in draft.uses if not use.of_members), default=0)

    def _further(self, name: str) -> int:
        draft = self._drafts.get(name)
        return 0 if draft is None or draft.over_members else self._looks_up[name]

"""A result becomes something to look things up in: who belongs to whom, and what was observed about whom and when."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kpieval.model import ORGANISATION
from kpieval.render.views.layout import OnePage
from kpieval.render.views.view import Link
from kpieval.rows import rows_of, scores_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpieval.render.views.layout import Layout
    from kpieval.rows import Key

Json = dict[str, Any]
LONGEST = 60
"""So many signs of a name are in its file's name; a longer one ends with a hash."""

ONE_PAGE = OnePage()
HEADLINE = "headline"
"""KPIs with this tag come first."""


class Index:
    """The lists of a result by their names. `level, member` is the key of a member."""

    def __init__(self, result: Mapping[str, Any], layout: Layout = ONE_PAGE) -> None:
        self.result, self.layout = result, layout
        self.period: str = result["period"]
        self.periods: dict[str, Json] = {period["label"]: period for period in result["periods"]}
        self.rows = rows_of(result)
        self.levels: dict[str, Json] = {level["name"]: level for level in result["levels"]}
        self.members: dict[Key, Json] = {(row["level"], row["member"]): row for row in result["members"]}
        self.kpis: dict[str, Json] = {kpi["name"]: kpi for kpi in sorted(result["kpis"], key=_headline_first)}
        self.slugs = _slugs(self.kpis)
        self.scorecards: dict[str, Json] = {card["name"]: card for card in result["scorecards"]}
        self.scores = {name: scores_of(result, card) for name, card in self.scorecards.items()}
        self.card_slugs = _slugs(self.scorecards)
        self.member_slugs = _slugs({f"{level} {member}": None for level, member in self._with_score()})
        self.benchmarks: dict[str, Json] = {each["name"]: each for each in result["benchmarks"]}

    def link(self, kpi: str) -> Link:
        """A KPI to go to; a name that the result doesn't know stays a word."""
        told = self.kpis.get(kpi)
        return (
            Link(told["title"], self.layout.kpi(self.slugs[kpi], measured=told["measured"])) if told else Link(kpi, "")
        )

    def card_link(self, name: str) -> Link:
        """A scorecard to go to, in the same way."""
        card = self.scorecards.get(name)
        return Link(card["title"], self.layout.part(f"scorecard-{self.card_slugs[name]}")) if card else Link(name, "")

    def member_link(self, level: str, member: str, label: str) -> Link:
        """A member to go to: those who have a score."""
        slug = self.member_slugs.get(f"{level} {member}")
        return Link(label, self.layout.member(slug) if slug else "")

    def scored(self) -> list[Key]:
        """The members that a scorecard of the reported period is about, level by level."""
        return sorted(self._with_score())

    def _with_score(self) -> set[Key]:
        return {
            (card["level"], row["member"]) for name, card in self.scorecards.items() for row in self.scores[name].now
        }

    def now(self, kpi: str, level: str) -> Sequence[Json]:
        """What was observed in the reported period, for each member of a level."""
        return list(self.rows.now(kpi, level).values())

    def one(self, kpi: str, key: Key) -> Json | None:
        """What was observed for one member in the reported period."""
        return self.rows.now(kpi, key[0]).get(key[1])

    def history(self, kpi: str, key: Key) -> list[tuple[Json, Json | None]]:
        """All periods, each with what was observed for one member."""
        found = self.rows.history(kpi, key)
        return [(period, found.get(label)) for label, period in self.periods.items()]

    def top(self, kpi: str) -> Key | None:
        """The member that stands for the whole: the organisation, or the only member of a coarser level."""
        level = next((name for name in reversed(self.levels) if name in self.kpis[kpi]["levels"]), None)
        rows = self.now(kpi, level) if level else ()
        return (rows[0]["level"], rows[0]["member"]) if len(rows) == 1 else None

    def levels_below(self, kpi: str) -> list[str]:
        """The levels of a KPI under the organisation, from the coarsest to the finest."""
        return [name for name in reversed(self.levels) if name in self.kpis[kpi]["levels"] and name != ORGANISATION]

    @cached_property
    def side_by_side(self) -> str | None:
        """The level whose members are compared with each other: the one above the finest, or the only one there is."""
        below = [name for name in self.levels if name != ORGANISATION]
        return below[min(1, len(below) - 1)] if below else None

    def parent(self, level: str, member: str) -> Json | None:
        """The member above."""
        above = self.members.get((level, member), {}).get("parent")
        return self.members.get((above["level"], above["member"])) if above else None


def _headline_first(kpi: Json) -> bool:
    return HEADLINE not in kpi["tags"]


def _slugs(names: Mapping[str, object]) -> dict[str, str]:
    """Names as anchors and file names: letters, digits and dashes; with a hash where two would be the same, or long."""
    plain = {name: re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST] for name in names}
    often = Counter(plain.values())
    clashing = {slug for slug, times in often.items() if times > 1 or not slug or len(slug) == LONGEST}
    return {
        name: f"{slug}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}" if slug in clashing else slug
        for name, slug in plain.items()
    }

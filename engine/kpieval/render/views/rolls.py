"""Everybody who has a score becomes a line: for the page where a reader looks for themselves."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from kpieval.model import ORGANISATION
from kpieval.render.views.score_view import Roll, RollRow
from kpieval.render.views.scorecards import ScorecardMaker
from kpieval.render.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index


def rolls(index: Index, formats: Formats) -> tuple[Roll, ...]:
    """Everybody who is scored, level by level, by name; nothing where nobody is."""
    makers = [ScorecardMaker(index, formats, card) for card in index.scorecards.values()]
    found = []
    for level, keys in groupby(index.scored(), itemgetter(0)):
        own = [maker for maker in makers if maker.card["level"] == level]
        rows = (_row(index, own, *key) for key in keys)
        one = index.levels.get(level, {"title": level})["title"]
        found.append(
            Roll(
                one,
                plural(one, formats.language),
                tuple(maker.card["title"] for maker in own),
                tuple(sorted(rows, key=lambda row: (row.member.text, row.member.href))),
            )
        )
    return tuple(found)


def _row(index: Index, makers: Iterable[ScorecardMaker], level: str, member: str) -> RollRow:
    label = index.members.get((level, member), {"label": member})["label"]
    above = index.parent(level, member)
    return RollRow(
        index.member_link(level, member, label),
        above["label"] if above and above["level"] != ORGANISATION else "",
        tuple(maker.score_now(member) for maker in makers),
    )

"""A member becomes its page: its scores, every KPI against target, peers and own history, and its findings."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

from kpieval.render.views import comparing, findings
from kpieval.render.views.index import HEADLINE
from kpieval.render.views.member_view import Below, Line, Lines, Member
from kpieval.render.views.overview import unit_word
from kpieval.render.views.scorecards import ScorecardMaker
from kpieval.render.views.series import figures, series_table
from kpieval.render.words import NOTHING, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index
    from kpieval.render.views.overview import OverviewMaker
    from kpieval.render.views.view import Link, SeriesRow
    from kpieval.rows import Key

Json = dict[str, Any]

NAMED = 40
"""So many members below are named."""


class MemberPages:
    """Makes the pages of the members that have a score."""

    def __init__(self, index: Index, overview: OverviewMaker, formats: Formats) -> None:
        self.index, self.overview, self.formats = index, overview, formats
        self.cards = [ScorecardMaker(index, formats, card) for card in index.scorecards.values()]

    @cached_property
    def _children(self) -> dict[Key, list[Json]]:
        found: dict[Key, list[Json]] = defaultdict(list)
        for row in self.index.members.values():
            if row["parent"]:
                found[row["parent"]["level"], row["parent"]["member"]].append(row)
        return found

    @cached_property
    def _findings(self) -> dict[Key, list[Json]]:
        found: dict[Key, list[Json]] = defaultdict(list)
        for finding in self.index.result["findings"]:
            found[finding["level"], finding["member"]].append(finding)
        return found

    def member(self, key: Key) -> Member:
        """The page of a member."""
        level, member = key
        row = self.index.members.get(key, {"label": member})
        return Member(
            slug=self.index.member_slugs[f"{level} {member}"],
            label=row["label"],
            level=self._title(level),
            above=tuple(self._above(key)),
            below=tuple(self._below(key)),
            scores=tuple(
                score for card in self.cards if card.card["level"] == level and (score := card.score_of(member))
            ),
            findings=findings.groups(self.index, self.formats, self._findings[key]),
            lines=tuple(self._lines(key)),
        )

    def _above(self, key: Key) -> Sequence[Link]:
        """Those above, the highest first."""
        found, above = [], self.index.parent(*key)
        while above:
            found.append(self.index.member_link(above["level"], above["member"], above["label"]))
            above = self.index.parent(above["level"], above["member"])
        return found[::-1]

    def _below(self, key: Key) -> Sequence[Below]:
        """Those directly below, level by level."""
        found = []
        children = sorted(self._children[key], key=lambda row: (row["level"], row["label"]))
        for level, rows in groupby(children, lambda row: row["level"]):
            links = [self.index.member_link(level, row["member"], row["label"]) for row in rows]
            more = len(links) - NAMED
            found.append(
                Below(
                    plural(self._title(level), self.formats.language),
                    tuple(links[:NAMED]),
                    self.formats.counted(more, "and {count} more", "and {count} more") if more > 0 else "",
                )
            )
        return found

    def _lines(self, key: Key) -> Sequence[Lines]:
        """Every KPI of the level, the headlines first."""
        level = key[0]
        names = [name for name in self.overview.readers if level in self.index.kpis[name]["levels"]]
        found = []
        for headline, group in groupby(names, lambda name: HEADLINE in self.index.kpis[name]["tags"]):
            lines = {name: line for name in group if (line := self._line(name, key))}
            rows = tuple(lines.values())
            there = {
                "rank": any(row.rank != NOTHING for row in rows),
                "median": any(row.median != NOTHING for row in rows),
                "course": any(row.course != NOTHING for row in rows),
            }
            if rows:
                columns = tuple(column for column, has in there.items() if has)
                title = self.formats.say("Main KPIs") if headline else self.formats.say("Further KPIs")
                behind = series_table(self.index, self.formats, title, (self._series(name, key) for name in lines))
                found.append(Lines(title, rows, columns, behind))
        return found

    def _line(self, name: str, key: Key) -> Line | None:
        row = self.index.rows.of_member(key).get(name)
        if row is None:
            return None
        reader = self.overview.readers[name]
        reading, peers = reader.read(row), row["peers"]
        return Line(
            kpi=self.index.link(name),
            reading=reading,
            gap=reader.gap(row) if reading.status.tone == "poor" else "",
            rank=comparing.rank(reader, row),
            median=reader.beside(row, peers["median"]) if peers and peers["median"] is not None else NOTHING,
            course=comparing.course(reader, row),
            spark=self.overview.spark(name, row, self.index.rows.series(key)[name]),
            bullet=self.overview.bullet(name, row, reading),
        )

    def _series(self, name: str, key: Key) -> SeriesRow:
        """The history of a KPI in figures."""
        reader, values = self.overview.readers[name], self.index.rows.series(key)[name].values
        return figures(self.index.kpis[name]["title"], unit_word(reader), values, reader.plain)

    def _title(self, level: str) -> str:
        title: str = self.index.levels.get(level, {"title": level})["title"]
        return title

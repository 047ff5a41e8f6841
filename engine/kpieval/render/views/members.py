"""Members become tables: who stands where in a KPI, who has no verdict and why, and who a share is made of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kpieval.model import ORGANISATION
from kpieval.render import charts
from kpieval.render.views import comparing
from kpieval.render.views.kpi_view import Behind, Level, MemberRow, Members
from kpieval.render.views.overview import unit_word, worst_first
from kpieval.render.words import COMPARABLE, CSV_COMMAND, NOTHING, REASONS, instead, plural, several, why

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpieval.render.charts import Scale
    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index
    from kpieval.render.views.reading import Reader

Json = dict[str, Any]

SHOWN = 6
"""So many members of a level are listed when it has more than `ALL`."""
ALL = 30
NAMED = 12
"""So many members are named in a note, and in a line of those behind a share."""
BEHIND = 6


class MemberTables:
    """Makes the tables of members. `readers` has a reader for each measured KPI."""

    def __init__(self, index: Index, readers: Mapping[str, Reader], formats: Formats) -> None:
        self.index, self.readers, self.formats = index, readers, formats

    def members(self, name: str, reader: Reader) -> Members | None:
        """All levels of a KPI in one table, from the coarsest on; None where nobody has a row."""
        levels = [level for level in self.index.levels_below(name) if self.index.now(name, level)]
        shown = {level: self._shown(reader.kpi, level) for level in levels}
        rows = [row for listed, _ in shown.values() for row in listed]
        if not rows:
            return None
        found = charts.member_scale((reader.point(row) for row in rows), reader.least)
        there = {
            "above": any(self._above(row) for row in rows),
            "target": len({reader.target(row) for row in rows}) > 1,
            "change": any(row["change"] is not None for row in rows),
            "cases": any(row["n"] is not None for row in rows),
            "rank": any(comparing.rank(reader, row) != NOTHING for row in rows),
            "course": any(comparing.course(reader, row) != NOTHING for row in rows),
            "dot": found is not None,
        }
        return Members(
            levels=tuple(self._level_of(reader, level, *shown[level], found[0] if found else None) for level in levels),
            unit=self.formats.say("points") if reader.unit.kind in ("percent", "points") else unit_word(reader),
            scale=_ends(reader.axis(found[1])) if found else ("", ""),
            columns=tuple(column for column, has in there.items() if has),
        )

    def _shown(self, kpi: Json, level: str) -> tuple[list[Json], int]:
        """The members of a level that are listed, and how many are not."""
        rows = worst_first(kpi, self.index.now(kpi["name"], level))
        valued = [row for row in rows if row["value"] is not None]
        if len(rows) <= ALL:
            return rows, 0
        return valued[:SHOWN], len(rows) - len(valued[:SHOWN])

    def _level_of(self, reader: Reader, level: str, rows: Sequence[Json], more: int, scale: Scale | None) -> Level:
        one = self._level(level)
        many = plural(one, self.formats.language)
        told = self.formats.counted(
            more,
            "{count} more {level} not shown here; all are in the figures of the run ({command}).",
            "{count} more {level} not shown here; all are in the figures of the run ({command}).",
            level=several(one, more, self.formats),
            command=CSV_COMMAND,
        )
        return Level(
            title=many,
            one=one,
            rows=tuple(
                MemberRow(
                    row["label"],
                    self._above(row),
                    reader.read(row),
                    (_plain(row["value"]), _plain(row["change"])),
                    comparing.rank(reader, row),
                    comparing.course(reader, row),
                    charts.dot(reader.point(row), scale) if scale else None,
                )
                for row in rows
            ),
            more=told if more else "",
            notes=self._notes(reader, level),
        )

    def _above(self, row: Json) -> str:
        """The member above, where that isn't simply the organisation."""
        parent = self.index.parent(row["level"], row["member"])
        return parent["label"] if parent and parent["level"] != ORGANISATION else ""

    def _notes(self, reader: Reader, level: str) -> tuple[str, ...]:
        """Who has no verdict, and why, one sentence for each reason."""
        kpi, formats = reader.kpi, self.formats
        notes = []
        for reason in REASONS:
            silent = [row["label"] for row in self.index.now(kpi["name"], level) if row["reason"] == reason]
            if not silent:
                continue
            total = len(self.index.now(kpi["name"], level))
            all_of_them = len(silent) == total and total > 1
            who = formats.say("everybody") if all_of_them else formats.named(sorted(silent), NAMED)
            notes.append(f"{formats.termed(instead(kpi, reason, formats), who)}. {why(kpi, reason, formats)}")
        withheld = comparing.withheld(reader, self.index.now(kpi["name"], level))
        return (*notes, *withheld)

    def behind(self, kpi: Json) -> tuple[Behind, ...]:
        """For a share over members: their own figures in the KPIs that its formula names, by group, the worst first."""
        level = kpi["per"]
        named = [name for name in dict.fromkeys(re.findall(r"\w+", kpi["formula"])) if level and name in self.readers]
        found = []
        for name in named:
            other = self.readers[name]
            counted_in = [
                row for row in self.index.now(name, level) if row["value"] is not None and row["reason"] in COMPARABLE
            ]
            rows = sorted(
                counted_in,
                key=lambda row: (
                    -row["value"] if other.kpi["direction"] == "lower_is_better" else row["value"],
                    row["label"],
                ),
            )
            groups: dict[str, list[str]] = {}
            for row in rows:
                parent = self.index.parent(level, row["member"])
                groups.setdefault(parent["label"] if parent else "", []).append(f"{row['label']} {other.value(row)}")
            lines = tuple((label, self.formats.named(said, BEHIND)) for label, said in sorted(groups.items()))
            if lines:
                many, say = several(self._level(level), len(rows), self.formats), self.formats.say
                if other.kpi["direction"] == "neutral":
                    title = say(
                        "Who they are: {members} by {kpi}, the lowest first", members=many, kpi=other.kpi["title"]
                    )
                else:
                    title = say(
                        "Who they are: {members} by {kpi}, the worst first", members=many, kpi=other.kpi["title"]
                    )
                found.append(Behind(title, lines))
        return tuple(found)

    def _level(self, name: str) -> str:
        title: str = self.index.levels.get(name, {"title": name})["title"]
        return title


def _plain(number: float | None) -> str:
    """A number to sort by, which no locale has written."""
    return "" if number is None else f"{number:.6g}"


def _ends(labels: Sequence[str]) -> tuple[str, str]:
    return labels[0], labels[-1]

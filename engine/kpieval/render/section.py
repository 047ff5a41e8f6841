"""A KPI becomes its section: what it means, how it went, who stands where, and the reason for every missing verdict."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kpieval.model import ORGANISATION
from kpieval.render import charts
from kpieval.render.overview import unit_word, worst_first
from kpieval.render.prose import plain, prose, verbatim
from kpieval.render.reading import bounds
from kpieval.render.reading import reader as make_reader
from kpieval.render.view import Behind, Kpi, Level, Link, Measure, MemberRow, Members, Moment, Status
from kpieval.render.words import DIRECTIONS, NOTHING, REASONS, SUMS, counted, plural, status, why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.index import Index
    from kpieval.render.overview import Overview
    from kpieval.render.reading import Reader
    from kpieval.render.scale import Scale

Json = dict[str, Any]

SHOWN = 6
"""So many members of a level are listed when it has more than `ALL`."""
ALL = 30
NAMED = 12
"""So many members are named in a note, and in a line of those behind a share."""
BEHIND = 6
_JUDGED = (None, "no_target")
ELSEWHERE = "all are in the figures of the run (kpieval evaluate --format csv)"


class Sections:
    """Makes the sections, one after the other; it remembers which query was shown where."""

    def __init__(self, index: Index, overview: Overview, formats: Formats) -> None:
        self.index, self.overview, self.formats = index, overview, formats
        self._queries: dict[str, Link] = {}

    def section(self, name: str) -> Kpi:
        """The section of a measured KPI."""
        kpi, reader = self.index.kpis[name], self.overview.readers[name]
        key = self.index.top(name)
        row = self.index.one(name, key) if key else None
        history = self.index.history(name, key) if key else []
        link = self.overview.link(name)
        first = self._queries.setdefault(kpi["sql"] or "", link)
        return Kpi(
            slug=link.slug,
            title=kpi["title"],
            name=name,
            question=kpi["question"] or "",
            description=prose(kpi["description"]),
            meaning=plain(kpi["description"]),
            reading=reader.read(row),
            sentences=self.overview.sentences(name, row) if row else (),
            figures=self._figures(kpi, reader, row),
            facts=self._facts(kpi),
            bands=_bands(reader, row),
            formula=kpi["formula"],
            measures=tuple(
                Measure(m["name"], m["source"], m["expression"], m["description"] or "") for m in kpi["measures"]
            ),
            drives=tuple(map(self.overview.link, kpi["drives"])),
            guarded_by=tuple(map(self.overview.link, kpi["guarded_by"])),
            sql=verbatim(kpi["sql"] if first is link else None),
            sql_of=None if first is link or not kpi["sql"] else first,
            trend=self._trend(reader, history),
            columns=_columns(history),
            history=tuple(Moment(self._period(period), reader.read(seen)) for period, seen in reversed(history)),
            members=self._members(name, reader),
            behind=self._behind(kpi),
        )

    def _figures(self, kpi: Json, reader: Reader, row: Json | None) -> tuple[tuple[str, str], ...]:
        """What stands behind the figure of the reported period."""
        if not row:
            return ()
        target = reader.target(row)
        figures = [("Target", target if target != NOTHING else "None set")]
        if row["interval"]:
            figures.append(("95 % interval", reader.interval(row)))
        if row["n"] is not None:
            figures.append(("Cases", self.formats.count(row["n"])))
        if row["members_counted"] is not None:
            figures.append(("Members counted", self._members_counted(row)))
        if row["reason"]:
            figures.append(("Why no verdict", why(kpi, row["reason"], self.formats)))
        return tuple(figures)

    def _facts(self, kpi: Json) -> tuple[tuple[str, str], ...]:
        """What holds for the KPI in every period."""
        facts = [("Direction", DIRECTIONS.get(kpi["direction"], kpi["direction"]))]
        if kpi["min_sample"]:
            facts.append(("Judged from", counted(kpi["min_sample"], "case", "cases", self.formats)))
        facts.append(("Totals", self._totals(kpi)))
        if kpi["owner"]:
            facts.append(("Owner", kpi["owner"]))
        return tuple(facts)

    def _totals(self, kpi: Json) -> str:
        if kpi["per"]:
            return f"Worked out for each {self._level(kpi['per']).lower()} first, then over all of them."
        return SUMS.get(kpi["rollup"], kpi["rollup"])

    def _members_counted(self, row: Json) -> str:
        said = self.formats.count(row["members_counted"])
        if missing := row["members_missing"]:
            verb = "is" if missing == 1 else "are"
            said += (
                f"; {self.formats.count(missing)} {verb} left out, without a figure of their own or with too few cases"
            )
        return said

    def _trend(self, reader: Reader, history: Sequence[tuple[Json, Json | None]]) -> charts.Trend | None:
        points = [reader.point(row) for _, row in history]
        if not any(point.value is not None for point in points):
            return None
        known = [(period, row) for period, row in history if row and row["value"] is not None]
        last = known[-1][1]
        then, now = (f"{reader.value(row)} in {self._period(period)}" for period, row in (known[0], known[-1]))
        words = f"{reader.kpi['title']}: {then}, {now}"
        if reader.target(last) != NOTHING:
            words += f", target {reader.target(last)}"
        return charts.trend(points, reader.axis, f"{words}.")

    def _members(self, name: str, reader: Reader) -> Members | None:
        levels = [level for level in self.index.levels_below(name) if self.index.now(name, level)]
        shown = {level: self._shown(reader.kpi, level) for level in levels}
        rows = [row for listed, _ in shown.values() for row in listed]
        if not rows:
            return None
        found = charts.member_scale(reader.point(row) for row in rows)
        there = {
            "above": any(self._above(row) for row in rows),
            "target": len({reader.target(row) for row in rows}) > 1,
            "change": any(row["change"] is not None for row in rows),
            "cases": any(row["n"] is not None for row in rows),
            "dot": found is not None,
        }
        return Members(
            levels=tuple(self._level_of(reader, level, *shown[level], found[0] if found else None) for level in levels),
            unit="points" if reader.unit.kind in ("percent", "points") else unit_word(reader),
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
        told = f"{self.formats.count(more)} more {(many if more != 1 else one).lower()} not shown here; {ELSEWHERE}."
        return Level(
            title=many,
            one=one,
            rows=tuple(
                MemberRow(
                    row["label"],
                    self._above(row),
                    reader.read(row),
                    charts.dot(reader.point(row), scale) if scale else None,
                )
                for row in rows
            ),
            more=told if more else "",
            notes=self._notes(reader.kpi, level),
        )

    def _above(self, row: Json) -> str:
        """The member above, where that isn't simply the organisation."""
        parent = self.index.parent(row["level"], row["member"])
        return parent["label"] if parent and parent["level"] != ORGANISATION else ""

    def _notes(self, kpi: Json, level: str) -> tuple[str, ...]:
        """Who has no verdict, and why, one sentence for each reason."""
        notes = []
        for reason, word in REASONS.items():
            silent = [row["label"] for row in self.index.now(kpi["name"], level) if row["reason"] == reason]
            if not silent:
                continue
            total = len(self.index.now(kpi["name"], level))
            who = "everybody" if len(silent) == total and total > 1 else self._named(sorted(silent), NAMED)
            notes.append(f"{word}: {who}. {why(kpi, reason, self.formats)}")
        return tuple(notes)

    def _named(self, names: Sequence[str], most: int) -> str:
        rest = [f"{self.formats.count(len(names) - most)} more"] if len(names) > most else []
        return self.formats.listed([*names[:most], *rest])

    def _behind(self, kpi: Json) -> tuple[Behind, ...]:
        """For a share over members: their own figures in the KPIs that its formula names, by group, the worst first."""
        level = kpi["per"]
        named = [
            name
            for name in dict.fromkeys(re.findall(r"\w+", kpi["formula"]))
            if level and name in self.overview.readers
        ]
        found = []
        for name in named:
            other = self.overview.readers[name]
            counted_in = [
                row for row in self.index.now(name, level) if row["value"] is not None and row["reason"] in _JUDGED
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
            lines = tuple((label, self._named(said, BEHIND)) for label, said in sorted(groups.items()))
            if lines:
                many = plural(self._level(level), self.formats.language).lower()
                found.append(Behind(f"Who they are: {many} by {other.kpi['title']}, the worst first", lines))
        return tuple(found)

    def _level(self, name: str) -> str:
        title: str = self.index.levels.get(name, {"title": name})["title"]
        return title

    def _period(self, period: Json) -> str:
        return self.formats.period(period["label"], period["start"])


def readers(index: Index, formats: Formats) -> dict[str, Reader]:
    """A reader for each measured KPI, in the order of the report."""
    titles = {name: kpi["title"] for name, kpi in index.kpis.items()}
    return {
        name: make_reader(kpi, index.everything(name), formats, titles)
        for name, kpi in index.kpis.items()
        if kpi["measured"]
    }


def _ends(labels: Sequence[str]) -> tuple[str, str]:
    return labels[0], labels[-1]


def _columns(history: Sequence[tuple[Json, Json | None]]) -> tuple[str, ...]:
    """Which columns of a history have anything in them."""
    rows = [row for _, row in history if row]
    there = {"cases": any(row["n"] is not None for row in rows), "interval": any(row["interval"] for row in rows)}
    return tuple(name for name, has in there.items() if has)


def _bands(reader: Reader, row: Json | None) -> tuple[tuple[Status, str], ...]:
    """Where each band begins, in the units of the KPI."""
    kpi = reader.kpi
    if not row or not (row["edges"] or row["target_range"]):
        return ()
    lower, upper = bounds(row)
    verdicts = [status(kpi, band["name"]) for band in kpi["bands"]]
    if row["target_range"]:
        said = [
            f"{reader.exact(low, short=True)} to {reader.exact(high)}" for low, high in zip(lower, upper, strict=False)
        ]
        rest = "outside of that"
    else:
        less = kpi["direction"] == "lower_is_better"
        said = [f"{reader.exact(edge)} or {'less' if less else 'more'}" for edge in lower]
        rest = "above that" if less else "below that"
    return tuple(zip(verdicts, [*said, rest], strict=False))

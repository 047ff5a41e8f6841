"""The first screens of the report: the verdict, what is poor, every KPI in a line, the members side by side."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from kpieval.model import ORGANISATION
from kpieval.render import charts
from kpieval.render.index import HEADLINE
from kpieval.render.reading import bounds
from kpieval.render.view import Attention, Glance, Grid, GridRow, Group, Head, Reading, Tile
from kpieval.render.words import NO_VERDICT, NOTHING, ORDER, plural, status, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.index import Index
    from kpieval.render.reading import Reader
    from kpieval.render.rows import Key

Json = dict[str, Any]

NAMED = 4
"""So many members are named in a sentence."""
ABREAST = 10
"""So many members stand side by side in one grid; more make several grids."""
HIDDEN = 12
"""So many KPIs whose total hides poor members are listed; the grid has all."""
GRIDS = 4
"""So many grids at most; the rest of the members is in the figures."""


class OverviewMaker:
    """Makes the overview from the result. `readers` has a reader for each measured KPI, in the order of the report."""

    def __init__(self, index: Index, readers: dict[str, Reader], formats: Formats) -> None:
        self.index, self.readers, self.formats = index, readers, formats
        self.level = index.side_by_side
        labels = list(index.periods)
        self.before = labels[labels.index(index.period) - 1] if labels.index(index.period) else None

    def verdict(self) -> tuple[str, tuple[Tile, ...]]:
        """The sentence on all KPIs, and the numbers behind it."""
        tones = Counter(self._tone(name) for name in self.readers)
        tiles = []
        for tone in ORDER[:3]:
            shown = next(
                (
                    status(r.kpi, b["name"])
                    for r in self.readers.values()
                    for b in r.kpi["bands"]
                    if status(r.kpi, b["name"]).tone == tone
                ),
                None,
            )
            if shown:
                tiles.append(Tile(self.formats.count(tones[tone]), shown))
        if tones["none"]:
            tiles.append(Tile(self.formats.count(tones["none"]), NO_VERDICT))
        return verdict(tones, self.formats), tuple(tiles)

    def attention(self) -> tuple[Attention, ...]:
        """The KPIs that are poor for the whole, those furthest from their target first."""
        poor = [(name, row) for name in self.readers if (row := self._top(name)) and self._tone(name) == "poor"]
        poor.sort(key=lambda item: (HEADLINE not in self.index.kpis[item[0]]["tags"], _attainment(item[1])))
        return tuple(self._attention(name, row) for name, row in poor)

    def hidden(self) -> tuple[tuple[Attention, ...], int]:
        """The KPIs that are not poor for the whole, and poor for some of its members; and how many are not listed."""
        found = [
            (name, row, len(poor))
            for name in self.readers
            if (row := self._top(name))
            and self._tone(name) in ("good", "fair")
            and (poor := self._poor_members(name)[0])
        ]
        found.sort(key=lambda item: (HEADLINE not in self.index.kpis[item[0]]["tags"], -item[2]))
        listed = tuple(
            Attention(
                self.index.link(name),
                self.readers[name].read(row),
                (self._where(self.readers[name], *self._poor_members(name)),),
                None,
            )
            for name, row, _ in found[:HIDDEN]
        )
        return listed, len(found[HIDDEN:])

    def groups(self) -> tuple[Group, ...]:
        """Every measured KPI in a line: the headlines, then the rest."""
        groups = []
        for headline, names in groupby(self.readers, lambda name: HEADLINE in self.index.kpis[name]["tags"]):
            groups.append(
                Group("Main KPIs" if headline else "Further KPIs", tuple(self._glance(name) for name in names))
            )
        return tuple(groups) if len(groups) > 1 else tuple(Group("", group.rows) for group in groups)

    def grids(self) -> tuple[tuple[Grid, ...], int]:
        """The members of one level side by side, in portions that fit a page; and how many are left out."""
        if not self.level:
            return (), 0
        kpis = [name for name in self.readers if self.level in self.index.kpis[name]["levels"]]
        members = sorted(
            {row["member"] for name in kpis for row in self.index.now(name, self.level)}, key=self._by_parent
        )
        if not kpis or not members:
            return (), 0
        portions = [members[start : start + ABREAST] for start in range(0, len(members), ABREAST)]
        return tuple(self._grid(kpis, portion) for portion in portions[:GRIDS]), sum(map(len, portions[GRIDS:]))

    def sentences(self, name: str, row: Json) -> tuple[str, ...]:
        """A KPI's state in a few sentences: how far from the target, since when, for whom."""
        reader = self.readers[name]
        said = []
        if gap := reader.gap(row):
            said.append(f"{gap[0].upper()}{gap[1:]}.")
        if row["uncertain"]:
            said.append(
                f"Uncertain: given the number of cases, the true figure may be anywhere from {reader.interval(row)}."
            )
        if self.before and row["previous"] is not None and row["change"] is not None:
            said.append(self._since(reader, row, self.before))
        poor, all_of_them = self._poor_members(name)
        if poor and self.level and row["level"] != self.level:
            said.append(self._where(reader, poor, all_of_them))
        return tuple(said)

    def _since(self, reader: Reader, row: Json, before: str) -> str:
        change = reader.change(row)
        was = reader.value(row | {"value": row["previous"]})
        period = self.formats.period(before, self.index.periods[before]["start"])
        if was == reader.value(row):
            return f"{'The same as' if change and change.arrow == 'flat' else 'About the same as'} in {period}."
        if not change or not change.sense:
            return f"It was {was} in {period}."
        return f"{change.sense.capitalize()} than in {period}, when it was {was}."

    def _where(self, reader: Reader, poor: Sequence[Json], total: int) -> str:
        title = self.index.levels[self.level or ""]["title"].lower()
        many = plural(title, self.formats.language)
        word = status(reader.kpi, poor[0]["status"]).word
        if len(poor) == total and total > NAMED:
            head = f"{word} for all {self.formats.count(total)} {many}"
        else:
            share = f"{self.formats.count(len(poor))} of {self.formats.count(total)}"
            head = f"{word} for {share} {many if total != 1 else title}"
        names = [f"{row['label']} ({reader.value(row)})" for row in poor[:NAMED]]
        if len(poor) > NAMED:
            names.append(f"{self.formats.count(len(poor) - NAMED)} more")
        return f"{head}: {self.formats.listed(names)}."

    def _poor_members(self, name: str) -> tuple[list[Json], int]:
        """The poor members of the compared level, the worst first; and how many members have a verdict or none."""
        if not self.level or self.level not in self.index.kpis[name]["levels"]:
            return [], 0
        rows = self.index.now(name, self.level)
        kpi = self.index.kpis[name]
        return worst_first(kpi, [row for row in rows if status(kpi, row["status"]).tone == "poor"]), len(rows)

    def _attention(self, name: str, row: Json) -> Attention:
        reader = self.readers[name]
        return Attention(self.index.link(name), reader.read(row), self.sentences(name, row), self.bullet(name, row))

    def _glance(self, name: str) -> Glance:
        reader, row = self.readers[name], self._top(name)
        key = self.index.top(name)
        picture = charts.spark(self._points(name, key), f"History of {self.index.kpis[name]['title']}") if key else None
        finest = self.index.kpis[name]["levels"]
        note = (
            "" if row else f"Measured for each {self.index.levels[finest[-1]]['title'].lower()} only" if finest else ""
        )
        bullet = self.bullet(name, row) if row else None
        return Glance(
            self.index.link(name), self.index.kpis[name]["question"] or "", reader.read(row), picture, bullet, note
        )

    def whole(self, name: str) -> Reading | None:
        """A KPI for the whole organisation; None where it isn't measured."""
        return self.readers[name].read(self._top(name)) if name in self.readers else None

    def bullet(self, name: str, row: Json, benchmarks: Sequence[float] = ()) -> charts.Bullet | None:
        """The bullet graph of an observation; none where there is nothing to hold the value against."""
        if not any(bounds(row)) and not benchmarks:
            return None
        reader = self.readers[name]
        reading = reader.read(row)
        words = (
            f"{reading.value}, target {reading.target}" if reading.target != NOTHING else f"{reading.value}, no target"
        )
        descending = reader.kpi["direction"] != "lower_is_better"
        said = f"{words}, {reading.verdict}" + "".join(f", benchmark {reader.exact(value)}" for value in benchmarks)
        return charts.bullet(reader.point(row), *bounds(row), said, descending=descending, benchmarks=benchmarks)

    def _points(self, name: str, key: Key) -> list[charts.Point]:
        reader = self.readers[name]
        return [reader.point(row) for _, row in self.index.history(name, key)]

    def _grid(self, kpis: Iterable[str], members: Sequence[str]) -> Grid:
        level = self.level or ""
        title = f"{plural(self.index.levels[level]['title'], self.formats.language)} side by side"
        above = [self.index.parent(level, member) for member in members]
        heads = tuple(
            Head(label, len(list(run))) for label, run in groupby(parent["label"] if parent else "" for parent in above)
        )
        columns = tuple(self.index.members.get((level, member), {"label": member})["label"] for member in members)
        rows = tuple(
            GridRow(self.index.link(name), unit_word(self.readers[name]), self._cells(name, members)) for name in kpis
        )
        shown = heads if any(head.text for head in heads) and level != ORGANISATION else ()
        return Grid(title, shown, ("Organisation", *columns), rows)

    def _cells(self, name: str, members: Sequence[str]) -> tuple[Reading | None, ...]:
        rows = [self._top(name), *(self.index.one(name, (self.level or "", member)) for member in members)]
        return tuple(self.readers[name].read(row) if row else None for row in rows)

    def _top(self, name: str) -> Json | None:
        key = self.index.top(name)
        return self.index.one(name, key) if key else None

    def _tone(self, name: str) -> str:
        row = self._top(name)
        return status(self.index.kpis[name], row["status"]).tone if row else "none"

    def _by_parent(self, member: str) -> tuple[str, str, str]:
        above = self.index.parent(self.level or "", member)
        row = self.index.members.get((self.level or "", member), {"label": member})
        return (above["label"] if above else "\uffff", row["label"], member)


def worst_first(kpi: Json, rows: Iterable[Json]) -> list[Json]:
    """Observations of one period, the worst verdict first, then the furthest from its target; without one last."""

    def rank(row: Json) -> tuple[int, float, float, str, str]:
        value = 0.0 if row["value"] is None else row["value"]
        better = {"lower_is_better": -value, "neutral": 0.0}.get(kpi["direction"], value)
        return (ORDER.index(status(kpi, row["status"]).tone), _attainment(row), better, row["label"], row["member"])

    return sorted(rows, key=rank)


def unit_word(reader: Reader) -> str:
    """What a brief value counts, where it doesn't say so itself."""
    return {"hours": "hours", "days": "days", "points": "points", "suffix": reader.unit.suffix or ""}.get(
        reader.unit.kind, ""
    )


def _attainment(row: Json) -> float:
    share: float | None = row["attainment"]
    return 1.0 if share is None else share

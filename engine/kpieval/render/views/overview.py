"""The first screens of the report: the verdict, what is poor, every KPI in a line, the members side by side."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any

from kpieval.model import ORGANISATION
from kpieval.render import charts
from kpieval.render.views.index import HEADLINE
from kpieval.render.views.reading import bounds
from kpieval.render.views.series import figures, series_table
from kpieval.render.views.view import Attention, Glance, Grid, GridRow, Group, Head, Reading, SeriesRow, Tile
from kpieval.render.words import NOTHING, ORDER, plural, several, silent, status, verdict
from kpieval.translation import inside, marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index
    from kpieval.render.views.reading import Reader
    from kpieval.rows import Key, Series

Json = dict[str, Any]

NAMED = 4
"""So many members are named in a sentence."""
ABREAST = 10
"""So many members stand side by side in one grid; more make several grids."""
HIDDEN = 12
"""So many KPIs whose total hides poor members are listed; the grid has all."""
GRIDS = 4
"""So many grids at most; the rest of the members is in the figures."""
_UNITS = {"hours": marked("hours"), "days": marked("days"), "points": marked("points")}


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
                    found
                    for reader in self.readers.values()
                    for band in reader.kpi["bands"]
                    if (found := reader.status(band["name"])).tone == tone
                ),
                None,
            )
            if shown:
                tiles.append(Tile(self.formats.count(tones[tone]), shown))
        if tones["none"]:
            tiles.append(Tile(self.formats.count(tones["none"]), silent(self.formats)))
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
        say = self.formats.say
        found = [
            (say("Main KPIs") if headline else say("Further KPIs"), list(names))
            for headline, names in groupby(self.readers, lambda name: HEADLINE in self.index.kpis[name]["tags"])
        ]
        return tuple(self._group(title if len(found) > 1 else "", names) for title, names in found)

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
            said.append(gap)
        if row["uncertain"]:
            said.append(
                self.formats.say(
                    "Uncertain: given the number of cases, the true figure may be anywhere from {interval}.",
                    interval=reader.interval(row),
                )
            )
        if self.before and row["previous"] is not None and row["change"] is not None:
            said.append(self._since(reader, row, self.before))
        poor, judged, total = self._poor_members(name)
        if poor and self.level and row["level"] != self.level:
            said.append(self._where(reader, poor, judged, total))
        return tuple(said)

    def _since(self, reader: Reader, row: Json, before: str) -> str:
        say, change = self.formats.say, reader.change(row)
        was = reader.value(row | {"value": row["previous"]})
        period = self.formats.period(before, self.index.periods[before]["start"])
        if was == reader.value(row):
            if change and change.arrow == "flat":
                return say("The same as in {period}.", period=period)
            return say("About the same as in {period}.", period=period)
        if not change or not change.sense:
            return say("It was {value} in {period}.", value=was, period=period)
        if change.sense == "better":
            return say("Better than in {period}, when it was {value}.", value=was, period=period)
        return say("Worse than in {period}, when it was {value}.", value=was, period=period)

    def _where(self, reader: Reader, poor: Sequence[Json], judged: int, total: int) -> str:
        formats = self.formats
        level = several(self.index.levels[self.level or ""]["title"], judged, formats)
        word = reader.status(poor[0]["status"]).word
        names = formats.named([f"{row['label']} ({reader.value(row)})" for row in poor], NAMED)
        number, count = formats.count(len(poor)), formats.count(judged)
        if len(poor) == total and total > NAMED:
            return formats.say(
                "{status} for all {count} {level}: {names}.", status=word, count=count, level=level, names=names
            )
        if judged < total:
            return formats.say(
                "{status} for {number} of the {count} {level} with a verdict: {names}.",
                status=word, number=number, count=count, level=level, names=names,
            )  # fmt: skip
        return formats.say(
            "{status} for {number} of {count} {level}: {names}.",
            status=word, number=number, count=count, level=level, names=names,
        )  # fmt: skip

    def _poor_members(self, name: str) -> tuple[list[Json], int, int]:
        """The poor members of the compared level, the worst first; how many have a verdict, and how many there are."""
        if not self.level or self.level not in self.index.kpis[name]["levels"]:
            return [], 0, 0
        rows = self.index.now(name, self.level)
        kpi = self.index.kpis[name]
        poor = worst_first(kpi, [row for row in rows if status(kpi, row["status"]).tone == "poor"])
        return poor, sum(row["status"] is not None for row in rows), len(rows)

    def _attention(self, name: str, row: Json) -> Attention:
        reading = self.readers[name].read(row)
        bullet = self.bullet(name, row, reading)
        return Attention(self.index.link(name), reading, self.sentences(name, row), bullet)

    def _group(self, title: str, names: Sequence[str]) -> Group:
        behind = (self._series(name, key) for name in names if (key := self.index.top(name)))
        shown = title or self.formats.say("Every KPI")
        return Group(title, tuple(map(self._glance, names)), series_table(self.index, self.formats, shown, behind))

    def _series(self, name: str, key: Key) -> SeriesRow:
        """The history of a KPI in figures."""
        reader, values = self.readers[name], self.index.rows.series(key)[name].values
        return figures(self.index.kpis[name]["title"], unit_word(reader), values, reader.plain)

    def _glance(self, name: str) -> Glance:
        reader, row = self.readers[name], self._top(name)
        key = self.index.top(name)
        series = self.index.rows.series(key).get(name) if key else None
        levels = self.index.kpis[name]["levels"]
        note = ""
        if levels and not row:
            finest = inside(self.index.levels[levels[-1]]["title"], self.formats.language)
            note = self.formats.say("Measured for each {level} only", level=finest)
        reading = reader.read(row)
        bullet = self.bullet(name, row, reading) if row else None
        spark = self.spark(name, row, series) if series else None
        return Glance(self.index.link(name), self.index.kpis[name]["question"] or "", reading, spark, bullet, note)

    def whole(self, name: str) -> Reading | None:
        """A KPI for the whole organisation; None where it isn't measured."""
        return self.readers[name].read(self._top(name)) if name in self.readers else None

    def bullet(self, name: str, row: Json, reading: Reading, benchmarks: Sequence[float] = ()) -> charts.Bullet | None:
        """The bullet graph of an observation that reads so; none where there is nothing to hold the value against."""
        if not any(bounds(row)) and not benchmarks:
            return None
        reader, say = self.readers[name], self.formats.say
        target = say("no target") if reading.target == NOTHING else say("target {target}", target=reading.target)
        said = [say("95% interval {interval}", interval=reading.interval)] if reading.interval else []
        said += [say("benchmark {value}", value=reader.exact(value)) for value in benchmarks]
        words = ", ".join([reading.value, target, reading.verdict, *said])
        descending = reader.kpi["direction"] != "lower_is_better"
        return charts.bullet(reader.point(row), *bounds(row), words, descending=descending, benchmarks=benchmarks)

    def spark(self, name: str, row: Json | None, series: Series) -> charts.Spark | None:
        """The sparkline of what was observed so far, up to the observation of the reported period."""
        status = self.readers[name].status(series.status)
        last = charts.Point(None, None, None, status.tone, status.color, series.uncertain)
        words = self.formats.say("History of {title}", title=self.index.kpis[name]["title"])
        return charts.spark(series.values, last, row["target"] if row else None, words)

    def _grid(self, kpis: Iterable[str], members: Sequence[str]) -> Grid:
        level = self.level or ""
        many = plural(self.index.levels[level]["title"], self.formats.language)
        title = self.formats.say("{members} side by side", members=many)
        above = [self.index.parent(level, member) for member in members]
        heads = tuple(
            Head(label, len(list(run))) for label, run in groupby(parent["label"] if parent else "" for parent in above)
        )
        columns = tuple(self.index.members.get((level, member), {"label": member})["label"] for member in members)
        rows = tuple(
            GridRow(self.index.link(name), unit_word(self.readers[name]), self._cells(name, members)) for name in kpis
        )
        shown = heads if any(head.text for head in heads) and level != ORGANISATION else ()
        return Grid(title, shown, (self.formats.say("Organisation"), *columns), rows)

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
    if reader.unit.kind == "suffix":
        return reader.unit.suffix or ""
    return reader.formats.say(_UNITS.get(reader.unit.kind, ""))


def _attainment(row: Json) -> float:
    share: float | None = row["attainment"]
    return 1.0 if share is None else share

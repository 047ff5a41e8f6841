"""A KPI becomes its section: what it means, how it went, who stands where, and the reason for every missing verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render import charts
from kpieval.render.prose import plain, prose, verbatim
from kpieval.render.views import comparing
from kpieval.render.views.citing import citations, other_targets, published, target_words
from kpieval.render.views.funnel_plots import funnel_plots
from kpieval.render.views.kpi_view import Kpi, Measure, Moment
from kpieval.render.views.members import MemberTables
from kpieval.render.views.reading import bounds
from kpieval.render.views.reading import reader as make_reader
from kpieval.render.views.strip_plots import strip_plots
from kpieval.render.words import DIRECTIONS, NOTHING, SUMS, status, why
from kpieval.translation import inside

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index
    from kpieval.render.views.overview import OverviewMaker
    from kpieval.render.views.reading import Reader
    from kpieval.render.views.view import Link
    from kpieval.render.words import Status

Json = dict[str, Any]


class Sections:
    """Makes the sections, one after the other; it remembers which query was shown where."""

    def __init__(self, index: Index, overview: OverviewMaker, formats: Formats) -> None:
        self.index, self.overview, self.formats = index, overview, formats
        self.tables = MemberTables(index, overview.readers, formats)
        self._queries: dict[str, Link] = {}

    def section(self, name: str) -> Kpi:
        """The section of a measured KPI."""
        kpi, reader = self.index.kpis[name], self.overview.readers[name]
        key = self.index.top(name)
        row = self.index.one(name, key) if key else None
        history = self.index.history(name, key) if key else []
        notes = self._notes(name)
        link = self.index.link(name)
        first = self._queries.setdefault(kpi["sql"] or "", link)
        reading, benchmarks = reader.read(row), published(kpi, self.index.benchmarks)
        return Kpi(
            slug=self.index.slugs[name],
            title=kpi["title"],
            name=name,
            question=kpi["question"] or "",
            description=prose(kpi["description"]),
            meaning=plain(kpi["description"]),
            reading=reading,
            sentences=self.overview.sentences(name, row) if row else (),
            bullet=self.overview.bullet(name, row, reading, benchmarks) if row else None,
            benchmarks=citations(kpi, self.index.benchmarks, reader),
            figures=self._figures(kpi, reader, row),
            facts=self._facts(kpi),
            bands=_bands(reader, row),
            formula=kpi["formula"],
            measures=tuple(
                Measure(m["name"], m["source"], m["expression"], m["description"] or "") for m in kpi["measures"]
            ),
            drives=tuple(map(self.index.link, kpi["drives"])),
            guarded_by=tuple(map(self.index.link, kpi["guarded_by"])),
            sql=verbatim(kpi["sql"] if first is link else None),
            sql_of=None if first is link or not kpi["sql"] else first,
            trend=self._trend(reader, history, notes),
            notes=tuple(
                (str(number), self.formats.termed(self.formats.date(note["on"]), note["text"]))
                for number, (_, note) in notes.items()
            ),
            columns=_columns(reader, history),
            history=tuple(
                Moment(self._period(period), reader.read(seen), comparing.course(reader, seen))
                for period, seen in reversed(history)
            ),
            strips=strip_plots(self.index, reader, row),
            members=self.tables.members(name, reader),
            funnels=funnel_plots(self.index, reader),
            behind=self.tables.behind(kpi),
        )

    def _figures(self, kpi: Json, reader: Reader, row: Json | None) -> tuple[tuple[str, str], ...]:
        """What stands behind the figure of the reported period."""
        if not row:
            return ()
        say, target = self.formats.say, target_words(reader, row)
        figures = [(say("Target"), target if target != NOTHING else say("None set"))]
        if others := other_targets(reader, row):
            figures.append((say("Other targets"), "; ".join(others)))
        if ahead := comparing.way_up(reader, row):
            figures.append((say("Next status"), ahead))
        if row["interval"]:
            figures.append((say("95% interval"), reader.interval(row)))
        if row["n"] is not None:
            figures.append((say("Cases"), self.formats.count(row["n"])))
        if said := comparing.over_time(reader, row):
            figures.append((say("Over time"), " ".join(said)))
        if place := comparing.standing(reader, row):
            figures.append((say("Among peers"), place))
        if row["members_counted"] is not None:
            figures.append((say("Members counted"), self._members_counted(row)))
        if row["reason"]:
            figures.append((say("Why no verdict"), why(kpi, row["reason"], self.formats)))
        return tuple(figures)

    def _facts(self, kpi: Json) -> tuple[tuple[str, str], ...]:
        """What holds for the KPI in every period."""
        say = self.formats.say
        facts = [(say("Direction"), say(DIRECTIONS.get(kpi["direction"], kpi["direction"])))]
        if kpi["min_sample"]:
            least = self.formats.counted(kpi["min_sample"], "{count} case", "{count} cases")
            facts.append((say("Judged from"), least))
        facts.append((say("Totals"), self._totals(kpi)))
        if kpi["owner"]:
            facts.append((say("Owner"), kpi["owner"]))
        return tuple(facts)

    def _totals(self, kpi: Json) -> str:
        if kpi["per"]:
            level = inside(self._level(kpi["per"]), self.formats.language)
            return self.formats.say("Worked out for each {level} first, then over all of them.", level=level)
        return self.formats.say(SUMS.get(kpi["rollup"], kpi["rollup"]))

    def _members_counted(self, row: Json) -> str:
        number = self.formats.count(row["members_counted"])
        if not (missing := row["members_missing"]):
            return number
        return self.formats.counted(
            missing,
            "{number}; {count} is left out, without a figure of their own or with too few cases",
            "{number}; {count} are left out, without a figure of their own or with too few cases",
            number=number,
        )

    def _notes(self, name: str) -> dict[int, tuple[int, Json]]:
        """What happened in the periods that are shown: by number, in which of them, and what."""
        found: dict[int, tuple[int, Json]] = {}
        for note in self.index.result["annotations"]:
            for place, period in enumerate(self.index.periods.values()):
                if period["start"] <= note["on"] < period["end"] and (not note["kpis"] or name in note["kpis"]):
                    found[len(found) + 1] = (place, note)
        return found

    def _trend(
        self, reader: Reader, history: Sequence[tuple[Json, Json | None]], notes: Mapping[int, tuple[int, Json]]
    ) -> charts.Trend | None:
        points = [reader.point(row) for _, row in history]
        if not any(point.value is not None for point in points):
            return None
        known = [(period, row) for period, row in history if row and row["value"] is not None]
        last = known[-1][1]
        say = self.formats.say
        ends = (
            say("{value} in {period}", value=reader.value(row), period=self._period(period))
            for period, row in (known[0], known[-1])
        )
        aim = [] if reader.target(last) == NOTHING else [say("target {target}", target=reader.target(last))]
        words = self.formats.termed(reader.kpi["title"], ", ".join([*ends, *aim]))
        process = " ".join(comparing.over_time(reader, last))
        numbers: dict[int, str] = {}
        for number, (place, _) in notes.items():
            numbers[place] = f"{numbers[place]}, {number}" if place in numbers else str(number)
        return charts.trend(points, reader.axis, f"{words}. {process}".rstrip(), numbers, reader.least)

    def _level(self, name: str) -> str:
        title: str = self.index.levels.get(name, {"title": name})["title"]
        return title

    def _period(self, period: Json) -> str:
        return self.formats.period(period["label"], period["start"])


def readers(index: Index, formats: Formats) -> dict[str, Reader]:
    """A reader for each measured KPI, in the order of the report."""
    titles = {name: kpi["title"] for name, kpi in index.kpis.items()}
    return {
        name: make_reader(kpi, index.rows.values(name), formats, titles)
        for name, kpi in index.kpis.items()
        if kpi["measured"]
    }


def _columns(reader: Reader, history: Sequence[tuple[Json, Json | None]]) -> tuple[str, ...]:
    """Which columns of a history have anything in them."""
    rows = [row for _, row in history if row]
    there = {
        "cases": any(row["n"] is not None for row in rows),
        "interval": any(row["interval"] for row in rows),
        "course": any(comparing.course(reader, row) != NOTHING for row in rows),
    }
    return tuple(name for name, has in there.items() if has)


def _bands(reader: Reader, row: Json | None) -> tuple[tuple[Status, str], ...]:
    """Where each band begins, in the units of the KPI."""
    kpi = reader.kpi
    if not row or not (row["edges"] or row["target_range"]):
        return ()
    formats = reader.formats
    lower, upper = bounds(row)
    verdicts = [status(kpi, band["name"]) for band in kpi["bands"]]
    if row["target_range"]:
        said = [
            formats.stretch(reader.exact(low, short=True), reader.exact(high))
            for low, high in zip(lower, upper, strict=False)
        ]
        rest = formats.say("outside of that")
    else:
        less = kpi["direction"] == "lower_is_better"
        shown = [
            reader.held_against(row, edge, written=band["edge"] is not None)
            for edge, band in zip(lower, kpi["bands"], strict=False)
        ]
        if less:
            said, rest = [formats.say("{edge} or less", edge=edge) for edge in shown], formats.say("above that")
        else:
            said, rest = [formats.say("{edge} or more", edge=edge) for edge in shown], formats.say("below that")
    return tuple(zip(verdicts, [*said, rest], strict=False))

"""A result becomes the views of it that every document is written from."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kpieval.render import charts
from kpieval.render.formatting import Formats
from kpieval.render.prose import verbatim
from kpieval.render.views import findings
from kpieval.render.views.drivers import Drivers
from kpieval.render.views.index import ONE_PAGE, Index
from kpieval.render.views.layout import INDEX
from kpieval.render.views.member_pages import MemberPages
from kpieval.render.views.overview import OverviewMaker
from kpieval.render.views.restated import restated
from kpieval.render.views.rolls import rolls
from kpieval.render.views.scorecards import scorecards
from kpieval.render.views.section import Sections, readers
from kpieval.render.views.view import Brand, Frame, Gate, Link, Methods, Overview, Report, Source, Trouble, Unmeasured
from kpieval.render.words import CSV_COMMAND

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kpieval.render.views.kpi_view import Kpi
    from kpieval.render.views.layout import Layout
    from kpieval.render.views.member_view import Member
    from kpieval.render.views.score_view import Roll
    from kpieval.rows import Key

Json = dict[str, Any]

UNMAPPED = 5
"""So many unmapped values or unknown members are named for each source."""


class Views:
    """The views of a result, each made when it is asked for."""

    def __init__(self, result: Mapping[str, Any], layout: Layout = ONE_PAGE) -> None:
        self.result, self.layout = result, layout
        self.formats = Formats(result["locale"], result["currency"])
        self.index = Index(result, layout)
        self.readers = readers(self.index, self.formats)
        self._overview = OverviewMaker(self.index, self.readers, self.formats)
        self._sections = Sections(self.index, self._overview, self.formats)
        self._members = MemberPages(self.index, self._overview, self.formats)

    @property
    def kpis(self) -> Iterable[str]:
        """The measured KPIs, in the order of the report."""
        return self.readers

    def frame(self, heading: str = "", contents: Sequence[Link] = ()) -> Frame:
        """What stands around a page with this heading and these parts; without one, it is the overview."""
        return replace(self._frame, heading=heading, home=INDEX if heading else "", contents=tuple(contents))

    @cached_property
    def _frame(self) -> Frame:
        """What is the same around all pages."""
        result, formats, index = self.result, self.formats, self.index
        now = index.periods[index.period]
        return Frame(
            language=formats.language,
            direction=formats.locale.text_direction,
            title=result["title"],
            heading="",
            project=result["project"],
            period=formats.period(now["label"], now["start"]),
            dates=formats.dates(now["start"], now["end"]),
            caution=""
            if now["complete"]
            else formats.say("This period is not over yet: its figures will still change."),
            brand=_brand(result["report"]),
            axis=charts.axis([formats.period_short(period["label"], period["start"]) for period in result["periods"]]),
            home="",
            contents=(),
        )

    def gate(self) -> Gate | None:
        """What the gate found; None where there is none."""
        gate = self.result["gate"]
        if not gate:
            return None
        failures = tuple(failure["sentence"] for failure in gate["failures"])
        return Gate(gate["closed"], gate["sentence"], failures, tuple(gate["notes"]))

    def overview(self) -> Overview:
        """What comes first."""
        maker, index, formats = self._overview, self.index, self.formats
        verdict, tiles = maker.verdict()
        grids, left_out = maker.grids()
        hidden, unlisted = maker.hidden()
        before = maker.before
        return Overview(
            before=formats.period(before, index.periods[before]["start"]) if before else "",
            verdict=verdict,
            tiles=tiles,
            findings=findings.groups(index, formats, self.result["findings"]),
            findings_summary=findings.summary(self.result["findings"], formats),
            attention=maker.attention(),
            hidden=hidden,
            hidden_more=formats.counted(
                unlisted,
                "{count} more KPI of this kind: see the members side by side.",
                "{count} more KPIs of this kind: see the members side by side.",
            )
            if unlisted
            else "",
            scorecards=scorecards(index, formats),
            everybody=Link(formats.say("Find a KPI or a member"), self.layout.everybody() if index.scored() else ""),
            groups=maker.groups(),
            drivers=Drivers(index, maker.whole, formats).tree(),
            grids=grids,
            grid_more=formats.counted(
                left_out,
                "{count} more is not shown here; all are in the figures of the run ({command}).",
                "{count} more are not shown here; all are in the figures of the run ({command}).",
                command=CSV_COMMAND,
            )
            if left_out
            else "",
        )

    def address(self, name: str) -> str:
        """Where a measured KPI stands."""
        return self.index.link(name).href

    def kpi(self, name: str) -> Kpi:
        """A measured KPI."""
        return self._sections.section(name)

    def member(self, key: Key) -> Member:
        """A member that has a score."""
        return self._members.member(key)

    def rolls(self) -> tuple[Roll, ...]:
        """Everybody who has a score, level by level."""
        return rolls(self.index, self.formats)

    def methods(self) -> Methods:
        """Where the figures come from."""
        index, result, formats = self.index, self.result, self.formats
        unmeasured = (kpi for kpi in index.kpis.values() if not kpi["measured"])
        return Methods(
            unmeasured=tuple(_unmeasured(kpi, index.slugs[kpi["name"]]) for kpi in unmeasured),
            unevaluated=findings.unevaluated(result["rules"]),
            sources=tuple(_source(source, formats) for source in result["sources"]),
            troubles=tuple(_trouble(problem) for problem in result["problems"]),
            restated=restated(index, formats),
            about=_about(result, formats),
        )


def report(result: Mapping[str, Any]) -> Report:
    """The whole of a result, for a document in one piece."""
    views = Views(result)
    overview, methods = views.overview(), views.methods()
    return Report(
        frame=views.frame(contents=contents(overview, methods, views.formats)),
        gate=views.gate(),
        overview=overview,
        kpis=tuple(map(views.kpi, views.kpis)),
        methods=methods,
    )


def contents(overview: Overview, methods: Methods | None, formats: Formats) -> tuple[Link, ...]:
    """The parts of the overview, and of the whole document, where the methods belong to it."""
    say = formats.say
    parts = {
        "findings": (say("Findings"), overview.findings),
        "attention": (say("Needs attention"), overview.attention or overview.hidden),
        "scorecards": (say("Scorecards"), overview.scorecards),
        "all": (say("All KPIs"), True),
        "drivers": (say("What drives what"), overview.drivers),
        "grid": (overview.grids[0].title if overview.grids else "", overview.grids),
        "each": (say("KPI by KPI"), methods),
        "unmeasured": (say("Not measured"), methods and (methods.unmeasured or methods.unevaluated)),
        "data": (say("Data and methods"), methods),
    }
    return tuple(Link(title, f"#{anchor}") for anchor, (title, there) in parts.items() if there)


def _brand(theme: Json) -> Brand:
    logo = theme["logo"] or ""
    return Brand(
        theme["name"] or "",
        logo if logo.startswith(("data:image/svg+xml;base64,", "data:image/png;base64,")) else "",
        theme["footer"] or "",
        theme["classification"] or "",
    )


def _unmeasured(kpi: Json, slug: str) -> Unmeasured:
    needs = tuple((need["source"], tuple(need["columns"])) for need in kpi["missing"])
    return Unmeasured(slug, kpi["title"], kpi["question"] or "", needs)


def _source(source: Json, formats: Formats) -> Source:
    remarks = []
    if source["undated"]:
        remarks.append(
            formats.counted(
                source["undated"],
                "{count} row has no date and counts in no period.",
                "{count} rows have no date and count in no period.",
            )
        )
    if source["crossing"]:
        remarks.append(
            formats.counted(
                source["crossing"], "{count} row spans more than one period.", "{count} rows span more than one period."
            )
        )
    remarks += [
        formats.counted(
            item["rows"],
            "{column}: the value “{value}” is not in the mapping ({count} row).",
            "{column}: the value “{value}” is not in the mapping ({count} rows).",
            column=item["column"],
            value=item["value"],
        )
        for item in source["unmapped"][:UNMAPPED]
    ]
    remarks += [
        formats.counted(
            item["rows"],
            "{level} “{member}” is not in the list of members at that time ({count} row).",
            "{level} “{member}” is not in the list of members at that time ({count} rows).",
            level=item["level"],
            member=item["member"],
        )
        for item in source["unknown_members"][:UNMAPPED]
    ]
    more = sum(max(0, len(source[name]) - UNMAPPED) for name in ("unmapped", "unknown_members"))
    if more:
        remarks.append(formats.counted(more, "{count} more of this kind.", "{count} more of this kind."))
    if source["quarantined"]:
        remarks.append(
            formats.counted(
                source["quarantined"],
                "{count} row was unreadable and set aside.",
                "{count} rows were unreadable and set aside.",
            )
        )
    first, last = source["first"], source["last"]
    dates = formats.stretch(formats.date(first), formats.date(last)) if first and last else ""
    used = source["rows_used"]
    return Source(
        source["name"],
        source["location"] or "",
        "" if source["rows"] is None else formats.count(source["rows"]),
        "" if used is None else formats.count(used),
        dates,
        tuple(remarks),
        verbatim(source["sql"]),
    )


def _trouble(problem: Json) -> Trouble:
    place = ":".join(str(problem[part]) for part in ("file", "line", "column") if problem[part] is not None)
    return Trouble(problem["severity"], problem["code"], problem["message"], place, problem["hint"] or "")


def _about(result: Mapping[str, Any], formats: Formats) -> tuple[tuple[str, str], ...]:
    periods = [formats.period(period["label"], period["start"]) for period in result["periods"]]
    say = formats.say
    made = say("kpieval {version}, result format {format}", version=result["kpieval"], format=result["format"])
    facts = [
        (say("Project"), result["project"]),
        (say("Periods"), periods[0] if len(periods) == 1 else formats.stretch(periods[0], periods[-1])),
        (say("Made with"), made),
    ]
    if result["as_of"]:
        facts.insert(2, (say("As of"), formats.date(result["as_of"])))
    return tuple(facts)

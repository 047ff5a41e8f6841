"""A result becomes the one view of it that every document is written from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render import charts, findings
from kpieval.render.drivers import Drivers
from kpieval.render.formatting import Formats
from kpieval.render.index import Index
from kpieval.render.members import ELSEWHERE
from kpieval.render.overview import Overview
from kpieval.render.prose import verbatim
from kpieval.render.scorecards import scorecards
from kpieval.render.section import Sections, readers
from kpieval.render.view import Report, Source, Trouble, Unmeasured
from kpieval.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

UNMAPPED = 5
"""So many unmapped values or unknown members are named for each source."""


def report(result: Mapping[str, Any]) -> Report:
    """The view of a result."""
    formats = Formats(result["locale"], result["currency"])
    index = Index(result)
    overview = Overview(index, readers(index, formats), formats)
    sections = Sections(index, overview, formats)
    now = index.periods[index.period]
    verdict, tiles = overview.verdict()
    grids, left_out = overview.grids()
    hidden, unlisted = overview.hidden()
    before = overview.before
    return Report(
        language=formats.language,
        direction=formats.locale.text_direction,
        title=result["title"],
        project=result["project"],
        period=formats.period(now["label"], now["start"]),
        dates=formats.dates(now["start"], now["end"]),
        caution="" if now["complete"] else "This period is not over yet: its figures will still change.",
        before=formats.period(before, index.periods[before]["start"]) if before else "",
        verdict=verdict,
        tiles=tiles,
        findings=findings.groups(index, overview.link, formats),
        findings_summary=findings.summary(result["findings"], formats),
        attention=overview.attention(),
        hidden=hidden,
        hidden_more=f"{counted(unlisted, 'more KPI', 'more KPIs', formats)} of this kind: see the members side by side."
        if unlisted
        else "",
        scorecards=scorecards(index, formats),
        groups=overview.groups(),
        drivers=Drivers(index, overview.link, overview.whole, formats).tree(),
        grids=grids,
        grid_more=f"{formats.count(left_out)} more are not shown here; {ELSEWHERE}." if left_out else "",
        axis=charts.axis([formats.period_short(period["label"], period["start"]) for period in result["periods"]]),
        kpis=tuple(sections.section(name) for name in overview.readers),
        unmeasured=tuple(
            _unmeasured(kpi, index.slugs[name]) for name, kpi in index.kpis.items() if not kpi["measured"]
        ),
        unevaluated=findings.unevaluated(result["rules"]),
        sources=tuple(_source(source, formats) for source in result["sources"]),
        troubles=tuple(_trouble(problem) for problem in result["problems"]),
        about=_about(result, formats),
    )


def _unmeasured(kpi: Json, slug: str) -> Unmeasured:
    needs = tuple((need["source"], tuple(need["columns"])) for need in kpi["missing"])
    return Unmeasured(slug, kpi["title"], kpi["question"] or "", needs)


def _source(source: Json, formats: Formats) -> Source:
    remarks = []
    if source["undated"]:
        remarks.append(f"{counted(source['undated'], 'row has', 'rows have', formats)} no date and count in no period.")
    if source["crossing"]:
        remarks.append(f"{counted(source['crossing'], 'row spans', 'rows span', formats)} more than one period.")
    remarks += [
        f"{item['column']}: the value “{item['value']}” is not in the mapping ({_rows(item, formats)})."
        for item in source["unmapped"][:UNMAPPED]
    ]
    remarks += [
        f"{item['level']} “{item['member']}” is not in the list of members ({_rows(item, formats)})."
        for item in source["unknown_members"][:UNMAPPED]
    ]
    more = sum(max(0, len(source[name]) - UNMAPPED) for name in ("unmapped", "unknown_members"))
    if more:
        remarks.append(f"{formats.count(more)} more of this kind.")
    if source["quarantined"]:
        remarks.append(f"{counted(source['quarantined'], 'row was', 'rows were', formats)} unreadable and set aside.")
    first, last = source["first"], source["last"]
    dates = f"{formats.date(first)} to {formats.date(last)}" if first and last else ""
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


def _rows(item: Json, formats: Formats) -> str:
    return counted(item["rows"], "row", "rows", formats)


def _trouble(problem: Json) -> Trouble:
    place = ":".join(str(problem[part]) for part in ("file", "line", "column") if problem[part] is not None)
    return Trouble(problem["severity"], problem["code"], problem["message"], place, problem["hint"] or "")


def _about(result: Mapping[str, Any], formats: Formats) -> tuple[tuple[str, str], ...]:
    periods = [formats.period(period["label"], period["start"]) for period in result["periods"]]
    facts = [
        ("Project", result["project"]),
        ("Periods", periods[0] if len(periods) == 1 else f"{periods[0]} to {periods[-1]}"),
        ("Made with", f"kpieval {result['kpieval']}, result format {result['format']}"),
    ]
    if result["as_of"]:
        facts.insert(2, ("As of", formats.date(result["as_of"])))
    return tuple(facts)

"""What a run tells of its sources: rows read and used, and warnings of those without a date, a member or a mapping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.collect import members
from kpieval.collect.sql import text
from kpieval.plan.dates import CROSSING
from kpieval.plan.inputs import Aggregate
from kpieval.plan.scans import parts_of
from kpieval.problems import Problem

if TYPE_CHECKING:
    import duckdb

    from kpieval.collect.cells import Cells
    from kpieval.model import Project, Source
    from kpieval.plan.scans import Grouping
    from kpieval.sources import SourceReport

_MOST = 20
_NOT_KEPT = "They are not kept. With `--output` they are, beside it; from Python, with `quarantine_dir`."


@dataclass(frozen=True, slots=True)
class Account:
    """Counts of one source's rows. `unknown` lists level, key (None: empty) and rows, the most frequent first."""

    source: str
    report: SourceReport
    used: int | None
    undated: int
    crossing: int
    unknown: tuple[tuple[str, str | None, int], ...]


def account_of(
    connection: duckdb.DuckDBPyConnection, project: Project, cells: Cells, source: str, report: SourceReport
) -> Account:
    """Count what became of a source's rows."""
    time = project.sources[source].time
    additive = [each for each in cells.by_source.get(source, ()) if each.level is None and each.point is None]
    groupings = [each for each in additive if each.time == time] or additive
    used, undated, crossing = None, 0, 0
    unknown: dict[tuple[str, str | None], int] = {}
    for grouping in groupings:
        rows = _rows_column(cells, grouping)
        if rows is None:
            continue
        table = cells.tables[grouping, ""]
        found = connection.execute(
            f"select sum({rows}) filter (where period > {CROSSING}), sum({rows}) filter (where period is null), "
            f"sum({rows}) filter (where period = {CROSSING}) from {table}"
        ).fetchall()[0]
        used = max(used or 0, int(found[0] or 0))
        undated, crossing = max(undated, int(found[1] or 0)), max(crossing, int(found[2] or 0))
        if grouping.entry is not None and members.has_list(project, grouping.entry):
            strangers = connection.execute(
                f"select b.member, sum({rows}) from {table} as b left join segments as s on s.period = b.period "
                f"and s.segment is not distinct from b.segment left join lines as l "
                f"on l.entry = {text(grouping.entry)} and l.member = b.member "
                f"and s.day >= l.start_day and s.day < l.end_day "
                f"where l.member is null and (b.period > {CROSSING} or b.period is null and "
                f"(b.member is null or b.member not in (select member from {members.table(grouping.entry)}))) "
                f"group by b.member order by 2 desc, 1 limit {_MOST}"
            ).fetchall()
            for member, count in strangers:
                key = (grouping.entry, member)
                unknown[key] = max(unknown.get(key, 0), int(count))
    return Account(source, report, used, undated, crossing, tuple((*key, count) for key, count in unknown.items()))


def _rows_column(cells: Cells, grouping: Grouping) -> str | None:
    rows = parts_of(Aggregate(grouping.source, grouping.time, "rows"))["count"]
    return cells.columns.get((grouping, rows))


def warnings(found: Account, source: Source) -> list[Problem]:
    """What a reader of the report must know about a source's rows."""
    problems = []

    def warn(code: str, message: str, hint: str) -> None:
        problems.append(Problem("warning", code, message, source.place, hint))

    if found.undated:
        start = source.time.start if source.time else ""
        warn(
            "undated-rows",
            f"{_rows(found.undated)} of `{found.source}` without a `{start}` are in no period.",
            "Fill the date, or leave the rows out by `where:`.",
        )
    if found.crossing:
        warn(
            "crossing-span",
            f"{_rows(found.crossing)} of `{found.source}` last longer than one period and are in none.",
            "Give one row per period: nothing is spread by guessing.",
        )
    if found.unknown:
        listed = ", ".join(f"`{key}`" if key is not None else "no key" for _, key, _ in found.unknown[:3])
        more = f" and {len(found.unknown) - 3} more" if len(found.unknown) > 3 else ""  # noqa: PLR2004
        total = sum(count for _, _, count in found.unknown)
        warn(
            "unknown-member",
            f"{_rows(total)} of `{found.source}` belong to nobody on the list of `{found.unknown[0][0]}`: "
            f"{listed}{more}.",
            "They count for the organisation, and as (unknown) below it. Add the member to the list, or mend the key.",
        )
    problems += [
        Problem(
            "warning", "unmapped-value",
            f"{_rows(each.rows)} of `{found.source}` have the {each.column} `{each.value}`, "
            "which `values` doesn't name.",
            source.columns[each.column].place, "Name it under `values:`, or catch the rest by `other`.",
        )
        for each in found.report.unmapped
    ]  # fmt: skip
    if found.report.quarantined:
        warn(
            "quarantined-rows",
            f"{_rows(found.report.quarantined)} of `{found.source}` can't be read and are set aside.",
            f"See {file}." if (file := found.report.quarantine_file) else _NOT_KEPT,
        )
    return problems


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"

"""What a run tells of its sources: rows read and used, and warnings of those without a date, a member or a mapping."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.collect import members
from kpieval.collect.members import AFTER_ALL, FIRST_DAY
from kpieval.collect.sql import text
from kpieval.plan.dates import CROSSING
from kpieval.plan.inputs import Aggregate
from kpieval.plan.scans import parts_of
from kpieval.problems import Problem

if TYPE_CHECKING:
    import duckdb

    from kpieval.calendar import Periods
    from kpieval.collect.cells import Cells
    from kpieval.model import Project, Source
    from kpieval.plan.scans import Grouping
    from kpieval.sources import SourceReport

_MOST = 20
NAMED = 3
"""So many keys that are on no list are named in a warning."""


@dataclass(frozen=True, slots=True)
class Outside:
    """A member with rows at a time at which it isn't valid: the first such period, and when it is valid."""

    member: str
    period: str
    start: dt.date
    end: dt.date

    def __str__(self) -> str:
        """The member, the period, and the first and the last day, as far as there are any."""
        said = [f"from {self.start}"] if self.start > FIRST_DAY else []
        said += [f"until {self.end - dt.timedelta(days=1)}"] if self.end < AFTER_ALL else []
        return f"`{self.member}` in {self.period}, valid {' '.join(said) or 'at other times'}"


@dataclass(frozen=True, slots=True)
class Account:
    """Counts of one source's rows. `unknown` lists level, key (None: empty) and rows, the most frequent first.

    Those of them that are on the list, but not at that time, are `outside` as well.
    """

    source: str
    report: SourceReport
    used: int | None
    undated: int
    crossing: int
    unknown: tuple[tuple[str, str | None, int], ...]
    outside: tuple[Outside, ...]


def account_of(
    connection: duckdb.DuckDBPyConnection,
    project: Project,
    cells: Cells,
    source: str,
    report: SourceReport,
    periods: Periods,
) -> Account:
    """Count what became of a source's rows."""
    time = project.sources[source].time
    additive = [each for each in cells.by_source.get(source, ()) if each.level is None and each.point is None]
    groupings = [each for each in additive if each.time == time] or additive
    used, undated, crossing = None, 0, 0
    unknown: dict[tuple[str, str | None], int] = {}
    outside: dict[str, Outside] = {}
    for grouping in groupings:
        rows = rows_column(cells, grouping)
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
            listed = members.table(grouping.entry)
            strangers = connection.execute(
                f"select b.member, sum({rows}), min(b.period) filter (where b.period > {CROSSING}), "
                f"any_value(v.start_day), any_value(v.end_day) "
                f"from {table} as b left join segments as s on s.period = b.period "
                f"and s.segment is not distinct from b.segment left join lines as l "
                f"on l.entry = {text(grouping.entry)} and l.member = b.member "
                f"and s.day >= l.start_day and s.day < l.end_day "
                f"left join (select member, min(start_day) as start_day, max(end_day) as end_day from {listed} "
                f"group by member) as v on v.member = b.member "
                f"where l.member is null and (b.period > {CROSSING} or b.period is null and v.member is null) "
                f"group by b.member order by 2 desc, 1 limit {_MOST}"
            ).fetchall()
            for member, count, period, start, end in strangers:
                key = (grouping.entry, member)
                unknown[key] = max(unknown.get(key, 0), int(count))
                if start is not None:
                    outside.setdefault(member, Outside(member, periods.at(period).label, start, end))
    counted = tuple((*key, count) for key, count in unknown.items())
    return Account(source, report, used, undated, crossing, counted, tuple(outside.values()))


def rows_column(cells: Cells, grouping: Grouping) -> str | None:
    """The column of a grouping's table that counts rows."""
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
            f"{_rows(found.undated)} of `{found.source}` without a `{start}` {_is(found.undated)} in no period.",
            "Fill the date, or leave the rows out by `where:`.",
        )
    if found.crossing:
        warn(
            "crossing-span",
            f"{_rows(found.crossing)} of `{found.source}` {'lasts' if found.crossing == 1 else 'last'} longer than one "
            f"period and {_is(found.crossing)} in none.",
            "Give one row per period: nothing is spread by guessing.",
        )
    known = {each.member for each in found.outside}
    strangers = [each for each in found.unknown if each[1] not in known]
    if strangers:
        listed = ", ".join(f"`{key}`" if key is not None else "no key" for _, key, _ in strangers[:NAMED])
        more = f" and {len(strangers) - NAMED} more" if len(strangers) > NAMED else ""
        total = sum(count for _, _, count in strangers)
        warn(
            "unknown-member",
            f"{_rows(total)} of `{found.source}` {'belongs' if total == 1 else 'belong'} to nobody on the list of "
            f"`{strangers[0][0]}`: {listed}{more}.",
            f"{_count(total)} Add the member to the list, or mend the key.",
        )
    if found.outside:
        total = sum(count for _, member, count in found.unknown if member in known)
        level = next(level for level, member, _ in found.unknown if member in known)
        more = f" (and {len(known) - 1} more like it)" if len(known) > 1 else ""
        warn(
            "member-not-valid",
            f"{_rows(total)} of `{found.source}` {_is(total)} of a {level} that isn't valid then: "
            f"{found.outside[0]}{more}.",
            f"{_count(total)} Mend the dates under `valid:` of `{level}`, or those of the rows.",
        )
    problems += [
        Problem(
            "warning", "unmapped-value",
            f"{_rows(each.rows)} of `{found.source}` {'has' if each.rows == 1 else 'have'} the {each.column} "
            f"`{each.value}`, which `values` doesn't name.",
            source.columns[each.column].place, "Name it under `values:`, or catch the rest by `other`.",
        )
        for each in found.report.unmapped
    ]  # fmt: skip
    if aside := found.report.quarantined:
        warn(
            "quarantined-rows",
            f"{_rows(aside)} of `{found.source}` can't be read and {_is(aside)} set aside.",
            f"See {file}." if (file := found.report.quarantine_file) else _not_kept(aside),
        )
    return problems


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _count(rows: int) -> str:
    return f"{'It counts' if rows == 1 else 'They count'} for the organisation, and as (unknown) below it."


def _not_kept(rows: int) -> str:
    it, is_ = ("It is", "it is") if rows == 1 else ("They are", "they are")
    return f"{it} not kept. With `--output` {is_}, beside it; from Python, with `quarantine_dir`."

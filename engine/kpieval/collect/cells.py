"""Runs the scans and rolls their parts up: for every grouping and level a table of parts by member and period."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.collect import members, trees
from kpieval.collect.sql import name, render, text
from kpieval.model import ORGANISATION
from kpieval.plan import path
from kpieval.plan.dates import CROSSING
from kpieval.plan.inputs import HOLISTIC, Aggregate, Measured
from kpieval.plan.lookups import LINES, TREES, lookups
from kpieval.plan.query import query, used_columns
from kpieval.plan.scans import Grouping, Part, branches
from kpieval.sources import Scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.model import Project, Source
    from kpieval.plan.dates import Dates
    from kpieval.plan.scans import Branch
    from kpieval.plan.window import Window
    from kpieval.sources import Lookup
    from kpieval.sources.session import Session


@dataclass(frozen=True, slots=True)
class Wanted:
    """An input, and the levels at which it is needed."""

    item: Measured
    levels: frozenset[str]


@dataclass(slots=True)
class Cells:
    """Where the answers are: the table of a grouping at a level, and the columns of its parts and aggregates."""

    tables: dict[tuple[Grouping, str], str] = field(default_factory=dict)
    columns: dict[tuple[Grouping, Part | Aggregate], str] = field(default_factory=dict)
    by_source: dict[str, list[Grouping]] = field(default_factory=dict)

    def find(self, item: Measured, level: str) -> Grouping | None:
        """The grouping that brought an input to a level."""
        aggregate, window = item.aggregate, item.window
        holistic = aggregate.function in HOLISTIC
        run = None if not holistic or window.single or window.point else window
        wanted = (aggregate.source, aggregate.time, window.point, holistic, run)
        for grouping, at in self.tables:
            brought = (grouping.source, grouping.time, grouping.point, grouping.level is not None, grouping.window)
            if at == level and brought == wanted:
                return grouping
        return None


def entries_of(source: Source, project: Project, levels: Iterable[str]) -> dict[str, str | None]:
    """For each level, the finest one on its way down whose key the source holds (None: all rows together)."""
    held = [level for level in source.dimensions if level in project.levels]
    finest = [level for level in held if not any(level in path(other, project)[1:] for other in held)]
    found: dict[str, str | None] = {}
    for level in levels:
        fitting = [entry for entry in finest if level in path(entry, project)]
        if fitting:
            found[level] = fitting[0]
    if ORGANISATION in levels:
        others = [entry for level, entry in found.items() if level != ORGANISATION]
        found[ORGANISATION] = others[0] if others else None
    return found


def entries_by_source(wanted: Iterable[Wanted], project: Project) -> dict[str, dict[str, str | None]]:
    """Where each source enters the way up to each level that is wanted of it: the same for all of its inputs."""
    levels: dict[str, set[str]] = defaultdict(set)
    for want in wanted:
        levels[want.item.aggregate.source] |= want.levels
    return {source: entries_of(project.sources[source], project, sorted(found)) for source, found in levels.items()}


def collect(
    session: Session,
    project: Project,
    wanted: Iterable[Wanted],
    dates: Dates,
    windows: Mapping[Window, list[tuple[int, int, int]]],
) -> Cells:
    """Ask every source once and roll the answers up. `windows`: period, first and last index of each run of periods."""
    cells = Cells()
    groups: dict[str, dict[Grouping, dict[Aggregate, None]]] = defaultdict(lambda: defaultdict(dict))
    levels_of: dict[Grouping, set[str]] = defaultdict(set)
    wanted = list(wanted)
    entries = entries_by_source(wanted, project)
    for want in wanted:
        aggregate = want.item.aggregate
        for level in sorted(want.levels & entries[aggregate.source].keys()):
            grouping = _grouping(project, want.item, entries[aggregate.source][level], level)
            groups[aggregate.source][grouping][aggregate] = None
            levels_of[grouping].add(level)
    belonging: dict[str, Lookup] = {}
    for source_name, found in groups.items():
        source = project.sources[source_name]
        laid_out = branches(found)
        tree = query(laid_out, source, dates)
        named = {table.name for table in tree.find_all(exp.Table)}
        for table, make in ((LINES, members.lines_lookup), (TREES, trees.tree_lookup)):
            if table in named and table not in belonging:
                belonging[table] = make(session, project)
        runs = [
            (branch.number, *run)
            for branch in laid_out
            if branch.grouping.window
            for run in windows[branch.grouping.window]
        ]
        joined = lookups(tree, dates, runs, list(belonging.values()))
        scan = Scan(source, tuple(used_columns(laid_out, source)), tree, joined)
        raw = f"scan_{source_name}"
        session.scan(scan, raw)
        cells.by_source[source_name] = [branch.grouping for branch in laid_out]
        with session.bounded():
            for branch in laid_out:
                _read_branch(session, branch, raw, cells)
            session.connection.execute(f"drop table {name(raw)}")
    _make_segments(session, dates)
    _add_seen_members(session, project, cells, levels_of)
    with session.bounded():
        for grouping, levels in levels_of.items():
            for level in sorted(levels):
                _roll_up(session, cells, grouping, level)
    return cells


def _grouping(project: Project, item: Measured, entry: str | None, level: str) -> Grouping:
    aggregate, window = item.aggregate, item.window
    if aggregate.function in HOLISTIC:
        run = None if window.single or window.point else type(window)(window.steps)
        tree = trees.is_tree(project, level)
        return Grouping(entry, aggregate.time, window.point, level, run, aggregate.source, tree)
    return Grouping(entry, aggregate.time, window.point, source=aggregate.source)


def _read_branch(session: Session, branch: Branch, raw: str, cells: Cells) -> None:
    """The rows of one branch as a table of its parts by member, period and segment."""
    grouping = branch.grouping
    number = len(cells.tables)
    table = f"part_{number}"
    columns = []
    for position, (part, (column, condition)) in enumerate(branch.parts.items()):
        function = {"count": "sum"}.get(part.function, part.function)
        condition_sql = f" filter (where {render(condition)})" if condition is not None else ""
        columns.append(f"{function}({name(column)}){condition_sql} as x{position}")
        cells.columns[grouping, part] = f"x{position}"
    for position, (aggregate, column) in enumerate(branch.holistic.items()):
        columns.append(f"any_value({name(column)}) as x{position}")
        cells.columns[grouping, aggregate] = f"x{position}"
    session.connection.execute(
        f"create temp table {table} as select member, period, segment, {', '.join(columns)} from {name(raw)} "
        f"where branch = {branch.number} group by all"
    )
    cells.tables[grouping, ""] = table


def _make_segments(session: Session, dates: Dates) -> None:
    """The table `segments`: a day in each segment of each period."""
    session.connection.execute("create temp table segments (period bigint, segment bigint, day date)")
    rows = [(p.index, segment, dates.day_of(p, segment)) for p in dates.all for segment in dates.segments(p)]
    values = ", ".join(f"({period}, {'null' if s is None else s}, date '{day}')" for period, s, day in rows)
    session.connection.execute(f"insert into segments values {values}")


def _add_seen_members(session: Session, project: Project, cells: Cells, levels_of: Mapping[Grouping, set[str]]) -> None:
    for level in project.levels:
        if members.has_list(project, level):
            continue
        tables = [
            cells.tables[grouping, ""] for grouping in levels_of if grouping.entry == level and grouping.level is None
        ]
        seen = " union ".join(f"select member from {table}" for table in tables) or "select null as member"
        members.add_seen_members(session, project, level, seen)


def _roll_up(session: Session, cells: Cells, grouping: Grouping, level: str) -> None:
    """The parts of a grouping by member of a level and period; what nobody owns is under the unknown member."""
    base = cells.tables[grouping, ""]
    table = f"{base}_{level}"
    columns = [(column, item) for (other, item), column in cells.columns.items() if other == grouping]
    unknown = text(members.UNKNOWN)
    if level == ORGANISATION:
        member, source = text(ORGANISATION), base
    elif level == grouping.level or not members.has_list(session.project, grouping.entry or ORGANISATION):
        member = f"case when b.member in (select member from {members.table(level)}) then b.member else {unknown} end"
        source = f"{base} as b"
    else:
        member = f"coalesce(l.{members.column(level)}, {unknown})"
        source = (
            f"{base} as b left join segments as s on s.period = b.period and s.segment is not distinct from b.segment "
            f"left join lines as l on l.entry = {text(grouping.entry or '')} and l.member = b.member "
            f"and s.day >= l.start_day and s.day < l.end_day"
        )
        if trees.is_tree(session.project, level):
            member = f"coalesce(a.ancestor, {unknown})"
            source += (
                f" left join {trees.table(level)} as a on a.member = l.{members.column(level)} "
                f"and s.day >= a.start_day and s.day < a.end_day"
            )
    sums = ", ".join(f"{adding_up(item, column)} as {column}" for column, item in columns)
    period = "b.period" if " join " in source else "period"
    session.connection.execute(
        f"create temp table {name(table)} as select {member} as member, {period} as period, {sums} from {source} "
        f"where {period} > {CROSSING} group by 1, 2"
    )
    cells.tables[grouping, level] = name(table)


def adding_up(item: Part | Aggregate, column: str) -> str:
    """Puts parts of several members or periods together; what can't be is none: several unknown keys have no median."""
    if isinstance(item, Aggregate):
        return f"case when count(*) = 1 then any_value({column}) end"
    return f"{item.function if item.function in {'min', 'max'} else 'sum'}({column})"

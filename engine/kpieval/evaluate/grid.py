"""One table per level with a row per member and period, and a column per input: what formulas are evaluated over.

A sum or count of a member without rows is 0 where the source has rows in that window for anybody, else it is missing; any
other aggregate without rows is missing. A trailing window that begins before the source's first row is missing as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect import members
from kpieval.collect.sql import name, render, text
from kpieval.model import ORGANISATION
from kpieval.plan import path
from kpieval.plan.inputs import HOLISTIC, Aggregate, Days, Measured, Over, Referred
from kpieval.plan.scans import Grouping, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

    from kpieval.collect.cells import Cells
    from kpieval.collect.timeline import Timeline
    from kpieval.model import Project
    from kpieval.plan import Plan
    from kpieval.plan.formula import Population
    from kpieval.plan.window import Window

Run = tuple[int, int, int]

_PERIOD = "p.period, p.start_day, p.end_day"


class Grids:
    """The grids of all levels in a local DuckDB; columns are added wave by wave."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, plan: Plan, cells: Cells, timeline: Timeline, windows: Mapping[Window, list[Run]]
    ) -> None:
        self.connection, self.plan, self.cells, self.timeline = connection, plan, cells, timeline
        self.project: Project = plan.project
        self.windows = {window: number for number, window in enumerate(windows)}
        self._make_periods(windows)
        self._versions: dict[str, int] = {}
        self._columns: dict[str, set[str]] = {}

    def table(self, level: str) -> str:
        """The quoted name of a level's grid as it is now."""
        return name(f"grid_{level}_{self._versions[level]}")

    def make(self, level: str, columns: Iterable[str]) -> None:
        """Make the grid of a level with the inputs that need no other KPI."""
        self.connection.execute(f"create temp table {name(f'grid_{level}_0')} as {self._spine(level)}")
        self._versions[level] = 0
        self._columns[level] = set()
        self.add(level, columns)

    def add(self, level: str, columns: Iterable[str]) -> None:
        """Add inputs to the grid of a level: measured ones, days, aggregates over members, other KPIs' values."""
        missing = [column for column in sorted(columns) if column not in self._columns[level]]
        if not missing:
            return
        joins: dict[str, str] = {}
        selected = [f"{self._input(level, column, joins)} as {column}" for column in missing]
        version = self._versions[level] + 1
        table = name(f"grid_{level}_{version}")
        clauses = " ".join(joins.values())
        self.connection.execute(
            f"create temp table {table} as select g.*, {', '.join(selected)} from {self.table(level)} as g {clauses}"
        )
        self._versions[level] = version
        self._columns[level] |= set(missing)

    def add_population(self, kpi: str, level: str, population: Population, columns: Iterable[str]) -> None:
        """Aggregate the members of a `per` KPI for a level; each member counts once, where it was last in the period."""
        wanted = {column: self.plan.inputs[column] for column in sorted(columns)}
        overs = {column: item for column, item in wanted.items() if isinstance(item, Over) and item.owner == kpi}
        terms = [render(term, "duckdb") for term in population.terms]
        known = [f"({term}) is not null" for term in terms]
        large = [f"coalesce({render(tree, 'duckdb')}, 0) >= {least}" for tree, least in population.minima]
        rows = [f"coalesce({' + '.join(f'coalesce({row}, 0)' for row in population.rows)}, 0) > 0"] if population.rows else []
        counts = " and ".join([*known, *large, *rows]) or "true"
        above = text(ORGANISATION) if level == ORGANISATION else f"coalesce({name('up_' + level)}, {text(members.UNKNOWN)})"
        if level == population.level:
            above = "member"
        aggregates = "".join(f", {_over(item)} as {column}" for column, item in overs.items())
        self.connection.execute(
            f"create temp table {name(f'over_{kpi}_{level}')} as "
            f"select {above} as member, period, count(*) filter (where ok) as counted, count(*) filter (where not ok) as missing"
            f"{aggregates} from (select *, ({counts}) as ok from {self.table(population.level)} "
            f"where member <> {text(members.UNKNOWN)}) group by 1, 2"
        )

    def _make_periods(self, windows: Mapping[Window, list[Run]]) -> None:
        timeline = self.timeline
        self.connection.execute(
            "create temp table periods (period bigint, label varchar, start_day date, end_day date, complete boolean)"
        )
        self.connection.executemany(
            "insert into periods values (?, ?, ?, ?, ?)",
            [(p.index, p.label, p.start, p.end, timeline.complete(p)) for p in timeline.evaluated],
        )
        self.connection.execute(
            "create temp table windows (number integer, period bigint, first bigint, last bigint, days double, elapsed double)"
        )
        rows = [
            (self.windows[window], period, first, last,
             float((timeline.periods.at(last).end - timeline.periods.at(first).start).days),
             float(timeline.elapsed(first, last)))
            for window, runs in windows.items() for period, first, last in runs
        ]  # fmt: skip
        if rows:
            self.connection.executemany("insert into windows values (?, ?, ?, ?, ?, ?)", rows)

    def _spine(self, level: str) -> str:
        """Members in the periods in which they exist, with where they belong at the end of each, and the unknown one."""
        steps = path(level, self.project)
        if level == ORGANISATION:
            return f"select {text(ORGANISATION)} as member, {text(ORGANISATION)} as label, {_PERIOD} from periods as p"
        table = members.table(level)
        attributes = self.project.levels[level].attributes if members.has_list(self.project, level) else ()
        shown = "".join(f", m.{name(attribute)} as {name('attribute_' + attribute)}" for attribute in attributes)
        ups, joins = "", ""
        before = "m.parent"
        for position, above in enumerate(steps[1:-1]):
            alias = f"a{position}"
            ups += f", {alias}.member as {name('up_' + above)}"
            joins += (
                f" left join {members.table(above)} as {alias} on {alias}.member = {before} "
                f"and {alias}.start_day < p.end_day and p.start_day < {alias}.end_day"
            )
            before = f"{alias}.parent"
        unknown = "".join(f", null as {name('attribute_' + attribute)}" for attribute in attributes)
        unknown_ups = "".join(f", null as {name('up_' + above)}" for above in steps[1:-1])
        seen = " union ".join(
            f"select period from {table_} where member = {text(members.UNKNOWN)}"
            for (grouping, at), table_ in self.cells.tables.items() if at == level
        )  # fmt: skip
        strangers = (
            f" union all by name select {text(members.UNKNOWN)} as member, 'Unknown' as label, {_PERIOD}{unknown}{unknown_ups} "
            f"from periods as p where p.period in ({seen})" if seen else ""
        )  # fmt: skip
        return (
            f"select m.member, m.label, {_PERIOD}{shown}{ups} from {table} as m "
            f"join periods as p on m.start_day < p.end_day and p.start_day < m.end_day{joins} "
            f"qualify row_number() over (partition by m.member, p.period order by m.start_day desc) = 1{strangers}"
        )

    def _input(self, level: str, column: str, joins: dict[str, str]) -> str:
        item = self.plan.inputs[column]
        if isinstance(item, Days):
            alias = self._window_join(item.window, joins)
            return f"{alias}.{'elapsed' if item.elapsed else 'days'}"
        if isinstance(item, Over):
            alias = joins_name(joins, f"over_{item.owner}_{level}", lambda a: (
                f"left join {name(f'over_{item.owner}_{level}')} as {a} on {a}.member = g.member and {a}.period = g.period"
            ))  # fmt: skip
            return f"{alias}.{column}"
        if isinstance(item, Referred):
            return self._referred(level, item, joins)
        return self._measured(level, item, joins)

    def _member(self, level: str, above: int) -> tuple[str, str] | None:
        """The level that is `above` this one, and the column with its member; None above the organisation."""
        steps = path(level, self.project)
        if above >= len(steps):
            return None
        at = steps[above]
        if above == 0:
            return at, "g.member"
        return at, text(ORGANISATION) if at == ORGANISATION else f"g.{name('up_' + at)}"

    def _window_join(self, window: Window, joins: dict[str, str]) -> str:
        number = self.windows[window]
        return joins_name(joins, f"window {number}", lambda a: (
            f"left join windows as {a} on {a}.number = {number} and {a}.period = g.period"
        ))  # fmt: skip

    def _referred(self, level: str, item: Referred, joins: dict[str, str]) -> str:
        found = self._member(level, item.above)
        if found is None:
            return "cast(null as double)"
        at, member = found
        window = self._window_join(item.window, joins)
        alias = joins_name(joins, f"kpi {item}", lambda a: (
            f"left join judged as {a} on {a}.kpi = {text(item.kpi)} and {a}.level = {text(at)} "
            f"and {a}.member = {member} and {a}.period = {window}.first"
        ))  # fmt: skip
        return f"case when {alias}.reason is distinct from 'insufficient_sample' then {alias}.value end"

    def _measured(self, level: str, item: Measured, joins: dict[str, str]) -> str:
        found = self._member(level, item.above)
        aggregate, window = item.aggregate, item.window
        if found is None:
            return "cast(null as double)"
        at, member = found
        grouping = self._grouping(item, at)
        if grouping is None:
            return "cast(null as double)"
        alias = self._parts_join(grouping, at, member, window, joins)
        if aggregate.function in HOLISTIC:
            value = f"cast({alias}.{self.cells.columns[grouping, aggregate]} as double)"
            if aggregate.function != "count_distinct":
                return value
            return f"case when {self._live_join(item, joins)}.live then coalesce({value}, 0) end"
        parts = {role: f"{alias}.{self.cells.columns[grouping, part]}" for role, part in parts_of(aggregate).items()}
        value = _assembled(aggregate, parts)
        if aggregate.function in {"rows", "count", "sum"}:
            return f"case when {self._live_join(item, joins)}.live then coalesce({value}, 0) end"
        return value

    def _grouping(self, item: Measured, level: str) -> Grouping | None:
        """The grouping that brought an input to a level."""
        holistic = item.aggregate.function in HOLISTIC
        for grouping, at in self.cells.tables:
            same = (grouping.source, grouping.time, grouping.point) == (
                item.aggregate.source, item.aggregate.time, item.window.point
            )  # fmt: skip
            if not same or at != level or (grouping.level is not None) != holistic:
                continue
            run = None if item.window.single or item.window.point else item.window
            if not holistic or grouping.window == run:
                return grouping
        return None

    def _parts_join(self, grouping: Grouping, level: str, member: str, window: Window, joins: dict[str, str]) -> str:
        table = self.cells.tables[grouping, level]
        if not window.steps or grouping.window is not None:
            return joins_name(joins, f"parts {table} {member}", lambda a: (
                f"left join {table} as {a} on {a}.member = {member} and {a}.period = g.period"
            ))  # fmt: skip
        sums = ", ".join(
            f"{'any_value' if isinstance(part, Aggregate) else {'count': 'sum'}.get(part.function, part.function)}"
            f"(t.{column}) as {column}"
            for (other, part), column in self.cells.columns.items() if other == grouping
        )  # fmt: skip
        number = self.windows[window]
        return joins_name(joins, f"parts {table} {member} {number}", lambda a: (
            f"left join (select t.member, w.period, {sums} from {table} as t join windows as w "
            f"on w.number = {number} and t.period between {_reach(window)} group by all) as {a} "
            f"on {a}.member = {member} and {a}.period = g.period"
        ))  # fmt: skip

    def _live_join(self, item: Measured, joins: dict[str, str]) -> str:
        """Whether the source has any row in the window, and reaches back far enough for it."""
        aggregate, window = item.aggregate, item.window
        rows = Aggregate(aggregate.source, aggregate.time, "rows")
        grouping = self._grouping(Measured(rows, type(window)(point=window.point)), ORGANISATION)
        if grouping is None:
            message = f"the rows of {aggregate.source} were not counted"
            raise LookupError(message)
        column = self.cells.columns[grouping, parts_of(rows)["count"]]
        table = self.cells.tables[grouping, ORGANISATION]
        number = self.windows[window]
        complete = f" and min(w.first) >= (select min(period) from {table} where {column} > 0)" if window.complete else ""
        return joins_name(joins, f"live {table} {number}", lambda a: (
            f"left join (select w.period, sum(t.{column}) > 0{complete} as live from {table} as t join windows as w "
            f"on w.number = {number} and t.period between {_reach(window)} group by w.period) as {a} "
            f"on {a}.period = g.period"
        ))  # fmt: skip


def joins_name(joins: dict[str, str], key: str, clause: object) -> str:
    """The alias of a join, which is made at its first mention."""
    aliases = {known: f"j{position}" for position, known in enumerate(joins)}
    if key not in aliases:
        alias = f"j{len(joins)}"
        joins[key] = clause(alias)  # type: ignore[operator]
        return alias
    return aliases[key]


def _reach(window: Window) -> str:
    if window.point == "start":
        return "w.first and w.first"
    return "w.last and w.last" if window.point == "end" else "w.first and w.last"


def _assembled(aggregate: Aggregate, parts: Mapping[str, str]) -> str:
    doubles = {role: f"cast({column} as double)" for role, column in parts.items()}
    match aggregate.function:
        case "avg":
            return f"{doubles['sum']} / nullif({doubles['count']}, 0)"
        case "stddev":
            total, squares, count = doubles["sum"], doubles["squares"], doubles["count"]
            spread = f"greatest(0, {squares} - {total} * {total} / {count})"
            return f"case when {count} > 1 then sqrt({spread} / ({count} - 1)) end"
        case _:
            return next(iter(doubles.values()))


def _over(item: Over) -> str:
    """An aggregate over the members that count."""
    term = render(item.term, "duckdb") if item.term is not None else "1"
    where = " filter (where ok)"
    match item.function:
        case "share":
            return f"avg(case when {term} then 1.0 else 0.0 end){where}"
        case "successes":
            return f"count(*) filter (where ok and ({term}))"
        case "count":
            return f"count(*) filter (where ok and ({term}))" if item.term is not None else f"count(*){where}"
        case "quantile":
            return f"quantile_cont({term}, {item.parameter}){where}"
        case "stddev":
            return f"stddev_samp({term}){where}"
        case function:
            return f"{function}({term}){where}"

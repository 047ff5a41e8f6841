"""One table per level with a row per member and period, and a column per input: what formulas are evaluated over.

A sum or count of a member without rows is 0 where the source has rows in that window for anybody, else it is missing;
any other aggregate without rows is missing. A trailing window that begins before the source's first row is missing as
well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect import members
from kpieval.collect.cells import adding_up
from kpieval.collect.sql import name, render, text
from kpieval.evaluate.observe import about_member
from kpieval.evaluate.spine import spine
from kpieval.model import ORGANISATION, REASONS
from kpieval.plan import path
from kpieval.plan.inputs import HOLISTIC, Aggregate, Days, Measured, Over, Referred
from kpieval.plan.scans import Grouping, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

    from kpieval.collect.cells import Cells
    from kpieval.evaluate.moments import Moments
    from kpieval.model import Project
    from kpieval.plan import Plan
    from kpieval.plan.formula import Population
    from kpieval.plan.window import Window


class Joins:
    """The joins of one select; the clauses write `@` for the alias of what they join."""

    def __init__(self) -> None:
        self._aliases: dict[str, str] = {}

    def alias(self, clause: str) -> str:
        """The alias of a join, which is added at its first mention."""
        return self._aliases.setdefault(clause, f"j{len(self._aliases)}")

    def __str__(self) -> str:
        """All joins as SQL."""
        return " ".join(clause.replace("@", alias) for clause, alias in self._aliases.items())


class Grids:
    """The grids of all levels in a local DuckDB; columns are added wave by wave."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        plan: Plan,
        cells: Cells,
        moments: Moments,
        levels: Mapping[str, int],
    ) -> None:
        self.connection, self.plan, self.cells, self.moments = connection, plan, cells, moments
        self.project: Project = plan.project
        self._levels = levels
        connection.execute("create temp table people (level integer, mid integer, member varchar, label varchar)")
        self._versions: dict[str, int] = {}
        self._columns: dict[str, set[str]] = {}

    def table(self, level: str) -> str:
        """The quoted name of a level's grid as it is now."""
        return name(f"grid_{level}_{self._versions[level]}")

    def make(self, level: str, columns: Iterable[str]) -> None:
        """Make the grid of a level with the inputs that need no other KPI."""
        self.connection.execute(
            f"create temp table {name(f'spine_{level}')} as {spine(level, self.project, self.cells)}"
        )
        number = self._levels[level]
        self.connection.execute(
            f"insert into people select {number}, row_number() over (order by label, member), member, label "
            f"from (select member, arg_max(label, period) as label from {name(f'spine_{level}')} group by member)"
        )
        self.connection.execute(
            f"create temp table {name(f'grid_{level}_0')} as select s.* exclude (label), p.mid, p.label "
            f"from {name(f'spine_{level}')} as s join people as p on p.level = {number} and p.member = s.member"
        )
        self._versions[level] = 0
        self._columns[level] = set()
        self.add(level, columns)

    def add(self, level: str, columns: Iterable[str], populations: Iterable[str] = ()) -> None:
        """Add inputs to the grid of a level: measured ones, days, aggregates over members, other KPIs' values.

        For the KPIs in `populations`, how many members were counted and how many are missing as well.
        """
        missing = [column for column in sorted(columns) if column not in self._columns[level]]
        if not missing and not populations:
            return
        joins = Joins()
        selected = [f"{self._input(level, column, joins)} as {column}" for column in missing]
        for kpi in populations:
            alias = self._over_join(kpi, level, joins)
            selected += [f"{alias}.{count} as {name(f'{count} {kpi}')}" for count in ("counted", "missing")]
        version = self._versions[level] + 1
        table = name(f"grid_{level}_{version}")
        self.connection.execute(
            f"create temp table {table} as select g.*, {', '.join(selected)} from {self.table(level)} as g {joins}"
        )
        self._versions[level] = version
        self._columns[level] |= set(missing)

    def add_population(self, kpi: str, level: str, population: Population, columns: Iterable[str]) -> None:
        """Aggregate the members of a `per` KPI for a level; each counts once, where it was last in the period."""
        wanted = {column: self.plan.inputs[column] for column in sorted(columns)}
        overs = {column: item for column, item in wanted.items() if isinstance(item, Over) and item.owner == kpi}
        terms = [render(term) for term in population.terms]
        known = [f"({term}) is not null" for term in terms]
        large = [f"coalesce({render(tree)}, 0) >= {least}" for tree, least in population.minima]
        rows = (
            [f"coalesce({' + '.join(f'coalesce({row}, 0)' for row in population.rows)}, 0) > 0"]
            if population.rows
            else []
        )
        attributes = members.attributes_of(self.project, population.level)
        apply = [about_member(each, attributes) for each in population.conditions]
        counts = " and ".join([*known, *large, *rows, *apply]) or "true"
        above = (
            text(ORGANISATION) if level == ORGANISATION else f"coalesce({name('up_' + level)}, {text(members.UNKNOWN)})"
        )
        if level == population.level:
            above = "member"
        aggregates = "".join(f", {_over(item)} as {column}" for column, item in overs.items())
        self.connection.execute(
            f"create temp table {self._over_table(kpi, level)} as "
            f"select {above} as member, period, count(*) filter (where ok) as counted, "
            f"count(*) filter (where not ok) as missing"
            f"{aggregates} from (select *, ({counts}) as ok from {self.table(population.level)} "
            f"where member <> {text(members.UNKNOWN)}) group by 1, 2"
        )

    def make_belonging(self, levels: Iterable[str]) -> None:
        """The table `belonging`: every member with the one above it, in the last period in which it exists."""
        selects = []
        for position, level in enumerate(levels):
            steps = path(level, self.project)
            above = text(steps[1]) if len(steps) > 1 else "cast(null as varchar)"
            parent = "cast(null as varchar)"
            if len(steps) > 1:
                parent = text(ORGANISATION) if steps[1] == ORGANISATION else name(f"up_{steps[1]}")
            selects.append(
                f"select {position} as position, {text(level)} as level, member, label, "
                f"{above} as parent_level, {parent} as parent "
                f"from {self.table(level)} qualify row_number() over (partition by member order by period desc) = 1"
            )
        self.connection.execute(f"create temp table belonging as {' union all '.join(selects)}")

    def make_above(self, levels: Iterable[str]) -> None:
        """The table `above`: for every member and period the member that it belongs to at each level over it."""
        selects = ["select 0 as level, 0 as mid, 0::bigint as period, 0 as at, '' as member limit 0"]
        selects += [
            f"select {self._levels[level]} as level, mid, period, {self._levels[at]} as at, "
            f"{name('up_' + at)} as member from {self.table(level)}"
            for level in levels
            for at in path(level, self.project)[1:-1]
        ]
        self.connection.execute(f"create temp view above as {' union all '.join(f'({each})' for each in selects)}")

    def _input(self, level: str, column: str, joins: Joins) -> str:
        item = self.plan.inputs[column]
        if isinstance(item, Days):
            return f"g.{self.moments.days(item.window, elapsed=item.elapsed)}"
        if isinstance(item, Over):
            return f"{self._over_join(item.owner, level, joins)}.{column}"
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

    def _over_join(self, kpi: str, level: str, joins: Joins) -> str:
        return joins.alias(
            f"left join {self._over_table(kpi, level)} as @ on @.member = g.member and @.period = g.period"
        )

    def _over_table(self, kpi: str, level: str) -> str:
        return f"over_{list(self.plan.kpis).index(kpi)}_{self._levels[level]}"

    def _referred(self, level: str, item: Referred, joins: Joins) -> str:
        found = self._member(level, item.above)
        if found is None:
            return "cast(null as double)"
        at, member = found
        number = list(self.plan.kpis).index(item.kpi)
        level_number = self._levels[at]
        alias = joins.alias(
            f"left join (select p.member, j.period, j.value, j.reason from judged as j join people as p "
            f"on p.level = j.level and p.mid = j.mid where j.kpi = {number} and j.level = {level_number}) as @ "
            f"on @.member = {member} and @.period = g.{self.moments.first(item.window)}"
        )
        small = REASONS.index("insufficient_sample") + 1
        return f"case when {alias}.reason is distinct from {small} then {alias}.value end"

    def _measured(self, level: str, item: Measured, joins: Joins) -> str:
        found = self._member(level, item.above)
        aggregate, window = item.aggregate, item.window
        if found is None:
            return "cast(null as double)"
        at, member = found
        grouping = self.cells.find(item, at)
        if grouping is None:
            return "cast(null as double)"
        alias = self._parts_join(grouping, at, member, window, joins)
        if aggregate.function in HOLISTIC:
            value = f"cast({alias}.{self.cells.columns[grouping, aggregate]} as double)"
        else:
            columns = self.cells.columns
            parts = {role: f"{alias}.{columns[grouping, part]}" for role, part in parts_of(aggregate).items()}
            value = _assembled(aggregate, parts)
        if aggregate.function in {"rows", "count", "sum"}:
            value = f"coalesce({value}, 0)"
        elif aggregate.function == "count_distinct":
            value = f"case when {alias}.member is null then 0 else {value} end"
        elif not window.complete:
            return value
        return f"case when g.{self.moments.live(item)} then {value} end"

    def _parts_join(self, grouping: Grouping, level: str, member: str, window: Window, joins: Joins) -> str:
        table = self.cells.tables[grouping, level]
        if not window.steps or grouping.window is not None:
            return joins.alias(f"left join {table} as @ on @.member = {member} and @.period = g.period")
        sums = ", ".join(
            f"{adding_up(part, f't.{column}')} as {column}"
            for (other, part), column in self.cells.columns.items()
            if other == grouping
        )
        number = self.moments.number(window)
        return joins.alias(
            f"left join (select t.member, w.period, {sums} from {table} as t join windows as w "
            f"on w.number = {number} and t.period between {_reach(window)} group by all) as @ "
            f"on @.member = {member} and @.period = g.period"
        )


def _reach(window: Window) -> str:
    if window.point == "start":
        return "w.first and w.first"
    return "w.last and w.last" if window.point == "end" else "w.first and w.last"


def _assembled(aggregate: Aggregate, parts: Mapping[str, str]) -> str:
    doubles = {role: f"cast({column} as double)" for role, column in parts.items()}
    match aggregate.function:
        case "avg":
            return f"{doubles['sum']} / nullif({doubles['count']}, 0)"
        case _:
            return next(iter(doubles.values()))


def _over(item: Over) -> str:
    """An aggregate over the members that count; doubles are added in a fixed order, for the same last digit always."""
    term = render(item.term) if item.term is not None else "1"
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
        case "sum" | "avg" | "stddev" as function:
            return f"{function}({term} order by {term}){where}"
        case function:
            return f"{function}({term}){where}"

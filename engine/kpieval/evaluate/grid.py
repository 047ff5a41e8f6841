"""One table per level with a row per member and period, and a column per input: what formulas are evaluated over.

A sum or count of a member without rows is 0 where the source has rows in that window for anybody, else it is missing;
any other aggregate without rows is missing. A trailing window that begins before the source's first row is missing as
well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect import members, trees
from kpieval.collect.cells import adding_up
from kpieval.collect.sql import name, render, text
from kpieval.evaluate.joins import Joins
from kpieval.evaluate.observe import about_member
from kpieval.evaluate.reasons import reason
from kpieval.evaluate.spine import owned, spine, tree_columns
from kpieval.model import ORGANISATION
from kpieval.plan import path
from kpieval.plan.inputs import HOLISTIC, Aggregate, Days, Measured, Over, Referred
from kpieval.plan.scans import Grouping, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import duckdb

    from kpieval.collect.cells import Cells
    from kpieval.evaluate.moments import Moments
    from kpieval.model import Project
    from kpieval.plan import Plan
    from kpieval.plan.formula import Population
    from kpieval.plan.window import Window


class Grids:
    """The grids of all levels in a local DuckDB; columns are added wave by wave."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, plan: Plan, cells: Cells, moments: Moments) -> None:
        self.connection, self.plan, self.cells, self.moments = connection, plan, cells, moments
        self.project: Project = plan.project
        items = (item for item in plan.inputs.names if isinstance(item, Measured | Referred))
        self._climbs = max((item.above for item in items), default=0)
        connection.execute("create temp table people (level level_name, mid integer, member varchar, label varchar)")
        self._columns: dict[str, set[str]] = {}

    def table(self, level: str) -> str:
        """The quoted name of a level's grid."""
        return name(f"grid_{level}")

    def make(self, level: str, columns: Iterable[str]) -> None:
        """Make the grid of a level with the inputs that need no other KPI, and number its members as they are shown."""
        self.connection.execute(f"create temp table spine as {spine(level, self.project, self.cells, self._climbs)}")
        self.connection.execute(
            f"insert into people select {text(level)}, row_number() over (order by label, member), member, label "
            f"from (select member, arg_max(label, period) as label from spine group by member)"
        )
        self._columns[level] = set()
        self._extend(
            level, f"(select s.* replace (p.label as label), p.mid from spine as s join people as p "
            f"on p.level = {text(level)} and p.member = s.member)", columns, (),
        )  # fmt: skip
        self.connection.execute("drop table spine")

    def add(self, level: str, columns: Iterable[str], populations: Iterable[str] = ()) -> None:
        """Add inputs to the grid of a level: measured ones, days, aggregates over members, other KPIs' values.

        For the KPIs in `populations`, how many members were counted and how many are missing as well.
        """
        missing = [column for column in columns if column not in self._columns[level]]
        if missing or populations:
            self._extend(level, self.table(level), missing, populations)

    def _extend(self, level: str, before: str, columns: Iterable[str], populations: Iterable[str]) -> None:
        joins = Joins()
        selected = [f", {self._input(level, column, joins)} as {column}" for column in sorted(columns)]
        for kpi in populations:
            alias = self._over_join(kpi, level, joins)
            selected += [f", {alias}.{count} as {name(f'{count} {kpi}')}" for count in ("counted", "missing")]
        query = f"select g.*{''.join(selected)} from {before} as g {joins}"
        self.connection.execute(f"create or replace temp table {self.table(level)} as {query}")
        self._columns[level] |= set(columns)

    def together(self, columns: Mapping[str, Iterable[str]]) -> str:
        """The query of the grids of some levels, with these columns of each, as one: what a level lacks is null."""
        selects = []
        for level, own in columns.items():
            attributes = members.attributes_of(self.project, level)
            listed = [*(members.attribute_column(level, each) for each in sorted(attributes)), *sorted(own)]
            selects.append(
                f"select cast({text(level)} as level_name) as level, g.mid, cast(g.member as member_name) as member, "
                f"cast(g.label as label_name) as label, g.member = {text(members.UNKNOWN)} as stranger, "
                f"g.period, g.period_label, g.start_day{''.join(f', g.{name(each)}' for each in listed)} "
                f"from {self.table(level)} as g"
            )
        return " union all by name ".join(selects)

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
        apply = [about_member(each, population.level, attributes) for each in population.conditions]
        counts = " and ".join([*known, *large, *rows, *apply]) or "true"
        found = (
            f"select *, ({counts}) as ok from {self.table(population.level)} where member <> {text(members.UNKNOWN)}"
        )
        aggregates = "".join(f", {_over(item)} as {column}" for column, item in overs.items())
        self.connection.execute(
            f"create temp table {self._over_table(kpi, level)} as "
            f"select owner as member, period, count(*) filter (where ok) as counted, "
            f"count(*) filter (where not ok) as missing"
            f"{aggregates} from ({owned(self.project, population.level, level, found)}) group by 1, 2"
        )

    def make_belonging(self, levels: Iterable[str], first: int) -> None:
        """The table `belonging`: members from period `first` on, each with the one above it in its last period."""
        self.connection.execute(
            "create temp table belonging "
            "(level level_name, member varchar, label varchar, parent_level level_name, parent varchar)"
        )
        for level in levels:
            steps = path(level, self.project)
            above, parent = "null", "null"
            if len(steps) > 1:
                above = text(steps[1])
                parent = above if steps[1] == ORGANISATION else name(f"up_{steps[1]}")
            if trees.is_tree(self.project, level):
                superior = tree_columns(self.project, level, self._climbs)[0]
                parent = f"coalesce({superior}, {parent})"
                above = f"case when {superior} is null then {above} else {text(level)} end"
            self.connection.execute(
                f"insert into belonging select {text(level)}, member, label, {above}, {parent} "
                f"from {self.table(level)} where period >= {first} "
                "qualify row_number() over (partition by member order by period desc) = 1"
            )

    def make_above(self, levels: Iterable[str]) -> None:
        """The table `above`: for every member and period the member that it belongs to at each level over it.

        In a tree also the one directly above, at the level itself.
        """
        selects = [
            f"select cast({text(level)} as level_name) as level, mid, period, cast({text(at)} as level_name) as up, "
            f"{name('up_' + at)} as member from {self.table(level)}"
            for level in levels
            for at in path(level, self.project)[1:-1]
        ]
        selects += [
            f"select cast({text(level)} as level_name) as level, mid, period, cast({text(level)} as level_name) as up, "
            f"{tree_columns(self.project, level, self._climbs)[0]} as member from {self.table(level)}"
            for level in levels
            if trees.is_tree(self.project, level)
        ]
        nobody = "select null::level_name as level, 0 as mid, 0::bigint as period, null::level_name as up, '' as member"
        selects.append(f"{nobody} limit 0")
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

    def _from_above(self, level: str, above: int, read: Callable[[str, str], str]) -> str:
        """What `read` gives for the member so many steps above: from its level, and the SQL of its key.

        In a tree that may be one of its own level or, above a top, the organisation.
        """
        steps = path(level, self.project)
        places = trees.places(self.project, level, above)
        if not places:
            return "cast(null as double)"
        if len(places) == 1:
            at = places[0]
            own = at == level
            return read(at, "g.member" if own else text(at) if at == ORGANISATION else f"g.{name('up_' + at)}")
        columns = tree_columns(self.project, level, self._climbs)
        depth = above - (len(steps) - 2)
        here = f"g.{columns[depth - 1]}"
        below = f"g.{columns[depth - 2]} is not null" if depth > 1 else "true"
        return (
            f"case when {here} is not null then {read(places[0], here)} "
            f"when {below} then {read(ORGANISATION, text(ORGANISATION))} end"
        )

    def _over_join(self, kpi: str, level: str, joins: Joins) -> str:
        return joins.alias(
            f"left join {self._over_table(kpi, level)} as @ on @.member = g.member and @.period = g.period"
        )

    def _over_table(self, kpi: str, level: str) -> str:
        return name(f"over {kpi} {level}")

    def _referred(self, level: str, item: Referred, joins: Joins) -> str:
        return self._from_above(level, item.above, lambda at, member: self._value_of(item, at, member, joins))

    def _value_of(self, item: Referred, at: str, member: str, joins: Joins) -> str:
        alias = joins.alias(
            f"left join (select member, period, value, reason from judged "
            f"where kpi = {text(item.kpi)} and level = {text(at)}) as @ "
            f"on @.member = {member} and @.period = g.{self.moments.first(item.window)}"
        )
        return f"case when {alias}.reason is distinct from {reason('insufficient_sample')} then {alias}.value end"

    def _measured(self, level: str, item: Measured, joins: Joins) -> str:
        return self._from_above(level, item.above, lambda at, member: self._amount_of(item, at, member, joins))

    def _amount_of(self, item: Measured, at: str, member: str, joins: Joins) -> str:
        aggregate, window = item.aggregate, item.window
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
    """An aggregate over the members that count; doubles are added in a fixed order, for the same last digit always.

    Sums are compensated: a plain mean of 2,000 times 0.1 is further from 0.1 than `reaches` forgives.
    """
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
            compensated = "" if function == "stddev" else "f"
            return f"{compensated}{function}({term} order by {term}){where}"
        case function:
            return f"{function}({term}){where}"

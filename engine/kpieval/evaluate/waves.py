"""The order of judgement: grids are filled, KPIs observed and judged in waves, each after the KPIs that it refers to.

Leaves `judged`, where KPIs, levels and members are numbers, and the tables that name them: `kpis`, `levels`, `people`,
`bands`, beside `meta`, `periods`, `belonging` and `above`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect import members
from kpieval.evaluate import needs, observe, statistics, verdict
from kpieval.evaluate.grid import Grids
from kpieval.evaluate.moments import Moments, fill
from kpieval.model import ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from kpieval.collect.cells import Cells
    from kpieval.collect.timeline import Timeline
    from kpieval.evaluate.needs import Needs
    from kpieval.model import Time
    from kpieval.plan import Plan
    from kpieval.plan.window import Window


def judge_all(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    needed: Needs,
    cells: Cells,
    times: Timeline,
    windows: Mapping[Window, list[tuple[int, int, int]]],
    begins: Mapping[tuple[str, Time], int],
) -> None:
    """Judge every measured KPI at all its levels."""
    measured = {name: plan.kpis[name] for name in needed.measured}
    numbers = {name: number for number, name in enumerate(plan.kpis)}
    levels = {name: number for number, name in enumerate((*plan.project.levels, ORGANISATION))}
    means = any(one.at(level).evidence.mean for one in measured.values() for level in one.kpi.levels)
    edges = verdict.edge_count(measured.values())
    statistics.define(connection, means=means)
    fill(connection, "kpis (kpi varchar, number integer)", list(numbers.items()))
    fill(connection, "levels (level varchar, number integer)", list(levels.items()))
    bands = [(numbers[k], i, band.name) for k, one in measured.items() for i, band in enumerate(one.kpi.bands, 1)]
    fill(connection, "bands (kpi integer, status integer, name varchar)", bands)
    rows = [
        verdict.meta(numbers[name], one, level, levels[level], edges)
        for name, one in measured.items()
        for level in one.kpi.levels
    ]
    fill(connection, f"meta ({verdict.meta_columns(edges)})", rows)
    connection.execute(f"create temp table judged ({verdict.judged_columns(edges)})")
    moments = Moments(connection, cells, times, windows, (item for item, _ in needed.items), begins)
    grids = Grids(connection, plan, cells, moments, levels)
    for level in needed.levels:
        grids.make(level, needed.columns_at(level))
    for wave in plan.waves(measured):
        _add_members(plan, grids, wave)
        for level in needed.levels:
            here = {numbers[name]: measured[name] for name in wave if level in measured[name].kpi.levels}
            if here:
                names = [one.kpi.name for one in here.values()]
                columns = {column for name in names for column in needed.direct_columns(name, level)}
                populated = [name for name in names if measured[name].at(level).population is not None]
                grids.add(level, columns, populated)
                attributes = members.attributes_of(plan.project, level)
                raw = observe.raw(here, level, grids.table(level), attributes, needed.usable)
                connection.execute(verdict.judge(raw, levels[level], edges, means=means))
    grids.make_belonging(needed.levels)
    grids.make_above(needed.levels)
    for table, column in _NAMES:
        _number_names(connection, table, column)


_NAMES = (
    ("kpis", "kpi"),
    ("levels", "level"),
    ("periods", "label"),
    ("bands", "name"),
    ("people", "member"),
    ("people", "label"),
)


def _number_names(connection: duckdb.DuckDBPyConnection, table: str, column: str) -> None:
    """Keep each name once, as an enumeration: half a million rows are sorted and written by its numbers."""
    found = connection.execute(f"select count(distinct {column}) from {table}").fetchall()[0][0]
    if found:
        kind = f"{table}_{column}"
        connection.execute(f"create type {kind} as enum (select distinct {column} from {table} order by {column})")
        connection.execute(f"alter table {table} alter {column} type {kind}")


def _add_members(plan: Plan, grids: Grids, wave: list[str]) -> None:
    """The aggregates over members that the KPIs of a wave need."""
    for name in wave:
        for level in plan.kpis[name].kpi.levels:
            formula = plan.kpis[name].at(level)
            if formula.population is not None:
                grids.add(formula.population.level, needs.population_columns(formula))
                grids.add_population(name, level, formula.population, needs.formula_columns(formula))

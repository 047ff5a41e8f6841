"""The order of judgement: grids are filled, KPIs observed and judged in waves, each after the KPIs that it refers to.

Leaves the table `judged`, in the order of the result, beside `meta`, `people`, `belonging` and `above`. Names are
enumerations: half a million rows are sorted and written by number. KPIs, levels and periods are enumerated in the
result's order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect import members
from kpieval.collect.sql import text
from kpieval.evaluate import lookback, needs, observe, privacy, statistics, verdict
from kpieval.evaluate.comparative import compared
from kpieval.evaluate.grid import Grids
from kpieval.evaluate.moments import Moments, fill
from kpieval.model import ORGANISATION, REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

    from kpieval.collect.cells import Cells
    from kpieval.collect.timeline import Timeline
    from kpieval.evaluate.needs import Needs
    from kpieval.evaluate.observe import Observed
    from kpieval.model import Time
    from kpieval.plan import Plan, Planned
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
    shape = verdict.Shape.of(measured.values())
    means = shape.means
    statistics.define(connection, means=means)
    _enumerate(connection, plan, times, measured.values())
    rows = [verdict.meta(one, level, shape.edges) for one in measured.values() for level in one.kpi.levels]
    fill(connection, f"meta ({verdict.meta_columns(shape.edges)})", rows)
    moments = Moments(connection, cells, times, windows, (item for item, _ in needed.items), begins)
    grids = Grids(connection, plan, cells, moments)
    for level in needed.levels:
        grids.make(level, needed.columns_at(level))
    for column in ("member", "label"):
        connection.execute(
            f"create type {column}_name as enum (select distinct {column} from people order by {column})"
        )
    grids.make_above(needed.levels)
    columns = ", ".join(f"{column} {kind}" for column, kind in shape.columns().items())
    connection.execute(f"create temp table judged ({columns})")
    starts = lookback.starts_of(needed, times.periods, times.first, times.last)
    waves = plan.waves(measured)
    for wave in waves:
        _add_members(plan, grids, wave)
        raw = _observe(plan, needed, grids, wave, starts)
        private = [plan.kpis[name].kpi for name in wave if plan.kpis[name].kpi.min_group is not None]
        if private:
            connection.execute(f"create or replace temp table observed as {raw}")
            privacy.suppress(connection, plan.project, private)
            raw = "from observed"
        raw = compared(raw, [measured[name] for name in wave], times)
        connection.execute(verdict.judge(raw, shape, means=means))
    kept = times.first - lookback.before(plan.project)
    if times.start < kept:
        connection.execute(f"delete from judged where period < {kept}")
    if len(waves) > 1:
        connection.execute(f"create or replace temp table judged as from judged {verdict.ORDER}")
    grids.make_belonging(needed.levels, times.first - 1)


def _enumerate(connection: duckdb.DuckDBPyConnection, plan: Plan, times: Timeline, measured: Iterable[Planned]) -> None:
    """The names that are known before the members are."""
    names: dict[str, Iterable[str]] = {
        "kpi_name": plan.kpis,
        "level_name": (*plan.project.levels, ORGANISATION),
        "period_name": (period.label for period in times.evaluated),
        "band_name": dict.fromkeys(band.name for one in measured for band in one.kpi.bands),
        "reason": REASONS,
    }
    for kind, listed in names.items():
        connection.execute(f"create type {kind} as enum ({', '.join(map(text, listed))})")


def _observe(plan: Plan, needed: Needs, grids: Grids, wave: list[str], starts: Mapping[str, int]) -> str:
    """The query of the raw observations of a wave; its inputs are added to the grids."""
    columns: dict[str, set[str]] = {}
    for level in needed.levels:
        here = [name for name in wave if level in plan.kpis[name].kpi.levels]
        if here:
            own = {column for name in here for column in needed.direct_columns(name, level)}
            populated = [name for name in here if plan.kpis[name].at(level).population is not None]
            grids.add(level, own, populated)
            columns[level] = own | {f"{count} {name}" for name in populated for count in ("counted", "missing")}
    attributes = {level: members.attributes_of(plan.project, level) for level in columns}
    found: list[Observed] = []
    for name in wave:
        found += observe.observed(plan.kpis[name], attributes, needed.fits, starts[name])
    return observe.raw(found, grids.together(columns))


def _add_members(plan: Plan, grids: Grids, wave: list[str]) -> None:
    """The aggregates over members that the KPIs of a wave need."""
    for name in wave:
        for level in plan.kpis[name].kpi.levels:
            formula = plan.kpis[name].at(level)
            if formula.population is not None:
                grids.add(formula.population.level, needs.population_columns(formula))
                grids.add_population(name, level, formula.population, needs.formula_columns(formula))

"""Cells become observations: a grid per level, then every KPI's value, evidence, target and verdict, wave by wave."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb

from kpieval import expressions
from kpieval import sources as ports
from kpieval.build.benchmarks import expiries
from kpieval.collect import cells as cell_stage
from kpieval.collect import members, trees
from kpieval.collect.sql import text
from kpieval.collect.stamps import lasts_until
from kpieval.collect.timeline import Timeline, early_end, given_day, timeline
from kpieval.evaluate import lookback, needs
from kpieval.evaluate.account import Account, account_of, warnings
from kpieval.evaluate.needs import Needs
from kpieval.evaluate.panel import holes
from kpieval.evaluate.waves import judge_all
from kpieval.plan import plan as make_plan
from kpieval.plan.dates import Dates

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from kpieval.collect.timeline import Request
    from kpieval.expressions import Expression
    from kpieval.model import Project, Time
    from kpieval.plan import Plan
    from kpieval.plan.window import Window
    from kpieval.problems import Problem
    from kpieval.sources import SourceReport
    from kpieval.sources.session import Session
    from kpieval.sources.watch import Watch


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A finished run: the table `judged` in `connection`, and what the result tells about how it came to be.

    `folder` is the only one that the connection may write to; both last until `resources` are closed.
    """

    connection: duckdb.DuckDBPyConnection
    folder: Path
    plan: Plan
    measured: frozenset[str]
    absent: Mapping[str, frozenset[str]]
    timeline: Timeline
    given_day: dt.date | None
    levels: frozenset[str]
    accounts: tuple[Account, ...]
    notes: tuple[Problem, ...]
    watch: Watch
    resources: ExitStack = field(default_factory=ExitStack)

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Go on with the run within what is left of its limits; a failure becomes a `DataError`, and closes it."""
        try:
            with self.watch.limited():
                yield
        except BaseException:
            self.resources.close()
            raise

    @property
    def problems(self) -> list[Problem]:
        """What the data's state makes worth a warning."""
        sources = self.plan.project.sources
        found = (problem for each in self.accounts for problem in warnings(each, sources[each.source]))
        return [*self.notes, *found]


def evaluate(project: Project, request: Request, quarantine_dir: Path | None = None) -> Evaluated:
    """Read the sources that the project's KPIs need and judge every member in every period.

    Raises DataError for data that can't be trusted, DefinitionError for a period that doesn't exist.
    """
    plan = make_plan(project)
    with ExitStack() as stack:
        connection = duckdb.connect()
        stack.callback(connection.close)
        folder = stack.enter_context(TemporaryDirectory(prefix="kpieval-"))
        run = _evaluate(plan, request, connection, Path(folder), quarantine_dir)
        return replace(run, resources=stack.pop_all())


def _evaluate(
    plan: Plan, request: Request, connection: duckdb.DuckDBPyConnection, folder: Path, quarantine_dir: Path | None
) -> Evaluated:
    project = plan.project
    expressions.confirm(_written(project), connection)
    connection.execute(f"set allowed_directories = [{text(str(folder))}]")
    names = needs.sources(plan)
    with ports.open_session(project, connection, sources=names, quarantine_dir=quarantine_dir) as session:
        absent = {source: session.absent(source) for source in names}
        needed = Needs.of(plan, absent)
        ends = {} if request.period else _ends(session, needed, plan)
        newest = max(ends.values(), default=None)
        times = timeline(project, request, newest, needed.windows, partial(lookback.start, needed))
        latest = [project.sources[name] for name, end in ends.items() if end == newest]
        notes = (
            *early_end(times, newest, request, partial(lasts_until, session, latest)),
            *expiries(project.benchmarks.values(), times.as_of),
        )
        windows = {window: _runs(window, times) for window in needed.windows}
        members.read_members(session, project)
        notes = (*notes, *members.unknown_parents(session, project))
        entries = {entry for entry in needed.entries if entry is not None}
        dates = Dates(times.periods, times.earliest, times.last)
        with session.bounded():
            members.make_lines(session, project, sorted(entries), dates.all)
            trees.make_trees(session, project, dates.all)
            dates = dates.cut(members.moves(session) | trees.moves(session, project))
        found = cell_stage.collect(session, project, needed.wanted, dates, windows)
        with session.bounded():
            reports = {name: session.report(name) for name in names}
            begins = _begins(session, needed, times, reports)
            judge_all(connection, plan, needed, found, times, windows, begins)
            notes += tuple(each for name in names for each in holes(connection, project, found, name, times))
            accounts = tuple(
                account_of(connection, project, found, name, report, times.periods) for name, report in reports.items()
            )
            for table in set(found.tables.values()):  # nothing that follows asks for them
                connection.execute(f"drop table {table}")
    return Evaluated(
        connection,
        folder,
        plan,
        frozenset(needed.measured),
        absent,
        times,
        given_day(project, request),
        frozenset(needed.levels),
        accounts,
        notes,
        session.watch,
    )


def _written(project: Project) -> Iterator[Expression]:
    """Every expression of the authors."""
    for source in project.sources.values():
        yield from (column.value for column in source.columns.values() if column.value is not None)
        if source.where is not None:
            yield source.where
    yield from (measure.expression for measure in project.measures.values())
    for kpi in project.kpis.values():
        targets = (each for target in kpi.targets for each in (target.measure, target.where))
        yield from (each for each in (kpi.value, kpi.sample, kpi.applies_to, *targets) if each is not None)
    yield from (rule.when for rule in project.rules.values())


def _begins(
    session: Session, needed: Needs, times: Timeline, reports: Mapping[str, SourceReport]
) -> dict[tuple[str, Time], int]:
    """The first period that each source has a row in, by each of the dates that trailing windows look back on."""
    found = {}
    for item, _ in needed.items:
        name, time = item.aggregate.source, item.aggregate.time
        if item.window.complete and (name, time) not in found:
            own = session.project.sources[name].time == time
            first = reports[name].first if own else session.extent(name, time.start)[0]
            if first is not None:
                found[name, time] = times.periods.index(first)
    return found


def _runs(window: Window, times: Timeline) -> list[tuple[int, int, int]]:
    found = []
    for index in range(times.start, times.last + 1):
        bounds = window.bounds(index, times.periods)
        if bounds is not None:
            found.append((index, *bounds))
    return found


def _ends(session: Session, needed: Needs, plan: Plan) -> dict[str, dt.date]:
    """The last day in each source whose rows are dated by one day, and that has any."""
    found = {}
    for source in sorted({item.aggregate.source for item, _ in needed.items}):
        time = plan.project.sources[source].time
        if time is not None and time.end is None:
            last = session.extent(source, time.start)[1]
            if last is not None:
                found[source] = last
    return found


__all__ = ["Evaluated", "evaluate"]

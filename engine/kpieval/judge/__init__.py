"""Observations -> what is to be thought of them: a place among peers, limits over time, scorecards, findings.

Each part is a module that reads `verdicts`, which is `judged` with all that it may have, and the tables beside it (see
`evaluate.waves`), and leaves one table of its own. What belongs to a single observation is an `Extension`, whose
columns stand beside it in every format. A part that no definition asks for makes no table and costs nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kpieval.evaluate.verdict import Shape
from kpieval.judge import drivers, funnel, guards, peer_groups, peers, process, rules, scorecards, trend, upward

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpieval.evaluate import Evaluated
    from kpieval.judge.extension import Extension

EXTENSIONS: tuple[Extension, ...] = (
    peers.PEERS, funnel.FUNNEL, process.PROCESS, trend.TREND, upward.NEXT, guards.GUARD
)  # fmt: skip
"""All that can stand beside an observation, in the order in which it is shown."""


def judge(run: Evaluated) -> frozenset[str]:
    """Judge a finished run; the names of the tables that were made in its connection."""
    planned = [run.plan.kpis[name] for name in sorted(run.measured)]
    shape = prepare(run)
    made: list[Extension] = []
    if any(one.kpi.peers for one in planned):
        made += [peers.PEERS, funnel.FUNNEL]
        with _leaving(run, peers.PEERS.name, funnel.FUNNEL.name):
            peer_groups.make(run)
            peers.make(run)
            funnel.make(run)
    if any(one.kpi.process for one in planned):
        made += [process.PROCESS]
        with _leaving(run, process.PROCESS.name):
            process.make(run)
    if shape.edges:
        trend.make(run)
        upward.make(run)
        made += [trend.TREND, upward.NEXT]
    tables = frozenset(each.name for each in made) | scorecards.judge(run) | guards.make(run)
    with _leaving(run, drivers.DRIVERS):
        tables |= drivers.make(run)
    return tables | rules.make(run, tables, EXTENSIONS)  # last: a rule may ask for whatever there is


@contextmanager
def _leaving(run: Evaluated, *tables: str) -> Iterator[None]:
    """Of all tables that are made within it, these stay; others may take as much room as the observations do."""
    before = _tables(run)
    yield
    for name in _tables(run) - before - set(tables):
        run.connection.execute(f"drop table {name}")


def _tables(run: Evaluated) -> set[str]:
    return {name for (name,) in run.connection.execute("select table_name from duckdb_tables()").fetchall()}


def prepare(run: Evaluated) -> Shape:
    """Make the view `verdicts`; the shape of `judged`."""
    shape = Shape.of([run.plan.kpis[name] for name in sorted(run.measured)])
    run.connection.execute(f"create temp view verdicts as select *{_absent(shape)} from judged")
    return shape


def _absent(shape: Shape) -> str:
    """What `judged` has no place for in this run, as nulls: so that a part need not ask what there is."""
    whole = Shape(shape.edges, intervals=True, means=True, targets=True, ranges=True, counts=True).columns()
    return "".join(f", cast(null as {whole[name]}) as {name}" for name in whole if name not in shape.columns())

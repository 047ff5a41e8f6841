"""Observations -> what is to be thought of them: a place among peers, limits over time, scorecards, findings.

Each part is a module that reads `verdicts`, which is `judged` with all that it may have, and the tables beside it (see
`evaluate.waves`), and leaves one table of its own. What belongs to a single observation is an `Extension`, whose
columns stand beside it in every format. A part that no definition asks for makes no table and costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.evaluate.verdict import Shape
from kpieval.judge import drivers, funnel, guards, peer_groups, peers, process, rules, scorecards, trend, upward

if TYPE_CHECKING:
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
        peer_groups.make(run)
        peers.make(run)
        funnel.make(run)
        made += [peers.PEERS, funnel.FUNNEL]
    if any(one.kpi.process for one in planned):
        process.make(run)
        made += [process.PROCESS]
    if shape.edges:
        trend.make(run)
        upward.make(run)
        made += [trend.TREND, upward.NEXT]
    tables = frozenset(each.name for each in made) | scorecards.judge(run) | guards.make(run) | drivers.make(run)
    return tables | rules.make(run, tables, EXTENSIONS)  # last: a rule may ask for whatever there is


def prepare(run: Evaluated) -> Shape:
    """Make the view `verdicts`; the shape of `judged`."""
    shape = Shape.of([run.plan.kpis[name] for name in sorted(run.measured)])
    run.connection.execute(f"create temp view verdicts as select *{_absent(shape)} from judged")
    return shape


def _absent(shape: Shape) -> str:
    """What `judged` has no place for in this run, as nulls: so that a part need not ask what there is."""
    whole = Shape(shape.edges, intervals=True, means=True, targets=True, ranges=True, counts=True).columns()
    return "".join(f", cast(null as {whole[name]}) as {name}" for name in whole if name not in shape.columns())

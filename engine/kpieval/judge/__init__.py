"""Observations -> what is to be thought of them: a place among peers, limits over time, scorecards, findings.

Each part is a module that reads `judged` (and the tables beside it, see `evaluate.waves`) and leaves one table of its
own. What belongs to a single observation is an `Extension`, whose columns stand beside it in every format. A part that
no definition asks for makes no table and costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.judge import funnel, peer_groups, peers, process, trend, upward

if TYPE_CHECKING:
    from kpieval.evaluate import Evaluated
    from kpieval.judge.extension import Extension

EXTENSIONS: tuple[Extension, ...] = (peers.PEERS, funnel.FUNNEL, process.PROCESS, trend.TREND, upward.NEXT)
"""All that can stand beside an observation, in the order in which it is shown."""


def judge(run: Evaluated) -> frozenset[str]:
    """Judge a finished run; the names of the tables that were made in its connection."""
    kpis = [run.plan.kpis[name].kpi for name in run.measured]
    made: list[Extension] = []
    if any(kpi.peers for kpi in kpis):
        peer_groups.make(run)
        peers.make(run)
        funnel.make(run)
        made += [peers.PEERS, funnel.FUNNEL]
    if any(kpi.process for kpi in kpis):
        process.make(run)
        made += [process.PROCESS]
    trend.make(run)
    upward.make(run)
    made += [trend.TREND, upward.NEXT]
    return frozenset(each.name for each in made)

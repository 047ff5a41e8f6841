"""Observations -> what is to be thought of them: a place among peers, limits over time, scorecards, findings.

Each part is a module that reads `judged` (and the tables beside it, see `evaluate.waves`) and leaves one table of its
own. What belongs to a single observation is an `Extension`, whose columns stand beside it in every format. A part that
no definition asks for makes no table and costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.judge import drivers, guards, rules

if TYPE_CHECKING:
    from kpieval.evaluate import Evaluated
    from kpieval.judge.extension import Extension

EXTENSIONS: tuple[Extension, ...] = (guards.GUARD,)
"""All that can stand beside an observation, in the order in which it is shown."""


def judge(run: Evaluated) -> frozenset[str]:
    """Judge a finished run; the names of the tables that were made in its connection."""
    made = guards.make(run)
    made |= drivers.make(run)
    return made | rules.make(run, made, EXTENSIONS)  # last: a rule may ask for whatever there is

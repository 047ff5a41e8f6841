"""Observations -> what is to be thought of them: a place among peers, limits over time, scorecards, findings.

Each part is a module that reads `verdicts`, which is `judged` with all that it may have, and the tables beside it (see
`evaluate.waves`), and leaves one table of its own. What belongs to a single observation is an `Extension`, whose
columns stand beside it in every format. A part that no definition asks for makes no table and costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.evaluate.verdict import Shape
from kpieval.judge import drivers, guards, rules

if TYPE_CHECKING:
    from kpieval.evaluate import Evaluated
    from kpieval.judge.extension import Extension

EXTENSIONS: tuple[Extension, ...] = (guards.GUARD,)
"""All that can stand beside an observation, in the order in which it is shown."""


def judge(run: Evaluated) -> frozenset[str]:
    """Judge a finished run; the names of the tables that were made in its connection."""
    prepare(run)
    made = guards.make(run)
    made |= drivers.make(run)
    return made | rules.make(run, made, EXTENSIONS)  # last: a rule may ask for whatever there is


def prepare(run: Evaluated) -> None:
    """Make the view `verdicts`: what `judged` has no place for in this run are nulls, so no part need ask for it."""
    shape = Shape.of([run.plan.kpis[name] for name in sorted(run.measured)])
    whole = Shape(shape.edges, intervals=True, targets=True, ranges=True, counts=True).columns()
    absent = "".join(f", cast(null as {whole[name]}) as {name}" for name in whole if name not in shape.columns())
    run.connection.execute(f"create temp view verdicts as select *{absent} from judged")

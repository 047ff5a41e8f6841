"""A result, what was asked for, and where it was asked for an earlier result -> the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.gate import Gate
from kpieval.gate.changes import Changes
from kpieval.gate.conditions import SEVERITIES
from kpieval.gate.observed import observed
from kpieval.gate.regression import Comparison
from kpieval.gate.telling import Teller

if TYPE_CHECKING:
    from kpieval.gate import Change, Failure
    from kpieval.gate.conditions import Conditions

Result = dict[str, Any]


def close(
    result: Result, asked: Conditions, baseline: tuple[str, Result] | None = None, tolerance: float = 0.0
) -> Gate:
    """Look at the reported period. `baseline` is an earlier result under the name that it was given.

    `tolerance` is the share of the baseline's value by which one may be worse.
    """
    teller = Teller.of(result)
    failures = list(observed(result, asked, teller))
    notes: list[str] = []
    changes: list[Change] = []
    if asked.regression and baseline is not None:
        comparison = Comparison(result, baseline[1], tolerance, teller)
        failures += comparison.failures()
        changes += Changes(result, baseline[1], comparison.then, teller, Teller.of(baseline[1])).found()
        notes += [*(change.sentence for change in changes), *comparison.notes()]
    coarsest_first = {level["name"]: rank for rank, level in enumerate(reversed(result["levels"]))}

    def worst_first(failure: Failure) -> tuple[int, int]:
        level = -1 if failure.level is None else coarsest_first[failure.level]
        return -SEVERITIES.index(failure.severity), level

    against = baseline and {"name": baseline[0], "period": baseline[1]["period"], "tolerance": tolerance}
    return Gate(
        result["period"],
        asked.names,
        tuple(sorted(failures, key=worst_first)),
        against or None,
        tuple(changes),
        tuple(notes),
    )

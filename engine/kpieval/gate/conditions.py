"""The names after `--fail-on`: which there are, and what each one asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from kpieval.model import REASONS, Severity
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OF_SCORES = ("incomplete", "insufficient_coverage")
"""Why a scorecard has no score, beside the reasons of KPIs."""

REGRESSION = "regression"
EXPIRED = "benchmark-expired"
STALE = "stale"

SEVERITIES: tuple[str, ...] = get_args(Severity)
"""From the one that matters least."""

GRADED: Mapping[str, frozenset[str]] = {
    f"{what}:{severity}": frozenset(SEVERITIES[place:])
    for what in ("finding", "problem")
    for place, severity in enumerate(SEVERITIES)
}
"""Findings and problems of a severity or a worse one. No status has a colon in its name."""

FIXED = (*REASONS, *OF_SCORES, *GRADED, REGRESSION, EXPIRED, STALE)
"""What can be asked for in every project, beside its own statuses."""


class UnknownConditionError(ValueError):
    """A name that no condition has; the message says so, with the nearest one that does."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What was asked for: `statuses` are statuses and reasons; the others are None or False where they weren't.

    `finding` and `problem` are the mildest ones that were named. A status of the project that is called `regression`
    or `stale` is meant as that status.
    """

    names: tuple[str, ...]
    statuses: frozenset[str]
    finding: str | None
    problem: str | None
    regression: bool
    expired: bool
    stale: bool


def conditions(result: Mapping[str, Any], names: Iterable[str]) -> Conditions:
    """The conditions with these names. Raises UnknownConditionError for one that nothing in the result can meet."""
    asked = tuple(dict.fromkeys(names))
    bands = {band["name"] for each in (*result["kpis"], *result["scorecards"]) for band in each["bands"] or ()}
    known = bands | set(FIXED)
    for name in asked:
        if name not in known:
            what = "there is no condition" if ":" in name else "nothing can have the status"
            hint = did_you_mean(name, known) or f"There are: {', '.join((*sorted(bands), *FIXED))}."
            raise UnknownConditionError(f"{what} `{name}`. {hint}")
    statuses = frozenset(asked) & (bands | {*REASONS, *OF_SCORES})
    return Conditions(
        asked,
        statuses,
        _mildest("finding", asked),
        _mildest("problem", asked),
        REGRESSION in asked and REGRESSION not in statuses,
        EXPIRED in asked,
        STALE in asked and STALE not in statuses,
    )


def _mildest(what: str, asked: Iterable[str]) -> str | None:
    """The condition of this kind that takes the most in; the others are part of it."""
    return next((name for name in GRADED if name.startswith(f"{what}:") and name in asked), None)

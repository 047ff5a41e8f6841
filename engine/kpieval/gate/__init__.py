"""The gate of a run, as a value: whether it is closed, by what, and where that is defined.

`close` looks at a result and says what of it breaks the conditions that were asked for. What it finds is put into the
result as `gate`, so that every format can tell why a run is red, and a saved result still can.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["observation", "score", "finding", "benchmark", "source", "problem"]


@dataclass(frozen=True, slots=True)
class Failure:
    """One thing that breaks a condition.

    `name` is that of the KPI, scorecard, rule, benchmark or source, or the code of the problem. `period`, `level`,
    `member` and `label` are None where it is about nobody. `severity` is the finding's or problem's own, else `error`.
    `place` is where it is defined, as the result has places; None for data.
    """

    condition: str
    kind: Kind
    name: str
    sentence: str
    severity: str = "error"
    period: str | None = None
    level: str | None = None
    member: str | None = None
    label: str | None = None
    place: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A KPI or scorecard that is defined otherwise than in the baseline, which is no regression, and what that did.

    `changed` says what is another one; `values` are before and after of each member that both results have, the
    coarsest level first.
    """

    kind: Literal["kpi", "scorecard"]
    name: str
    changed: tuple[str, ...]
    sentence: str
    values: tuple[Mapping[str, Any], ...]
    place: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Gate:
    """What was looked for in a period, and what was found, the worst first.

    `baseline` is the period of the earlier result that this one was compared with, under the name that it was given;
    `changes` are what is defined otherwise than there; `notes` say that, and what else could not be compared.
    """

    period: str
    conditions: tuple[str, ...]
    failures: tuple[Failure, ...] = ()
    baseline: Mapping[str, Any] | None = None
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether the run is red."""
        return bool(self.failures)

    @property
    def sentence(self) -> str:
        """Why, in one sentence, such as `Gate failed for 2026-Q3: 2 poor, 1 finding:error`."""
        if not self.failures:
            return f"Gate passed for {self.period}: nothing of {', '.join(self.conditions)}."
        counts = dict.fromkeys((failure.condition for failure in self.failures), 0)
        for failure in self.failures:
            counts[failure.condition] += 1
        return f"Gate failed for {self.period}: {', '.join(f'{count} {name}' for name, count in counts.items())}."

    def to_dict(self) -> dict[str, Any]:
        """The gate as the result has it."""
        return {
            "closed": self.closed,
            "sentence": self.sentence,
            "conditions": list(self.conditions),
            "baseline": self.baseline,
            "failures": [asdict(failure) for failure in self.failures],
            "changes": [
                {**asdict(change), "changed": list(change.changed), "values": list(change.values)}
                for change in self.changes
            ],
            "notes": list(self.notes),
        }

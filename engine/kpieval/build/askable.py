"""What a rule may ask: the fields of KPIs and scorecards that there are at its level, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.expressions import Answer, Mistake
from kpieval.expressions.fields import OF_KPI, OF_SCORECARD
from kpieval.model import REASONS, Kpi
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.build.node import Node
    from kpieval.expressions.fields import Field
    from kpieval.model import Scorecard

_GIVE = "Give it one of them, or ask for its value."
_WITHOUT_SIDES = ("common_cause", "special_cause")
"""What a KPI varies by that has no better and no worse side."""


@dataclass(frozen=True, slots=True)
class Owners:
    """The KPIs and scorecards as they are written, and those that could be made; a mistake in one is told there."""

    kpis: Mapping[str, Node]
    made_kpis: Mapping[str, Kpi]
    scorecards: Mapping[str, Node]
    made_scorecards: Mapping[str, Scorecard]


@dataclass(frozen=True, slots=True)
class Askable:
    """Answers for the members of a `level`, None for one that is wrong."""

    level: str | None
    owners: Owners

    def __call__(self, owner: str, field: str) -> Answer:
        """What the field of a KPI or scorecard is."""
        owners = self.owners
        if owner in owners.kpis:
            return self._of(owner, owners.made_kpis.get(owner), field, OF_KPI, "KPI")
        if owner in owners.scorecards:
            return self._of(owner, owners.made_scorecards.get(owner), field, OF_SCORECARD, "scorecard")
        hint = did_you_mean(owner, [*owners.kpis, *owners.scorecards])
        return _wrong(Mistake("unknown-kpi", f"There is no KPI or scorecard `{owner}`.", hint), known=False)

    def _of(
        self, owner: str, made: Kpi | Scorecard | None, name: str, fields: Mapping[str, Field], what: str
    ) -> Answer:
        """A field of `fields`; of an owner that isn't made nothing but its type is known."""
        if name not in fields:
            hint = did_you_mean(name, fields) or f"It has {', '.join(fields)}."
            return _wrong(Mistake("unknown-field", f"A {what} has no field `{name}`.", hint, of_field=True))
        field = fields[name]
        if made is None:
            return Answer(known=True, type=field.type)
        mistakes = []
        levels = made.levels if isinstance(made, Kpi) else (made.level,)
        if self.level is not None and self.level not in levels:
            hint = f"It has one at {', '.join(levels)}."
            mistakes.append(Mistake("level-not-shown", f"`{owner}` has no value at {self.level}.", hint))
        if field.key is not None and getattr(made, field.key) is None:
            message = f"`{owner}` has no {name}, for it has no `{field.key}:`."
            mistakes.append(Mistake("field-needs-key", message, f"Add `{field.key}:` to the {what}.", of_field=True))
        words = {"status": tuple(band.name for band in made.bands)}.get(name, field.words)
        if name == "reason" and isinstance(made, Kpi):
            words = REASONS
        if name == "variation" and isinstance(made, Kpi) and made.direction in {"target_range", "neutral"}:
            words = _WITHOUT_SIDES
        if name == "status" and not words and not self._tried(owner):
            message = f"`{owner}` has no status, for it has neither a target nor bands."
            neutral = isinstance(made, Kpi) and made.direction == "neutral"
            hint = "Its direction is neutral: ask for its value." if neutral else _GIVE
            mistakes.append(Mistake("no-status", message, hint, of_field=True))
        return Answer(known=True, type=field.type, words=words, mistakes=tuple(mistakes))

    def _tried(self, owner: str) -> bool:
        """Whether bands were meant, which are wrong."""
        node = self.owners.kpis.get(owner) or self.owners.scorecards[owner]
        return any(node.get(key) is not None for key in ("target", "bands"))


def _wrong(mistake: Mistake, *, known: bool = True) -> Answer:
    return Answer(known=known, mistakes=(mistake,))

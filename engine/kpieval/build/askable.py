"""What a rule may ask: the fields of KPIs and scorecards that there are at its level, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.build.edges import REST, WORST
from kpieval.expressions import Answer, Mistake
from kpieval.expressions.fields import OF_KPI, OF_SCORECARD
from kpieval.model import REASONS
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.build.node import Node
    from kpieval.model import Kpi


@dataclass(frozen=True, slots=True)
class Askable:
    """Answers for the members of a `level`, None for one that is wrong. KPIs that aren't `made` are known by name."""

    level: str | None
    kpis: Mapping[str, Node]
    made: Mapping[str, Kpi]
    scorecards: Mapping[str, Node]

    def __call__(self, owner: str, field: str) -> Answer:
        """What the field of a KPI or scorecard is."""
        if owner in self.kpis and owner in self.scorecards:
            message = f"`{owner}` is a KPI and a scorecard as well."
            return Answer(known=True, mistakes=(Mistake("ambiguous-name", message, "Give one of them another name."),))
        if owner in self.kpis:
            return self._of_kpi(owner, field)
        if owner in self.scorecards:
            return self._of_scorecard(owner, field)
        hint = did_you_mean(owner, [*self.kpis, *self.scorecards])
        return Answer(known=False, mistakes=(Mistake("unknown-kpi", f"There is no KPI or scorecard `{owner}`.", hint),))

    def _of_kpi(self, owner: str, name: str) -> Answer:
        if name not in OF_KPI:
            return _no_field("KPI", name, list(OF_KPI))
        field, kpi = OF_KPI[name], self.made.get(owner)
        if kpi is None:
            return Answer(known=True, type=field.type)
        mistakes = []
        if self.level is not None and self.level not in kpi.levels:
            hint = f"It has one at {', '.join(kpi.levels)}."
            mistakes.append(Mistake("level-not-shown", f"`{owner}` has no value at {self.level}.", hint))
        asked_for = {"peers": kpi.peers, "process": kpi.process}
        if field.key is not None and asked_for[field.key] is None:
            message = f"`{owner}` has no {name}, for it has no `{field.key}:`."
            mistakes.append(Mistake("field-needs-key", message, f"Add `{field.key}:` to the KPI.", of_field=True))
        words = {"status": tuple(band.name for band in kpi.bands), "reason": REASONS}.get(name, field.words)
        if name == "status" and not words and not self._tried(owner):
            message = f"`{owner}` has no status, for it has neither a target nor bands."
            mistakes.append(Mistake("no-status", message, "Give it one of them, or ask for its value.", of_field=True))
        return Answer(known=True, type=field.type, words=words, mistakes=tuple(mistakes))

    def _tried(self, kpi: str) -> bool:
        """Whether bands were meant, which are wrong."""
        return any(self.kpis[kpi].get(key) is not None for key in ("target", "bands"))

    def _of_scorecard(self, owner: str, name: str) -> Answer:
        if name not in OF_SCORECARD:
            return _no_field("scorecard", name, list(OF_SCORECARD))
        node = self.scorecards[owner]
        mistakes = []
        if self.level is not None and node.text("level") not in {self.level, None}:
            message = f"`{owner}` is for each {node.text('level')}, so it has no score at {self.level}."
            mistakes.append(Mistake("level-not-shown", message))
        bands = list(node.items("bands"))
        words = [band for band, _ in bands]
        if words and not any(_is_rest(child) for _, child in bands):
            words.append(WORST)
        return Answer(
            known=True,
            type=OF_SCORECARD[name].type,
            words=tuple(words) if name == "status" else (),
            mistakes=tuple(mistakes),
        )


def _is_rest(band: Node) -> bool:
    return bool((band.value.get("at") if isinstance(band.value, dict) else band.value) == REST)


def _no_field(of: str, name: str, names: list[str]) -> Answer:
    hint = did_you_mean(name, names) or f"It has {', '.join(names)}."
    return Answer(
        known=True, mistakes=(Mistake("unknown-field", f"A {of} has no field `{name}`.", hint, of_field=True),)
    )

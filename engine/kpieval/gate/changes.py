"""Two results -> what was defined otherwise in the earlier one, and what the change did to values and statuses.

Whoever changes a formula means values to move, so that is no regression; but it must be seen, beside the reason.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kpieval.gate import Change
from kpieval.gate.defined import ROUNDING, computed, judged, named, scored
from kpieval.model import ORGANISATION
from kpieval.rows import rows_of, scores_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kpieval.gate.telling import Teller

    Tell = Callable[[dict[str, Any], dict[str, Any]], tuple[str, str]]

Json = dict[str, Any]
Pair = tuple[Json, Json]
"""What a member has now, and had in the baseline."""
Defined = Literal["kpi", "scorecard"]

_OTHER_NUMBERS = frozenset({"unit", "currency", "points"})
"""Where one of these is another one, values before and after are not to be put in order."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What was defined otherwise in the baseline. `then` is what its period is called; each result has its teller."""

    result: Json
    baseline: Json
    then: str
    teller: Teller
    before: Teller

    def found(self) -> Iterator[Change]:
        """The changes, with all members that both results have in their reported periods."""
        yield from self._of_kpis()
        yield from self._of_scorecards()

    def _of_kpis(self) -> Iterator[Change]:
        earlier = named(self.baseline["kpis"])
        changed = {}
        for name, kpi in named(self.result["kpis"]).items():
            if name in earlier and kpi["measured"] and earlier[name]["measured"]:
                values = computed(kpi, self.result).differing(computed(earlier[name], self.baseline))
                statuses = judged(kpi).differing(judged(earlier[name]))
                if values or statuses:
                    changed[name] = (kpi, values, statuses)
        pairs = self._pairs(changed.keys())
        for name, (kpi, values, statuses) in changed.items():
            if values:
                said = f"The KPI {name} is defined otherwise than in the baseline ({_listed(values, statuses)})"
                said += ", so what that did is not judged as a regression."
            else:
                said = f"The KPI {name} is judged otherwise than in the baseline ({_listed(statuses)})"
                said += ", so another status is not judged as a regression."
            what = (*values, *statuses)
            yield self._change("kpi", kpi, what, said, pairs[name], self._value)

    def _of_scorecards(self) -> Iterator[Change]:
        earlier = named(self.baseline["scorecards"])
        for card in self.result["scorecards"]:
            then = earlier.get(card["name"])
            if then is None or not (card["measured"] and then["measured"]):
                continue
            what = scored(card, self.result).differing(scored(then, self.baseline))
            if what:
                said = f"The scorecard {card['name']} rests on something else than in the baseline ({_listed(what)})"
                said += ", so what that did is not judged as a regression."
                old = {row["member"]: row for row in then["scores"] if row["period"] == self.baseline["period"]}
                rows = scores_of(self.result, card).now
                pairs = [(_leveled(row, card), old[row["member"]]) for row in rows if row["member"] in old]
                yield self._change("scorecard", card, what, said, pairs, self._score)

    def _pairs(self, names: Iterable[str]) -> dict[str, list[Pair]]:
        """The observations of these KPIs, now and then, the coarsest level first."""
        found: dict[str, list[Pair]] = {name: [] for name in names}
        if not found:
            return found
        old = {
            (row["kpi"], row["level"], row["member"]): row
            for row in self.baseline["observations"]
            if row["period"] == self.baseline["period"] and row["kpi"] in found
        }
        for row in rows_of(self.result).reported():
            then = old.get((row["kpi"], row["level"], row["member"]))
            if then is not None:
                found[row["kpi"]].append((row, then))
        rank = {level["name"]: -place for place, level in enumerate(self.result["levels"])}
        for pairs in found.values():
            pairs.sort(key=lambda pair: rank[pair[0]["level"]])
        return found

    def _change(
        self, kind: Defined, defined: Json, what: tuple[str, ...], said: str, pairs: list[Pair], tell: Tell
    ) -> Change:
        ways = ("higher", "lower") if _OTHER_NUMBERS.isdisjoint(what) else ("with another value",) * 2
        sentence = " ".join([said, *self._effect(pairs, ways, tell)])
        values = tuple(
            {"level": row["level"], "member": row["member"], "label": row["label"],
             "value": _number(row), "status": row["status"] or row["reason"],
             "before": _number(then), "status_before": then["status"] or then["reason"]}
            for row, then in pairs
        )  # fmt: skip
        return Change(kind, defined["name"], what, sentence, values, defined["place"])

    def _effect(self, pairs: list[Pair], ways: tuple[str, ...], tell: Tell) -> Iterator[str]:
        """What became of the organisation, then of how many others."""
        moves = [list(_moves(*pair, *ways)) for pair in pairs]
        if not any(moves):
            yield f"No value or status moved, of {len(pairs)}."
            return
        whole = bool(pairs[0][0]["level"] == ORGANISATION)
        if whole:
            now, was = tell(*pairs[0])
            yield f"The organisation: {now}, and {was} in {self.then}."
        rest = moves[whole:]
        if rest:
            counts = Counter(move for each in rest for move in each)
            told = ", ".join(f"{count} {move}" for move, count in sorted(counts.items())) or "all as before"
            yield f"Of {len(rest)} {'others' if whole else 'members'}: {told}."

    def _value(self, row: Json, then: Json) -> tuple[str, str]:
        value, was = self.teller.known(row), self.before.known(then)
        if value is not None and was is not None and self.teller.counts_like(self.before, row["kpi"]):
            value, was = self.teller.apart(row, then["value"])
        return _with_status(value, row), _with_status(was, then)

    def _score(self, row: Json, then: Json) -> tuple[str, str]:
        now, was = (None if each["score"] is None else self.teller.score(each["score"]) for each in (row, then))
        return _with_status(now, row), _with_status(was, then)


def _moves(row: Json, then: Json, up: str, down: str) -> Iterator[str]:
    """In which ways something moved."""
    now, was = _number(row), _number(then)
    if now is None or was is None:
        if now is not was:
            yield "with a value only then" if now is None else "with a value only now"
    elif not math.isclose(now, was, rel_tol=ROUNDING):
        yield up if now > was else down
    if row["status"] and then["status"] and row["status"] != then["status"]:
        yield "with another status"


def _number(row: Json) -> float | None:
    number: float | None = row["value"] if "value" in row else row["score"]
    return number


def _leveled(score: Json, card: Json) -> Json:
    """A score with the level of its scorecard, as an observation has its own."""
    return {**score, "level": card["level"]}


def _with_status(value: str | None, row: Json) -> str:
    """`39% (poor)`; the reason alone, where there is no value."""
    status = str(row["status"] or row["reason"] or "")
    return f"{value} ({status})" if value and status else value or status


def _listed(*what: tuple[str, ...]) -> str:
    return ", ".join(part for parts in what for part in parts)

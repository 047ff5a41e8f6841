"""Two results -> what became worse from the earlier one, the baseline, to this one.

The reported period of the one is compared with that of the other, for the members that both have. A value is worse
where it moved the wrong way by more than the tolerance, a share of the baseline's value; for a target range, where it
is further outside. Where the periods differ, chance counts as well: the 95 % interval of the difference must not hold
zero. It comes from the intervals of both values by the square-and-add rule, which for shares of counts is R. G.
Newcombe's method 10 (1998, Statistics in Medicine 17, 873-890), as in the trend of an observation, and for other values
that of G. Y. Zou and A. Donner (2008, Statistics in Medicine 27, 1693-1702). Two results of the same period rest on
the same cases: there chance has no part, and any difference is one of the data or of the definitions.

A status is compared where targets and bands are the same, and between periods only where neither verdict is uncertain.
What is computed otherwise than in the baseline is not compared: `changes` tells what the change did.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.gate import Failure
from kpieval.gate.conditions import REGRESSION
from kpieval.gate.defined import ROUNDING, computed, judged, named, scored
from kpieval.gate.telling import whom
from kpieval.rows import rows_of, scores_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpieval.gate import Kind
    from kpieval.gate.telling import Teller

Json = dict[str, Any]

_SIGNS = {"higher_is_better": -1.0, "lower_is_better": 1.0}
_UNFIT = ("insufficient_sample", "not_applicable")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two results that can be compared. `tolerance` is a share: 0.02 is 2 %."""

    result: Json
    baseline: Json
    tolerance: float
    teller: Teller

    @property
    def same_period(self) -> bool:
        """Whether both are about the same cases."""
        return bool(self.result["period"] == self.baseline["period"])

    def notes(self) -> Iterator[str]:
        """What only one of the two has a value of."""
        for what, key in (("KPI", "kpis"), ("scorecard", "scorecards")):
            mine, theirs = named(self.result[key]), named(self.baseline[key])
            for name, each in mine.items():
                before = theirs.get(name)
                if before is None:
                    yield f"The {what} {name} is not in the baseline."
                elif each["measured"] and not before["measured"]:
                    yield f"The {what} {name} was not measured in the baseline."
                elif before["measured"] and not each["measured"]:
                    yield f"The {what} {name} is not measured any more."

    def failures(self) -> Iterator[Failure]:
        """What became worse."""
        yield from self._of_kpis()
        yield from self._of_scorecards()

    def _of_kpis(self) -> Iterator[Failure]:
        earlier = named(self.baseline["kpis"])
        kpis = {
            name: (kpi, not judged(kpi).differing(judged(earlier[name])))
            for name, kpi in named(self.result["kpis"]).items()
            if name in earlier and not computed(kpi, self.result).differing(computed(earlier[name], self.baseline))
        }
        before = {
            (row["kpi"], row["level"], row["member"]): row
            for row in self.baseline["observations"]
            if row["period"] == self.baseline["period"] and row["kpi"] in kpis
        }
        for row in rows_of(self.result).reported():
            old = before.get((row["kpi"], row["level"], row["member"]))
            if old is None or not _comparable(row) or not _comparable(old):
                continue
            kpi, judged_alike = kpis[row["kpi"]]
            fell = judged_alike and self._certain(row, old) and _fell(kpi, row, old)
            if not fell and not self._worse(kpi, row, old):
                continue
            value, was = self.teller.apart(row, old["value"])
            said = f"{value}, and {was} in {self.then}"
            if fell:
                said = f"{row['status']}, and {old['status']} in {self.then}: {value} from {was}"
            sentence = f"{row['kpi']} of {whom(row, row['level'])}: {said}"
            yield _failure(row, row["level"], "observation", kpi, sentence)

    def _of_scorecards(self) -> Iterator[Failure]:
        earlier = named(self.baseline["scorecards"])
        for card in self.result["scorecards"]:
            then = earlier.get(card["name"])
            if then is None or scored(card, self.result).differing(scored(then, self.baseline)):
                continue
            before = {row["member"]: row for row in then["scores"] if row["period"] == self.baseline["period"]}
            for row in scores_of(self.result, card).now:
                old = before.get(row["member"])
                if old is None or None in (row["score"], old["score"]):
                    continue
                if _fell(card, row, old) or self._beyond(old["score"] - row["score"], old["score"]):
                    score, was = self.teller.score(row["score"]), self.teller.score(old["score"])
                    sentence = (
                        f"scorecard {card['name']} of {whom(row, card['level'])}: "
                        f"{row['status']}, {score} of 100, and {old['status']}, {was}, in {self.then}"
                    )
                    yield _failure(row, card["level"], "score", card, sentence)

    @property
    def then(self) -> str:
        """What the baseline's period is called in a sentence."""
        return "the baseline" if self.same_period else str(self.baseline["period"])

    def _certain(self, row: Json, old: Json) -> bool:
        return self.same_period or not (row["uncertain"] or old["uncertain"])

    def _worse(self, kpi: Json, row: Json, old: Json) -> bool:
        distance, was = _distance(kpi, row), _distance(kpi, old)
        if distance is None or was is None or not self._beyond(distance - was, old["value"]):
            return False
        return self.same_period or not by_chance(row, old)

    def _beyond(self, worsening: float, value: float) -> bool:
        return worsening > max(self.tolerance, ROUNDING) * abs(value)


def by_chance(row: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    """Whether chance explains the difference of two values; not where the interval of either is unknown."""
    if not row["interval"] or not old["interval"]:
        return False
    change = row["value"] - old["value"]
    (low, high), (old_low, old_high) = row["interval"], old["interval"]
    down = math.hypot(row["value"] - low, old_high - old["value"])
    up = math.hypot(high - row["value"], old["value"] - old_low)
    return bool(change - down <= 0 <= change + up)


def _distance(kpi: Json, row: Json) -> float | None:
    """How bad a value is, in its own unit: the higher, the worse.

    None where neither way is worse, and for a range that isn't there.
    """
    value = float(row["value"])
    if kpi["direction"] in _SIGNS:
        return _SIGNS[kpi["direction"]] * value
    if not row["target_range"]:
        return None
    low, high = row["target_range"]
    return float(max(low - value, value - high, 0.0))


def _comparable(row: Json) -> bool:
    """Whether there is a value that says something; one that rests on too few cases doesn't."""
    return row["value"] is not None and row["reason"] not in _UNFIT


def _fell(judged: Json, row: Json, old: Json) -> bool:
    """Whether both have a status, and the later one is worse. Bands are listed best first."""
    names = [band["name"] for band in judged["bands"] or ()]
    both = row["status"] in names and old["status"] in names
    return both and names.index(row["status"]) > names.index(old["status"])


def _failure(row: Json, level: str, kind: Kind, defined: Json, sentence: str) -> Failure:
    return Failure(
        REGRESSION, kind, defined["name"], sentence,
        period=row["period"], level=level, member=row["member"], label=row["label"], place=defined["place"],
    )  # fmt: skip

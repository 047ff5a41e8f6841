"""What a value, a status and a score rest on beside the data, as a result tells it: to be held against another one's.

The hash of a definition decides: it finds every difference of meaning, however deep, and none of layout. The fields
beside it say in an author's words what it is. SQL says nothing here: its columns are numbered across the project, so
that one new KPI renames those of all others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

ROUNDING = 1e-12
"""A relative difference that may be nothing but rounding."""

_OF_SCORES = ("level", "points", "on_missing", "min_coverage")
_WORDS = frozenset({"place", "text", "note"})


@dataclass(frozen=True, slots=True)
class Basis:
    """What something rests on. `parts` count one by one, by what an author calls them.

    `said` are those that `meaning`, a hash, stands for; `beneath` is what else it covers.
    """

    parts: Mapping[str, object]
    said: Mapping[str, object] = field(default_factory=dict)
    meaning: str = ""
    beneath: str = ""

    def differing(self, then: Basis) -> tuple[str, ...]:
        """What is another one than it was; nothing where both mean the same."""
        found = _differing(self.parts, then.parts)
        if self.meaning == then.meaning:
            return found
        return (*(_differing(self.said, then.said) or (self.beneath,)), *found)


def computed(kpi: Json, result: Json) -> Basis:
    """All that the value of a KPI rests on."""
    said = {key: kpi[key] for key in ("formula", "per", "rollup", "min_sample")}
    said |= {f"measure {each['name']}": (each["source"], each["expression"]) for each in kpi["measures"]}
    parts = {"direction": kpi["direction"], "unit": kpi["unit"]["kind"], "period": result["grain"]}
    if kpi["unit"]["kind"] == "currency":
        parts["currency"] = result["currency"]
    return Basis(parts, said, kpi["fingerprint"]["definition"], "what it is counted from")


def judged(kpi: Json) -> Basis:
    """All that the status of a value rests on."""
    targets = [{key: value for key, value in target.items() if key not in _WORDS} for target in kpi["targets"]]
    bands = [[band["name"], band["percent"], band["edge"]] for band in kpi["bands"] or ()]
    return Basis(
        {}, {"target": targets, "bands": bands}, kpi["fingerprint"]["judgement"], "what its target is taken from"
    )


def scored(card: Json, result: Json) -> Basis:
    """All that a score rests on, its KPIs and the scorecards within it included."""
    parts: dict[str, object] = {key: card[key] for key in _OF_SCORES}
    parts |= {
        "weights": [card["kpis"], card["scorecards"]],
        "bands": [[band["name"], band["edge"]] for band in card["bands"]],
        "period": result["grain"],
    }
    kpis, cards = named(result["kpis"]), named(result["scorecards"])
    parts |= {
        f"KPI {each['kpi']}": (kpis[each["kpi"]]["fingerprint"], computed(kpis[each["kpi"]], result).parts)
        for each in card["kpis"]
        if each["kpi"] in kpis
    }
    inner = [cards[each["scorecard"]] for each in card["scorecards"] if each["scorecard"] in cards]
    parts |= {f"scorecard {each['name']}": scored(each, result) for each in inner}
    return Basis(parts)


def named(listed: list[Json]) -> dict[str, Json]:
    """By name."""
    return {each["name"]: each for each in listed}


def _differing(now: Mapping[str, object], then: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(part for part in dict.fromkeys([*now, *then]) if now.get(part) != then.get(part))

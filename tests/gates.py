"""Results with a gate, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.gate.closing import close
from kpieval.gate.conditions import conditions

if TYPE_CHECKING:
    from kpieval.gate import Gate

Json = dict[str, Any]


def gate_of(result: Json, *names: str, baseline: Json | None = None, tolerance: float = 0.0) -> Gate:
    against = ("main", baseline) if baseline is not None else None
    return close(result, conditions(result, names), against, tolerance)


def gated(result: Json, *names: str) -> Json:
    return {**result, "gate": gate_of(result, *names).to_dict()}

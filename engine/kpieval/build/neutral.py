"""`direction: neutral`, of which neither more nor less is better -> nothing is said that needs a better and a worse."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.build.node import Node

NEUTRAL = "neutral"

_JUDGES = ("target", "bands", "guarded_by", "drives")
_LISTS = ("guarded_by", "drives")


def check_neutral(kpis: Mapping[str, Node]) -> None:
    """Note what can't be asked of a neutral KPI: once in each that is, and at its name where others do."""
    neutral = {name for name, node in kpis.items() if is_neutral(node)}
    for name, node in kpis.items():
        if name in neutral:
            _check(node)
            continue
        for element in (element for key in _LISTS for element in node.elements(key)):
            if element.value in neutral:
                element.error(
                    "neutral-direction",
                    f"`{element.value}` is neutral, so it gets neither better nor worse.",
                    hint="Leave it out, or say in its file which `direction` is better.",
                )


def is_neutral(kpi: Node) -> bool:
    """Whether neither more nor less of a KPI is better."""
    return kpi.text("direction") == NEUTRAL


def _check(node: Node) -> None:
    asking = next((key for key in _JUDGES if node.get(key) is not None), None)
    if asking is not None:
        node.error(
            "neutral-direction",
            f"Where neither more nor less is better, `{asking}` has nothing to go by.",
            asking,
            key=True,
            hint=f"Say which `direction` is better, or leave `{asking}` out.",
        )
    if node.text("rollup") == "worst":
        node.error(
            "neutral-direction",
            "Where neither more nor less is better, no member is the worst.",
            "rollup",
            hint="Say which `direction` is better, or name another `rollup`.",
        )

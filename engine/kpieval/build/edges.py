"""Where bands begin: whether the edges run from the best to the worst for every target, and each band can apply."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from kpieval.build.units import Number, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpieval.build.node import Node
    from kpieval.model import Direction, Target

REST = "rest"
WORST = "poor"
"""The band below all others, unless one is declared as the `rest`."""


@dataclass(frozen=True, slots=True)
class Edge:
    """Where a band begins: at a share of the target, or at a value of the KPI itself."""

    name: str
    node: Node
    number: Number

    @property
    def share(self) -> bool:
        """Whether it is a share of the target."""
        return self.number.percent

    def value(self, target: float | None) -> float:
        """The KPI's value at the edge; without a target the number as written, which orders edges of one kind alike."""
        written = self.number.value
        return written if target is None or not self.share else target + (written - 1) * abs(target)


def edges_of(node: Node) -> list[Edge]:
    """The edges as written, without the worst band, which has none."""
    found = []
    for name, child in node.items():
        at = child.get("at") if isinstance(child.value, dict) else child
        if at is None or at.value == REST:
            continue
        written = number(at)
        if written is not None:
            found.append(Edge(name, at, written))
    return found


def check_edges(
    node: Node, edges: list[Edge], direction: Direction, targets: Sequence[Target], *, has_target: bool
) -> bool:
    """Note what is wrong with the bands of a KPI, the first mistake only: the others are likely to follow from it."""
    if not edges:
        node.error("bands-without-edge", "The bands have no edge, so every value would have the same status.")
        return False
    return (
        _one_worst(node, edges)
        and _right_kind(edges, direction, has_target=has_target)
        and _comparable(node, edges, targets)
        and no_collapse(node, [edge.number.value for edge in edges if edge.share], targets)
        and in_order(edges, direction, targets)
    )


def _one_worst(node: Node, edges: list[Edge]) -> bool:
    """There is one worst band, and it stands last or nowhere."""
    names = [name for name, _ in node.items()]
    rests = [name for name in names if all(edge.name != name for edge in edges)]
    for name in rests:
        if name != names[-1]:
            node.error(
                "rest-not-last",
                f"`{name}` takes the rest, so nothing is left for the bands after it.",
                name,
                hint=f"Write `{name}: rest` last: the bands run from the best to the worst.",
            )
            return False
    if not rests and WORST in names:
        node.error(
            "worst-band-taken",
            f"`{WORST}` is the band of all that is worse than the others, so it can't begin anywhere.",
            WORST,
            key=True,
            hint=f"Write `{WORST}: rest` last, or name the band below it: `critical: rest`.",
        )
        return False
    return True


def _right_kind(edges: list[Edge], direction: Direction, *, has_target: bool) -> bool:
    """Each edge is a share of the target or a value of the KPI, as the target and the direction need it."""
    for edge in edges:
        written = edge.number.value
        if direction == "target_range" and not edge.share:
            edge.node.error(
                "band-edge-in-range",
                f"`{edge.name}` begins at a value, but a range is missed on two sides.",
                hint="Write shares: 100% is inside the range, 85% up to 15 % outside it.",
            )
            return False
        if edge.share and not has_target:
            edge.node.error(
                "percent-band-without-target",
                f"`{written * 100:g}%` is a share of the target, but the KPI has none.",
                hint=f"Add a `target:`, or write the edge as a value of the KPI itself: {written:g}.",
            )
            return False
        if direction == "target_range" and not 0 < written <= 1:
            edge.node.error(
                "unreachable-band",
                f"`{edge.name}` can never apply: nothing is better than inside the range, which is 100%.",
                hint="Write a share from 1% to 100%.",
            )
            return False
    return True


def _comparable(node: Node, edges: list[Edge], targets: Sequence[Target]) -> bool:
    """Shares and values side by side have an order only where every target is known now."""
    if len({edge.share for edge in edges}) > 1 and any(target.value is None for target in targets):
        node.error(
            "mixed-bands",
            "Shares of the target stand beside values; as the target comes from data, nobody knows which is better.",
            hint="Write all edges in the same way.",
        )
        return False
    return True


def no_collapse(node: Node, shares: list[float], targets: Sequence[Target]) -> bool:
    """Shares of a target differ, unless that target is 0."""
    if len(shares) > 1 and any(target.value == 0 for target in targets):
        node.error(
            "bands-collapse",
            "Every share of a target of 0 is 0, so all bands would begin at the same value.",
            hint="Write the edges as values of the KPI itself: `bands: {good: 0, watch: 2}`.",
        )
        return False
    return True


def in_order(edges: list[Edge], direction: Direction, targets: Sequence[Target] = ()) -> bool:
    """The edges run from the best to the worst, whichever target holds."""
    mixed = len({edge.share for edge in edges}) > 1
    known: list[float | None] = [target.value for target in targets] if mixed else [None]
    for target in known:
        for better, worse in pairwise(edges):
            above, below = better.value(target), worse.value(target)
            if above == below:
                worse.node.error(
                    "unreachable-band",
                    f"`{worse.name}` can never apply: it begins where `{better.name}` begins.",
                    hint="Give it an edge of its own, or leave it out.",
                )
                return False
            if (above < below) != (direction == "lower_is_better"):
                _out_of_order(better, worse, direction)
                return False
    return True


def _out_of_order(better: Edge, worse: Edge, direction: Direction) -> None:
    if direction == "lower_is_better":
        hint = (
            "Bands run from the best to the worst; where lower is better their edges rise: {good: 100%, watch: 115%}."
        )
    else:
        hint = "Bands run from the best to the worst, so their edges fall. Is it `direction: lower_is_better`?"
    worse.node.error(
        "bands-out-of-order", f"`{worse.name}` stands after `{better.name}`, but begins at a better value.", hint=hint
    )

"""`bands:` -> statuses from the best one down, proven to cover every value, each of them within reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.build.edges import REST, WORST, Edge, check_edges, edges_of, in_order, no_collapse
from kpieval.build.units import Number, check_scale
from kpieval.model import Band
from kpieval.translation import marked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpieval.build.node import Node
    from kpieval.model import Direction, Target, Unit

_USUAL = {"good": 1.0, "watch": 0.9}
_HARDLY_GOOD = 0.5
"""So small a share of the target is hardly what one calls good."""
_USUAL_POINTS = {"good": 80.0, "watch": 60.0}
FULL = 100.0
"""As many points as there are."""
_LOOKS = {
    "good": (marked("Good"), "check", "green"),
    "watch": (marked("Watch"), "alert", "amber"),
    WORST: (marked("Poor"), "cross", "red"),
}
_BETWEEN = ("blue", "amber", "orange")
_ICONS = {"green": "check", "blue": "check", "amber": "alert", "orange": "alert", "red": "cross"}


def bands(
    kpi: Node, default: Node | None, direction: Direction, unit: Unit, targets: Sequence[Target]
) -> tuple[Band, ...]:
    """The bands of a KPI: its own; or the project's, or the usual ones, where there is a target to count from."""
    own = kpi.get("bands")
    if own is not None:
        edges = edges_of(own)
        for edge in edges:
            if not edge.share:
                check_scale(edge.node, edge.number, unit)
        if check_edges(own, edges, direction, targets, has_target=kpi.get("target") is not None):
            _check_share(edges[0], direction, unit, targets)
            return _with_looks([(edge.name, edge) for edge in edges], own)
        return ()
    target = kpi.get("target")
    if target is None:
        return ()
    shares = _default_shares(default, direction)
    no_collapse(target, list(shares.values()), targets)
    return _with_looks(list(shares.items()), default)


def _check_share(best: Edge, direction: Direction, unit: Unit, targets: Sequence[Target]) -> None:
    """Warn where a share of the target seems to be meant as a value: with a target of 30%, `good: 30%` would be 9 %."""
    share = best.number.value
    if unit.kind not in {"percent", "points"} or not best.share or share == 1:
        return
    target = next((target.value for target in targets if target.value == share), None)
    if target is None and not (direction == "higher_is_better" and share <= _HARDLY_GOOD):
        return
    known = target if target is not None else next((target.value for target in targets if target.value), None)
    here = f", and that is {known * share * 100:g} %" if known is not None else ""
    best.node.warn(
        "share-of-target",
        f"`{best.name}` begins at {share * 100:g} % of the target{here}.",
        hint=f"100% is the target itself; a value of the KPI is written without the sign: {share:g}.",
    )


def check_default(node: Node) -> None:
    """The project's own bands hold for every KPI, so they are shares of the target, falling."""
    edges = edges_of(node)
    absolute = next((edge for edge in edges if not edge.share), None)
    if absolute is not None:
        absolute.node.error(
            "default-band-absolute",
            f"`{absolute.name}` begins at a value of one KPI, but the project's bands hold for all of them.",
            hint="Write a share of the target, as in 85%.",
        )
    else:
        in_order(edges, "higher_is_better")


def score_bands(scorecard: Node) -> tuple[Band, ...]:
    """The bands of a scorecard's 0 to 100 points: its own, or the usual ones."""
    own = scorecard.get("bands")
    if own is None:
        return _with_looks([(name, _points(scorecard, name, edge)) for name, edge in _USUAL_POINTS.items()], None)
    edges = edges_of(own)
    if not check_edges(own, edges, "higher_is_better", (), has_target=True):
        return ()
    beyond = next((edge for edge in edges if not 0 < edge.number.value <= FULL), None)
    if beyond is not None:
        at = beyond.number.value
        never = f"`{beyond.name}` can never apply: it begins at {at:g} points, and no score is above 100."
        if at <= 0:
            never = f"The band below `{beyond.name}` can never apply: it ends at {at:g} points, and no score is lower."
        beyond.node.error("unreachable-band", never, hint="Scores go from 0 to 100.")
        return ()
    return _with_looks([(edge.name, edge) for edge in edges], own)


def _points(node: Node, name: str, points: float) -> Edge:
    return Edge(name, node, Number(points, percent=False))


def _default_shares(default: Node | None, direction: Direction) -> dict[str, float]:
    """The shares of the target that the project says, turned round where lower is better."""
    shares = {edge.name: edge.number.value for edge in edges_of(default)} if default else _USUAL
    if direction == "lower_is_better":
        return {name: round(2 - share, 12) for name, share in shares.items()}
    if direction == "target_range":
        return {name: share for name, share in shares.items() if 0 < share <= 1}
    return shares


def _with_looks(edges: Sequence[tuple[str, Edge | float]], node: Node | None) -> tuple[Band, ...]:
    """The bands with label, icon and colour: as written, as usual for the name, or by position."""
    written = dict(node.items()) if node else {}
    worst = next((name for name, child in written.items() if _at(child) == REST), WORST)
    names = [name for name, _ in edges] + [worst]
    found = []
    for index, name in enumerate(names):
        color = "green" if index == 0 else "red" if name == worst else _middle(index, len(names))
        usual = _LOOKS.get(name, (name.replace("_", " ").capitalize(), _ICONS[color], color))
        child = written.get(name)
        own = [
            child.text(key) if child is not None and isinstance(child.value, dict) else None
            for key in ("label", "icon", "color")
        ]
        label, icon, color = (text or look for text, look in zip(own, usual, strict=True))
        edge = edges[index][1] if index < len(edges) else None
        if isinstance(edge, Edge):
            share, value = (edge.number.value, None) if edge.share else (None, edge.number.value)
        else:
            share, value = edge, None
        found.append(Band(name, label, icon, color, percent=share, edge=value, labelled=bool(own[0])))
    return tuple(found)


def _at(child: Node) -> object:
    return child.value.get("at") if isinstance(child.value, dict) else child.value


def _middle(index: int, count: int) -> str:
    """The colour between the best and the worst: amber where there is one such band, else from blue to orange."""
    return "amber" if count == len(_BETWEEN) else _BETWEEN[min(index, len(_BETWEEN)) - 1]

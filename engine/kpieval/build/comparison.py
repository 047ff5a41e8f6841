"""`peers:` and `process:`, of a KPI or of the project for all -> whom members are ranked among, what is watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from kpieval.model import Peers, Process
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Literal

    from kpieval.build.levels import Hierarchy
    from kpieval.build.node import Node

CENTRES = ("pooled", "target")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a value is compared with beside its target: nothing, unless a definition says so."""

    peers: Peers | None = None
    process: Process | None = None


def comparison(node: Node, hierarchy: Hierarchy, levels: Iterable[str], default: Comparison) -> Comparison:
    """What a definition with values at these levels says; `true` is with all as usual, `false` not at all."""
    return Comparison(_peers(node, hierarchy, tuple(levels), default.peers), _process(node, default.process))


def _peers(node: Node, hierarchy: Hierarchy, levels: tuple[str, ...], default: Peers | None) -> Peers | None:
    said = node.get("peers")
    if said is None:
        return default
    if isinstance(said.value, bool):
        return Peers() if said.value else None
    return Peers(
        within=_within(said, hierarchy, levels),
        min_peers=said.whole("min_peers") or Peers().min_peers,
        funnel=cast("Literal['pooled', 'target']", said.choice("funnel", CENTRES) or "pooled"),
    )


def _within(peers: Node, hierarchy: Hierarchy, levels: tuple[str, ...]) -> str | None:
    """The level above; at levels that aren't below it, everybody is a peer of everybody."""
    within = peers.text("within")
    if within is None:
        return None
    if within not in hierarchy:
        peers.error("unknown-level", f"There is no level `{within}`.", "within", hint=did_you_mean(within, hierarchy))
    elif hierarchy.sure and not any(within in hierarchy.above(level) for level in levels):
        peers.error(
            "level-not-above",
            f"Members at {', '.join(levels)} have no {within} in common.",
            "within",
            hint="Name a level above, or leave `within` out: then all members of a level are peers.",
        )
    return within


def _process(node: Node, default: Process | None) -> Process | None:
    said = node.get("process")
    if said is None:
        return default
    if isinstance(said.value, bool):
        return Process() if said.value else None
    return Process(said.whole("min_periods") or Process().min_periods)

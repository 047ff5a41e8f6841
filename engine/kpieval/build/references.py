"""What definitions say of each other by name: every name has to be there, and no arrow may lead back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.build.cycles import cycles
from kpieval.build.edges import edges_of, in_order
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.build.levels import Hierarchy
    from kpieval.build.node import Node
    from kpieval.model import Kpi


def check_kpis(kpis: Mapping[str, Node], benchmarks: Mapping[str, Node]) -> None:
    """What a KPI drives, what guards it, and what it is compared with."""
    for key in ("drives", "guarded_by"):
        for node in kpis.values():
            for element in node.elements(key):
                _known(element, element.text(), kpis, "KPI")
        for round_ in cycles({name: node.texts(key) for name, node in kpis.items()}):
            kpis[round_[0]].error(
                f"{key.replace('_', '-')}-cycle",
                f"`{key}` leads back: {' -> '.join(round_)}.",
                key,
                hint="Take one of these steps away.",
            )
    for name, node in kpis.items():
        for element in node.elements("benchmarks"):
            benchmark = element.text()
            if _known(element, benchmark, benchmarks, "benchmark") and benchmark is not None:
                measured = benchmarks[benchmark].text("kpi")
                if measured is not None and measured != name:
                    element.error(
                        "benchmark-of-other-kpi",
                        f"`{benchmark}` is a benchmark of `{measured}`, not of `{name}`.",
                        hint="Two definitions under one name can't be compared.",
                    )


def check_scorecards(
    scorecards: Iterable[Node], names: Mapping[str, Node], kpis: Mapping[str, Kpi], hierarchy: Hierarchy
) -> None:
    """The level, the KPIs with their weights, and the bands of each scorecard."""
    for node in scorecards:
        level = _level(node, "level", hierarchy)
        for name, child in node.items("kpis"):
            if not _known(child, name, names, "KPI", key=True):
                continue
            if level is not None and name in kpis and level not in kpis[name].levels:
                child.warn(
                    "level-not-shown",
                    f"`{name}` has no value at {level}, so it would always be missing.",
                    key=True,
                    hint=f"It has one at {', '.join(kpis[name].levels)}.",
                )
            in_long_form = isinstance(child.value, dict)
            weight = child.get("weight") if in_long_form else child
            if weight is not None and isinstance(weight.value, int | float) and weight.value <= 0:
                weight.error("weight-not-positive", f"The weight of `{name}` is {weight.value}, so it would not count.")
        bands = node.get("bands")
        if bands is not None:
            in_order(edges_of(bands), "higher_is_better")
        peers = node.get("peers")
        within = _level(peers, "within", hierarchy) if peers is not None else None
        if level is None or within is None or not hierarchy.sure:
            continue
        if peers is not None and within not in hierarchy.above(level):
            peers.error("level-not-above", f"Members at {level} have no {within} in common.", "within")


def _known(node: Node, name: str | None, names: Mapping[str, Node], kind: str, *, key: bool = False) -> bool:
    if name is None or name in names:
        return True
    hint = did_you_mean(name, names)
    node.error(f"unknown-{kind.lower()}", f"There is no {kind} `{name}`.", key=key, hint=hint)
    return False


def _level(node: Node, key: str, hierarchy: Hierarchy) -> str | None:
    level = node.text(key)
    if level is None or level in hierarchy:
        return level
    node.error("unknown-level", f"There is no level `{level}`.", key, hint=hierarchy.nearest(level))
    return None

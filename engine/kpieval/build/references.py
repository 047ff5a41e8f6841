"""What definitions say of each other by name: every name has to be there, and no arrow may lead back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.build.cycles import cycles
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.build.levels import Hierarchy
    from kpieval.build.node import Node


def check_kpis(kpis: Mapping[str, Node], benchmarks: Mapping[str, Node]) -> None:
    """What a KPI drives, what guards it, and what it is compared with."""
    for key in ("drives", "guarded_by"):
        for node in kpis.values():
            for element in node.elements(key):
                known(element, element.text(), kpis, "KPI")
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
            if known(element, benchmark, benchmarks, "benchmark") and benchmark is not None:
                measured = benchmarks[benchmark].text("kpi")
                if measured in kpis and measured != name:  # of one that isn't there, it is told there
                    element.error(
                        "benchmark-of-other-kpi",
                        f"`{benchmark}` is a benchmark of `{measured}`, not of `{name}`.",
                        hint="Two definitions under one name can't be compared.",
                    )


def known(node: Node, name: str | None, names: Mapping[str, Node], kind: str, *, key: bool = False) -> bool:
    """Whether there is a definition of that name; if not, it is noted at the node, or at its `key`."""
    if name is None or name in names:
        return True
    hint = did_you_mean(name, names)
    node.error(f"unknown-{kind.lower()}", f"There is no {kind} `{name}`.", key=key, hint=hint)
    return False


def known_level(node: Node, key: str, hierarchy: Hierarchy) -> str | None:
    """The level under `key`; None where there is no such level, which is noted."""
    level = node.text(key)
    if level is None or level in hierarchy:
        return level
    node.error("unknown-level", f"There is no level `{level}`.", key, hint=hierarchy.nearest(level))
    return None

"""Measures of a pack that a project takes away: whatever still asks for one is told where it went."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kpieval.build.node import Node
    from kpieval.expressions import Expression
    from kpieval.problems import Place

_NAMED = re.compile(r"`(\w+)`")


def taken_away(project: Node) -> dict[str, str]:
    """The measures that a layer declares and that aren't there any more, each with a hint that says why."""
    found = {}
    for layer in project.definition.layers[:-1]:
        sources = layer.data.get("sources")
        for source, declared in sources.items() if isinstance(sources, dict) else ():
            measures = declared.get("measures") if isinstance(declared, dict) else None
            for name in measures if isinstance(measures, dict) else ():
                way = _gone(project, "sources", source, "measures", name)
                if way is not None:
                    place = project.definition.place(*way)
                    where = f"{place.file}:{place.line}"
                    found[name] = f"It is a measure of `{source}`, which an empty value takes away in {where}."
    return found


def _gone(project: Node, *path: str) -> tuple[str, ...] | None:
    """The part of a path that isn't there."""
    value = project.value
    for index, step in enumerate(path):
        if not isinstance(value, dict) or step not in value:
            return path[: index + 1]
        value = value[step]
    return None


def over_names(node: Node, parse: Callable[[str, Place], Expression], taken: Mapping[str, str]) -> Expression | None:
    """The expression over measures and KPIs that stands at a node; of a name that was taken away the hint tells."""
    before = len(node.found.problems)
    expression = node.expression(parse)
    for index, problem in enumerate(node.found.problems[before:], before):
        name = _NAMED.search(problem.message)
        if problem.code == "unknown-name" and name is not None and name.group(1) in taken:
            node.found.problems[index] = replace(problem, hint=taken[name.group(1)])
    return expression

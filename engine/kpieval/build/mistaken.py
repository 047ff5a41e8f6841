"""Names that aren't those of measures, but that an author has reason to take for some: hints that say what they are."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kpieval.build.columns import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kpieval.build.node import Node
    from kpieval.expressions import Expression
    from kpieval.model import Source
    from kpieval.problems import Place

_NAMED = re.compile(r"`(\w+)`")


def no_measures(project: Node, sources: Mapping[str, Source]) -> dict[str, str]:
    """The columns of sources, and the measures that an overlay takes away from a pack, each with a hint."""
    found: dict[str, str] = {}
    for source in sources.values():
        for name, column in source.columns.items():
            verb = "sum" if column.type in NUMERIC else "count"
            hint = f"It is a column of `{source.name}`: declare a measure of it, such as `{verb}({name})`."
            found.setdefault(name, hint)
    return found | _taken_away(project)


def _taken_away(project: Node) -> dict[str, str]:
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


def over_names(node: Node, parse: Callable[[str, Place], Expression], others: Mapping[str, str]) -> Expression | None:
    """The expression over measures and KPIs that stands at a node; of a name that is none, the hint says what it is."""
    before = len(node.found.problems)
    expression = node.expression(parse)
    for index, problem in enumerate(node.found.problems[before:], before):
        name = _NAMED.search(problem.message)
        if problem.code == "unknown-name" and name is not None and name.group(1) in others:
            node.found.problems[index] = replace(problem, hint=others[name.group(1)])
    return expression

"""Conditions over the members of a level: `applies_to`, and the `where` of a target."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kpieval import expressions

if TYPE_CHECKING:
    from kpieval.build.catalogue import Catalogue
    from kpieval.build.node import Node
    from kpieval.expressions import Expression
    from kpieval.model import Type


def attribute_condition(node: Node, key: str, catalogue: Catalogue, levels: tuple[str, ...]) -> Expression | None:
    """The condition under `key`, over the attributes of the members at one of the levels."""
    child = node.get(key)
    if child is None:
        return None
    attributes = {level: _attributes(level, catalogue) for level in levels}
    known = {name: type_ for types in attributes.values() for name, type_ in types.items()}
    if not known:
        child.error(
            "no-attributes",
            f"The members at {', '.join(levels)} have no attributes that `{key}` could ask for.",
            hint="Name columns of the level's source in its `attributes:`.",
        )
        return None
    expression = child.expression(partial(expressions.row, columns=known))
    if expression is None:
        return None
    if expression.type != "boolean":
        child.error("not-a-condition", f"`{key}` must be true or false for a member, but it is {expression.type}.")
        return None
    used = expressions.columns_used(expression.tree)
    holders = [level for level, types in attributes.items() if used <= types.keys()]
    if not holders:
        child.error("unknown-attribute", f"No level has all of {', '.join(f'`{name}`' for name in sorted(used))}.")
        return None
    if any(attributes[level][name] != known[name] for level in holders for name in used):
        child.error(
            "ambiguous-attribute",
            f"{' and '.join(holders)} have attributes of the same name and different types.",
            hint="Name the `level` that is meant.",
        )
    return expression


def _attributes(level: str, catalogue: Catalogue) -> dict[str, Type]:
    declared = catalogue.hierarchy.levels.get(level)
    if declared is None or declared.source is None:
        return {}
    columns = catalogue.sources[declared.source].columns
    return {name: columns[name].type for name in declared.attributes}

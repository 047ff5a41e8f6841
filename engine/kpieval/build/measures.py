"""The `measures` of each source -> the project's measures."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kpieval import expressions
from kpieval.build.columns import over_columns, types
from kpieval.build.names import PERIOD_BOUNDS
from kpieval.build.sources import time
from kpieval.build.texts import check_texts
from kpieval.model import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpieval.build.node import Node
    from kpieval.expressions import Expression
    from kpieval.model import Source, Time, Type

PERIOD: Mapping[str, Type] = dict.fromkeys(PERIOD_BOUNDS, "date")
"""What a measure over spans of time may ask of the period that it is counted for; the end is exclusive."""


def measures(node: Node, source: Source) -> Iterator[tuple[str, Measure | None]]:
    """The measures of one source; None for one that is wrong, whose name is known nevertheless."""
    nodes = dict(node.items("measures"))
    undated = [name for name, child in nodes.items() if not (isinstance(child.value, dict) and child.get("time"))]
    if undated and node.get("time") is None:
        node.error(
            "missing-time",
            f"Nothing says to which period a row of `{source.name}` belongs.",
            "measures",
            undated[0],
            key=True,
            hint="Add `time:` to the source: a column of dates, or a span as {from: ..., to: ...}.",
        )
    for name, child in nodes.items():
        yield name, _measure(child, source)


def _measure(node: Node, source: Source) -> Measure | None:
    in_long_form = isinstance(node.value, dict)
    value = node.get("value") if in_long_form else node
    own = time(node, source.columns, source.name) if in_long_form else None
    expression = _expression(value, source, own or source.time) if value else None
    if expression is None:
        return None
    return Measure(
        name=node.name,
        source=source.name,
        expression=expression,
        place=node.place,
        time=own,
        description=node.text("description") if in_long_form else None,
    )


def _expression(node: Node, source: Source, when: Time | None) -> Expression | None:
    known = types(source.columns)
    spans = when is not None and when.end is not None
    expression = over_columns(node, partial(expressions.measure, columns={**PERIOD, **known} if spans else known))
    if expression is not None:
        check_texts(node, expression.tree, source.columns)
    if expression is not None and spans:
        for name in sorted(PERIOD.keys() & known.keys() & expressions.columns_used(expression.tree)):
            node.error(
                "ambiguous-name",
                f"`{name}` is a column of `{source.name}`, and the {name[7:]} of the period that is counted.",
                hint=f"Give the column another name: `columns: {{{name[7:]}s_on: {{from: {name}, type: date}}}}`.",
            )
    return expression

"""The `measures` of each source -> the project's measures."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kpieval import expressions
from kpieval.build.columns import NUMERIC, types
from kpieval.build.sources import time
from kpieval.model import Measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpieval.build.node import Node
    from kpieval.expressions import Expression
    from kpieval.model import Source, Time, Type

PERIOD: Mapping[str, Type] = {"period_start": "date", "period_end": "date"}
"""What a measure over spans of time may ask of the period that it is counted for; the end is exclusive."""


def measures(node: Node, source: Source) -> Iterator[tuple[str, Measure | None]]:
    """The measures of one source; None for one that is wrong, whose name is known nevertheless."""
    for name, child in node.items("measures"):
        yield name, _measure(child, source, dated=node.get("time") is not None)


def _measure(node: Node, source: Source, *, dated: bool) -> Measure | None:
    in_long_form = isinstance(node.value, dict)
    value = node.get("value") if in_long_form else node
    own = time(node, source.columns, source.name) if in_long_form else None
    if not dated and not (in_long_form and node.get("time")):
        node.error(
            "missing-time",
            f"Nothing says to which period a row of `{node.name}` belongs.",
            key=True,
            hint=f"Add `time:` to `{source.name}`: a column of dates, or a span as {{from: ..., to: ...}}.",
        )
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
    expression = node.expression(partial(expressions.measure, columns={**PERIOD, **known} if spans else known))
    if expression is None:
        return None
    if expression.type not in NUMERIC:
        node.error("not-a-number", f"A measure is a number, but this is {expression.type}.")
        return None
    if spans:
        for name in sorted(PERIOD.keys() & known.keys() & expressions.columns_used(expression.tree)):
            node.error(
                "ambiguous-name",
                f"`{name}` is a column of `{source.name}`, and the {name[7:]} of the period that is counted.",
                hint=f"Give the column another name: `columns: {{{name[7:]}s_on: {{from: {name}, type: date}}}}`.",
            )
    return expression

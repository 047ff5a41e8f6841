"""Names that the project shares: levels, measures and KPIs, so that a word means one thing in every expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.model import ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpieval.build.node import Node

WINDOWS = ("prior", "year_ago", "to_date", "trailing", "at_start", "at_end", "of_parent")
MEMBER_AGGREGATES = ("share", "count", "avg", "median", "sum", "min", "max", "quantile", "stddev")
PERIOD_BOUNDS = ("period_start", "period_end")
PERIOD_LENGTHS = ("period_days", "elapsed_days")
RESERVED = frozenset({ORGANISATION, *WINDOWS, *MEMBER_AGGREGATES, *PERIOD_BOUNDS, *PERIOD_LENGTHS})


def check_names(named: Iterable[tuple[str, str, Node]]) -> None:
    """Note each name, given with its kind, that is taken by the language or by an earlier definition."""
    first: dict[str, tuple[str, Node]] = {}
    for kind, name, node in named:
        key = node.name == name
        if name in RESERVED:
            node.error(
                "reserved-name",
                f"`{name}` has a meaning of its own in the language, so it can't be the name of a {kind}.",
                key=key,
                hint="Choose another name.",
            )
        elif name.casefold() in first:
            other_kind, other = first[name.casefold()]
            node.error(
                "name-taken",
                f"`{name}` is already the name of a {other_kind}, in {other.place.file}:{other.place.line}.",
                key=key,
                hint="Give one of them another name, not only other capitals: in an expression a name means one thing.",
            )
        else:
            first[name.casefold()] = kind, node

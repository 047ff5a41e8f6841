"""The `sources` of a project -> where rows are, what identifies them, and when they count."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kpieval import expressions
from kpieval.build.columns import DATED, columns, declare, over_columns, types
from kpieval.build.files import options
from kpieval.build.texts import check_texts
from kpieval.build.units import number
from kpieval.model import Source, Time
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kpieval.build.node import Node
    from kpieval.model import Column, Connection

QUARANTINED = 0.01
"""The share of rows that may be set aside, unless the source says so itself."""


def source(node: Node, root: Path, connections: Mapping[str, Connection]) -> Source:
    """One source. Which levels it reaches is found out when the levels are known."""
    known = columns(node)
    files = tuple(str(root / text) for text in node.texts("file"))
    key = checked(node, "key", known, *node.texts("key"))
    latest = next(iter(checked(node, "latest", known, *node.texts("latest"))), None)
    if latest and not key:
        node.error("latest-without-key", "`latest` picks one row for each key, but there is no `key`.", "latest")
    where = condition(node, "where", known)
    return Source(
        name=node.name,
        place=node.definition.place(*node.path),
        columns=known,
        dimensions={},
        files=files,
        options=options(node, files) if files else None,
        table=node.text("table"),
        connection=_connection(node, connections),
        key=key,
        latest=latest,
        time=time(node, known, node.name),
        where=where,
        on_error="quarantine" if node.text("on_error") == "quarantine" else "fail",
        max_quarantined=_share(node),
        description=node.text("description"),
    )


def checked(node: Node, key: str, known: Mapping[str, Column], *names: str) -> tuple[str, ...]:
    """The names that are columns; the others are noted as unknown."""
    for name in names:
        if name not in known:
            unknown_column(node, key, name, known, node.name)
    return tuple(name for name in names if name in known)


def unknown_column(node: Node, key: str, name: str, known: Iterable[str], source_name: str) -> None:
    """Note that `name`, which stands under `key`, is no declared column."""
    node.error(
        "unknown-column",
        f"`{source_name}` declares no column `{name}`.",
        key,
        hint=did_you_mean(name, known) or declare(name),
    )


def condition(node: Node, key: str, known: Mapping[str, Column]) -> expressions.Expression | None:
    """The row expression under `key`, which must be true or false."""
    child = node.get(key)
    if child is None:
        return None
    expression = over_columns(child, partial(expressions.row, columns=types(known)))
    if expression is not None and expression.type != "boolean":
        child.error(
            "not-a-condition",
            f"`{key}` must be true or false for a row, but it is {expression.type}.",
            hint="Compare it: with `=`, `>`, `in (...)`, `is not null`.",
        )
        return None
    if expression is not None:
        check_texts(child, expression.tree, known)
    return expression


def time(node: Node, known: Mapping[str, Column], source_name: str, key: str = "time") -> Time | None:
    """A date column, or the span `{from, to}` (its last day included) or `{from, until}` (excluded)."""
    child = node.get(key)
    if child is None:
        return None
    if not isinstance(child.value, dict):
        name = _dated(node, key, known, source_name)
        return Time(name) if name else None
    start = _dated(child, "from", known, source_name)
    last, until = (_dated(child, end, known, source_name) for end in ("to", "until"))
    if start is None or (last or until) is None:
        return None
    if start == (last or until):
        child.error(
            "empty-span", f"The span starts and ends in the same column `{start}`.", hint=f"Write `{key}: {start}`."
        )
    return Time(start, last or until, inclusive=last is not None)


def _dated(node: Node, key: str, known: Mapping[str, Column], source_name: str) -> str | None:
    name = node.text(key)
    if name is None:
        return None
    if name not in known:
        node.error(
            "unknown-column",
            f"`{source_name}` declares no column `{name}`.",
            key,
            hint=did_you_mean(name, known) or declare(name, "date"),
        )
        return None
    if known[name].type not in DATED:
        at = (*node.path, key)
        column = ("sources", source_name, "columns", name, "type")
        if node.definition.origin(*column) != node.definition.origin(*at):
            at = column  # the pack says that it is the time, and the project that it is none
        node.root.error(
            "not-a-date",
            f"`{name}` is {known[name].type}, but time needs a date.",
            *at,
            hint=f'Declare it so: `{name}: date`, or `{name}: {{type: date, format: "%d.%m.%Y"}}`.',
        )
        return None
    return name


def _connection(node: Node, connections: Mapping[str, Connection]) -> str | None:
    name = node.text("connection")
    if name is None:
        if node.get("table") is not None:
            node.error(
                "missing-connection",
                f"`{node.name}` is a table, but no connection leads to it.",
                "table",
                hint="Add `connection:`, the name of one of the project's `connections`.",
            )
        return None
    if name not in connections:
        node.error(
            "unknown-connection",
            f"There is no connection `{name}`.",
            "connection",
            hint=did_you_mean(name, connections) or f"Declare it: `connections: {{{name}: {{url: ...}}}}`.",
        )
    return name


def _share(node: Node) -> float:
    """The share of rows that may be set aside, as `1%` or `0.01`."""
    child = node.get("max_quarantined")
    written = number(child)
    if child is None or written is None:
        return QUARANTINED
    if not 0 <= written.value <= 1:
        child.misshapen("a share of rows")
    return written.value

"""Names and literals as DuckDB reads them."""

from __future__ import annotations

from kpieval.expressions import render

__all__ = ["name", "render", "text"]


def name(identifier: str) -> str:
    """A quoted identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted text."""
    return "'" + value.replace("'", "''") + "'"

"""Names, literals and trees as the local DuckDB reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kpieval import expressions

if TYPE_CHECKING:
    from sqlglot import exp

__all__ = ["name", "render", "text"]


def name(identifier: str) -> str:
    """A quoted identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted text."""
    return "'" + value.replace("'", "''") + "'"


def render(tree: exp.Expr) -> str:
    """A tree that passed the checks, or that kpieval built itself."""
    return expressions.render(cast("exp.Expression", tree), "duckdb")

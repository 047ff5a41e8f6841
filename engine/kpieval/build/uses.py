"""A KPI's expression -> the measures and KPIs in it, each with the windows through which it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval import expressions
from kpieval.build.names import PERIOD_LENGTHS, WINDOWS

if TYPE_CHECKING:
    from sqlglot import exp

Uses = frozenset[tuple[str, frozenset[str]]]


def uses(tree: exp.Expression) -> Uses:
    """Each name in the tree with the windows around it."""
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    names = expressions.names_used(tree) - set(PERIOD_LENGTHS)
    return frozenset(
        (column.name, _windows(column)) for column in tree.find_all(exp.Column) if names and column.name in names
    )


def counts_rows(tree: exp.Expression) -> bool:
    """Whether rows themselves are counted: `count(*)` names no column."""
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    return tree.find(exp.Count) is not None


def _windows(column: exp.Expression) -> frozenset[str]:
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    found = set()
    around = column.parent
    while around is not None:
        if isinstance(around, exp.Anonymous) and around.name in WINDOWS:
            found.add(around.name)
        around = around.parent
    return frozenset(found)

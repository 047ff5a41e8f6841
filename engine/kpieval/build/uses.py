"""A KPI's expression -> the measures and KPIs in it, each with the windows through which it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval import expressions
from kpieval.build.names import PERIOD_LENGTHS, WINDOWS

if TYPE_CHECKING:
    from sqlglot import exp


@dataclass(frozen=True, slots=True)
class Use:
    """A name as it is used: through which `windows`, how many members `above`, and whether `of_members` below."""

    name: str
    windows: frozenset[str]
    above: int = 0
    of_members: bool = False


Uses = frozenset[Use]


def uses(tree: exp.Expression) -> Uses:
    """Each name in the tree with the windows and the aggregate around it."""
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    names = expressions.names_used(tree) - set(PERIOD_LENGTHS)
    return frozenset(_use(column) for column in tree.find_all(exp.Column) if names and column.name in names)


def counts_rows(tree: exp.Expression) -> bool:
    """Whether rows themselves are counted: `count(*)` names no column."""
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    return tree.find(exp.Count) is not None


def _use(column: exp.Expression) -> Use:
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    windows: list[str] = []
    of_members = False
    around = column.parent
    while around is not None:
        called = around.name if isinstance(around, exp.Anonymous) else None
        if called in WINDOWS:
            windows.append(called)
        of_members = of_members or isinstance(around, exp.AggFunc) or called == "share"
        around = around.parent
    return Use(column.name, frozenset(windows), windows.count("of_parent"), of_members)

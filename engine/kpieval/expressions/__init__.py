"""Text that an author wrote -> a checked, typed sqlglot tree -> the SQL of an engine.

`row`, `measure`, `value` and `condition` read an expression where it stands; `render` writes a tree for an engine.
Nothing but a rendered tree ever runs: the author's text is never pasted into SQL. sqlglot is imported at the first
call.
"""

# ruff: noqa: PLC0415  sqlglot takes longer to import than all the rest, and `Expression` is needed by every model

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from kpieval.expressions.expression import Answer, Expression, Mistake

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb
    from sqlglot import exp

    from kpieval.expressions.expression import Ask
    from kpieval.model import Type
    from kpieval.problems import Place

__all__ = [
    "Answer",
    "Engine",
    "Expression",
    "Mistake",
    "columns_used",
    "condition",
    "confirm",
    "measure",
    "names_used",
    "render",
    "row",
    "value",
]

Engine = Literal["duckdb", "postgres"]


def row(text: str, place: Place, columns: Mapping[str, Type]) -> Expression:
    """Read an expression over the columns of one row: a filter, a computed column.

    Raises a DefinitionError that says all that is wrong with it, as `measure` and `value` do.
    """
    from kpieval.expressions import contexts

    return contexts.row(text, place, columns)


def measure(text: str, place: Place, columns: Mapping[str, Type]) -> Expression:
    """Read arithmetic over aggregates of rows."""
    from kpieval.expressions import contexts

    return contexts.measure(text, place, columns)


def value(
    text: str,
    place: Place,
    names: Mapping[str, Type],
    columns: Mapping[str, Type] | None = None,
    per: bool = False,  # noqa: FBT001, FBT002
) -> Expression:
    """Read a KPI's value over `names` (measures, KPIs), aggregates of `columns`, or with `per` over members."""
    from kpieval.expressions import contexts

    return contexts.value(text, place, names, columns, per=per)


def condition(text: str, place: Place, ask: Ask) -> Expression:
    """Read a condition over fields of KPIs and scorecards: `win_rate.change < 0`. `ask` says what a field is."""
    from kpieval.expressions import contexts

    return contexts.condition(text, place, ask)


def render(tree: exp.Expression, engine: Engine) -> str:
    """Write a tree that passed the checks, or that kpieval built itself, as SQL of the engine."""
    from kpieval.expressions import rendering

    return rendering.render(tree, engine)


def columns_used(tree: exp.Expression) -> set[str]:
    """Names of the source's columns that the tree reads."""
    from kpieval.expressions import contexts

    return contexts.columns_used(tree)


def names_used(tree: exp.Expression) -> set[str]:
    """Names of the measures and KPIs that the tree reads."""
    from kpieval.expressions import contexts

    return contexts.names_used(tree)


def confirm(expressions: Iterable[Expression], connection: duckdb.DuckDBPyConnection) -> None:
    """Have DuckDB's own parser agree that each text is one expression, before what was read from it runs."""
    from kpieval.expressions import confirming

    confirming.confirm(expressions, connection)

"""A second opinion: DuckDB's own parser must find in an author's text what was read from it, one expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
from sqlglot import exp

from kpieval.expressions.grammar import Grammar
from kpieval.expressions.words import Writing
from kpieval.problems import DefinitionError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpieval.expressions.expression import Expression


def confirm(expressions: Iterable[Expression], connection: duckdb.DuckDBPyConnection) -> None:
    """Raise a DefinitionError for the expressions of which DuckDB's parser thinks otherwise. Nothing is run."""
    problems = [
        Problem("error", "expression-syntax", "This is not one expression.", expression.place)
        for expression in expressions
        if not _is_one(_with_quoted_names(expression), connection)
    ]
    if problems:
        raise DefinitionError(problems)


def _is_one(text: str, connection: duckdb.DuckDBPyConnection) -> bool:
    try:
        statements = connection.extract_statements(f"select (\n{text}\n)")
    except duckdb.ParserException:
        return False
    return [statement.type for statement in statements] == [duckdb.StatementType.SELECT]


def _with_quoted_names(expression: Expression) -> str:
    """The text as it was written, but for names and functions that mean something else to DuckDB, like `trailing`."""
    text = expression.text
    fields = any(column.table for column in expression.tree.find_all(exp.Column))
    for leaf in reversed(Grammar(Writing(text, expression.place, fields)).leaves):
        name = leaf.of or leaf.text
        end = leaf.start + len(name)
        called = leaf.kind == "call" and leaf.text != "interval"
        if (leaf.kind in {"name", "field"} or called) and text[leaf.start : end].lower() == name.lower():
            text = f'{text[: leaf.start]}"{text[leaf.start : end]}"{text[end:]}'
    return text

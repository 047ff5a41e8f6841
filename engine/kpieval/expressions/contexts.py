"""First working form: reads expressions with their names checked; the guard and the types follow."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError

from kpieval.expressions.expression import Expression
from kpieval.problems import DefinitionError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.model import Type
    from kpieval.problems import Place

_BOOLEAN = (exp.Predicate, exp.Connector, exp.Not, exp.Boolean)


def _read(text: str, place: Place, columns: Mapping[str, Type], names: Mapping[str, Type], *, mixed: bool) -> Expression:
    try:
        tree = DuckDB().parse_into(exp.Condition, text)[0]
    except SqlglotError as error:
        raise DefinitionError(Problem("error", "expression-syntax", "This is not an expression.", place)) from error
    assert tree is not None
    problems = []
    for column in tree.find_all(exp.Column):
        inside = not mixed or column.find_ancestor(exp.AggFunc, exp.Filter) is not None
        known = columns if inside and columns else names
        if known is names:
            column.meta["role"] = "name"
        if column.name not in known:
            near = difflib.get_close_matches(column.name, known, 1)
            hint = f"did you mean `{near[0]}`?" if near else None
            problems.append(Problem("error", "unknown-column", f"`{column.name}` is not known here.", place, hint))
    if problems:
        raise DefinitionError(problems)
    only = tree.this if isinstance(tree, exp.Paren) else tree
    kind: Type = "boolean" if isinstance(only, _BOOLEAN) else "number"
    if isinstance(only, exp.Column):
        kind = {**columns, **names}[only.name]
    if isinstance(only, exp.Count | exp.Filter):
        kind = "integer"
    return Expression(text, tree, kind, place)


def row(text: str, place: Place, columns: Mapping[str, Type]) -> Expression:
    return _read(text, place, columns, {}, mixed=False)


def measure(text: str, place: Place, columns: Mapping[str, Type]) -> Expression:
    return _read(text, place, columns, {}, mixed=False)


def value(
    text: str, place: Place, names: Mapping[str, Type], columns: Mapping[str, Type] | None = None, *, per: bool = False
) -> Expression:
    return _read(text, place, columns or {}, names, mixed=True)


def columns_used(tree: exp.Expression) -> set[str]:
    return {column.name for column in tree.find_all(exp.Column) if column.meta.get("role") != "name"}


def names_used(tree: exp.Expression) -> set[str]:
    return {column.name for column in tree.find_all(exp.Column) if column.meta.get("role") == "name"}

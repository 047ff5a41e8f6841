"""The `columns` of a source -> columns by the project's own names, the computed ones reduced to those that are read."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast, get_args

from kpieval import expressions
from kpieval.build.dateformats import as_strptime
from kpieval.model import Column, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from sqlglot import exp

    from kpieval.build.node import Node
    from kpieval.expressions import Expression
    from kpieval.problems import Place, Problem

TYPES: tuple[str, ...] = get_args(Type)
NUMERIC = frozenset({"integer", "decimal", "number"})
DATED = frozenset({"date", "timestamp"})
OTHER = "other"
LISTS = ("There are", "Most like", "No column")
"""How the hints begin that only list what else there is."""
_NAMED = re.compile(r"`(\w+)`")


def columns(source: Node) -> dict[str, Column]:
    """The columns of one source. A computed one may use all that are read, and the computed ones above it."""
    nodes = dict(source.items("columns"))
    _refuse_capitals_alone(nodes)
    computed = {name for name, node in nodes.items() if isinstance(node.value, dict) and node.get("value")}
    read = {name: _read(node) for name, node in nodes.items() if name not in computed}
    done: dict[str, Column] = {}
    for name, node in nodes.items():
        done[name] = read[name] if name in read else _computed(node, read, done, computed)
    return done


def _refuse_capitals_alone(nodes: Mapping[str, Node]) -> None:
    """Two columns whose names differ in capitals alone are one to a database, which takes the first for both."""
    first: dict[str, str] = {}
    for name, node in nodes.items():
        other = first.setdefault(name.casefold(), name)
        if other != name:
            node.error(
                "name-taken",
                f"`{name}` differs from the column `{other}` in capitals alone.",
                key=True,
                hint=f"Give it another name, and say `from: {name}`.",
            )


def types(columns_: Mapping[str, Column]) -> dict[str, Type]:
    """What an expression over these columns needs to know of them."""
    return {name: column.type for name, column in columns_.items()}


def _read(node: Node) -> Column:
    if not isinstance(node.value, dict):
        return Column(node.name, _type(node) or "text", node.name, node.place)
    values, other = _values(node)
    type_ = _type(node, "type") or "text"
    format_ = node.text("format")
    if format_ is not None and type_ not in DATED:
        node.error(
            "format-without-date",
            f"`{node.name}` has a format for dates, but its type is {type_}.",
            "format",
            hint="Add `type: date` or `type: timestamp`.",
        )
    if values and type_ != "text":
        node.error(
            "values-without-text",
            f"`{node.name}` maps values to words, but its type is {type_}.",
            "values",
            hint="Leave the type out: words are text.",
        )
    if format_ is not None and type_ in DATED and "%" not in format_:
        meant = as_strptime(format_)
        node.error(
            "wrong-date-format",
            f"In `{format_}` there is no letter of a date: each has a `%` in front.",
            "format",
            hint=f'Write "{meant}".' if meant else 'Such as "%d.%m.%Y": day, month, year of four digits.',
        )
    return Column(
        name=node.name,
        type=type_,
        origin=node.text("from") or node.name,
        place=node.place,
        format=format_,
        values=values,
        other=other,
        required=node.flag("required"),
        description=node.text("description"),
    )


def _computed(node: Node, read: Mapping[str, Column], above: Mapping[str, Column], computed: set[str]) -> Column:
    for key in ("from", "format", "values"):  # what a pack requires may well be computed
        if node.get(key) is not None:
            node.error(
                "computed-column",
                f"`{node.name}` is computed by `value`, so `{key}` has no effect.",
                key,
                key=True,
                hint=f"Leave out `{key}`, or leave out `value`.",
            )
    known = {**types(read), **types(above)}
    text = node.get("value")
    parse = partial(expressions.row, columns=known)
    expression = over_columns(text, parse, computed) if text else None
    wanted = _type(node, "type")
    if expression is None:
        return Column(node.name, wanted or "text", node.name, node.place)
    if wanted is not None and wanted != expression.type and not {wanted, expression.type} <= NUMERIC:
        node.error("type-differs", f"`{node.name}` is declared as {wanted}, but computes {expression.type}.", "type")
    return Column(
        name=node.name,
        type=wanted or expression.type,
        origin=node.name,
        place=node.place,
        value=_reduced(expression, above),
        description=node.text("description"),
    )


def over_columns(
    node: Node, parse: Callable[[str, Place], Expression], computed: Collection[str] = ()
) -> Expression | None:
    """The expression over columns that stands at a node.

    Of a column that is like no other, the hint says how one is declared. One whose type is set in another file is
    wrong there: the pack's measures are right, and the project has to mend its own line.
    """
    before = len(node.found.problems)
    expression = node.expression(parse)
    met = node.found.problems[before:]
    del node.found.problems[before:]
    for problem in met:
        names = _NAMED.findall(problem.message)
        if problem.code == "type-mismatch" and (typed := _typed(node, names)):
            _mismatch(node, problem, typed)
            continue
        hint = problem.hint
        if problem.code == "unknown-column" and names:
            hint = declare(names[0]) if hint is None or hint.startswith(LISTS) else hint
            if names[0] in computed:
                hint = f"`{names[0]}` is computed as well; a computed column can only use those above it."
        node.found.problems.append(replace(problem, hint=hint))
    return expression


def _mismatch(node: Node, problem: Problem, column: tuple[str | int, ...]) -> None:
    """Note that the type of a column, which is set at `column`, is not the one that an expression needs."""
    way = (*column, "type")
    if node.set_elsewhere(*way):
        hint = f"It is asked for by {node.place.file}:{node.place.line}."
        problem = node.definition.problem(problem.code, problem.message, *way, hint=hint)
    node.found.problems.append(problem)
    node.found.causes[problem] = " ".join(map(str, way))


def _typed(node: Node, names: Iterable[str]) -> tuple[str | int, ...] | None:
    """The way to the first of these names that is a column of the node's source."""
    ways = ((*node.path[:2], "columns", name) for name in names)
    return next((way for way in ways if any(layer.has(way) for layer in node.definition.layers)), None)


def declare(name: str, type_: str = "text") -> str:
    """The hint that says how a column is declared."""
    return f"Declare it in the source: `columns: {{{name}: {type_}}}`."


def _reduced(expression: Expression, above: Mapping[str, Column]) -> Expression:
    """The expression with each computed column that it uses replaced by what computes it."""
    from sqlglot import exp  # noqa: PLC0415 - only where an expression is there is sqlglot already loaded

    def inline(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column) and (column := above.get(node.name)) and column.value:
            return exp.paren(column.value.tree.copy())
        return node

    return replace(expression, tree=expression.tree.transform(inline))


def _type(node: Node, key: str | None = None) -> Type | None:
    text = node.text(key)
    if text is None or text in TYPES:
        return cast("Type | None", text)
    node.misshapen("a type")
    return None


def _values(node: Node) -> tuple[dict[str, str], str | None]:
    """What the data say -> what the project says; and the project's word for all the rest."""
    mapped: dict[str, str] = {}
    other: str | None = None
    entries = node.get("values")
    if entries is None:
        return mapped, other
    for word, said in entries.items():
        if said.value == OTHER:
            if other is not None:
                said.error("duplicate-value", f"Both `{other}` and `{word}` stand for all other values.")
            other = word
            continue
        for value in entries.texts(word):
            if mapped.setdefault(value, word) != word:
                said.error("duplicate-value", f"`{value}` means both `{mapped[value]}` and `{word}`.")
    return mapped, other

"""Where an expression stands decides what it may hold: a row, rows together, a KPI's value, members, fields of KPIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, cast

from sqlglot import exp

from kpieval.expressions.asking import Asking
from kpieval.expressions.calls import CALLS
from kpieval.expressions.catalogue import NUMERIC
from kpieval.expressions.expression import Expression
from kpieval.expressions.operators import OPERATORS
from kpieval.expressions.parsing import parse
from kpieval.expressions.predicates import PREDICATES
from kpieval.expressions.scope import Scope, kind_of, nodes_in
from kpieval.expressions.words import Writing
from kpieval.problems import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.expressions.expression import Ask
    from kpieval.expressions.scope import Handlers, Spot
    from kpieval.model import Type
    from kpieval.problems import Place

_ALL: Handlers = {**OPERATORS, **PREDICATES, **CALLS}


def row(text: str, place: Place, columns: Mapping[str, Type]) -> Expression:
    """An expression over one row."""
    return _read(Writing(text, place), "row", columns, {})


def measure(text: str, place: Place, columns: Mapping[str, Type]) -> Expression:
    """Arithmetic over aggregates of rows: a number."""
    read = _read(Writing(text, place), "measure", columns, {})
    _numeric(read, "A measure")
    if not any(isinstance(node, exp.AggFunc) for node in nodes_in(read.tree)):
        _refuse(
            read,
            "misplaced-aggregate",
            "A measure is over rows, and this is the same for any of them.",
            "Count or add them up: `count(*)`.",
        )
    return read


def value(
    text: str, place: Place, names: Mapping[str, Type], columns: Mapping[str, Type] | None = None, *, per: bool = False
) -> Expression:
    """A KPI's value: a number."""
    read = _read(Writing(text, place), "members" if per else "value", {} if per else columns or {}, names)
    _numeric(read, "The value of a KPI", "`share(...)` or `count(...)` with it inside" if per else None)
    if per and not any(isinstance(node, exp.AggFunc) or _is_share(node) for node in nodes_in(read.tree)):
        hint = "Write `share(...)`, `count(...)`, `avg(...)`, `median(...)`, `sum(...)`, `min(...)` or `max(...)`."
        _refuse(read, "misplaced-aggregate", "With `per:` a value says how its members come together.", hint)
    return read


def condition(text: str, place: Place, ask: Ask) -> Expression:
    """A condition over fields of KPIs and scorecards."""
    return _read(Writing(text, place, fields=True), "rule", {}, {}, Asking(ask, set()).handlers)


def _is_share(node: exp.Expression) -> bool:
    return isinstance(node, exp.Anonymous) and node.name == "share"


def _read(
    writing: Writing, spot: Spot, columns: Mapping[str, Type], names: Mapping[str, Type], handlers: Handlers = _ALL
) -> Expression:
    scope = Scope(writing, spot, columns, names, handlers)
    tree = scope.check(parse(writing))
    kind = kind_of(tree)
    if scope.problems:
        raise DefinitionError(sorted(set(scope.problems), key=lambda problem: (problem.place, problem.message)))
    if kind in {None, "null", "interval"}:
        writing.refuse(
            "type-mismatch", f"This is {'an interval' if kind == 'interval' else 'always null'}, not a value."
        )
    return Expression(writing.text, tree, cast("Type", kind), writing.place)


def _numeric(read: Expression, what: str, instead: str | None = None) -> None:
    if read.type not in NUMERIC:
        hint = None
        if read.type == "boolean":
            hint = f"Write {instead or '`case when ... then 1 else 0 end`'}, or count what is true."
        _refuse(read, "type-mismatch", f"{what} is a number, and this is {read.type}.", hint)


def _refuse(read: Expression, code: str, message: str, hint: str | None) -> NoReturn:
    Writing(read.text, read.place).refuse(code, message, 0, hint)


def columns_used(tree: exp.Expression) -> set[str]:
    """Names of the source's columns that the tree reads."""
    return {node.name for node in tree.find_all(exp.Column) if node.meta.get("role") != "name"}


def names_used(tree: exp.Expression) -> set[str]:
    """Names of the measures and KPIs that the tree reads."""
    return {node.name for node in tree.find_all(exp.Column) if node.meta.get("role") == "name"}

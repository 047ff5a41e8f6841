"""What a name, a call, a type may be at the spot that is checked: the state of one check, and what all checks share."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, cast

from sqlglot import exp

from kpieval.expressions.catalogue import DAYS, NUMERIC
from kpieval.expressions.language import CLOCK, NO_CLOCK
from kpieval.nearest import did_you_mean, most_alike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kpieval.expressions.words import Writing
    from kpieval.model import Type
    from kpieval.problems import Problem

Kind = Literal["text", "integer", "decimal", "number", "boolean", "date", "timestamp", "null", "interval"]
"""The type of a part; None stands for that of a part that is wrong, about which enough was said."""

Spot = Literal["row", "measure", "value", "members", "rule"]
Inside = Literal["", "aggregate", "member"]

SQL_TYPES: Mapping[str, str] = {
    "text": "TEXT", "integer": "BIGINT", "decimal": "DECIMAL(38, 10)", "number": "DOUBLE", "boolean": "BOOLEAN",
    "date": "DATE", "timestamp": "TIMESTAMP", "fixed": "DECIMAL(38, 15)", "int": "INT",
}  # fmt: skip
_RANK: Sequence[Kind] = ("integer", "decimal", "number")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOST_LISTED, _MOST_ALIKE = 8, 4
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?")


@dataclass(frozen=True)
class Scope:
    """The spot of the part that is checked. `inside` an aggregate the names are those of its rows or members."""

    writing: Writing
    spot: Spot
    columns: Mapping[str, Type]
    names: Mapping[str, Type]
    handlers: Handlers
    problems: list[Problem] = field(default_factory=list)
    inside: Inside = ""

    def check(self, node: exp.Expression) -> exp.Expression:
        """The node as it is computed: checked, with its kind, and with everything implied written out."""
        at = offset(node)
        handler = self.handlers.get(type(node))
        if handler is None:
            self.complain("expression-not-allowed", "This is not part of the language of expressions.", node)
            return node
        checked = handler(node, self)
        checked.meta.setdefault("at", at)
        return checked

    def complain(self, code: str, message: str, node: exp.Expression, hint: str | None = None) -> None:
        """Note a problem where the node begins."""
        self.problems.append(self.writing.problem(code, message, offset(node), hint))

    def within(self, inside: Inside) -> Scope:
        """The scope of the argument of an aggregate."""
        return replace(self, inside=inside)

    @property
    def rows(self) -> bool:
        """Whether names are columns of one row here."""
        return self.spot == "row" or self.inside == "aggregate"

    def name(self, node: exp.Expression) -> exp.Expression:
        """A column of the row, or a measure or KPI, with its type."""
        known, code, what = self.names, "unknown-name", "measure or KPI"
        if self.rows:
            known, code, what = self.columns, "unknown-column", "column"
        elif self.spot == "measure" or (self.columns and node.name in self.columns and node.name not in self.names):
            return self._bare(node)
        if node.name not in known:
            hint = did_you_mean(node.name, known) or _list(what, node.name, known)
            if node.name.lower() in CLOCK:
                hint = NO_CLOCK
            if self.writing.text[offset(node) : offset(node) + 1] == '"':
                hint = f"Text stands in single quotes: `'{node.name}'`."
            if self.rows and node.name in self.names:
                hint = f"`{node.name}` is a measure or KPI; an aggregate is over columns."
            self.complain(code, f"There is no {what} `{node.name}`.", node, hint)
            return typed(node, None)
        if not self.rows:
            node.meta["role"] = "name"
        return typed(node, known[node.name], unbounded=True)

    def _bare(self, node: exp.Expression) -> exp.Expression:
        if node.name not in self.columns:
            hint = did_you_mean(node.name, self.columns) or _list("column", node.name, self.columns)
            self.complain("unknown-column", f"There is no column `{node.name}`.", node, hint)
        else:
            verb = "sum" if self.columns[node.name] in NUMERIC else "count"
            message = f"`{node.name}` has a value for each row, and here one value for many rows is needed."
            self.complain(
                "misplaced-aggregate", message, node, f"Say how the rows come together: `{verb}({node.name})`."
            )
        return typed(node, None)

    def common(self, nodes: Sequence[exp.Expression], verb: str) -> tuple[list[exp.Expression], Kind | None]:
        """The checked nodes brought to one kind; what has none in common is a problem."""
        found = {kind_of(node) for node in nodes}
        if None in found:
            return list(nodes), None
        found.discard("null")
        if found & DAYS and "text" in found:
            target: Kind = "timestamp" if "timestamp" in found else "date"
            nodes = [self.as_day(node, target) for node in nodes]
            found = {kind_of(node) for node in nodes} - {"null"}
            if None in found:
                return list(nodes), None
        if len(found) <= 1:
            return list(nodes), next(iter(found), "null")
        if found <= NUMERIC:
            return list(nodes), max((kind for kind in found if kind), key=_RANK.index)
        if found <= DAYS:
            return [cast_to(node, "timestamp") if kind_of(node) == "date" else node for node in nodes], "timestamp"
        first, *rest = (node for node in nodes if kind_of(node) != "null")
        other = next(node for node in rest if not _together(kind_of(first), kind_of(node)))
        message = f"{show(first)} is {kind_of(first)} and {show(other)} is {kind_of(other)}: they can't be {verb}."
        self.complain("type-mismatch", message, other, _mend(first, other))
        return list(nodes), None

    def as_day(self, node: exp.Expression, kind: Kind) -> exp.Expression:
        """A date written as text as the date that it is; everything else as it was."""
        if not (isinstance(node, exp.Literal) and node.is_string):
            return node
        text = node.name
        try:
            if not (_DATE if kind == "date" else _TIMESTAMP).fullmatch(text) or text < "1000":
                raise ValueError  # noqa: TRY301  fromisoformat reads more forms than these
            dt.datetime.fromisoformat(text)
        except ValueError:
            form = "year-month-day, as in '2026-01-31'"
            hint = (
                f"A date is written {form}."
                if kind == "date"
                else f"A timestamp is written {form} or '2026-01-31 08:30:00'."
            )
            self.complain("wrong-date", f"'{text[:40]}' is no {kind}.", node, hint)
            return typed(node, None)
        return cast_to(node, kind)

    def expect(self, node: exp.Expression, kinds: frozenset[Type], what: str, hint: str | None = None) -> bool:
        """Whether the checked node is of one of the kinds; a problem where it isn't."""
        kind = kind_of(node)
        if kind is None or kind in kinds:
            return kind is not None
        self.complain("type-mismatch", f"{what}, and {show(node)} is {kind}.", node, hint)
        return False


if TYPE_CHECKING:
    Handlers = Mapping[type[exp.Expression], Callable[[exp.Expression, Scope], exp.Expression]]
    """What checks a node of each type that the language has."""


def kind_of(node: exp.Expression) -> Kind | None:
    """The kind that a checked node has."""
    return cast("Kind | None", node.meta.get("kind"))


def typed(node: exp.Expression, kind: Kind | None, *, unbounded: bool = False) -> exp.Expression:
    """The node, marked with its kind; `unbounded`: a double of any size, so that what is done with it may overflow."""
    node.meta["kind"] = kind
    if unbounded and kind == "number":
        node.meta["unbounded"] = True
    return node


def unbounded(node: exp.Expression) -> bool:
    """Whether the node is a double of any size."""
    return bool(node.meta.get("unbounded"))


def cast_to(node: exp.Expression, kind: str) -> exp.Expression:
    """The node cast to one of our types, at the same spot."""
    made = exp.Cast(this=node, to=exp.DataType.build(SQL_TYPES[kind], dialect="duckdb"))
    made.meta["at"] = offset(node)
    return typed(made, cast("Kind", {"fixed": "decimal", "int": "integer"}.get(kind, kind)))


def by_code_point(node: exp.Expression) -> exp.Expression:
    """Text in the order of its code points, whatever the database's own order is."""
    return typed(exp.Collate(this=node, expression=exp.to_identifier("C", quoted=True)), "text")


def call(name: str, *arguments: exp.Expression, kind: Kind) -> exp.Expression:
    """A call of a function of the catalogue."""
    return typed(exp.Anonymous(this=name, expressions=list(arguments)), kind)


def fixed(node: exp.Expression) -> exp.Expression:
    """A double as a decimal of fixed point; any other number as it is."""
    return call("fixed", node, kind="decimal") if kind_of(node) == "number" else node


def levelled(nodes: Sequence[exp.Expression]) -> list[exp.Expression]:
    """Values of which one is chosen, with decimals of one length: DuckDB takes the shorter, and cuts the others off."""
    decimals = [node for node in nodes if kind_of(node) == "decimal"]
    if len(decimals) < 2 or any(kind_of(node) == "number" for node in nodes):  # noqa: PLR2004 - one has no other
        return list(nodes)
    return [
        cast_to(node, "fixed") if node in decimals and not isinstance(node, exp.Literal) else node for node in nodes
    ]


def nodes_in(node: exp.Expression) -> Iterator[exp.Expression]:
    """The node and everything below it."""
    for found in node.walk():
        yield cast("exp.Expression", found)


def offset(node: exp.Expression) -> int:
    """Where the node begins in the text."""
    return min((found.meta["at"] for found in nodes_in(node) if "at" in found.meta), default=0)


def show(node: exp.Expression) -> str:
    """The node as a message names it."""
    if isinstance(node, exp.Column):
        return f"`{spelled(node)}`"
    if isinstance(node, exp.Literal | exp.Boolean | exp.Null):
        return f"`{node.sql('duckdb')[:40]}`" if isinstance(node, exp.Literal) else f"`{node.sql('duckdb').lower()}`"
    if isinstance(node, exp.Anonymous | exp.AggFunc):
        return f"`{(node.this if isinstance(node, exp.Anonymous) else node.key)}(...)`"
    return "this" if not isinstance(node, exp.Paren | exp.Cast) else show(node.this)


def spelled(column: exp.Column) -> str:
    """A name as it is written, with its field."""
    return f"{column.table}.{column.name}" if column.table else column.name


def _together(one: Kind | None, other: Kind | None) -> bool:
    return one == other or {one, other} <= NUMERIC or {one, other} <= DAYS


def _list(what: str, name: str, known: Mapping[str, Type]) -> str | None:
    """What there is; of much, what is most like the name."""
    if not known:
        return f"No {what} is known here."
    if len(known) <= _MOST_LISTED:
        return f"There are: {', '.join(sorted(known))}."
    return f"Most like it are {', '.join(most_alike(name, known, _MOST_ALIKE))}."


def _mend(first: exp.Expression, other: exp.Expression) -> str | None:
    literal = next((node for node in (other, first) if isinstance(node, exp.Literal)), None)
    kinds = {kind_of(first), kind_of(other)}
    if "text" in kinds and kinds & NUMERIC and literal is not None:
        if literal.is_string:
            return "A number stands without quotes."
        column = first if isinstance(first, exp.Column) else other
        declared = f" If `{column.name}` is a number, declare it as one." if isinstance(column, exp.Column) else ""
        return f"Text stands in quotes: `'{literal.name}'`.{declared}"
    if "boolean" in kinds:
        return "A boolean stands by itself: `is_open`, `not is_open`."
    return None


def condition_hint(part: exp.Expression) -> str | None:
    """How a part that is no condition becomes one."""
    if kind_of(part) == "text" and isinstance(part, exp.Column):
        return f"Compare it: `{spelled(part)} = '...'`."
    if isinstance(part, exp.Literal) and part.is_string:
        return "For one of several texts write `x in ('a', 'b')`."
    return "Compare it: `... > 0`." if kind_of(part) in NUMERIC else None

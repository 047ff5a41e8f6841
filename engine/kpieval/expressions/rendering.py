"""A checked tree, or one that kpieval built itself -> the SQL of an engine, with a meaning that is the same on each.

Queries around the expressions (selects, joins, unions, `values`) are written by sqlglot's own generators. What engines
do differently is written here: division, fixed-point sums, quantiles, patterns, the functions of the catalogue. Names
are quoted, always. Operators inside of operators stand in brackets where engines might disagree on what binds closer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, cast

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.dialects.postgres import Postgres
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.generators.postgres import PostgresGenerator

from kpieval.expressions.catalogue import FUNCTIONS, INTERNAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlglot.generator import Generator

Engine = Literal["duckdb", "postgres"]

_BINDING: Mapping[type[exp.Expression], int] = {
    exp.Or: 1, exp.And: 2, exp.Not: 3,
    exp.EQ: 4, exp.NEQ: 4, exp.LT: 4, exp.LTE: 4, exp.GT: 4, exp.GTE: 4,
    exp.Is: 4, exp.In: 4, exp.Between: 4, exp.Like: 4, exp.Escape: 4,
    exp.DPipe: 5, exp.Add: 6, exp.Sub: 6, exp.Mul: 7, exp.Div: 7, exp.Mod: 7, exp.Neg: 8, exp.Collate: 9,
}  # fmt: skip
_CHAINS = (exp.Or, exp.And, exp.DPipe, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)


def render(tree: exp.Expression, engine: Engine) -> str:
    """The SQL of the tree."""
    root = exp.Paren(this=tree.copy())
    for node in list(root.walk()):
        if type(node) in _BINDING and _needs_brackets(cast("exp.Expression", node)):
            node.replace(exp.Paren(this=node.copy()))
    return _GENERATORS[engine]().generate(root.this, identify=True, copy=False)


def _needs_brackets(node: exp.Expression) -> bool:
    parent = node.parent
    outer = _BINDING.get(type(parent)) if isinstance(parent, exp.Expression) else None
    if parent is None or outer is None or (isinstance(parent, exp.In) and node.arg_key == "expressions"):
        return False
    inner = _BINDING[type(node)]
    if isinstance(parent, exp.Escape) and isinstance(node, exp.Like):
        return False
    chained = isinstance(node, _CHAINS) and isinstance(parent, _CHAINS) and node.arg_key == "this"
    return inner < outer or (inner == outer and not chained and not isinstance(node, exp.Not))


def _quotient(writer: Generator, node: exp.Expression) -> str:
    """Exact division; null where the divisor is zero."""
    dividend, divisor = writer.sql(node, "this"), _not_zero(writer, node)
    if isinstance(writer.dialect, _Postgres):
        dividend = f"CAST({dividend} AS DOUBLE PRECISION)"
    return _finite(writer, node, f"{dividend} / {divisor}")


def _rest(writer: Generator, node: exp.Expression) -> str:
    return f"{writer.sql(node, 'this')} % {_not_zero(writer, node)}"


def _not_zero(writer: Generator, node: exp.Expression) -> str:
    """The divisor, or null in place of zero."""
    divisor = node.args["expression"].unnest()
    if isinstance(divisor, exp.Literal) and not divisor.is_string and float(divisor.name):
        return writer.sql(divisor)
    return f"NULLIF({writer.sql(divisor)}, 0)"


def _product(writer: Generator, node: exp.Expression) -> str:
    return _finite(writer, node, f"{writer.sql(node, 'this')} * {writer.sql(node, 'expression')}")


def _finite(writer: Generator, node: exp.Expression, sql: str) -> str:
    """Postgres stops where a double overflows; DuckDB goes on with infinity, of which nothing may come."""
    if not node.meta.get("guard") or isinstance(writer.dialect, _Postgres):
        return sql
    for no_number in ("inf", "-inf", "nan"):
        sql = f"NULLIF({sql}, CAST('{no_number}' AS DOUBLE))"
    return sql


def _call(writer: Generator, node: exp.Expression) -> str:
    """A function of the catalogue, or one of the engine's that kpieval calls itself."""
    name = node.name
    function = FUNCTIONS.get(name) or INTERNAL.get(name)
    template = (function.postgres if isinstance(writer.dialect, _Postgres) else function.duckdb) if function else ""
    if not template:
        return f"{name.upper()}({writer.expressions(node, flat=True)})"
    arguments = [writer.sql(part) for part in node.expressions]
    return _finite(writer, node, template.format(*arguments, args=", ".join(arguments)))


def _aggregate(writer: Generator, node: exp.Expression, condition: str = "") -> str:
    """An aggregate that engines compute or spell differently; `condition` is its filter."""
    argument = writer.sql(node, "this")
    postgres = isinstance(writer.dialect, _Postgres)
    double = "DOUBLE PRECISION" if postgres else "DOUBLE"
    if isinstance(node, exp.Avg):
        counted = node.this.expressions[0] if node.this.name == "fixed" else node.this
        divisor = f"NULLIF(COUNT({writer.sql(counted)}){condition}, 0)"
        return f"CAST(SUM({argument}){condition} AS {double}) / {divisor}"
    double_already = isinstance(node.this, exp.Cast) and node.this.to.this == exp.DType.DOUBLE
    value = argument if double_already else f"CAST({argument} AS {double})"
    if isinstance(node, exp.Stddev | exp.StddevSamp):
        if postgres:
            return f"CAST(STDDEV_SAMP(CAST({argument} AS DECIMAL)){condition} AS {double})"
        return f"STDDEV_SAMP({value} ORDER BY {value}){condition}"
    share = "0.5" if isinstance(node, exp.Median) else writer.sql(node, "quantile")
    if postgres:
        return f"PERCENTILE_CONT({share}) WITHIN GROUP (ORDER BY {value}){condition}"
    return f"QUANTILE_CONT({value}, {share}){condition}"


def _filter(writer: Generator, node: exp.Expression) -> str:
    condition = f" FILTER({writer.sql(node, 'expression').strip()})"
    inner = node.this
    if isinstance(inner, exp.Avg | exp.Median | exp.Quantile | exp.Stddev | exp.StddevSamp):
        return _aggregate(writer, inner, condition)
    return f"{writer.sql(inner)}{condition}"


def _collate(writer: Generator, node: exp.Expression) -> str:
    """DuckDB orders text by code point as it is."""
    if not isinstance(writer.dialect, _Postgres):
        return writer.sql(node, "this")
    return f"{writer.sql(node, 'this')} COLLATE {writer.sql(node, 'expression')}"


def _like(writer: Generator, node: exp.Expression, escape: str = "''") -> str:
    """Without `escape` no character escapes another; Postgres takes the backslash otherwise."""
    sql = f"{writer.sql(node, 'this')} LIKE {writer.sql(node, 'expression')}"
    return f"{sql} ESCAPE {escape}" if escape != "''" or isinstance(writer.dialect, _Postgres) else sql


def _escape(writer: Generator, node: exp.Expression) -> str:
    return _like(writer, node.this, writer.sql(node, "expression"))


def _literal(writer: Generator, node: exp.Expression) -> str:
    """A number as it is; text in quotes, on Postgres in a form that no setting gives another meaning."""
    if not node.is_string:
        return str(node.this)
    text = str(node.this).replace("'", "''")
    if "\\" in text and isinstance(writer.dialect, _Postgres):
        return "E'" + text.replace("\\", "\\\\") + "'"
    return f"'{text}'"


def _node(writer: Generator, node: exp.Expression) -> str:
    """`coalesce` and `nullif`: the same everywhere."""
    parts = [node.this, *([node.args["expression"]] if "expression" in node.args else node.expressions)]
    return f"{node.key.upper()}({', '.join(writer.sql(part) for part in parts)})"


def _extreme(writer: Generator, node: exp.Expression) -> str:
    """`greatest` and `least` are null where anything in them is: what is missing is no number, nor is x / 0."""
    parts = [node.this, *node.expressions]
    given = " AND ".join(f"{writer.sql(part)} IS NOT NULL" for part in parts if not isinstance(part, exp.Literal))
    extreme = _node(writer, node)
    return f"CASE WHEN {given} THEN {extreme} END" if given else extreme


def _interval(writer: Generator, node: exp.Expression) -> str:
    if isinstance(node.this, exp.Literal) and node.name.isdecimal():
        return f"INTERVAL '{node.name} {node.args['unit'].name}'"
    return writer.interval_sql(cast("exp.Interval", node))


_OURS: Mapping[type[exp.Expr], Callable[..., str]] = {
    exp.Div: _quotient, exp.Mod: _rest, exp.Mul: _product, exp.Anonymous: _call, exp.Avg: _aggregate,
    exp.Median: _aggregate, exp.Quantile: _aggregate, exp.Stddev: _aggregate, exp.StddevSamp: _aggregate,
    exp.Filter: _filter, exp.Collate: _collate, exp.Like: _like, exp.Escape: _escape, exp.Literal: _literal,
    exp.Interval: _interval, exp.Coalesce: _node, exp.Nullif: _node, exp.Greatest: _extreme,
    exp.Least: _extreme,
}  # fmt: skip


class _DuckDBWriter(DuckDBGenerator):
    TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {**DuckDBGenerator.TRANSFORMS, **_OURS}


class _PostgresWriter(PostgresGenerator):
    TRANSFORMS: ClassVar[dict[type[exp.Expr], Callable[..., str]]] = {**PostgresGenerator.TRANSFORMS, **_OURS}


class _DuckDB(DuckDB):
    Generator = _DuckDBWriter


class _Postgres(Postgres):
    Generator = _PostgresWriter


_GENERATORS: Mapping[Engine, type[DuckDB | Postgres]] = {"duckdb": _DuckDB, "postgres": _Postgres}

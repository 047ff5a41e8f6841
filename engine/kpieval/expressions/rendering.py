"""First working form: writes a tree as SQL of an engine, division by zero being null."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

if TYPE_CHECKING:
    from typing import Literal


def _safe(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Div | exp.Mod):
        node.set("expression", exp.Nullif(this=node.expression.unnest(), expression=exp.Literal.number(0)))
        if isinstance(node, exp.Div):
            node.set("this", exp.cast(node.this, "double"))
    return node


def render(tree: exp.Expression, engine: Literal["duckdb", "postgres"]) -> str:
    return tree.copy().transform(_safe).sql(dialect=engine, identify=True)

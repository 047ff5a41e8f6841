"""A value with the unit percent -> a warning where it is multiplied by 100, for a percent is kept as a fraction.

How often a value is multiplied by 100 is told by its shape: factors add up, divisors take away, and of a sum each part
must be. A number that is added says nothing, so `100 - 100 * x` is a percentage of `1 - x`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlglot import exp

    from kpieval.build.node import Node
    from kpieval.expressions import Expression
    from kpieval.model import Measure, Unit

_HUNDRED = Decimal(100)
_POWERS = {_HUNDRED: 1, Decimal("0.01"): -1}


def check_hundreds(node: Node, value: Expression, unit: Unit, measures: Mapping[str, Measure]) -> None:
    """Warn of a value, which stands at `node`, that is a hundred times the share that its unit promises."""
    if unit.kind not in {"percent", "points"}:
        return
    scale = _Scale(measures)
    if scale.power(value.tree) > 0 and scale.factors:
        shown = "30 % would be shown as 3,000 %" if unit.kind == "percent" else "30 points would be shown as 3,000"
        node.warn(
            "percent-times-hundred",
            f"This is multiplied by 100, so {shown}.",
            hint=f"A percent is kept as a fraction: {_way_out(scale.factors[0], value.tree)}.",
            offset=scale.factors[0].meta.get("at", 0),
        )


def _way_out(factor: exp.Expression, tree: exp.Expression) -> str:
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    if isinstance(factor, exp.Column):
        return f"leave out the factor in the measure `{factor.name}`"
    operator = factor.find_ancestor(exp.Mul, exp.Div)
    first = operator is not None and factor in {operator.this, operator.this.this}
    written = f"{factor.name} *" if first else f"{'/' if isinstance(operator, exp.Div) else '*'} {factor.name}"
    hundred = any(
        isinstance(number.parent, exp.Add | exp.Sub) and Decimal(number.name) == _HUNDRED
        for number in tree.find_all(exp.Literal)
        if not number.is_string
    )
    return f"leave out `{written}`" + (", and write 1 where 100 is added or taken away" if hundred else "")


@dataclass
class _Scale:
    """Follows one value; `factors` are the hundreds, and the names of measures that hold one, as they are met."""

    measures: Mapping[str, Measure]
    factors: list[exp.Expression] = field(default_factory=list)

    def power(self, node: exp.Expression) -> int:
        """How often the node is multiplied by 100."""
        from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

        found = 0
        match node:
            case exp.Mul():
                found = self.power(node.this) + self.power(node.expression)
            case exp.Div():
                found = self.power(node.this) - self.power(node.expression)
            case exp.Literal() if not node.is_string:
                found = _POWERS.get(Decimal(node.name), 0)
                self.factors += [node] if found else []
            case exp.Column():
                found = self._of_measure(node)
            case exp.Case():
                branches = [branch.args["true"] for branch in node.args["ifs"]]
                found = self._least([*branches, node.args.get("default")])
            case exp.Add() | exp.Sub():
                found = self._least([node.this, node.expression])
            case exp.Coalesce() | exp.Greatest() | exp.Least():
                found = self._least([node.this, *node.expressions])
            case exp.Anonymous() if node.expressions and node.name != "share":
                found = self.power(node.expressions[0])
            case exp.Paren() | exp.Neg() | exp.Cast() | exp.Nullif() | exp.Abs() | exp.AggFunc() if node.this:
                found = self.power(node.this)
        return found

    def _least(self, parts: list[exp.Expression | None]) -> int:
        """That of a sum or a choice, of which each part must be multiplied; bare numbers have no say."""
        from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

        said = [part for part in parts if part is not None and not isinstance(part.unnest(), exp.Literal | exp.Null)]
        return min((self.power(part) for part in said), default=0)

    def _of_measure(self, node: exp.Column) -> int:
        """That of a measure which is a share itself; one of money may be in cents."""
        from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

        measure = self.measures.get(node.name)
        if measure is None or measure.expression.tree.find(exp.Div) is None:
            return 0
        power = _Scale({}).power(measure.expression.tree)
        self.factors += [node] if power else []
        return power

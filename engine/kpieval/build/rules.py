"""Rule files -> rules: a condition over fields that there are at the rule's level, and what to say where it holds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast, get_args

from kpieval import expressions
from kpieval.build.askable import Askable
from kpieval.build.messages import message
from kpieval.build.references import known_level
from kpieval.build.units import likely_percentage
from kpieval.expressions.fields import OF_KPI, OF_SCORECARD
from kpieval.model import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlglot import exp

    from kpieval.build.askable import Owners
    from kpieval.build.levels import Hierarchy
    from kpieval.build.node import Node
    from kpieval.expressions import Expression
    from kpieval.model import Kpi

SEVERITIES: tuple[str, ...] = get_args(Severity)
_IN_UNITS = frozenset({"value", "target", "previous", "change"})


def rules(nodes: Mapping[str, Node], owners: Owners, hierarchy: Hierarchy) -> dict[str, Rule]:
    """The rules that are right, in the order of their files, those of packs first."""
    found = {}
    for name, node in nodes.items():
        level = known_level(node, "level", hierarchy)
        ask = Askable(level, owners)
        when = _condition(node, ask, owners.made_kpis)
        message_, action = message(node.get("message"), ask), message(node.get("action"), ask)
        if level is None or when is None or not message_:
            continue
        found[name] = Rule(
            name=name,
            title=node.text("title") or name.replace("_", " ").capitalize(),
            place=node.definition.place("rule"),
            level=level,
            when=when,
            message=message_,
            looks_back=max(back for _, back in fields_of(when.tree)),
            severity=cast("Severity", node.choice("severity", SEVERITIES) or "warning"),
            action=action,
            owner=node.text("owner"),
            description=node.text("description"),
            tags=node.texts("tags"),
        )
    return found


def fields_of(tree: exp.Expression) -> Iterator[tuple[exp.Column, int]]:
    """Each field in a condition, with how many periods back its values reach."""
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    for column in tree.find_all(exp.Column):
        around = column.parent
        back = 0
        if isinstance(around, exp.Anonymous) and around.name == "prior":
            back = int(around.expressions[1].name) if len(around.expressions) > 1 else 1
        field = OF_KPI.get(column.name) or OF_SCORECARD[column.name]
        yield column, back + field.back


def _condition(node: Node, ask: Askable, made: Mapping[str, Kpi]) -> Expression | None:
    child = node.get("when")
    when = child.expression(partial(expressions.condition, ask=ask)) if child is not None else None
    if child is None or when is None:
        return None
    if when.type != "boolean":
        child.error("not-a-condition", f"`when` must be true or false for a member, but it is {when.type}.")
        return None
    if not any(fields_of(when.tree)):
        hint = "Ask for a field: `win_rate.status = 'poor'`."
        child.error("constant-value", "Nothing that is measured is in it, so it would hold for all or none.", hint=hint)
        return None
    _check_scale(child, when.tree, made)
    return when


def _check_scale(node: Node, tree: exp.Expression, made: Mapping[str, Kpi]) -> None:
    """Warn of a share that is compared with a number which is likely to be a percentage."""
    from sqlglot import exp  # noqa: PLC0415 - an expression is there, so sqlglot is loaded

    for comparison in tree.find_all(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In):
        sides = list(comparison.iter_expressions())
        fields = [side for side in sides if isinstance(side, exp.Column) and side.name in _IN_UNITS]
        for field in fields:
            unit = made[field.table].unit if field.table in made else None
            for side in sides:
                number = side.this if isinstance(side, exp.Neg) else side
                if unit and isinstance(number, exp.Literal) and likely_percentage(float(number.name), unit):
                    node.warn(
                        "percent-as-number",
                        f"`{number.name}` is {float(number.name) * 100:g} %, for the unit of `{field.table}` is "
                        f"{unit.kind}.",
                        hint=f"If {number.name} % is meant, write {float(number.name) / 100:g}.",
                        offset=number.meta.get("at", 0),
                    )

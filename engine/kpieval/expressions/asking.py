"""Conditions over fields of KPIs and scorecards: `win_rate.change < 0 and prior(win_rate.status) = 'poor'`.

A field becomes a column whose table is the KPI; `prior` stays a call around one. What can be asked of whom is answered
by the caller, so that whatever is wrong with a condition is said at once, each mistake at its place in the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.expressions.arguments import arguments_of
from kpieval.expressions.calls import CALLS
from kpieval.expressions.catalogue import FUNCTIONS
from kpieval.expressions.language import CLOCK, NO_CLOCK
from kpieval.expressions.operators import OPERATORS
from kpieval.expressions.predicates import PREDICATES
from kpieval.expressions.scope import kind_of, offset, spelled, typed, unbounded
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from kpieval.expressions.expression import Ask
    from kpieval.expressions.scope import Handlers, Scope


@dataclass(frozen=True, slots=True)
class Asking:
    """The handlers of a condition; `ask` knows who has which field, `told` are the mistakes that were noted."""

    ask: Ask
    told: set[tuple[str, str]]

    @property
    def handlers(self) -> Handlers:
        """Those of every expression, but for names, calls, and what a text is compared with."""
        own: Handlers = {
            exp.Column: self._field, exp.Anonymous: self._call, exp.Case: self._case,
            exp.EQ: self._compared, exp.NEQ: self._compared, exp.In: self._compared,
            exp.LT: self._ordered, exp.LTE: self._ordered, exp.GT: self._ordered, exp.GTE: self._ordered,
            exp.Between: self._ordered,
        }  # fmt: skip
        return {**OPERATORS, **PREDICATES, **CALLS, **own}

    def _field(self, node: exp.Expression, scope: Scope) -> exp.Expression:
        """A field with its type; or what is wrong with it, each mistake once."""
        owner = node.table if isinstance(node, exp.Column) else ""
        if not owner:
            self._nobody(node, scope)
            return typed(node, None)
        answer = self.ask(owner, node.name)
        for mistake in answer.mistakes:
            if (mistake.code, mistake.message) not in self.told:
                self.told.add((mistake.code, mistake.message))
                at = node.meta["part"] if mistake.of_field else offset(node)
                scope.problems.append(scope.writing.problem(mistake.code, mistake.message, at, mistake.hint))
        return typed(node, answer.type, unbounded=True)

    def _nobody(self, node: exp.Expression, scope: Scope) -> None:
        """A name without a field."""
        if scope.writing.text[offset(node) : offset(node) + 1] == '"':
            hint = f"Text stands in single quotes: `'{node.name}'`."
        elif node.name.lower() in CLOCK:
            hint = NO_CLOCK
        elif self.ask(node.name, "value").known:
            hint = f"Say which: `{node.name}.value`, `{node.name}.status`, `{node.name}.change`."
        else:
            hint = f"A field is written `win_rate.value`, and text in single quotes: `'{node.name}'`."
        scope.complain("unknown-field", f"`{node.name}` is no field of a KPI or scorecard.", node, hint)

    def _call(self, node: exp.Expression, scope: Scope) -> exp.Expression:
        """`prior` of a field; other functions as everywhere."""
        name = node.name
        if name not in FUNCTIONS or "window" not in FUNCTIONS[name].uses:
            return CALLS[exp.Anonymous](node, scope)
        if name != "prior":
            hint = "`prior(win_rate.value, 4)` looks four periods back; for more make a KPI, and ask for its value."
            scope.complain("misplaced-function", f"`{name}` belongs into the value of a KPI.", node, hint)
            return typed(node, None)
        arguments = arguments_of(name, FUNCTIONS[name], node, scope)
        if arguments is None:
            return typed(node, None)
        field = _bare(arguments[0])
        if not isinstance(field, exp.Column):
            hint = "Look back field by field: `win_rate.value - prior(win_rate.value)`; further back: `prior(x, 2)`."
            scope.complain("wrong-arguments", "In a condition `prior` takes one field.", arguments[0], hint)
            return typed(node, None)
        made = exp.Anonymous(this=name, expressions=[field, *arguments[1:]])
        return typed(made, kind_of(field), unbounded=unbounded(field))

    def _compared(self, node: exp.Expression, scope: Scope) -> exp.Expression:
        """A text that a field is compared with is one that it can have."""
        checked = PREDICATES[type(node)](node, scope)
        self._check(scope, checked.this, checked.args.get("expression"), *checked.expressions)
        return checked

    def _case(self, node: exp.Expression, scope: Scope) -> exp.Expression:
        checked = OPERATORS[exp.Case](node, scope)
        if checked.this is not None:
            self._check(scope, checked.this, *(part.this for part in checked.args["ifs"]))
        return checked

    def _check(self, scope: Scope, *sides: exp.Expression | None) -> None:
        fields = [column for side in sides if side is not None and (column := _column(side)) is not None]
        texts = [side for side in map(_bare, sides) if isinstance(side, exp.Literal) and side.is_string]
        for field in fields:
            words = self._words(field)
            for text in texts:
                if words is not None and text.name not in words:
                    hint = did_you_mean(text.name, words) or f"It is one of {', '.join(words)}."
                    message = f"`{spelled(field)}` is never '{text.name[:40]}'."
                    scope.complain("unknown-word", message, text, hint)

    def _ordered(self, node: exp.Expression, scope: Scope) -> exp.Expression:
        """Statuses have an order, but not that of the alphabet."""
        checked = PREDICATES[type(node)](node, scope)
        for side in (checked.this, checked.args.get("expression")):
            field = None if side is None else _column(side)
            words = self._words(field) if field is not None else None
            if field is not None and words is not None and kind_of(checked) is not None:
                message = f"`{spelled(field)}` is a word, and words would be put in the order of the alphabet."
                hint = f"Name those that are meant: `{spelled(field)} in ('{words[0]}', ...)`."
                scope.complain("type-mismatch", message, field, hint)
        return checked

    def _words(self, field: exp.Column) -> tuple[str, ...] | None:
        return self.ask(field.table, field.name).words or None


def _bare(node: exp.Expression | None) -> exp.Expression | None:
    """What stands in brackets, or is only to be ordered."""
    while isinstance(node, exp.Paren | exp.Collate):
        node = node.this
    return node


def _column(node: exp.Expression) -> exp.Column | None:
    """The field that a part is, in this period or an earlier one."""
    bare = _bare(node)
    if isinstance(bare, exp.Anonymous) and bare.name == "prior" and bare.expressions:
        bare = _bare(bare.expressions[0])
    return bare if isinstance(bare, exp.Column) else None

"""Where templates of one's own run, which a stranger may have written: they can change nothing, and they end.

Filters, methods and operators are those that make no more of what they get. Each loop, macro, block and joined text
that a template goes through is charged, and so is whatever looks through a value (see `metering`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, LoopContext, Macro, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer
from markupsafe import escape

from kpieval.render.prose import clean
from kpieval.render.templates.metering import LARGEST_NUMBER, charge, charged, join, small, weigh
from kpieval.render.templates.trusted import FILTERS, SETTINGS

if TYPE_CHECKING:
    from jinja2 import BaseLoader
    from jinja2.runtime import Context

    from kpieval.translation import Words

METHODS = ("startswith", "endswith")
"""Methods of a text that a template may call."""

_WORDS = re.compile(r"%[sd%]")


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of templates of one's own, and of the shipped ones that these extend."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, loader: BaseLoader, said: Words) -> None:
        super().__init__(loader=loader, finalize=_finalize, **SETTINGS)
        self._said = said
        allowed = {name: charged(self.filters[name]) for name in FILTERS}
        self.filters.clear()
        self.filters.update(allowed, join=join, int=small(allowed["int"]))
        tests: dict[str, Any] = dict(self.tests)
        self.tests.update({name: charged(test) for name, test in tests.items()})
        self.globals.clear()
        self.globals.update(say=self.say, counted=self.counted)

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ANN401 - as the sandbox has it
        """Macros, blocks, loops, and a few methods."""
        if isinstance(obj, (Macro, BlockReference, LoopContext)) or obj in self._own:
            return True
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        return (isinstance(owner, str) and name in METHODS) or (
            isinstance(owner, LoopContext) and name in {"cycle", "changed"}
        )

    def call(self, context: Context, obj: Any, /, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as above
        """A call is charged what it is given: a macro holds it on, and a method looks through it."""
        weigh(*given, *named.values())
        return super().call(context, obj, *given, **named)

    @property
    def _own(self) -> tuple[object, ...]:
        return self.tick, self.joined, self.measured, self.say, self.counted

    def say(self, message: str, /, **values: object) -> str:
        """A message in the language of the report."""
        text = self._said.say(message, **values)
        charge(len(text))
        return text

    def counted(self, number: float, one: str, many: str, /, **values: object) -> str:
        """A message about so many things in the language of the report."""
        text = self._said.counted(number, one, many, **values)
        charge(len(text))
        return text

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - as above
        """Sums and products of numbers, and sums of texts, that stay small."""
        texts = [len(side) for side in (left, right) if isinstance(side, (str, list, tuple))]
        if operator == "%" and isinstance(left, str):
            if "%" in _WORDS.sub("", left):
                raise SecurityError("In `%`, only %s and %d are allowed")
        elif operator == "**" or (operator == "*" and texts):
            raise SecurityError(f"`{operator}` is for small numbers only" if texts else "`**` is not allowed")
        elif operator == "*" and any(abs(side) > LARGEST_NUMBER for side in (left, right)):
            raise SecurityError("The number is too large")
        weigh(left, right)
        return super().call_binop(context, operator, left, right)

    def tick(self, characters: int) -> str:
        """Called in every loop, macro, block and template, with what it writes itself."""
        charge(characters)
        return ""

    def joined(self, *parts: object) -> str:
        """`a ~ b`."""
        weigh(*parts)
        charge(sum(len(str(part)) for part in parts))
        return markup_join(parts)

    def measured(self, part: Any) -> Any:  # noqa: ANN401 - anything that has a length
        """A slice, a side of a comparison."""
        weigh(part)
        return part

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        try:
            tree = super()._parse(source, name, filename)
        except ValueError as error:  # what Python doesn't read: a number of thousands of digits
            raise TemplateSyntaxError(str(error), 1, name, filename) from error
        for kind in (nodes.ScopedEvalContextModifier, nodes.EvalContextModifier):
            for found in tree.find_all(kind):
                raise TemplateSyntaxError(
                    "`autoescape` can't be changed: what comes from data is text.", found.lineno, name, filename
                )
        _Measuring().visit(tree)
        return tree


class _Measuring(NodeTransformer):
    """Puts a charge wherever a template could make much of little."""

    def visit_body(self, node: Any) -> Any:  # noqa: ANN401 - nodes with a body have no type in common
        self.generic_visit(node)
        own = sum(len(text.data) for text in node.find_all(nodes.TemplateData))
        tick = nodes.ExprStmt(_call("tick", [nodes.Const(own)], node.lineno))
        node.body.insert(0, tick.set_lineno(node.lineno))
        return node

    visit_Macro = visit_CallBlock = visit_Block = visit_Template = visit_body  # noqa: N815 - as Jinja calls them

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - as above
        """The condition of a loop is looked at as often as its body is not."""
        self.visit_body(node)
        if node.test is not None:
            node.test = nodes.Or(_call("tick", [nodes.Const(0)], node.lineno), node.test).set_lineno(node.lineno)
        return node

    def visit_Compare(self, node: nodes.Compare) -> nodes.Node:  # noqa: N802 - as above
        """Two values may be looked through; one that is compared with a constant costs no more than that."""
        self.generic_visit(node)
        within = any(operand.op in {"in", "notin"} for operand in node.ops)
        if within or not any(isinstance(side, nodes.Const) for side in (node.expr, *(each.expr for each in node.ops))):
            node.expr = _measured(node.expr)
            for operand in node.ops:
                operand.expr = _measured(operand.expr)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - as above
        self.generic_visit(node)
        return _call("joined", node.nodes, node.lineno)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802 - as above
        self.generic_visit(node)
        return _measured(node) if isinstance(node.arg, nodes.Slice) else node


def _measured(node: nodes.Expr) -> nodes.Expr:
    if isinstance(node, nodes.Const):
        return node
    return _call("measured", [node], node.lineno)


def _call(name: str, arguments: list[nodes.Expr], line: int) -> nodes.Call:
    call = nodes.Call(nodes.EnvironmentAttribute(name), arguments, [], None, None)
    call.set_lineno(line)
    return call


def _finalize(value: object) -> object:
    """What goes out of a template: text without harmful characters."""
    if not isinstance(value, str):
        if value is None or isinstance(value, (int, float)):
            return value
        weigh(value)
        value = escape(value) if hasattr(value, "__html__") else str(value)
    charge(len(value))
    return clean(value)

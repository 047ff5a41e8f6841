"""Where templates run: they see plain frozen data, can change nothing, and what they don't know is an error.

Filters, methods and operators are those that make no more of what they get. A template of a stranger's is measured
besides: each loop, macro, block and joined text that it goes through is charged, and whatever looks through a value is
charged its weight, with all that is in it, so that it ends. Nothing interrupts a single step, so no value gets heavy.
"""

from __future__ import annotations

import functools
import re
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, nodes
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, LoopContext, Macro, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from kpieval.nearest import did_you_mean
from kpieval.render.prose import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jinja2 import BaseLoader
    from jinja2.runtime import Context

    from kpieval.translation import Words

FILTERS = (
    "abs", "capitalize", "d", "default", "dictsort", "e", "escape", "first", "float", "groupby", "int", "items", "join",
    "last", "length", "count", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select",
    "selectattr", "sort", "string", "striptags", "title", "trim", "truncate", "unique", "upper", "urlencode",
    "wordcount",
)  # fmt: skip
"""Filters that a template may use: none marks text as safe, and none makes much of little."""

METHODS = ("startswith", "endswith")
"""Methods of a text that a template may call."""

SECONDS = 20.0
"""So long may one document take in templates of one's own."""
CHARACTERS = 50_000_000
"""So much may one document write and put together in templates of one's own; a page of a report has 1 to 2 % of it."""
LARGEST_NUMBER = 10**15
LONGEST_LIST = 250_000
"""A list has no more than this, so that a filter, which nothing interrupts, takes seconds at most."""

_SPECIAL = re.compile(r"""[&<>"']""")
_WORDS = re.compile(r"%[sd%]")


class TooMuchError(Exception):
    """A template took more than it may."""


@dataclass(slots=True)
class Meter:
    """What a document may still take."""

    characters: int = CHARACTERS
    end: float = field(default_factory=lambda: time.monotonic() + SECONDS)

    def charge(self, characters: int) -> None:
        """Take so much. Raises TooMuchError."""
        self.characters -= characters + 1
        if self.characters < 0:
            raise TooMuchError(f"It writes more than {CHARACTERS:,} characters")
        if time.monotonic() > self.end:
            raise TooMuchError(f"It takes more than {SECONDS:g} seconds")


_METER: ContextVar[Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metered() -> Iterator[None]:
    """What templates take within it is limited."""
    token = _METER.set(Meter())
    try:
        yield
    finally:
        _METER.reset(token)


def _charge(characters: int) -> None:
    meter = _METER.get()
    if meter is not None:
        meter.charge(characters)


def _weigh(*values: object) -> None:
    """Charge values with all the texts and lists in them; a view weighs nothing. Raises TooMuchError."""
    waiting: list[object] = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            _charge(len(value))
        elif isinstance(value, (list, tuple, dict)):
            if len(value) > LONGEST_LIST:
                raise TooMuchError(f"It holds a list of more than {LONGEST_LIST:,}")
            _charge(len(value))
            inner = (*value, *value.values()) if isinstance(value, dict) else value
            waiting += [each for each in inner if isinstance(each, (str, list, tuple, dict))]


def _cleaned(value: object) -> object:
    """Text without harmful characters."""
    return clean(value) if isinstance(value, str) else value


def _let_out(value: object) -> str:
    """What goes out of a shipped template: text without harmful characters, escaped; most is as it may be."""
    if type(value) is str and value.isascii() and value.isprintable() and not _SPECIAL.search(value):
        return value
    return escape(_cleaned(value))


class Unknown(StrictUndefined):
    """What a template asked for and there isn't: an error that says what there is."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        name, holder = self._undefined_name, self._undefined_obj
        if self._undefined_hint:
            return self._undefined_hint
        if holder is missing:
            return (
                f"There is no `{name}` here.\nA macro sees only what it is given; docs/templates.md says what there is."
            )
        if is_dataclass(holder):
            kind = type(holder)
            known = [each.name for each in fields(holder)] + [
                n for n, v in vars(kind).items() if isinstance(v, property)
            ]
            hint = did_you_mean(str(name), known) or f"It has: {', '.join(known)}."
            return f"{_article(kind.__name__)} has no field `{name}`.\n{hint}"
        return f"{_article(type(holder).__name__)} has no `{name}`."


_SETTINGS: dict[str, Any] = {
    "autoescape": True,
    "undefined": Unknown,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}


class _Outlet(CodeGenerator):
    """Lets each value out of a template by one call of ours, in place of one that cleans and one that escapes it."""

    def _output_child_pre(self, *_: object) -> None:
        self.write("environment.let_out(")

    def _output_child_post(self, *_: object) -> None:
        self.write(")")


class Trusted(Environment):
    """The environment of the shipped templates: the same language, without the guards that theirs don't need.

    Guarding each look at a field takes a third of the time of a page.
    """

    code_generator_class = _Outlet
    let_out = staticmethod(_let_out)

    def __init__(self, loader: BaseLoader, said: Words) -> None:
        super().__init__(loader=loader, finalize=_cleaned, **_SETTINGS)
        allowed = {name: self.filters[name] for name in FILTERS}
        self.filters.clear()
        self.filters.update(allowed)
        self.globals.clear()
        self.globals.update(say=said.say, counted=said.counted)


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of templates of one's own, and of the shipped ones that these extend."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, loader: BaseLoader, said: Words) -> None:
        super().__init__(loader=loader, finalize=_finalize, **_SETTINGS)
        self._said = said
        allowed = {name: _charged(self.filters[name]) for name in FILTERS}
        self.filters.clear()
        self.filters.update(allowed, join=_join, int=_small(allowed["int"]))
        tests: dict[str, Any] = dict(self.tests)
        self.tests.update({name: _charged(test) for name, test in tests.items()})
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
        _weigh(*given, *named.values())
        return super().call(context, obj, *given, **named)

    @property
    def _own(self) -> tuple[object, ...]:
        return self.tick, self.joined, self.measured, self.say, self.counted

    def say(self, message: str, /, **values: object) -> str:
        """A message in the language of the report."""
        text = self._said.say(message, **values)
        _charge(len(text))
        return text

    def counted(self, number: float, one: str, many: str, /, **values: object) -> str:
        """A message about so many things in the language of the report."""
        text = self._said.counted(number, one, many, **values)
        _charge(len(text))
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
        _weigh(left, right)
        return super().call_binop(context, operator, left, right)

    def tick(self, characters: int) -> str:
        """Called in every loop, macro, block and template, with what it writes itself."""
        _charge(characters)
        return ""

    def joined(self, *parts: object) -> str:
        """`a ~ b`."""
        _weigh(*parts)
        _charge(sum(len(str(part)) for part in parts))
        return markup_join(parts)

    def measured(self, part: Any) -> Any:  # noqa: ANN401 - anything that has a length
        """A slice, a side of a comparison."""
        _weigh(part)
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


def _charged(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter or test, which takes as much as it is given, and one more for each that it gives on."""

    @functools.wraps(filter_)
    def charged(*given: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the filter takes
        _weigh(*given, *options.values())
        made = filter_(*given, **options)
        return _each(made) if isinstance(made, GeneratorType) else made

    return charged


def _each(values: Iterator[object]) -> Iterator[object]:
    """The values one after the other, each charged."""
    for count, value in enumerate(values):
        _charge(0)
        if count >= LONGEST_LIST:
            raise TooMuchError(f"It holds a list of more than {LONGEST_LIST:,}")
        yield value


def _small(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, of which no number comes that takes long to reckon with."""

    @functools.wraps(filter_)
    def small(*given: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        number = filter_(*given, **options)
        if isinstance(number, int) and abs(number) > LARGEST_NUMBER:
            raise SecurityError("The number is too large")
        return number

    return small


def _join(parts: Iterable[object], between: str = "") -> str:
    """Texts in one."""
    listed = list(parts)
    _weigh(listed)
    _charge(sum(len(str(part)) for part in listed) + len(between) * len(listed))
    if any(hasattr(part, "__html__") for part in (*listed, between)):
        return Markup.escape(between).join(map(Markup.escape, listed))
    return between.join(map(str, listed))


def _finalize(value: object) -> object:
    """What goes out of a template: text without harmful characters."""
    if not isinstance(value, str):
        if value is None or isinstance(value, (int, float)):
            return value
        _weigh(value)
        value = escape(value) if hasattr(value, "__html__") else str(value)
    _charge(len(value))
    return clean(value)


def _article(noun: str) -> str:
    return f"{'An' if noun[0] in 'AEIOUaeiou' else 'A'} {noun}"

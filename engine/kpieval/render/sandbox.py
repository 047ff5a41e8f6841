"""Where templates run: they see plain frozen data, can change nothing, and what they don't know is an error.

Filters, methods and operators are those that make no more of what they get. A template of a stranger's is measured
besides: each loop, macro, block and joined text that it goes through is charged, so that it ends.
"""

from __future__ import annotations

import functools
import re
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, LoopContext, Macro, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

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


class Trusted(Environment):
    """The environment of the shipped templates: the same language, without the guards that theirs don't need.

    Guarding each look at a field takes a third of the time of a page.
    """

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
        self.filters.update(allowed, join=_join)
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
        _charge(sum(texts))
        return super().call_binop(context, operator, left, right)

    def tick(self, characters: int) -> str:
        """Called in every loop, macro, block and template, with what it writes itself."""
        _charge(characters)
        return ""

    def joined(self, *parts: object) -> str:
        """`a ~ b`."""
        _charge(sum(len(str(part)) for part in parts))
        return markup_join(parts)

    def measured(self, part: Any) -> Any:  # noqa: ANN401 - anything that has a length
        """A slice."""
        _charge(len(part))
        return part

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
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
        tick = nodes.ExprStmt(_call("tick", [nodes.Const(own)]))
        node.body.insert(0, tick.set_lineno(node.lineno))
        return node

    visit_For = visit_Macro = visit_CallBlock = visit_Block = visit_Template = visit_body  # noqa: N815 - as Jinja calls them

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - as above
        self.generic_visit(node)
        return _call("joined", node.nodes).set_lineno(node.lineno)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802 - as above
        self.generic_visit(node)
        return _call("measured", [node]).set_lineno(node.lineno) if isinstance(node.arg, nodes.Slice) else node


def _call(name: str, arguments: list[nodes.Expr]) -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute(name), arguments, [], None, None)


def _charged(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, which takes as much as it is given."""

    @functools.wraps(filter_)
    def charged(*given: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the filter takes
        _charge(sum(len(each) for each in given if isinstance(each, (str, list, tuple))))
        return filter_(*given, **options)

    return charged


def _join(parts: Iterable[object], between: str = "") -> str:
    """Texts in one."""
    listed = list(parts)
    _charge(sum(len(str(part)) for part in listed) + len(between) * len(listed))
    if any(hasattr(part, "__html__") for part in (*listed, between)):
        return Markup.escape(between).join(map(Markup.escape, listed))
    return between.join(map(str, listed))


def _cleaned(value: object) -> object:
    """Text without harmful characters."""
    return clean(value) if isinstance(value, str) else value


def _finalize(value: object) -> object:
    """What goes out of a template: text without harmful characters."""
    if isinstance(value, str):
        _charge(len(value))
        return clean(value)
    return value


def _article(noun: str) -> str:
    return f"{'An' if noun[0] in 'AEIOUaeiou' else 'A'} {noun}"

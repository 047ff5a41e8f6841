"""Where the shipped templates run, and what those of one's own have in common with them.

They see plain frozen data, can change nothing, and what they don't know is an error.
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, StrictUndefined
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context, Macro
from jinja2.utils import missing
from markupsafe import Markup, escape

from kpieval.nearest import did_you_mean
from kpieval.render.prose import clean

if TYPE_CHECKING:
    from jinja2 import BaseLoader

    from kpieval.translation import Words

FILTERS = (
    "abs", "capitalize", "d", "default", "dictsort", "e", "escape", "first", "float", "groupby", "int", "items", "join",
    "last", "length", "count", "list", "lower", "map", "max", "min", "reject", "rejectattr", "reverse", "select",
    "selectattr", "sort", "string", "striptags", "title", "trim", "truncate", "unique", "upper", "urlencode",
    "wordcount",
)  # fmt: skip
"""Filters that a template may use: none marks text as safe, and none makes much of little."""

_SPECIAL = re.compile(r"""[&<>"']""")
_REMEMBERED = 4_096
"""So many texts are remembered as they were let out: numbers with a blank in them, and what has special characters."""


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


SETTINGS: dict[str, Any] = {
    "autoescape": True,
    "undefined": Unknown,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}


def _let_out(value: object) -> str:
    """What goes out of a shipped template: text without harmful characters, escaped.

    HTML is as it may be: a macro made it of what was let out, or `prose` cleaned it. So no shipped template joins HTML
    and text by `~` or `join`, which would escape the text, and no more.
    """
    if type(value) is str:  # what is printable has no harmful character
        return value if value.isprintable() and not _SPECIAL.search(value) else _escaped(value)
    return value if type(value) is Markup else escape(value)


@lru_cache(_REMEMBERED)
def _escaped(text: str) -> str:
    return escape(clean(text))


class _Outlet(CodeGenerator):
    """Lets each value out of a template by one call of ours, in place of one that cleans and one that escapes it."""

    def _output_child_pre(self, *_: object) -> None:
        self.write("environment.let_out(")

    def _output_child_post(self, *_: object) -> None:
        self.write(")")


class _Plain(Context):
    """Calls what a template names, without asking it what it wants of the template: only macros want anything."""

    def call(self, obj: Any, /, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as Jinja has it
        """A call within a template; what Jinja adds for functions that look into loops and blocks is left out."""
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return obj(self.eval_ctx, *given, **named) if type(obj) is Macro else obj(*given, **named)


class Trusted(Environment):
    """The environment of the shipped templates: the same language, without the guards that theirs don't need.

    Guarding each look at a field would take a third of the time of a page.
    """

    code_generator_class = _Outlet
    context_class = _Plain
    let_out = staticmethod(_let_out)
    getattr = staticmethod(getattr)  # type: ignore[assignment]  # a method that is a function of Python's own
    """A view's field is an attribute, and nothing else is asked for by a dot."""

    def __init__(self, loader: BaseLoader, said: Words) -> None:
        super().__init__(loader=loader, **SETTINGS)
        allowed = {name: self.filters[name] for name in FILTERS}
        self.filters.clear()
        self.filters.update(allowed)
        self.globals.clear()
        self.globals.update(say=said.say, counted=said.counted)


def _article(noun: str) -> str:
    return f"{'An' if noun[0] in 'AEIOUaeiou' else 'A'} {noun}"

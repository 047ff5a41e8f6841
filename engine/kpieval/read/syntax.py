"""The YAML parser's words -> the author's: what is wrong with the text, and the place where one can mend it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.problems import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    import yaml

_CONFLICT = re.compile(r"<{7} |={7}$|>{7} ")
_GLUED = re.compile(r"\s*\w+:(?=\S)")

_NEIGHBOURS = "Line the key up with the keys around it."
_SIMPLE = (
    (
        "escape character",
        "This is no escape that YAML knows.",
        "Use 'single quotes': in them a backslash is just that.",
    ),
    ("hexdecimal", "This is no escape that YAML knows.", "Use 'single quotes': in them a backslash is just that."),
    (
        "sequence entries are not",
        "A list item (`- `) can't start here.",
        "Start it on a line of its own, below its key.",
    ),
    (
        "'-' indicator",
        "This line stands among list items but is none.",
        "Start it with `- `, or indent it differently.",
    ),
    ("expected node content", "A value is missing here.", None),
    ("document start", "Nothing can follow here.", "Check the indentation, and the quotes and brackets before it."),
)
"""What the parser says, where it says it; and the same for people."""


@dataclass(frozen=True, slots=True)
class _Trouble:
    """Where the parser stopped, and where what it was reading had begun."""

    problem: str
    context: str
    at: Place
    opened: Place
    lines: Sequence[str]

    def line(self, place: Place, above: int = 0) -> str:
        return self.lines[place.line - 1 - above] if place.line > above else ""


def syntax_problem(error: yaml.YAMLError, file: str, lines: Sequence[str]) -> Problem:
    """The problem that stopped the parser."""
    trouble = _Trouble(
        str(getattr(error, "problem", None) or error),
        str(getattr(error, "context", None) or ""),
        _place(getattr(error, "problem_mark", None), file, lines),
        _place(getattr(error, "context_mark", None), file, lines),
        lines,
    )
    conflict = next((number for number, line in enumerate(lines, 1) if _CONFLICT.match(line)), None)
    place, message, hint = (
        (Place(file, conflict), "A merge conflict was left unresolved.", "Keep one of the two sides.")
        if conflict
        else _in_quotes(trouble) or _character(trouble) or _structure(trouble) or _simple(trouble)
    )
    return Problem("error", "yaml-syntax", message, place, hint, trouble.line(place))


_Words = tuple[Place, str, str | None]


def _in_quotes(trouble: _Trouble) -> _Words | None:
    ended = "end of stream" in trouble.problem or "document indicator" in trouble.problem
    if "quoted scalar" in trouble.context and ended:
        return trouble.opened, "The quote that opens here is never closed.", None
    if "expected key" in trouble.problem:
        before = trouble.line(trouble.at)[: trouble.at.column - 1].rstrip()
        if before.endswith(("'", '"')):
            return trouble.at, "The text ended at the quote, so nothing can follow it.", "Put all of it into quotes."
        return trouble.at, "This doesn't fit the lines above.", _NEIGHBOURS
    return None


def _character(trouble: _Trouble) -> _Words | None:
    here = trouble.line(trouble.at)[trouble.at.column - 1 : trouble.at.column]
    if here == "\t" or "tab character" in trouble.problem:
        return trouble.at, "A tab stands where only spaces can indent.", "Replace it by spaces."
    if "block scalar" in trouble.context:
        opened = trouble.line(trouble.opened)[trouble.opened.column - 1 : trouble.opened.column]
        message = f"`{opened}` begins a text of several lines, so nothing can follow it here."
        return trouble.opened, message, f"Leave the `{opened}` out, or quote the value."
    if "cannot start any token" in trouble.problem:
        return trouble.at, f"A value can't start with `{here}`.", "Quote the value."
    return None


def _structure(trouble: _Trouble) -> _Words | None:
    at = trouble.at
    if "mapping values are not allowed" in trouble.problem:
        if glued := _GLUED.match(trouble.line(at, above=1)):
            return Place(at.file, at.line - 1, glued.end()), "A space is missing after the `:`.", None
        return at, "A `:` stands where no key can be.", f"Quote a text that contains `: `. {_NEIGHBOURS}"
    if "expected ':'" in trouble.problem:
        message = "This line is neither `key: value` nor part of the text above."
        return trouble.opened, message, "Is a `:` missing, or the space after it?"
    if "expected ',' or" in trouble.problem:
        closing = trouble.problem[-2]
        message = f"This is not closed: a `,` or `{closing}` is missing before line {at.line}, column {at.column}."
        variable = "${" in trouble.line(at)
        return trouble.opened, message, 'Within braces, quote a text with "${...}".' if variable else None
    return None


def _simple(trouble: _Trouble) -> _Words:
    for said, message, hint in _SIMPLE:
        if said in trouble.problem:
            return trouble.at, message, hint
    return trouble.at, f"This is not YAML: {', '.join(filter(None, [trouble.context, trouble.problem]))}.", None


def _place(mark: yaml.Mark | None, file: str, lines: Sequence[str]) -> Place:
    if mark is None:
        return Place(file)
    line = min(mark.line, len(lines) - 1)
    column = mark.column if line == mark.line else len(lines[line])
    return Place(file, line + 1, column + 1)

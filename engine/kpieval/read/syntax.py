"""The YAML parser's words -> the author's: what is wrong with the text, and the place where one can mend it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpieval.problems import Place, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    import yaml

_CONFLICT = re.compile(r"<{7} |={7}$|>{7} ")


def syntax_problem(error: yaml.YAMLError, file: str, lines: Sequence[str]) -> Problem:
    """The problem that stopped the parser."""
    problem = str(getattr(error, "problem", None) or error)
    context = str(getattr(error, "context", None) or "")
    at = _place(getattr(error, "problem_mark", None), file, lines)
    opened = _place(getattr(error, "context_mark", None), file, lines)
    conflict = next((number for number, line in enumerate(lines, 1) if _CONFLICT.match(line)), None)
    if conflict:
        place, message, hint = Place(file, conflict), "A merge conflict was left unresolved.", "Keep one of the two sides."
    else:
        place, message, hint = _words(problem, context, at, opened, lines)
    return Problem("error", "yaml-syntax", message, place, hint, _line(lines, place))


def _words(  # noqa: PLR0911  # one return per thing that people get wrong
    problem: str, context: str, at: Place, opened: Place, lines: Sequence[str]
) -> tuple[Place, str, str | None]:
    here = _line(lines, at)[at.column - 1 : at.column]
    if "quoted scalar" in context and ("end of stream" in problem or "document indicator" in problem):
        return opened, "The quote that opens here is never closed.", None
    if "escape character" in problem or "hexdecimal" in problem:
        return at, "This is no escape that YAML knows.", "Use 'single quotes', where a backslash is only a backslash."
    if here == "\t" or "tab character" in problem:
        return at, "A tab stands where only spaces can indent.", "Replace it by spaces."
    if "cannot start any token" in problem:
        return at, f"A value can't start with `{here}`.", "Quote the value."
    if "mapping values are not allowed" in problem:
        hint = "Quote a text that contains `: `, or line this key up with the keys around it."
        return at, "A `:` stands where no key can be.", hint
    if "expected ':'" in problem:
        return opened, "This line is neither `key: value` nor part of the text above.", "Is a `:` missing, or its space?"
    if "expected ',' or" in problem:
        closing = problem[-2]
        return opened, f"What opens here is not closed: a `,` or `{closing}` is missing before line {at.line}, column {at.column}.", None
    if "sequence entries are not allowed" in problem:
        return at, "A list item (`- `) can't start here.", "Start it on a line of its own, below its key."
    if "expected key" in problem:
        return at, "This doesn't fit the lines above.", "Line the key up with the keys around it; a text after a closing quote belongs inside."
    if "'-' indicator" in problem:
        return at, "This line stands among list items but is none.", "Start it with `- `, or indent it differently."
    if "expected node content" in problem:
        return at, "A value is missing here.", None
    if "document start" in problem:
        return at, "Nothing can follow here.", "Check the quotes and brackets before it, and the indentation."
    return at, f"This is not YAML: {', '.join(filter(None, [context, problem]))}.", None


def _place(mark: object, file: str, lines: Sequence[str]) -> Place:
    if mark is None:
        return Place(file)
    line = min(mark.line, len(lines) - 1)  # type: ignore[attr-defined]
    column = mark.column if line == mark.line else len(lines[line])  # type: ignore[attr-defined]
    return Place(file, line + 1, column + 1)


def _line(lines: Sequence[str], place: Place) -> str:
    return lines[place.line - 1]

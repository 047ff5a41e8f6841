"""A number of characters into a text of YAML -> its place in the file, past quotes, escapes and folded lines.

The characters that are no white space come in the same order in the file and in the value, whatever the style, so it is
enough to count those.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpieval.problems import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PROPERTIES = re.compile(r"&[^\s,\[\]{}]+\s+")
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.|$)")
_BLANK_ESCAPES = {"\\n", "\\t", "\\ ", "\\", "\\r", "\\_", "\\N", "\\L", "\\P", "\\\t"}


def within(lines: Sequence[str], start: Place, value: str, offset: int) -> Place:
    """The place of the character `value[offset]` of a text that starts at `start`; past its end, just behind it."""
    visible = sum(not character.isspace() for character in value[:offset])
    behind = offset >= len(value) or value[offset].isspace()
    wanted = visible - 1 if behind else visible
    if wanted < 0:
        return start
    for index, (line, column) in enumerate(_visible(lines, start)):
        if index == wanted:
            return Place(start.file, line, column + (1 if behind else 0))
    return start


def _visible(lines: Sequence[str], start: Place) -> Iterator[tuple[int, int]]:
    """The line and column of each character of the text that is not white space."""
    number, column = start.line, start.column - 1
    first = lines[number - 1] if number <= len(lines) else ""
    properties = _PROPERTIES.match(first, column)
    column = properties.end() if properties else column
    style = first[column : column + 1]
    if style in ("|", ">"):
        number, column = number + 1, 0
    elif style in ("'", '"'):
        column += 1
    for line in range(number, len(lines) + 1):
        text = lines[line - 1]
        while column < len(text):
            step = 1
            if style == '"' and (escape := _ESCAPE.match(text, column)):
                step = len(escape.group())
                blank = escape.group() in _BLANK_ESCAPES
            else:
                blank = text[column].isspace()
                if style == "'" and text.startswith("''", column):
                    step = 2
            if not blank:
                yield line, column + 1
            column += step
        column = 0

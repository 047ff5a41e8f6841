"""A problem -> what a person at a terminal reads: the sentence with its place, the line, a caret, the way out."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpieval.problems import Problem

_COLORS = {"error": "31", "warning": "33", "note": "36"}
_STEERING = re.compile(r"##(?=\[|vso\[)", re.IGNORECASE)
"""What begins a command wherever it stands in the log of a pipeline: for Azure's agent, and for GitHub's runner."""
_WIDEST = 160
"""No more of a line is shown than this, in characters."""
_MARGIN = "    "


def format_problem(problem: Problem, color: bool = False) -> str:  # noqa: FBT001, FBT002  # the command line's switch
    """The problem in one to four lines, without a line end.

    Characters that steer a terminal or turn the direction of reading are shown as escapes, wherever they come from.
    """
    place = problem.place
    where = f"{visible(place.file)}:{place.line}:{place.column}: " if place else ""
    kind = _painted(problem.severity, _COLORS[problem.severity], color=color)
    lines = [f"{where}{kind} [{problem.code}] {visible(problem.message)}"]
    if place and problem.excerpt is not None and problem.excerpt.strip():
        lines += _pointed_at(problem.excerpt, place.column, color=color)
    if problem.hint:
        lines.append(f"{_MARGIN}hint: {visible(problem.hint)}")
    return "\n".join(lines)


def visible(text: str) -> str:
    r"""The text with escapes for control and direction characters, and for what steers a pipeline that reads the log.

    >>> visible("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if "##" in text:
        text = _STEERING.sub(r"#\\x23", text)
    if text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 - where one more byte is needed


def _pointed_at(line: str, column: int, *, color: bool) -> list[str]:
    """The line, cut to a width, and a caret below the column."""
    line = line.replace("\t", " ")
    start = max(0, min(column - 1 - _WIDEST // 2, len(line) - _WIDEST)) if len(line) > _WIDEST else 0
    shown = line[start : start + _WIDEST].rstrip()
    before = line[start : column - 1]
    lead, trail = "..." if start else "", "..." if len(line) > start + _WIDEST else ""
    caret = " " * (len(lead) + _width(visible(before))) + "^"
    return [f"{_MARGIN}{lead}{visible(shown)}{trail}", f"{_MARGIN}{_painted(caret, '1', color=color)}"]


def _width(text: str) -> int:
    """The number of terminal cells: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _painted(text: str, color_code: str, *, color: bool) -> str:
    return f"\x1b[{color_code}m{text}\x1b[0m" if color else text

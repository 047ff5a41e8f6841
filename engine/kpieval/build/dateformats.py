"""The `format` of a date: a strptime pattern, and what is meant by one as spreadsheets write it."""

from __future__ import annotations

import re

_LETTERS = {
    "yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "m": "%m", "dd": "%d", "d": "%d",
    "hh": "%H", "h": "%H", "ss": "%S", "s": "%S",
}  # fmt: skip
_MINUTES = re.compile(r"(?<=:)mm?(?![a-z])|\bmm?(?=:ss)", re.IGNORECASE)
_PIECE = re.compile(r"%.|yyyy|yy|mmmm|mmm|mm|m|dd|d|hh|h|ss|s", re.IGNORECASE)


def as_strptime(text: str) -> str | None:
    """A pattern of a spreadsheet as strptime has it; None for what is neither.

    >>> [as_strptime(text) for text in ("dd.mm.yyyy", "M/D/YY", "yyyy-mm-dd hh:mm:ss", "ISO")]
    ['%d.%m.%Y', '%m/%d/%y', '%Y-%m-%d %H:%M:%S', None]
    """
    made = _PIECE.sub(lambda piece: _LETTERS.get(piece[0].lower(), piece[0]), _MINUTES.sub("%M", text))
    return made if not re.search(r"(?<!%)[A-Za-z]", made) else None

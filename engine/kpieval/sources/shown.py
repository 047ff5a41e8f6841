"""What a message shows of the data: short, on one line, and without any character that a terminal would obey."""

from __future__ import annotations

import unicodedata
from pathlib import Path

_LONGEST = 40
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def shown(value: str, longest: int = _LONGEST) -> str:
    r"""A value in quotes.

    >>> shown("a\x1b[31m")
    '`a\\x1b[31m`'
    >>> shown("x" * 50)
    '`xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…`'
    """
    short = value if len(value) <= longest else value[: longest - 1] + "…"
    return "`" + "".join(_escaped(character) for character in short) + "`"


def location(path: str | Path, root: Path) -> str:
    """A file as messages name it: from the project's folder, or as it is where it lies outside."""
    path = Path(path)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def times(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun.

    >>> times(1, "row"), times(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _escaped(character: str) -> str:
    if character == "\u00a0":
        return "\\xa0"
    if unicodedata.category(character) not in _UNSEEN:
        return character
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")

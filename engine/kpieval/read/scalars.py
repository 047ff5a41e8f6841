"""A plain word of YAML -> text, number, true, false or nothing, by the core rules of YAML 1.2.

What older readers take for something else is text where the text is what one means (`NO`, `on`, `1:30`), and refused
where it looks like a number and isn't the same one everywhere (`017`, `1_000`, `1e3`).
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)", re.ASCII)
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+][0-9]+)?", re.ASCII)
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_TWO_READINGS = re.compile(
    r"[-+]?0[0-9]+"  # octal in YAML 1.1
    r"|[-+]?0o[0-7]+"  # octal in YAML 1.2
    r"|[-+]?0b[01_]+|[-+]?0x[0-9a-fA-F_]+"  # only hexadecimal digits without sign and `_` are the same in both
    r"|[-+]?(?=[0-9_.]*_)(?=[0-9_.]*[0-9])\.?[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"  # `_` between digits
    r"|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+",  # an exponent without point or sign
    re.ASCII,
)
_LONGEST_WHOLE = 18
_NUMBER_STARTS = frozenset("+-.0123456789")


class RefusedScalarError(ValueError):
    """A plain word that nobody should rely on: `code`, what is wrong with it, and what to write."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def plain(text: str) -> str | int | float | bool | None:
    """What the plain (unquoted) word says.

    >>> [plain(word) for word in ("won", "NO", "1:30", "2026-07-01", "true", "~", "30", "0.30")]
    ['won', 'NO', '1:30', '2026-07-01', True, None, 30, 0.3]
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _WHOLE.fullmatch(text):
        return _whole(text)
    if _FRACTION.fullmatch(text):
        return _fraction(text)
    if _HEXADECIMAL.fullmatch(text):
        return _whole(text)
    if _NO_NUMBER.fullmatch(text):
        message = f"`{text}` is no number that one can compare with."
        raise RefusedScalarError("not-a-number", message, f"Give a finite number, or quote it if it is text: '{text}'.")
    if _TWO_READINGS.fullmatch(text):
        raise RefusedScalarError(
            "ambiguous-number", f"`{_short(text)}` is not the same number to every reader of YAML.", _ways(text)
        )
    return text


def _whole(text: str) -> int:
    if len(text.lstrip("+-")) > _LONGEST_WHOLE:
        raise _too_long(text)
    return int(text, 16) if text.startswith("0x") else int(text)


def _fraction(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise RefusedScalarError(
            "not-a-number", f"`{_short(text)}` is too large for a number.", "Give a smaller number."
        )
    if len(text) > _LONGEST_WHOLE - 3 and Decimal(repr(number)) != Decimal(text):
        raise _too_long(text)
    return number


def _too_long(text: str) -> RefusedScalarError:
    message = f"`{_short(text)}` has more digits than a number can keep."
    return RefusedScalarError("not-a-number", message, "Quote it if it is text, such as an identifier; else round it.")


def _ways(text: str) -> str:
    """How to write what was meant."""
    quoted = f"quote it if it is text: '{_short(text)}'"
    bare = text.replace("_", "")
    if re.fullmatch(r"[-+]?[0-9]{1,18}(\.[0-9]*)?", bare):
        sign, digits = ("-", bare[1:]) if bare.startswith("-") else ("", bare.lstrip("+"))
        return f"Write {sign}{digits.lstrip('0') or '0'} if it is a number, or {quoted}."
    if re.fullmatch(r"[-+.0-9]+[eE][-+]?[0-9]{1,2}", bare):
        return f"Write {Decimal(bare):f} if it is a number, or {quoted}."
    return f"Write a number in plain decimal digits, or {quoted}."


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."  # noqa: PLR2004  # what fits a line beside its sentence

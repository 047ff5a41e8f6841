"""A value that is not what its column declares -> the way out that the value itself suggests, if any."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpieval.model import Column

_NOTHING = {"n/a", "na", "#n/a", "-", "--", "–", "null", "none", "nil", "nan", "?", "missing", "(blank)", "\\n", "."}
_GROUPED = re.compile(r"[+-]?\d[\d.,' \u00a0\u202f]*")
_POINT = re.compile(r"[+-]?\d*\.\d+")
_DIGITS = re.compile(r"[+-]?\d*\.?\d*")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}\b")
_DAY = re.compile(r"\d{1,4}[./ -](\d{1,2}|[A-Za-z]{3,9})[./ -]\d{2,4}\b|\d{8}")


def hint(column: Column, value: str) -> str | None:
    """What to declare, or to mend, so that the value can be read."""
    if value.casefold().strip() in _NOTHING:
        return f'If it stands for nothing, declare `nulls: ["", "{value}"]`.'
    if value != value.strip():
        return "There are spaces around it; export the values without them."
    if column.type == "boolean":
        return "It can be true or false, yes or no, 1 or 0."
    return _of_day(column, value) if column.type in {"date", "timestamp"} else _of_number(column, value)


def _of_number(column: Column, value: str) -> str | None:
    if column.type == "integer" and _POINT.fullmatch(value):
        return f"Declare `{column.name}: decimal`, if parts of one can be."
    if _DIGITS.fullmatch(value):
        return "A decimal number has at most 28 digits before the point and 10 after it, a whole number at most 18."
    if _GROUPED.fullmatch(value):
        return 'Declare what stands between thousands, and the decimal sign: `thousands: ","`, `decimal: "."`.'
    return None


def _of_day(column: Column, value: str) -> str | None:
    if column.format is None:
        if _ISO.match(value):
            return "There is no such day or time."
        return 'Declare how it is written, like `format: "%d.%m.%Y"`.' if _DAY.match(value) else None
    if "%Y" in column.format and not re.search(r"\d{4}", value):
        return "A year of two digits is `%y`."
    if "%y" in column.format and re.search(r"\d{4}", value):
        return "A year of four digits is `%Y`."
    return None

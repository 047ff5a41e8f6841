"""A text that stands where a number, a percentage or a date belongs -> that one, written as it should be."""

from __future__ import annotations

import re

_SIGNS = re.compile(r"^\s*[<>=≥≤~]+\s*")
_PERCENT = re.compile(r"\s*(%|percent|per cent|pct|p\.c\.)\s*$", re.IGNORECASE)
_UNIT = re.compile(r"(?<=\d)\s+[^\W\d]+$")


def number_in(text: str) -> str | None:
    """The number that a text seems to hold.

    >>> [number_in(text) for text in ("20", "20%", "0,3", "1 000", "7,000", "20 deals", ">= 5", "many")]
    ['20', '20', '0.3', '1000', '7000', '20', '5', None]
    """
    bare = _UNIT.sub("", _PERCENT.sub("", _SIGNS.sub("", text)).strip())
    bare = re.sub(r"(?<=\d)[ _'](?=\d{3})", "", bare)
    if re.fullmatch(r"[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?", bare):
        bare = bare.replace(",", "")
    bare = re.sub(r"^([-+]?\d*),(\d+)$", r"\1.\2", bare)
    return bare if re.fullmatch(r"[-+]?(0|[1-9]\d{0,14})(\.\d{1,10})?", bare) else None


def percent_in(text: str) -> str | None:
    """The percentage that a text seems to hold.

    >>> [percent_in(text) for text in ("50 percent", "52,5%", ">= 50%", "50")]
    ['50%', '52.5%', '50%', None]
    """
    number = number_in(text) if _PERCENT.search(text) else None
    return f"{number}%" if number else None


def date_in(text: str) -> str | None:
    """The day that a text seems to mean, the first one of a year or a month; of `1/2/2026` nobody knows which.

    >>> [date_in(text) for text in ("1.2.2026", "1/31/2026", "31/1/2026", "1/2/2026", "2026/1/2", "2026", "2026-03")]
    ['2026-02-01', '2026-01-31', '2026-01-31', None, '2026-01-02', '2026-01-01', '2026-03-01']
    """
    found = re.fullmatch(r"(\d{4})(?:[-./](\d{1,2})(?:[-./](\d{1,2}))?)?", text.strip())
    if found:
        return _iso(found[1], found[2] or "1", found[3] or "1")
    found = re.fullmatch(r"(\d{1,2})(\. ?|/)(\d{1,2})(?:\. ?|/)(\d{4})", text.strip())
    if found is None:
        return None
    first, second = int(found[1]), int(found[3])
    most = 12
    if found[2] == "/" and first <= most and second <= most and first != second:
        return None
    day, month = (second, first) if second > most else (first, second)
    return _iso(found[4], str(month), str(day))


def _iso(year: str, month: str, day: str) -> str:
    return f"{year}-{month:0>2}-{day:0>2}"

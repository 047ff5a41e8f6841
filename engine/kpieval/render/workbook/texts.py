"""Texts as Excel takes them: names of sheets, and what is cut to its length."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpieval.render.prose import clean

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = 31
"""UTF-16 units of a sheet's name."""

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


def sheet_names(titles: Iterable[str]) -> list[str]:
    """A name for each sheet that Excel takes: none twice, whatever the case, none too long, none with a forbidden sign.

    >>> sheet_names(["Win rate", "win/rate", "WIN RATE"])
    ['Win rate', 'win rate 2', 'WIN RATE 3']
    """
    names: list[str] = []
    taken = {"history"}
    for place, title in enumerate(titles, 1):
        number = place
        plain = " ".join(_FORBIDDEN.sub(" ", clean(title)).split()).strip("' ") or "KPI"
        name = _short(plain, NAME)
        while name.casefold() in taken:
            tail = f" {number}"
            name, number = _short(plain, NAME - len(tail)) + tail, number + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def _short(text: str, units: int) -> str:
    """As much of a text as fits into so many UTF-16 units, as a name."""
    return cut(text, units).strip("' ")


def cut(text: str, units: int) -> str:
    """As much of a text as fits into so many UTF-16 units."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")

"""A name that nobody declared -> the nearest one that somebody did."""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def nearest(name: str, names: Iterable[str], alike: float = 0.6) -> str | None:
    """The name most like `name`, if any is alike to this degree; of equals the first in the alphabet.

    >>> nearest("close_dat", ["amount", "close_date"])
    'close_date'
    >>> nearest("Stage", ["amount", "stage"])
    'stage'
    """
    folded = {candidate.casefold(): candidate for candidate in sorted(names, reverse=True)}
    matches = get_close_matches(name.casefold(), sorted(folded), n=1, cutoff=alike)
    return folded[matches[0]] if matches else None


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """The hint with the nearest name.

    >>> did_you_mean("wun", ["won", "lost"])
    'Did you mean `won`?'
    """
    match = nearest(name, names)
    return f"Did you mean `{match}`?" if match else None


def most_alike(name: str, names: Iterable[str], count: int) -> list[str]:
    """The names, those most like `name` first, at most so many.

    >>> most_alike("won", ["answers", "coached_hours", "lost", "wins"], 2)
    ['wins', 'lost']
    """
    folded = name.casefold()
    ordered = sorted(names, key=lambda other: (-SequenceMatcher(None, folded, other.casefold()).ratio(), other))
    return ordered[:count]

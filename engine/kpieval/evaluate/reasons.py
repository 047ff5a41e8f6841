"""Why there is no verdict, as the enumeration `reason`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpieval.model import Reason


def reason(word: Reason) -> str:
    """One of them in SQL."""
    return f"cast('{word}' as reason)"

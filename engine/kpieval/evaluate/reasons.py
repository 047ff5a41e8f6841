"""Why there is no verdict, as the enumeration `reason`."""

from __future__ import annotations

from typing import Literal, get_args

Reason = Literal["not_applicable", "no_data", "no_baseline", "zero_denominator", "insufficient_sample", "no_target"]
"""In the order in which it is looked for.

`no_data`: no row behind the value. `no_baseline`: no earlier value to compare with. `insufficient_sample`: a value, but
too few rows, or with `confidence: require` an uncertain one. `no_target`: nothing to compare the value with.
"""

REASONS: tuple[Reason, ...] = get_args(Reason)


def reason(word: Reason) -> str:
    """One of them in SQL."""
    return f"cast('{word}' as reason)"

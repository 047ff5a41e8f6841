"""Why there is no verdict, as the enumeration `reason`."""

from __future__ import annotations

from typing import Literal, get_args

Reason = Literal[
    "suppressed", "not_applicable", "no_data", "no_baseline", "zero_denominator", "insufficient_sample", "no_target"
]
"""In the order in which it is looked for.

`suppressed`: a group too small to be shown, or one that would tell of such a group. `no_data`: no row behind the
value. `no_baseline`: nothing earlier to compare with, in the formula or, where there is a value, as its target.
`insufficient_sample`: a value, but too few rows, or with `confidence: require` an uncertain one. `no_target`: nothing
to compare the value with.
"""

REASONS: tuple[Reason, ...] = get_args(Reason)


def reason(word: Reason) -> str:
    """One of them in SQL."""
    return f"cast('{word}' as reason)"

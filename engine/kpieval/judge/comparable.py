"""Which observations can be held against others: those of known members, whose value rests on a large enough sample."""

from __future__ import annotations

from kpieval.evaluate.verdict import REASONS

_ABOUT_THE_TARGET = ("no_target", "no_baseline")
"""Reasons with which nothing is wrong with a value, where there is one."""


def comparable(alias: str) -> str:
    """SQL of whether a row of `judged` can be compared."""
    codes = ", ".join(str(REASONS.index(reason) + 1) for reason in _ABOUT_THE_TARGET)
    return f"({alias}.value is not null and ({alias}.reason is null or {alias}.reason in ({codes})))"

"""Which observations can be held against others: those of known members, whose value rests on a large enough sample."""

from __future__ import annotations

from kpieval.evaluate.reasons import reason


def comparable(alias: str) -> str:
    """SQL of whether a row of `judged` can be compared; a reason that is about its target says nothing of a value."""
    about_the_target = ", ".join((reason("no_target"), reason("no_baseline")))
    return f"({alias}.value is not null and ({alias}.reason is null or {alias}.reason in ({about_the_target})))"

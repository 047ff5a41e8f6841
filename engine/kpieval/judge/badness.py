"""Values of KPIs whose directions differ, brought to one: the higher, the worse."""

from __future__ import annotations

from kpieval.evaluate.reasons import reason

_UNFIT = f"({reason('not_applicable')}, {reason('insufficient_sample')})"


def badness(row: str, meta: str) -> str:
    """SQL of how bad the value of a row of `verdicts` is: lower or higher as the direction says, or far from the range.

    It is null where there is no value, no range to be far from, or where the value rests on too few cases.
    """
    return (
        f"case when {row}.reason in {_UNFIT} then null when {meta}.direction = 1 then -{row}.value "
        f"when {meta}.direction = -1 then {row}.value when {row}.low is not null and {row}.value is not null "
        f"then greatest({row}.low - {row}.value, {row}.value - {row}.high, 0) end"
    )

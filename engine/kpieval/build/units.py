"""`unit:` -> how a value is shown; and numbers as authors write them, `30%` or `0.30`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Literal, cast, get_args

from kpieval.model import Unit

if TYPE_CHECKING:
    from kpieval.build.node import Node

Kind = Literal["percent", "number", "currency", "hours", "days", "points", "ratio", "suffix"]
KINDS: tuple[str, ...] = tuple(kind for kind in get_args(Kind) if kind != "suffix")
_SHARES = frozenset({"percent", "points"})
_NEVER_SHARES = frozenset({"currency", "hours", "days"})
_SELDOM_SHARES = frozenset({"number", "suffix"})
_LIKELY_FRACTION = 1.5
"""A share of the whole is seldom more than this, and a percentage that was written as a number seldom less."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written: `30%` is 0.30, with `percent` set."""

    value: float
    percent: bool


def number(node: Node | None) -> Number | None:
    """The number that stands at `node`."""
    text = node.text() if node else None
    if node is None or text is None:
        return None
    percent = text.rstrip().endswith("%")
    try:
        written = Decimal(text.rstrip().removesuffix("%").strip())
    except InvalidOperation:
        written = Decimal("nan")
    if not written.is_finite():
        node.misshapen("a number")
        return None
    return Number(float(written / 100 if percent else written), percent)


def unit(kpi: Node, currency: str | None) -> Unit:
    """The unit of a KPI."""
    node = kpi.get("unit")
    if node is None:
        return Unit()
    in_long_form = isinstance(node.value, dict)
    suffix = node.text("suffix") if in_long_form else None
    kind = node.choice("kind", KINDS) if in_long_form else node.text()
    text = kind or ("suffix" if suffix else "number")
    if text not in (*KINDS, "suffix"):
        node.misshapen("a unit")
        return Unit()
    if text == "currency" and currency is None:
        node.error(
            "missing-currency",
            f"`{kpi.name}` is an amount of money, but the project doesn't say in which currency.",
            hint="Add `currency: EUR`, or another, to kpieval.yaml.",
        )
    decimals = node.whole("decimals") if in_long_form else None
    return Unit(cast("Kind", "suffix" if suffix and text == "number" else text), decimals, suffix)


def likely_percentage(value: float, unit_: Unit) -> bool:
    """Whether a number is too large to be meant as the fraction that the unit takes it for."""
    return unit_.kind in _SHARES and abs(value) > _LIKELY_FRACTION


def check_scale(node: Node, written: Number, unit_: Unit) -> None:
    """Warn where a share is written as a percentage without its sign, or the sign stands on what is no share."""
    if not written.percent and likely_percentage(written.value, unit_):
        text = f"{written.value:g}"
        node.warn(
            "percent-as-number",
            f"`{text}` is {written.value * 100:g} %, for the unit is {unit_.kind}.",
            hint=f"If {text} % is meant, write {text}%.",
        )
    if unit_.kind in _NEVER_SHARES | _SELDOM_SHARES and written.percent:
        hint = "Write the number itself."
        if unit_.kind in _SELDOM_SHARES:
            hint = "If the KPI is a share, say `unit: percent`; else write the number itself."
        node.warn(
            "percent-of-nothing",
            f"`{written.value * 100:g}%` is {written.value:g}, but the unit is {unit_.suffix or unit_.kind}.",
            hint=hint,
        )

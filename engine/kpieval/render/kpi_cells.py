"""An observation becomes cells: numbers in the unit of the KPI, its status in its colour, and a remark.

Formats round what is seen, with the digits that tell a value from its target and from the edges of its bands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render.cells import Column, Number, Tinted, number_format, numeric
from kpieval.render.words import instead, status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.render.cells import Cell
    from kpieval.render.formatting import Formats
    from kpieval.render.reading import Reader

Json = dict[str, Any]

STATUS = 8
"""The place of the status among the columns."""


def columns(formats: Formats) -> tuple[Column, ...]:
    """Those of a KPI's sheet."""
    say = formats.say
    return (
        Column(say("Period"), 11),
        numeric(say("First day"), 12),
        Column(say("Level"), 14),
        Column(say("Member"), 16),
        Column(say("Label"), 24),
        numeric(say("Value"), 14),
        numeric(say("Target"), 14),
        numeric(say("Target to"), 14),
        Column(say("Status"), 14),
        Column(say("Remark"), 26),
        numeric(say("Cases"), 10),
        numeric(say("95\N{NO-BREAK SPACE}% from"), 14),
        numeric(say("95\N{NO-BREAK SPACE}% to"), 14),
    )


def cells(reader: Reader, row: Json, start: Cell, level: str) -> tuple[Cell, ...]:
    """An observation in these columns; its period begins on the day `start`."""
    return (
        row["period"], start, level, row["member"], row["label"], *figures(reader, row),
        verdict(reader.kpi, row["status"]), remark(reader, row), row["n"], *_interval(reader, row),
    )  # fmt: skip


def figures(reader: Reader, row: Json) -> tuple[Cell, Cell, Cell]:
    """The value, and its target: a number, or the ends of a range."""
    value, (low, high) = row["value"], row["target_range"] or (row["target"], None)
    shown = None if value is None else _number(reader, value, reader.decimals(row))
    return shown, _aim(reader, row, low), _aim(reader, row, high)


def change(reader: Reader, row: Json) -> Number | None:
    """The difference from the period before."""
    if row["change"] is None:
        return None
    places = reader.formats.difference_decimals(row["change"], reader.unit)
    return Number(row["change"], number_format(reader.unit, reader.formats, places, signed=True))


def remark(reader: Reader, row: Json) -> str | None:
    """Why there is no status, or what else is to be known of it."""
    if not row["status"]:
        return instead(reader.kpi, row["reason"], reader.formats)
    doubt = reader.formats.say("uncertain") if row["uncertain"] else ""
    return "; ".join(filter(None, (doubt, reader.guard(row)))) or None


def verdict(kpi: Json, name: str | None) -> Tinted | None:
    """A status of a KPI or of a scorecard; none where there is none."""
    if name is None:
        return None
    found = status(kpi, name)
    return Tinted(found.word, found.color)


def colors(kpi: Json) -> Mapping[str, str]:
    """The colours of the words for its bands."""
    found = (status(kpi, band["name"]) for band in kpi["bands"])
    return {each.word: each.color for each in found}


def _aim(reader: Reader, row: Json, number: float | None) -> Number | None:
    return None if number is None else _number(reader, number, reader.target_decimals(row, number))


def _interval(reader: Reader, row: Json) -> tuple[Cell, Cell]:
    if not row["interval"]:
        return None, None
    low, high = row["interval"]
    places = reader.interval_decimals(low, high)
    return _number(reader, low, places), _number(reader, high, places)


def _number(reader: Reader, number: float, places: int) -> Number:
    return Number(number, number_format(reader.unit, reader.formats, places))

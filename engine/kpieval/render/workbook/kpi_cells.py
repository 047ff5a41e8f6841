"""An observation becomes cells: numbers in the unit of the KPI, its status in its colour, and a remark.

Formats round what is seen, with the digits that tell a value from its target and from the edges of its bands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render.formatting import HUGE
from kpieval.render.words import instead, status
from kpieval.render.workbook.number_formats import number_format
from kpieval.render.workbook.sheets import Column, Number, Tinted, numeric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.render.views.index import Index
    from kpieval.render.views.reading import Reader
    from kpieval.render.workbook.sheets import Cell

Json = dict[str, Any]

STATUS = 8
"""The place of the status among the columns."""
NARROWEST, _WIDEST = 14, 60
"""Of columns of values."""
_POWER = "0.00E+00"


def columns(reader: Reader, index: Index) -> tuple[Column, ...]:
    """Those of a KPI's sheet."""
    say, wide = reader.formats.say, width(reader, index)
    return (
        Column(say("Period"), 11),
        numeric(say("First day"), 12),
        Column(say("Level"), 14),
        Column(say("Member"), 16),
        Column(say("Label"), 24),
        numeric(say("Value"), wide),
        numeric(say("Target"), wide),
        numeric(say("Target to"), wide),
        Column(say("Status"), 14),
        Column(say("Remark"), 26),
        numeric(say("Cases"), 10),
        numeric(say("95% from"), wide),
        numeric(say("95% to"), wide),
    )


def width(reader: Reader, index: Index) -> int:
    """The width of a column for the values of a KPI, with room for a few more digits."""
    found = [value for value in index.rows.values(reader.kpi["name"]) if abs(value) < HUGE]
    ends = [reader.formats.value(end, reader.unit) for end in (min(found), max(found))] if found else []
    return min(max(NARROWEST, *(len(end) + 4 for end in ends), 0), _WIDEST)


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
    code = _POWER if abs(number) >= HUGE else number_format(reader.unit, reader.formats, places)
    return Number(number, code)

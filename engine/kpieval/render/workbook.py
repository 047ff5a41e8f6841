"""A result becomes a workbook for Excel: an overview and a sheet for each KPI, with cells of their own types.

Numbers have 16 digits, which is what Excel reads; their formats round what is seen. A text is always written as text,
whatever it begins with, so that no cell holds a formula.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from kpieval.problems import OutputError, Problem
from kpieval.render.formatting import Formats, unit_decimals
from kpieval.render.index import Index
from kpieval.render.palette import INK, TINT
from kpieval.render.prose import clean
from kpieval.render.section import readers
from kpieval.render.words import instead, status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kpieval.model import Unit
    from kpieval.render.reading import Reader

Json = dict[str, Any]

ROWS = 1_048_576
"""Excel has no more in a sheet."""
NAME = 31
"""UTF-16 units of a sheet's name."""
OVERVIEW = "Overview"

COLUMNS = (
    ("Period", 11), ("Starts", 11), ("Level", 14), ("Member", 16), ("Label", 24), ("Value", 14), ("Target", 14),
    ("Target to", 14), ("Status", 14), ("Remark", 24), ("Cases", 10), ("95 % from", 14), ("95 % to", 14),
)  # fmt: skip
"""The columns of a KPI's sheet, with their widths."""

GLANCE = (("KPI", 36), ("Value", 14), ("Target", 14), ("Target to", 14), ("Status", 14), ("Remark", 24), ("Change", 14))
"""Those of the overview."""

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_EARLIEST = 1900


def workbook(result: Mapping[str, Any]) -> bytes:
    """The workbook of a result. The same result gives the same bytes.

    Raises OutputError where the package that writes it isn't installed.
    """
    if find_spec("xlsxwriter") is None:
        message, hint = "Writing Excel needs the package xlsxwriter.", "Run `pip install kpieval[excel]`."
        raise OutputError(Problem("error", "missing-extra", message, hint=hint))
    import xlsxwriter  # noqa: PLC0415 - an extra

    index, formats = Index(result), Formats(result["locale"], result["currency"])
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": clean(result["title"])[:255], "created": _created(result)})
        _Book(book, index, readers(index, formats), formats).write(result["observations"])
    return out.getvalue()


@dataclass(slots=True)
class _Sheet:
    """The sheet of a KPI: the next row to be written, the format of its numbers, and how many rows are too many."""

    page: Any
    name: str
    number: Any
    next: int = 1
    left_out: int = 0


class _Book:
    """Writes one workbook."""

    def __init__(self, book: Any, index: Index, found: Mapping[str, Reader], formats: Formats) -> None:  # noqa: ANN401 - an extra
        self.book, self.index, self.readers, self.formats = book, index, found, formats
        self.plain = book.add_format({"valign": "top"})
        self.head = book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
        self.link = book.add_format({"font_color": INK["blue"], "underline": 1, "valign": "top"})
        self.looks = {
            color: book.add_format({"font_color": INK[color], "bg_color": TINT[color]}) for color in INK
        }  # fmt: skip
        self.numbers: dict[str, Any] = {}

    def write(self, observations: Iterable[Json]) -> None:
        """All sheets."""
        names = sheet_names([OVERVIEW, *(self.index.kpis[name]["title"] for name in self.readers)])
        overview = self._sheet(names[0], GLANCE)
        sheets = {
            name: _Sheet(self._sheet(title, COLUMNS), title, self._number(reader.unit))
            for (name, reader), title in zip(self.readers.items(), names[1:], strict=True)
        }
        for row in observations:
            self._observation(sheets[row["kpi"]], self.readers[row["kpi"]].kpi, row)
        for name, sheet in sheets.items():
            self._finished(sheet.page, sheet.next, COLUMNS, self.index.kpis[name]["bands"])
        self._overview(overview, sheets)

    def _sheet(self, name: str, columns: Sequence[tuple[str, int]]) -> Any:  # noqa: ANN401 - an extra
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        for at, (head, width) in enumerate(columns):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, head, self.head)
        return sheet

    def _observation(self, sheet: _Sheet, kpi: Json, row: Json) -> None:
        if sheet.next >= ROWS:
            sheet.left_out += 1
            return
        period, level = self.index.periods[row["period"]], self.index.levels[row["level"]]
        low, high = row["interval"] or (None, None)
        self._row(sheet.page, sheet.next, (
            row["period"], dt.date.fromisoformat(period["start"]), level["title"], row["member"], row["label"],
            row["value"], *_target(row), *_verdict(kpi, row, self.formats), row["n"], low, high,
        ), {5: sheet.number, 6: sheet.number, 7: sheet.number, 11: sheet.number, 12: sheet.number})  # fmt: skip
        sheet.next += 1

    def _overview(self, page: Any, sheets: Mapping[str, _Sheet]) -> None:  # noqa: ANN401 - an extra
        at = 0
        for at, (name, sheet) in enumerate(sheets.items(), 1):
            kpi, key = self.index.kpis[name], self.index.top(name)
            row = self.index.one(name, key) if key else None
            place = "internal:'" + sheet.name.replace("'", "''") + "'!A1"
            page.write_url(at, 0, place, self.link, clean(kpi["title"]))
            if row is None:
                self._row(page, at, (None, None, None, None, None, f"No single {kpi['levels'][-1]}", None), {}, skip=1)
                continue
            number = sheet.number
            cells = (None, row["value"], *_target(row), *_verdict(kpi, row, self.formats), row["change"])
            self._row(page, at, cells, {1: number, 2: number, 3: number, 6: number}, skip=1)
        self._finished(page, at + 1, GLANCE, [band for reader in self.readers.values() for band in reader.kpi["bands"]])
        for name, kpi in self.index.kpis.items():
            if name not in sheets:
                at += 1
                self._row(page, at, (kpi["title"], None, None, None, None, "Not measured"), {})
        for sheet in sheets.values():
            if sheet.left_out:
                at += 1
                left = self.formats.count(sheet.left_out)
                said = f"{left} rows of this KPI don't fit into a sheet of Excel; the CSV has all of them."
                self._row(page, at + 1, (sheet.name, said), {})

    def _row(self, page: Any, at: int, cells: Sequence[object], numbers: Mapping[int, Any], skip: int = 0) -> None:  # noqa: ANN401 - an extra
        """Write cells, each by its type; the first `skip` are written already."""
        for column, cell in enumerate(cells[skip:], skip):
            match cell:
                case None:
                    pass
                case dt.date() if cell.year >= _EARLIEST:
                    page.write_datetime(at, column, dt.datetime.combine(cell, dt.time()), self.day)
                case int() | float():
                    page.write_number(at, column, cell, numbers.get(column, self.plain))
                case _:
                    page.write_string(at, column, clean(str(cell)), self.plain)

    def _finished(self, page: Any, rows: int, columns: Sequence[tuple[str, int]], bands: Iterable[Json]) -> None:  # noqa: ANN401 - an extra
        """Give a sheet its filter and the colours of its statuses."""
        page.autofilter(0, 0, max(rows - 1, 1), len(columns) - 1)
        column = [head for head, _ in columns].index("Status")
        letter = chr(ord("A") + column)
        words = {clean(band["label"]): band["color"] for band in bands}
        for word, color in words.items():
            quoted = word.replace('"', '""')
            rule = {"type": "formula", "criteria": f'=${letter}2="{quoted}"', "format": self.looks[color]}
            page.conditional_format(1, column, max(rows - 1, 1), column, rule)

    def _number(self, unit: Unit) -> Any:  # noqa: ANN401 - an extra
        """The format of a unit's numbers."""
        code = number_format(unit, self.formats.currency)
        if code not in self.numbers:
            self.numbers[code] = self.book.add_format({"num_format": code, "valign": "top"})
        return self.numbers[code]


def number_format(unit: Unit, currency: str | None) -> str:
    """How Excel writes the numbers of a unit.

    Points are differences of shares, so that they are written in per cent as these are.
    """
    places = unit_decimals(unit)
    plain = "#,##0" + ("." + "0" * places if places else "")
    if unit.kind in ("percent", "points"):
        return f"{plain}%"
    if unit.kind == "currency":
        return f"{plain} [${currency}]" if currency and re.fullmatch("[A-Z]{3}", currency) else plain
    word = {"hours": "h", "days": "d"}.get(unit.kind, unit.suffix or "")
    kept = re.sub(r'["\\]', "", clean(word))[:40]
    return f'{plain}" {kept}"' if kept else plain


def sheet_names(titles: Iterable[str]) -> list[str]:
    """A name for each sheet that Excel takes: none twice, whatever the case, none too long, none with a forbidden sign.

    >>> sheet_names(["Win rate", "win/rate", "WIN RATE"])
    ['Win rate', 'win rate 2', 'WIN RATE 3']
    """
    names: list[str] = []
    taken = {"history"}
    for place, title in enumerate(titles, 1):
        number = place
        plain = " ".join(_FORBIDDEN.sub(" ", clean(title)).split()).strip("' ") or "KPI"
        name = _short(plain, NAME)
        while name.casefold() in taken:
            tail = f" {number}"
            name, number = _short(plain, NAME - len(tail)) + tail, number + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def _short(text: str, units: int) -> str:
    """As much of a text as fits into so many UTF-16 units."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore").strip("' ")


def _target(row: Json) -> tuple[float | None, float | None]:
    low, high = row["target_range"] or (row["target"], None)
    return low, high


def _verdict(kpi: Json, row: Json, formats: Formats) -> tuple[str | None, str | None]:
    if row["status"]:
        return status(kpi, row["status"]).word, formats.say("uncertain") if row["uncertain"] else None
    return None, instead(kpi, row["reason"], formats)


def _created(result: Mapping[str, Any]) -> dt.datetime:
    """What stands in the file as its day: `SOURCE_DATE_EPOCH`, or the day of the run, or the end of the period."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdecimal():
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC).replace(tzinfo=None)
    end = next(period["end"] for period in result["periods"] if period["label"] == result["period"])
    return dt.datetime.fromisoformat(result["as_of"] or end)

"""A result becomes a workbook for Excel: an overview, what is listed beside it, and a sheet for each KPI.

Numbers have 16 digits, which is what Excel reads.
"""

from __future__ import annotations

import datetime as dt
import io
import os
from importlib.util import find_spec
from itertools import chain
from typing import TYPE_CHECKING, Any

from kpieval.problems import OutputError, Problem
from kpieval.render.prose import clean
from kpieval.render.views.report import Views
from kpieval.render.workbook import first_sheet, kpi_cells
from kpieval.render.workbook.first_sheet import FirstSheet
from kpieval.render.workbook.listings import back, day, front
from kpieval.render.workbook.looks import Looks
from kpieval.render.workbook.sheets import Sheet
from kpieval.render.workbook.texts import sheet_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpieval.render.views.reading import Reader
    from kpieval.render.workbook.listings import Listing
    from kpieval.render.workbook.sheets import Column

Json = dict[str, Any]

_TITLE = 255
"""Signs of a title in the properties of a file."""


def workbook(result: Mapping[str, Any]) -> bytes:
    """The workbook of a result. The same result gives the same bytes.

    Raises OutputError where the package that writes it isn't installed.
    """
    if find_spec("xlsxwriter") is None:
        message, hint = "Writing Excel needs the package xlsxwriter.", "Run `pip install kpieval[excel]`."
        raise OutputError(Problem("error", "missing-extra", message, hint=hint))
    import xlsxwriter  # noqa: PLC0415 - an extra

    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": clean(result["title"])[:_TITLE], "created": _created(result)})
        _Book(book, Views(result)).write()
    return out.getvalue()


class _Book:
    """Writes one workbook. Its sheets are made in the order of their tabs, and filled as their rows come."""

    def __init__(self, book: Any, views: Views) -> None:  # noqa: ANN401 - an extra
        self.book, self.views, self.looks, self.frame = book, views, Looks(book), views.frame()

    def write(self) -> None:
        """All sheets."""
        views, overview = self.views, self.views.overview()
        before, after = list(front(views)), list(back(views))
        titles = [each.title for each in before], [reader.kpi["title"] for reader in views.readers.values()]
        first, *names = sheet_names([views.formats.say("Overview"), *chain(*titles), *(each.title for each in after)])
        columns, shared = first_sheet.columns(views, overview.before), first_sheet.shared_colors(views)
        top = self._sheet(first, columns, colors=shared, tinted=first_sheet.STATUS, kept=1)
        free = iter(names)
        listed = [(each.kind, each.title, self._listing(each, next(free))) for each in before]
        kpis = {name: self._kpi(reader, next(free)) for name, reader in views.readers.items()}
        listed += [(each.kind, each.title, self._listing(each, next(free))) for each in after]
        self._observations(kpis)
        FirstSheet(views, overview, kpis, listed).write(top)

    def _sheet(self, name: str, columns: Sequence[Column], **more: Any) -> Sheet:  # noqa: ANN401 - as `Sheet` has it
        sheet = Sheet(self.looks, self.book.add_worksheet(name), name, columns, **more)
        left = f"{self.frame.title}, {self.frame.period}"
        sheet.footed(left, self.frame.brand.classification, turned=self.frame.direction == "rtl")
        return sheet

    def _listing(self, listing: Listing, name: str) -> Sheet:
        """The sheet of a listing, whole."""
        sheet = self._sheet(name, listing.columns, colors=listing.colors, tinted=listing.tinted, kept=listing.kept)
        sheet.heads()
        for row in listing.rows:
            sheet.row(row)
        sheet.filtered()
        sheet.scaled(listing.bars, bars=True)
        sheet.scaled(listing.heat)
        sheet.gap()
        for text in listing.below:
            sheet.line(text)
        return sheet

    def _kpi(self, reader: Reader, name: str) -> Sheet:
        """The sheet of a KPI, as yet without its rows."""
        columns = kpi_cells.columns(reader, self.views.index)
        sheet = self._sheet(name, columns, colors=kpi_cells.colors(reader.kpi), tinted=kpi_cells.STATUS)
        sheet.heads()
        return sheet

    def _observations(self, sheets: Mapping[str, Sheet]) -> None:
        """Every observation, in the sheet of its KPI."""
        index, readers = self.views.index, self.views.readers
        starts = {label: day(period["start"]) for label, period in index.periods.items()}
        levels = {name: level["title"] for name, level in index.levels.items()}
        for row in self.views.result["observations"]:
            kpi = row["kpi"]
            sheets[kpi].row(kpi_cells.cells(readers[kpi], row, starts[row["period"]], levels[row["level"]]))
        for sheet in sheets.values():
            sheet.filtered()


def _created(result: Mapping[str, Any]) -> dt.datetime:
    """What stands in the file as its day: `SOURCE_DATE_EPOCH`, or the day of the run, or the end of the period."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if epoch.isdecimal():
        return dt.datetime.fromtimestamp(int(epoch), dt.UTC).replace(tzinfo=None)
    end = next(period["end"] for period in result["periods"] if period["label"] == result["period"])
    return dt.datetime.fromisoformat(result["as_of"] or end)

"""A sheet of an Excel workbook -> a table of texts, through fastexcel, which is an extra."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from kpieval.nearest import did_you_mean
from kpieval.problems import DataError, Place, Problem
from kpieval.sources.header import matched
from kpieval.sources.raw import Part, Raw
from kpieval.sources.shown import location

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from kpieval.model import Source

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ERROR_CELL = re.compile(rb'<c [^>]*?r="([A-Z]+)(\d+)"[^>]*?t="e"[^>]*>|<c [^>]*?t="e"[^>]*?r="([A-Z]+)(\d+)"[^>]*>')


def read(connection: duckdb.DuckDBPyConnection, source: Source, files: Sequence[Path], root: Path, most: int) -> Raw:
    """Read the sheet (by default the first) of every workbook, one after the other into one table."""
    try:
        import fastexcel  # noqa: PLC0415 - an extra
    except ImportError:
        hint = "Run `pip install kpieval[excel]`, or save the sheet as CSV."
        problem = Problem("error", "missing-extra", "Reading Excel needs the package fastexcel.", source.place, hint)
        raise DataError(problem) from None
    table = f"raw_{source.name}"
    parts: list[Part] = []
    columns: tuple[str, ...] = ()
    first = 0
    for index, file in enumerate(files):
        shown = location(file, root)
        try:
            workbook = fastexcel.read_excel(file)
            sheet = _sheet(source, workbook.sheet_names, shown)
            _refuse_error_cells(file, sheet, shown, most)
            cells = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        except (fastexcel.FastExcelError, zipfile.BadZipFile, KeyError, ET.ParseError):
            message = "The file is no Excel workbook, or is damaged."
            raise DataError(Problem("error", "damaged-file", message, Place(shown))) from None
        if cells.height == 0:
            raise DataError(Problem("error", "empty-data", f"The sheet `{sheet}` is empty.", Place(shown)))
        connection.register("sheet", cells)
        # a cell of spaces only stays what it is; a row without any value is none
        fields = [row[0] for row in connection.execute("describe sheet").fetchall()]
        connection.execute("create or replace temp table grid as select * from sheet")
        connection.unregister("sheet")
        header = [value or "" for value in connection.execute("select * from grid where rowid = 0").fetchall()[0]]
        found = matched(source, header, shown)
        if index and tuple(found) != columns:
            message = f"`{shown}` and `{parts[0].shown}` don't have the same columns."
            raise DataError(Problem("error", "different-headers", message, Place(shown)))
        columns = tuple(found)
        select = ", ".join(f'"{fields[at]}" as c{number}' for number, at in enumerate(found.values()))
        filled = " or ".join(f'"{field}" is not null' for field in fields)
        into = f'insert into "{table}"' if index else f'create temp table "{table}" as'
        connection.execute(f"{into} select {select} from grid where rowid > 0 and ({filled}) order by rowid")
        lines = connection.execute(
            f"select rowid + 1 from grid where rowid > 0 and ({filled}) order by rowid"
        ).fetchall()
        connection.execute("drop table grid")
        parts.append(Part(shown, first, len(lines), _Lines(tuple(line for (line,) in lines))))
        first += len(lines)
    return Raw(table, columns, tuple(parts))


def _sheet(source: Source, names: Sequence[str], shown: str) -> str:
    wanted = source.options.sheet if source.options else None
    if wanted is None:
        return names[0]
    if wanted not in names:
        hint = did_you_mean(wanted, names) or f"It has {', '.join(f'`{name}`' for name in names)}."
        raise DataError(Problem("error", "no-sheet", f"`{shown}` has no sheet `{wanted}`.", source.place, hint))
    return wanted


def _refuse_error_cells(file: Path, sheet: str, shown: str, most: int) -> None:
    """A cell like #DIV/0! would be read as an empty one, so it is looked for in the workbook itself."""
    if not zipfile.is_zipfile(file):
        return
    with zipfile.ZipFile(file) as archive:
        part = archive.getinfo(_sheet_part(archive, sheet))
        if part.file_size > most:
            message = f"Unpacked, the sheet `{sheet}` has more than {most:,} bytes."
            raise DataError(Problem("error", "memory-limit", message, Place(shown), "Raise `limits: {memory: ...}`."))
        content = archive.read(part)
    if cell := _ERROR_CELL.search(content):
        column, row = (group.decode() for group in cell.groups() if group)
        message = f"Cell {column}{row} of the sheet `{sheet}` holds an error like #N/A or #DIV/0!."
        raise DataError(
            Problem("error", "error-cell", message, Place(shown, int(row)), "Mend its formula, or empty the cell.")
        )


def _sheet_part(archive: zipfile.ZipFile, sheet: str) -> str:
    workbook = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat bounds the expansion of entities
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    wanted = next(each.get(_RELATION) for each in workbook.iter(f"{_MAIN}sheet") if each.get("name") == sheet)
    target = next(each.get("Target", "") for each in relations if each.get("Id") == wanted)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


class _Lines:
    def __init__(self, lines: tuple[int, ...]) -> None:
        self._lines = lines

    def __call__(self, records: Iterable[int]) -> Mapping[int, int]:
        return {record: self._lines[record] for record in records}

"""A sheet of an Excel workbook -> a Parquet file of texts, in a process of its own.

The reader is native code that ends its process where memory runs out, and a workbook of a few kilobytes can need any
amount: two cells far apart, or a long text that a million cells share. So it is the child that ends, within the same
limits as the run, and the run says what was wrong with the file.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from kpieval.nearest import did_you_mean
from kpieval.problems import DataError, Place, Problem
from kpieval.sources import process
from kpieval.sources.quoting import text

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ERROR_CELL = re.compile(rb'<c [^>]*?r="([A-Z]+)(\d+)"[^>]*?t="e"[^>]*>|<c [^>]*?t="e"[^>]*?r="([A-Z]+)(\d+)"[^>]*>')
_CHILD = """
import json, sys
given = json.loads(sys.argv[1])
sys.path[:] = given.pop("path")
from kpieval.sources.workbook import main
main(**given)
"""
_OWN_CODES = (0, 1)
"""How a child ends that was not ended: by itself, or with a traceback."""


def copy(file: Path, shown: str, sheet: str | None, into: Path, memory: int, seconds: float) -> None:
    """Write the cells of a sheet (by default the first) as they are, row by row.

    Raises DataError for what is wrong with the workbook, without a place where the fault is the declaration's; and
    TimeoutError.
    """
    given = {"path": sys.path, "file": str(file), "shown": shown, "sheet": sheet, "into": str(into), "memory": memory}
    command = [sys.executable, "-I", "-c", _CHILD, json.dumps(given)]
    try:
        done = subprocess.run(  # noqa: S603 - this Python, with code of our own
            command, capture_output=True, text=True, encoding="utf-8", timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    if done.returncode not in _OWN_CODES:
        raise DataError(_too_large(shown, "The workbook needs more memory to be read", memory))
    if done.returncode:
        message = f"The reader of workbooks failed: {(done.stderr.strip().splitlines() or ['without a word'])[-1]}"
        raise DataError(Problem("error", "engine-error", message, Place(shown)))
    if problem := json.loads(done.stdout):
        place = problem.pop("place")
        raise DataError(Problem(**problem, place=Place(**place) if place else None))


def main(file: str, shown: str, sheet: str | None, into: str, memory: int) -> None:
    """What the child does: copy the sheet, and print what was wrong as JSON."""
    import duckdb  # noqa: PLC0415 - the parent of a child has no need of them
    import fastexcel  # noqa: PLC0415 - as above

    try:
        problem = None
        with process.ceiling(memory), duckdb.connect() as connection:
            connection.execute("set enable_progress_bar = false")  # stdout is for the answer
            name = _checked(Path(file), shown, sheet, memory)
            cells = fastexcel.read_excel(file).load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            if cells.height:
                connection.register("sheet", cells)
                connection.execute(f"copy (from sheet) to {text(into)} (format parquet, compression uncompressed)")
            else:
                problem = Problem("error", "empty-data", f"The sheet `{name}` is empty.", Place(shown))
    except DataError as error:
        problem = error.problems[0]
    except (MemoryError, duckdb.OutOfMemoryException):
        problem = _too_large(shown, "The workbook needs more memory to be read", memory)
    except (fastexcel.FastExcelError, zipfile.BadZipFile, KeyError, ET.ParseError):
        message = "The file is no Excel workbook, or is damaged."
        problem = Problem("error", "damaged-file", message, Place(shown))
    sys.stdout.write(json.dumps(problem and asdict(problem)))


def _checked(file: Path, shown: str, wanted: str | None, most: int) -> str:
    """The name of the sheet, after a look at whether it is whole and small enough, and has no cell with an error."""
    if not zipfile.is_zipfile(file):  # the older format, which the reader knows as well
        import fastexcel  # noqa: PLC0415 - as above

        return _named(fastexcel.read_excel(file).sheet_names, wanted, shown)
    with zipfile.ZipFile(file) as archive:
        if sum(part.file_size for part in archive.infolist()) > most:
            raise DataError(_too_large(shown, "Unpacked, the workbook is larger", most))
        if archive.testzip() is not None:
            raise zipfile.BadZipFile
        parts = _sheets(archive)
        name = _named(list(parts), wanted, shown)
        content = archive.read(parts[name])
    # a cell like #DIV/0! would be read as an empty one
    if b't="e"' in content and (cell := _ERROR_CELL.search(content)):
        column, row = (group.decode() for group in cell.groups() if group)
        message = f"Cell {column}{row} of the sheet `{name}` holds an error like #N/A or #DIV/0!."
        raise DataError(
            Problem("error", "error-cell", message, Place(shown, int(row)), "Mend its formula, or empty the cell.")
        )
    return name


def _named(names: Sequence[str], wanted: str | None, shown: str) -> str:
    if wanted is None:
        return names[0]
    if wanted not in names:
        hint = did_you_mean(wanted, names) or f"It has {', '.join(f'`{name}`' for name in names)}."
        raise DataError(Problem("error", "no-sheet", f"`{shown}` has no sheet `{wanted}`.", hint=hint))
    return wanted


def _sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """The sheets by name, and the part of the archive that each is in."""
    workbook = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat bounds the expansion of entities
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - as above
    targets = {each.get("Id"): each.get("Target", "") for each in relations}
    found = {}
    for each in workbook.iter(f"{_MAIN}sheet"):
        target = targets.get(each.get(_RELATION), "")
        found[each.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def _too_large(shown: str, what: str, memory: int) -> Problem:
    message = f"{what} than {memory / 1024**3:.3g} GiB."
    return Problem("error", "memory-limit", message, Place(shown), "Raise `limits: {memory: ...}`, or save it as CSV.")

"""A data file -> its columns and the distinct values in them, as text or as the types that the file itself declares."""

from __future__ import annotations

import codecs
import csv
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb

from kpieval.model import Column, FileOptions, Source
from kpieval.problems import DataError, Place, Problem
from kpieval.sources import delimited
from kpieval.sources.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

READERS = {"parquet": "read_parquet", "json": "read_json", "ndjson": "read_ndjson"}
FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".txt": "csv",
    ".json": "json",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "xlsx",
}


LARGEST = 4 * 1024**3
"""So many bytes a packed file may have when it is unpacked."""

DELIMITERS = ",;\t|"
"""What may stand between values; the one that the header has most of does."""

GZIP = b"\x1f\x8b"


@dataclass
class Table:
    """The rows of a file, in DuckDB, under the name `data`."""

    connection: duckdb.DuckDBPyConnection
    path: Path
    format: str
    columns: dict[str, str]
    """The name of each column as the file has it -> its type; VARCHAR where the file declares none."""
    options: dict[str, str] = field(default_factory=dict)
    """How the file must be read, where it is not what one expects: `encoding`, `delimiter`."""
    rows: int = 0

    cells: dict[str, str] = field(default_factory=dict)
    """The name of a column in the file -> in `data`, where that is another: to DuckDB `Day` and `day` are the same."""

    def cell(self, column: str) -> str:
        """A column of the file, as SQL names it."""
        return quoted(self.cells.get(column, column))

    def ask(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows that answer a query over `data`."""
        return self.connection.execute(sql, list(parameters)).fetchall()


def quoted(name: str) -> str:
    """A name as SQL quotes it."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def open_table(path: Path) -> Iterator[Table]:
    """Read a file into a table.

    Raises DataError where that can't be done, and where a later run would refuse the file.
    """
    connection = duckdb.connect()
    try:
        connection.execute("set autoinstall_known_extensions = false")
        table = Table(connection, path, file_format(path), {})
        fill(table)
        kinds = {name: kind for name, kind, *_ in table.ask("describe data")}
        table.columns = {name: kinds[cell] for name, cell in table.cells.items()} or kinds
        table.rows = table.ask("select count(*) from data")[0][0]
        if not table.rows:
            raise refused(path, "The file has no rows.")
        yield table
    except duckdb.Error as error:
        reason = re.sub(r"^[\w ]+ Error: ", "", str(error).partition("\n")[0])
        raise refused(path, f"The file can't be read: {reason}") from error
    finally:
        connection.close()


def file_format(path: Path) -> str:
    """What kind of file it is, by its name."""
    if not path.is_file():
        raise refused(path, "There is no such file.")
    suffix = Path(path.name.removesuffix(".gz")).suffix.lower()
    if suffix not in FORMATS:
        raise refused(path, f"A file whose name ends in '{path.suffix}' can't be read.", f"Use {', '.join(FORMATS)}.")
    return FORMATS[suffix]


def fill(table: Table) -> None:
    """Make the DuckDB table `data`."""
    path = str(table.path)
    if table.format in READERS:
        table.connection.execute(f"create table data as from {READERS[table.format]}(?)", [path])
    elif table.format == "xlsx":
        table.connection.register("sheet", read_sheet(table.path))
        table.connection.execute("create table data as from sheet")
    else:
        fill_from_text(table)


def read_sheet(path: Path) -> Any:  # noqa: ANN401 -- fastexcel has no type for what Arrow calls a stream
    """The first sheet of a workbook."""
    try:
        import fastexcel  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise refused(path, "Excel files need an extra.", "Install it: pip install 'kpieval[excel]'.") from error
    return fastexcel.read_excel(path).load_sheet(0)


def fill_from_text(table: Table) -> None:
    """Read a text file as a run reads it, every value as text; what a run would refuse is refused here, too."""
    encoding = text_encoding(table.path)
    with TemporaryDirectory() as folder:
        spool = Path(folder)
        file = plain(table.path, table.path.parent, encoding, spool, LARGEST).path
        with file.open(encoding="utf-8-sig", newline="") as lines:
            first = lines.readline()
            delimiter = "\t" if table.format == "tsv" else max(DELIMITERS, key=first.count)
            lines.seek(0)
            header = next(csv.reader(lines, delimiter=delimiter), [])
        check_header(table.path, header)
        source = as_source(table, header, FileOptions("csv", delimiter, encoding))
        raw = delimited.read(table.connection, source, [table.path], table.path.parent, spool, LARGEST)
    if raw.damages:
        raise DataError([damage.problem for damage in raw.damages])
    table.cells = {name: raw.cell(name) for name in header}
    values = ", ".join(f"nullif({cell}, '') as {cell}" for cell in table.cells.values())
    table.connection.execute(f"create table data as select {values} from {quoted(raw.table)}")
    if encoding != "utf-8":
        table.options["encoding"] = encoding
    if delimiter != {"csv": ",", "tsv": "\t"}[table.format]:
        table.options["delimiter"] = delimiter


def as_source(table: Table, header: list[str], options: FileOptions) -> Source:
    """A source of texts only."""
    place = Place(str(table.path))
    columns = {name: Column(name, "text", name, place) for name in header}
    return Source("file", place, columns, dimensions={}, files=(str(table.path),), options=options)


def check_header(path: Path, header: list[str]) -> None:
    """Refuse a first line that doesn't name every column, each by a name of its own."""
    names = [name.strip() for name in header]
    if not all(names):
        raise refused(path, f"Column {names.index('') + 1} has no name in the first line.", "Give each column a name.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise refused(path, f"Two columns are called '{twice}'.", "Give each column a name of its own.")


def text_encoding(path: Path) -> str:
    """UTF-8 where the whole file is; else what the mark at its beginning says; else that of western Windows."""
    with path.open("rb") as file:
        start = file.read(2)
        if start in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while block := file.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "utf-8" if start == GZIP else "cp1252"
    return "utf-8"


def refused(path: Path, message: str, hint: str | None = None) -> DataError:
    """The error that says why a file can't be the beginning of a project."""
    return DataError(Problem("error", "unreadable-data", message, Place(str(path)), hint))

"""CSV and TSV -> a table of texts. DuckDB takes the file apart in strict mode; nothing is guessed from the rows."""

from __future__ import annotations

import csv
import io
import itertools
import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.problems import DataError, Place, Problem
from kpieval.sources.header import matched
from kpieval.sources.located import as_pattern
from kpieval.sources.plain import Plain, plain
from kpieval.sources.quoting import text
from kpieval.sources.raw import Damage, Part, Raw
from kpieval.sources.shown import shown, times

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from kpieval.model import Source

_DELIMITERS = {"csv": ",", "tsv": "\t"}
_CONFLICT = ("<<<<<<< ", "=======", ">>>>>>> ", "||||||| ")
_LINE_END = b"\n"
_ERRORS, _SCANS = "rejected_rows", "rejected_scans"


def read(
    connection: duckdb.DuckDBPyConnection, source: Source, files: Sequence[Path], root: Path, spool: Path, most: int
) -> Raw:
    """Read all files of the source, each by its own header, one after the other into one table."""
    options = source.options
    assert options is not None  # noqa: S101 - a source with files has options
    delimiter = options.delimiter or _DELIMITERS[options.format]
    table = f"raw_{source.name}"
    parts: list[Part] = []
    damages: list[Damage] = []
    columns: tuple[str, ...] = ()
    first = 0
    for index, file in enumerate(files):
        whole = plain(file, root, options.encoding, spool, most)
        header = _header(whole, delimiter)
        found = matched(source, header, whole.shown, _other_delimiter(header, delimiter))
        if index and tuple(found) != columns:
            message = f"`{whole.shown}` and `{parts[0].shown}` don't have the same columns."
            raise DataError(Problem("error", "different-headers", message, Place(whole.shown)))
        columns = tuple(found)
        select = _select(whole, header, delimiter, found)
        into = f'insert into "{table}"' if index else f'create temp table "{table}" as'
        connection.execute(f"{into} {select}")
        bad = _rejected(connection, whole, len(header), delimiter)
        _refuse_empty_surplus(connection, whole, header, delimiter)
        damages += bad
        total = connection.execute(f'select count(*) from "{table}"').fetchall()[0][0]
        skipped = frozenset(damage.problem.place.line for damage in bad if damage.problem.place)
        parts.append(Part(whole.shown, first, total - first, _Lines(whole, delimiter, len(header), skipped)))
        first = total
    return Raw(table, columns, tuple(parts), tuple(damages))


def _header(file: Plain, delimiter: str) -> list[str]:
    with file.path.open(encoding="utf-8-sig", newline="") as lines:
        try:
            names = next(csv.reader(lines, delimiter=delimiter, strict=True), [])
        except csv.Error as error:
            problem = Problem("error", "damaged-header", f"The header can't be read: {error}.", Place(file.shown))
            raise DataError(problem) from None
    if names and names[0].startswith(_CONFLICT):
        raise DataError(_conflict(file, 1))
    return names


def _other_delimiter(header: Sequence[str], delimiter: str) -> str | None:
    """The hint for a header that is one long name, because something else stands between the names."""
    if len(header) > 1 or not header:
        return None
    other = max(";\t,|", key=header[0].count)
    if other == delimiter or other not in header[0]:
        return None
    written = {"\t": r'"\t"'}.get(other, f'"{other}"')
    return f"The names in its header are not separated by `{delimiter}`: declare `delimiter: {written}`."


def _select(file: Plain, header: Sequence[str], delimiter: str, found: Mapping[str, int]) -> str:
    cells = ", ".join(f"f{index} as c{number}" for number, index in enumerate(found.values()))
    # no text is null here: what stands for nothing is the column's affair
    rejects = f"store_rejects = true, rejects_table = '{_ERRORS}', rejects_scan = '{_SCANS}'"
    return f"select {cells} from {_read_csv(file, header, delimiter, rejects)}"


def _read_csv(file: Plain, header: Sequence[str], delimiter: str, errors: str) -> str:
    fields = ", ".join(f"'f{index}': 'VARCHAR'" for index in range(len(header)))
    return (
        f"read_csv({text(as_pattern(file.path))}, columns = {{{fields}}}, delim = {text(delimiter)}, "
        "quote = '\"', escape = '\"', comment = '', header = true, auto_detect = false, strict_mode = true, "
        f"null_padding = false, compression = 'none', encoding = 'utf-8', {errors})"
    )


def _refuse_empty_surplus(
    connection: duckdb.DuckDBPyConnection, file: Plain, header: Sequence[str], delimiter: str
) -> None:
    """Refuse rows with one field too many that is empty: DuckDB drops it, and what stands before it may be shifted.

    The rows are those that can be read with one column more, so only files with a delimiter at a line's end are read
    again.
    """
    with file.path.open("rb") as bytes_, mmap.mmap(bytes_.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(f"{delimiter}\n".encode()) < 0 and content.find(f"{delimiter}\r".encode()) < 0:
            return
    wider = _read_csv(file, [*header, ""], delimiter, "ignore_errors = true")
    if not connection.execute(f"select 1 from {wider} limit 1").fetchall():
        return
    with file.path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter)
        for row in reader:
            if len(row) == len(header) + 1:
                written = delimiter.join(row)
                raise DataError(_problem(file, reader.line_num, "MISSING COLUMNS", len(row), written, len(header)))


def _rejected(connection: duckdb.DuckDBPyConnection, file: Plain, width: int, delimiter: str) -> list[Damage]:
    rows = connection.execute(
        f"select line_byte_position, any_value(error_type), max(column_idx), any_value(csv_line) "
        f"from {_ERRORS} group by 1 order by 1"
    ).fetchall()
    connection.execute(f"drop table {_ERRORS}; drop table {_SCANS}")
    if not rows:
        return []
    with file.path.open("rb") as bytes_:
        content = bytes_.read(rows[-1][0])
    damages = []
    position = line = 0
    for offset, kind, fields, row in rows:
        line += content.count(_LINE_END, position, offset - 1) or content.count(b"\r", position, offset - 1)
        position = offset - 1
        many = kind == "TOO MANY COLUMNS"
        has = len(next(csv.reader(io.StringIO(row), delimiter=delimiter), [])) if many else fields
        damages.append(Damage(_problem(file, line + 1, kind, has, row or "", width), row or ""))
    return damages


def _problem(file: Plain, line: int, kind: str, fields: int, row: str, width: int) -> Problem:
    place = Place(file.shown, line)
    if row.startswith(_CONFLICT):
        return _conflict(file, line)
    if kind == "UNQUOTED VALUE":
        message = f"A quote is not closed, or text follows it: {shown(row)}."
        return Problem("error", "open-quote", message, place, "Within quotes a quote is written twice.")
    if kind in {"TOO MANY COLUMNS", "MISSING COLUMNS"}:
        message = f"The row has {times(fields, 'field')}, the header {width}: {shown(row)}."
        return Problem("error", "ragged-row", message, place)
    return Problem("error", "damaged-row", f"The row can't be read ({kind.lower()}): {shown(row)}.", place)


def _conflict(file: Plain, line: int) -> Problem:
    hint = "Git left two versions in the file; choose one."
    return Problem(
        "error", "merge-conflict", "The line is the mark of a merge conflict.", Place(file.shown, line), hint
    )


@dataclass(frozen=True, slots=True)
class _Lines:
    """Finds the line on which a record starts, by reading the file again the slow way."""

    file: Plain
    delimiter: str
    width: int
    skipped: frozenset[int]

    def __call__(self, records: Iterable[int]) -> Mapping[int, int]:
        wanted = set(records)
        found: dict[int, int] = {}
        csv.field_size_limit(1 << 30)
        with self.file.path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.reader(lines, delimiter=self.delimiter)
            next(reader)
            record = itertools.count()
            start = reader.line_num + 1
            for row in reader:
                if start not in self.skipped and (row or self.width == 1):
                    number = next(record)
                    if number in wanted:
                        found[number] = start
                        if len(found) == len(wanted):
                            break
                start = reader.line_num + 1
        return {record: found.get(record, start) for record in wanted}

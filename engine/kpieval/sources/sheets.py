"""A sheet of an Excel workbook -> a table of texts, through fastexcel, which is an extra."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from typing import TYPE_CHECKING

from kpieval.problems import DataError, Place, Problem
from kpieval.sources import workbook
from kpieval.sources.header import matched
from kpieval.sources.located import as_pattern
from kpieval.sources.quoting import text
from kpieval.sources.raw import Part, Raw
from kpieval.sources.shown import location

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from kpieval.model import Source
    from kpieval.sources.watch import Watch


def read(
    connection: duckdb.DuckDBPyConnection, source: Source, files: Sequence[Path], root: Path, spool: Path, watch: Watch
) -> Raw:
    """Read the sheet (by default the first) of every workbook, one after the other into one table."""
    if importlib.util.find_spec("fastexcel") is None:
        hint = "Run `pip install kpieval[excel]`, or save the sheet as CSV."
        problem = Problem("error", "missing-extra", "Reading Excel needs the package fastexcel.", source.place, hint)
        raise DataError(problem)
    table = f"raw_{source.name}"
    parts: list[Part] = []
    columns: tuple[str, ...] = ()
    first = 0
    for index, file in enumerate(files):
        shown = location(file, root)
        copy = spool / f"{source.name}-{index}.parquet"
        _copied(source, file, shown, copy, watch)
        connection.execute(f"create or replace temp table grid as from read_parquet({text(as_pattern(copy))})")
        copy.unlink()
        # a cell of spaces only stays what it is; a row without any value is none
        fields = [row[0] for row in connection.execute("describe grid").fetchall()]
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


def _copied(source: Source, file: Path, shown: str, copy: Path, watch: Watch) -> None:
    sheet = source.options.sheet if source.options else None
    try:
        workbook.copy(file, shown, sheet, copy, watch.memory, watch.seconds)
    except DataError as error:
        problems = [replace(problem, place=problem.place or source.place) for problem in error.problems]
        raise DataError(problems) from None
    except TimeoutError:
        raise watch.error("time-limit", source.place) from None


class _Lines:
    def __init__(self, lines: tuple[int, ...]) -> None:
        self._lines = lines

    def __call__(self, records: Iterable[int]) -> Mapping[int, int]:
        return {record: self._lines[record] for record in records}

"""The checksums in a Parquet file -> an error where a page isn't what was written; DuckDB doesn't look at them.

Spark and other writers in Java give each page a checksum, Arrow does on request, DuckDB and Polars don't. Only columns
that are read are looked at. A page is damaged where others of its kind in the file are right: a writer whose checksums
are never right computes them in a way of its own, and tells nothing.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from kpieval.problems import DataError, Place, Problem
from kpieval.sources.located import as_pattern
from kpieval.sources.quoting import text, texts
from kpieval.sources.shown import location, shown
from kpieval.sources.thrift import UnreadableError, struct

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    import duckdb

_PIECE = 1 << 20
_KIND, _SIZE, _CHECKSUM = 1, 3, 4
"""Fields of a page's header."""
_OWN = {0: 5, 3: 8}
"""For the kinds of pages that hold values, the field with the header of their own, which begins with their number."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A column of a row group: where its pages begin and end, and how many values they hold."""

    column: str
    begin: int
    end: int
    values: int


@dataclass(frozen=True, slots=True)
class _Page:
    """Whether a page is what its checksum says. `kind` is None where its header can't be read."""

    column: str
    kind: int | None
    right: bool


def verify(connection: duckdb.DuckDBPyConnection, files: Iterable[Path], columns: Collection[str], root: Path) -> None:
    """Refuse files in which a page of one of the columns (by their names in the file) is damaged."""
    for file in files:
        pages = list(_pages(file, _chunks(connection, file, columns)))
        wrong = [page for page in pages if not page.right]
        if not wrong:
            continue
        everywhere = _pages(file, _chunks(connection, file))  # few pages prove little, and this is rare
        right = {page.kind for page in everywhere if page.right}
        damaged = sorted({page.column for page in wrong if page.kind in right or (page.kind is None and right)})
        if damaged:
            where = location(file, root)
            message = f"The column {shown(damaged[0])} is damaged: its values are not those that the checksum is of."
            raise DataError(Problem("error", "damaged-file", message, Place(where), "Export or copy the file again."))


def _chunks(
    connection: duckdb.DuckDBPyConnection, file: Path, columns: Collection[str] | None = None
) -> Iterator[_Chunk]:
    """Where the columns lie in the file, in the order of their bytes."""
    wanted = "" if columns is None else f"where path_in_schema in ({texts(columns)})"
    rows = connection.execute(
        "select path_in_schema, case when dictionary_page_offset > 0 then least(dictionary_page_offset, "
        "data_page_offset) else data_page_offset end, total_compressed_size, num_values "
        f"from parquet_metadata({text(as_pattern(file))}) {wanted} order by 2"
    ).fetchall()
    for column, begin, size, values in rows:
        yield _Chunk(column, begin, begin + size, values)


def _pages(file: Path, chunks: Iterable[_Chunk]) -> Iterator[_Page]:
    with file.open("rb") as content:
        for chunk in chunks:
            yield from _of_chunk(content, chunk)


def _of_chunk(content: BinaryIO, chunk: _Chunk) -> Iterator[_Page]:
    """The pages of a chunk, where the first one has a checksum."""
    content.seek(chunk.begin)
    seen = 0
    while seen < chunk.values and content.tell() < chunk.end:
        try:
            header = struct(content)
            kind, checksum = header[_KIND], header.get(_CHECKSUM)
            if checksum is None:
                return
            right = _checksum(content, header[_SIZE]) == checksum & 0xFFFFFFFF
            seen += header[_OWN[kind]][1] if kind in _OWN else 0
        except (UnreadableError, KeyError, TypeError):
            yield _Page(chunk.column, None, right=False)
            return
        yield _Page(chunk.column, kind, right)


def _checksum(content: BinaryIO, size: int) -> int:
    found = 0
    while size > 0:
        piece = content.read(min(size, _PIECE))
        if not piece:
            raise UnreadableError
        found = zlib.crc32(piece, found)
        size -= len(piece)
    return found

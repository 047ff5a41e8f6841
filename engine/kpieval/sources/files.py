"""The engine of files: everything that DuckDB reads, in the local DuckDB itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from kpieval import expressions
from kpieval.sources import SourceReport, Unmapped, checksums, delimited, documents, parquet, sheets
from kpieval.sources.checks import settle, unique_key
from kpieval.sources.header import stored as stored_columns
from kpieval.sources.located import located
from kpieval.sources.lookups import make_lookups
from kpieval.sources.parquet import InPlace
from kpieval.sources.quoting import name
from kpieval.sources.rows import Stored, absent, dated, needed, refuse_absent, rows
from kpieval.sources.shown import location
from kpieval.sources.typed import MOST_UNMAPPED, SetAside, Typed, typed

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable
    from pathlib import Path

    import duckdb
    from sqlglot import exp

    from kpieval.model import FileOptions, Project, Source
    from kpieval.sources import Scan
    from kpieval.sources.raw import Raw
    from kpieval.sources.watch import Watch

SCHEMA = "sources"


@dataclass(slots=True)
class _Opened:
    """A source that is ready: loaded as a typed table, or to be read in place."""

    location: str
    stored: Stored
    loaded: Typed | None
    in_place: InPlace | None
    asked: set[str] = field(default_factory=set)
    verified: set[str] = field(default_factory=set)
    key_checked: bool = False
    sql: str = ""


class Files:
    """Answers scans of sources with `files`. `spool` is a folder for plain copies while sources are opened."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, project: Project, spool: Path, watch: Watch) -> None:
        self._connection = connection
        self._watch = watch
        self._project = project
        self._spool = spool
        self._opened: dict[str, _Opened] = {}
        connection.execute(f"create schema if not exists {SCHEMA}")

    @property
    def paths(self) -> list[str]:
        """The files that are read in place and so must stay open to the locked DuckDB."""
        return [str(path) for opened in self._opened.values() if opened.in_place for path in opened.in_place.files]

    def prepare(self, source: Source) -> None:
        """Find the files; load texts, sheets and documents, after checking every value; look at Parquet's types."""
        options = source.options
        assert options is not None  # noqa: S101 - a source with files has options
        files = located(source, self._project.root)
        shown = location(files[0], self._project.root) + ("" if len(files) == 1 else f" and {len(files) - 1} more")
        read = self._read(source, options, files)
        refuse_absent(source, read.origins if isinstance(read, InPlace) else read.columns)
        if isinstance(read, InPlace):
            stored = Stored(read.relation, read.columns, "duckdb")
            self._opened[source.name] = _Opened(shown, stored, None, read)
            return
        table = name(SCHEMA, source.name)
        loaded = typed(self._connection, source, read, options, self._project.calendar.timezone, table)
        stored = Stored(table, {column: name(column) for column in read.columns}, "duckdb")
        self._opened[source.name] = _Opened(shown, stored, loaded, None)

    def absent(self, source: Source) -> frozenset[str]:
        """The optional columns that the files don't have."""
        return absent(source, self._present(source))

    def extent(self, source: Source, column: str) -> tuple[dt.date | None, dt.date | None]:
        """First and last day in a column, of the rows that `where` leaves."""
        stored = self._settled(source, [column])
        day = f"cast({name(column)} as date)"
        plain = replace(source, latest=None)
        sql = f"select min({day}), max({day}) from ({rows(plain, stored, [column])}) as r"
        first, last = self._connection.execute(sql).fetchall()[0]
        return first, last

    def scan(self, scan: Scan, table: str) -> None:
        """Check the key, then answer the query into a temporary table."""
        source, opened = scan.source, self._opened[scan.source.name]
        stored = self._settled(source, scan.columns)
        if not opened.key_checked:
            unique_key(self._connection, source, stored, opened.location)
            opened.key_checked = True
        opened.asked |= set(scan.columns)
        relation = rows(source, stored, scan.columns)
        query = expressions.render(cast("exp.Expression", scan.query), "duckdb")
        opened.sql = f"with rows as (\n  {relation}\n)\n{query}"
        self._connection.execute(f"create or replace temp view rows as {relation}")
        with make_lookups(self._connection, scan.lookups):
            self._connection.execute(f"create or replace temp table {name(table)} as {query}")
        self._connection.execute("drop view rows")

    def report(self, source: Source) -> SourceReport:
        """Counts over the rows as they were read, before `where`."""
        opened = self._opened[source.name]
        asked = sorted(column for column in opened.asked if column in stored_columns(source))
        stored = self._settled(source, asked)
        missing = [f"count(*) - count({stored.columns[column]})" for column in asked]
        first, last = dated(source, stored)
        counts = self._connection.execute(
            f"select {', '.join(['count(*)', first, last, *missing])} from {stored.relation}"
        ).fetchall()[0]
        return SourceReport(
            location=opened.location,
            rows=counts[0],
            missing=dict(zip(asked, counts[3:], strict=True)),
            unmapped=opened.loaded.unmapped if opened.loaded else self._unmapped(opened, asked),
            first=counts[1],
            last=counts[2],
            quarantined=len(self.set_aside(source)),
            sql=opened.sql,
        )

    def set_aside(self, source: Source) -> tuple[SetAside, ...]:
        """The rows of a source that were set aside."""
        loaded = self._opened[source.name].loaded
        return loaded.aside if loaded else ()

    def close(self) -> None:
        """Forget everything; the tables go with the connection."""
        self._opened.clear()

    def _read(self, source: Source, options: FileOptions, files: tuple[Path, ...]) -> Raw | InPlace:
        root, zone, most = self._project.root, self._project.calendar.timezone, self._watch.memory
        match options.format:
            case "csv" | "tsv":
                return delimited.read(self._connection, source, files, root, self._spool, most)
            case "json" | "ndjson":
                return documents.read(self._connection, source, files, root, self._spool, most)
            case "xlsx":
                return sheets.read(self._connection, source, files, root, self._spool, self._watch)
            case "parquet":
                return parquet.read(self._connection, source, files, root, zone)

    def _settled(self, source: Source, wanted: Iterable[str]) -> Stored:
        """Where the rows are, once the values of the doubtful columns among those that are needed were looked at."""
        opened = self._opened[source.name]
        if opened.in_place is None:
            return opened.stored
        wanted = needed(source, wanted)
        origins = {origin for column, origin in opened.in_place.origins.items() if column in wanted} - opened.verified
        if origins:
            checksums.verify(self._connection, opened.in_place.files, origins, self._project.root)
            opened.verified |= origins
        open_ = {
            column: doubt
            for column, doubt in opened.in_place.doubts.items()
            if column in wanted and column not in opened.stored.columns
        }
        settled = settle(self._connection, open_, opened.in_place.relation, opened.location)
        opened.stored = replace(opened.stored, columns={**opened.stored.columns, **settled})
        return opened.stored

    def _present(self, source: Source) -> Collection[str]:
        opened = self._opened[source.name]
        return opened.in_place.origins if opened.in_place else opened.stored.columns

    def _unmapped(self, opened: _Opened, asked: Iterable[str]) -> tuple[Unmapped, ...]:
        if opened.in_place is None:
            return ()
        found: list[Unmapped] = []
        for column in asked:
            if column in opened.in_place.unlisted:
                condition, value = opened.in_place.unlisted[column]
                counted = self._connection.execute(
                    f"select {value}, count(*) from {opened.in_place.relation} where {condition} "
                    f"group by 1 order by 2 desc, 1 limit {MOST_UNMAPPED}"
                ).fetchall()
                found += [Unmapped(column, said, count) for said, count in counted]
        return tuple(found)

"""Where the rows are: the port through which `collect` asks for aggregates, and the only stage that touches data.

A `Session` is one run. It finds, checks and opens the sources, then locks the local DuckDB, and from then on turns
each `Scan` (a tree over the relation `rows`) into a table of that DuckDB, wherever the rows themselves live:

    with open_session(project) as session:
        session.absent("opportunities")                # optional columns that the file doesn't have
        session.extent("opportunities", "close_date")  # first and last day
        session.scan(scan, "cells")                    # the answer is the table `cells` in session.connection
        session.report("opportunities")                # what was read, what is missing, the SQL that ran

`files` is the engine of everything DuckDB reads (text, JSON, Parquet, sheets), `postgres` that of tables behind a URL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import duckdb
    from sqlglot import exp

    from kpieval.model import Project, Source, Type
    from kpieval.sources.session import Session

__all__ = ["Engine", "Lookup", "Scan", "SourceReport", "Unmapped", "open_session"]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A small local table that a query joins by name: members, periods. Its types are text, integer, date or number."""

    name: str
    columns: Mapping[str, Type]
    rows: Sequence[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Scan:
    """What the planner asks of one source.

    `query` (select, union, with) is over the relation `rows`, and over `lookups` by name. `rows` has the `columns`
    asked for by the project's names: typed, values mapped, computed ones too; and it has only the rows that count:
    after `where`, and with `latest` one per key. Types are the same on every engine: text, integer (64 bits), decimal,
    number (double), boolean, date, and timestamp (without zone: the wall clock of the project's zone).
    """

    source: Source
    columns: tuple[str, ...]
    query: exp.Expr  # what sqlglot's own builders give
    lookups: tuple[Lookup, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A value that the `values` of a column don't name, as the data have it, and in how many rows."""

    column: str
    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What a source turned out to be, counted over the rows as read, before `where`.

    `missing` has the null counts of the columns that were asked for; `first` and `last` are days of the source's time;
    `sql` is the statement that answered the scan.
    """

    location: str
    rows: int | None = None
    missing: Mapping[str, int] | None = None
    unmapped: tuple[Unmapped, ...] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    quarantined: int = 0
    quarantine_file: Path | None = None
    sql: str = ""


class Engine(Protocol):
    """One kind of place where rows live. Everything that is wrong with the data leaves it as a `DataError`."""

    def prepare(self, source: Source) -> None:
        """Find, check and open (or load) the source. Called before the local DuckDB is locked."""

    def absent(self, source: Source) -> frozenset[str]:
        """The optional columns that the data don't have."""

    def extent(self, source: Source, column: str) -> tuple[dt.date | None, dt.date | None]:
        """First and last day in a column of dates or timestamps."""

    def scan(self, scan: Scan, table: str) -> None:
        """Answer the scan into a table of the local DuckDB."""

    def report(self, source: Source) -> SourceReport:
        """What is known of the source, most of it after its scan."""

    def close(self) -> None:
        """Let go of connections and temporary files."""


def open_session(
    project: Project,
    connection: duckdb.DuckDBPyConnection | None = None,
    *,
    sources: Iterable[str] | None = None,
    quarantine_dir: Path | None = None,
) -> Session:
    """Prepare the named (by default: all mapped) sources and lock the local DuckDB.

    Without a `connection` an own one in memory is opened, and closed with the session. `quarantine_dir` is where the
    rows that sources with `on_error: quarantine` set aside are written.
    """
    from kpieval.sources.session import Session  # noqa: PLC0415 - duckdb is loaded only when data are read

    return Session(project, connection, sources=sources, quarantine_dir=quarantine_dir)

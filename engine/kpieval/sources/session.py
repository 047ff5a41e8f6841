"""One run over a project's sources: prepare them all, lock the local DuckDB, then answer scans within the limits."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

import duckdb

from kpieval.problems import DataError, Problem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from kpieval.model import Project, Source
    from kpieval.sources import Engine, Scan, SourceReport


class Session:
    """The sources of a project, opened for one run. `connection` is the local DuckDB: locked, in memory, no files."""

    def __init__(
        self,
        project: Project,
        connection: duckdb.DuckDBPyConnection | None = None,
        *,
        sources: Iterable[str] | None = None,
        quarantine_dir: Path | None = None,
    ) -> None:
        self.project = project
        self._owned = connection is None
        self.connection = duckdb.connect() if connection is None else connection
        self._deadline = time.monotonic() + project.limits.seconds
        self._names = tuple(sources) if sources is not None else tuple(n for n, s in project.sources.items() if s.mapped)
        self._quarantine_dir = quarantine_dir
        self._engines: dict[str, Engine] = {}

    def __enter__(self) -> Self:
        """Prepare every source, telling all that is wrong with any of them at once, and lock."""
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what was opened."""

    def absent(self, source: str) -> frozenset[str]:
        """The columns that the pack declares, the project doesn't map and the data don't have: not measured."""
        return self._engine(source).absent(self._source(source))

    def extent(self, source: str, column: str) -> tuple[dt.date | None, dt.date | None]:
        """First and last day in a column of dates or timestamps (after `where`); both None where there is none."""
        with self.bounded():
            return self._engine(source).extent(self._source(source), column)

    def scan(self, scan: Scan, table: str) -> None:
        """Answer the scan: afterwards `table` is a temporary table in `connection`."""
        with self.bounded():
            self._engine(scan.source.name).scan(scan, table)

    def report(self, source: str) -> SourceReport:
        """What was read of the source."""
        return self._engine(source).report(self._source(source))

    @contextmanager
    def bounded(self) -> Iterator[None]:
        """Run DuckDB statements within the time that is left, and turn what DuckDB raises into a `DataError`."""
        timer = threading.Timer(max(0.0, self._deadline - time.monotonic()), self.connection.interrupt)
        timer.start()
        try:
            yield
        except duckdb.InterruptException as error:
            problem = Problem("error", "time-limit", f"the run took longer than {self.project.limits.seconds} seconds")
            raise DataError(problem) from error
        finally:
            timer.cancel()

    def _source(self, name: str) -> Source:
        return self.project.sources[name]

    def _engine(self, name: str) -> Engine:
        return self._engines[name]

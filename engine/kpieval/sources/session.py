"""One run over a project's sources: prepare them all, lock the local DuckDB, then answer scans within the limits."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

import duckdb

from kpieval.problems import DataError, OutputError, Place, Problem
from kpieval.sources import quarantine
from kpieval.sources.files import Files
from kpieval.sources.quoting import name, text, texts
from kpieval.sources.shown import times
from kpieval.sources.watch import Watch

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable
    from types import TracebackType

    from kpieval.model import Project, Source
    from kpieval.sources import Engine, Scan, SourceReport

_CLOSED = (
    "set autoinstall_known_extensions = false",
    "set autoload_known_extensions = false",
    "set allow_community_extensions = false",
    "set python_enable_replacements = false",
    "set temp_directory = ''",
    "set enable_progress_bar = false",
)
"""Nothing is fetched, no Python variable is in reach, nothing is written to disk or shown: set before all else."""


class Session:
    """The sources of a project, opened for one run. `connection` is the local DuckDB: locked, in memory, no files.

    `watch` keeps the limits; whoever goes on with the connection when the sources are closed goes on with it, too.
    """

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
        self.watch = Watch(self.connection, project.limits, _spare(self.connection))
        mapped = [name for name, source in project.sources.items() if source.mapped]
        self._names = tuple(mapped if sources is None else sources)
        self._quarantine_dir = quarantine_dir
        self._engines: dict[str, Engine] = {}
        self._files: Files | None = None
        self._databases: dict[str, Engine] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Prepare every source, telling all that is wrong with any of them at once, and lock."""
        if self._owned:
            self._stack.callback(self.connection.close)
        try:
            self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write the rows that were set aside, unless the run failed, and close what was opened."""
        with self._stack:
            if kind is None:
                self._write_set_aside()

    def absent(self, source: str) -> frozenset[str]:
        """The columns that the pack declares, the project doesn't map and the data don't have: not measured."""
        return self._engines[source].absent(self.project.sources[source])

    def extent(self, source: str, column: str) -> tuple[dt.date | None, dt.date | None]:
        """First and last day in a column of dates or timestamps (after `where`); both None where there is none."""
        with self.bounded(self.project.sources[source].place):
            return self._engines[source].extent(self.project.sources[source], column)

    def scan(self, scan: Scan, table: str) -> None:
        """Answer the scan: afterwards `table` is a temporary table in `connection`."""
        with self.bounded(scan.source.place):
            self._engines[scan.source.name].scan(scan, table)
            rows = self.connection.execute(f"select count(*) from {name(table)}").fetchall()[0][0]
        if rows > self.project.limits.rows:
            message = (
                f"`{scan.source.name}` gave {times(rows, 'row')}, more than the {self.project.limits.rows:,} allowed."
            )
            raise DataError(Problem("error", "row-limit", message, scan.source.place, "Raise `limits: {rows: ...}`."))

    def report(self, source: str) -> SourceReport:
        """What was read of the source."""
        with self.bounded(self.project.sources[source].place):
            report = self._engines[source].report(self.project.sources[source])
        if report.quarantined and self._quarantine_dir:
            return replace(report, quarantine_file=self._quarantine_dir / f"{source}.csv")
        return report

    def bounded(self, place: Place | None = None) -> AbstractContextManager[None]:
        """Run statements on `connection` within the limits; what DuckDB raises becomes a `DataError`."""
        return self.watch.bounded(place)

    def _open(self) -> None:
        for statement in (*_CLOSED, f"set memory_limit = '{self.watch.memory // 1024} KiB'"):
            self.connection.execute(statement)
        self._stack.enter_context(self.watch.kept())
        problems: list[Problem] = []
        with TemporaryDirectory(prefix="kpieval-") as folder:
            self._files = Files(self.connection, self.project, Path(folder), self.watch)
            for each in self._names:
                source = self.project.sources[each]
                try:
                    with self.bounded(source.place):
                        self._engines[each] = self._engine(source)
                        self._engines[each].prepare(source)
                except DataError as error:
                    problems += error.problems
        if problems:
            raise DataError(problems)
        self._lock(self._files.paths)

    def _lock(self, paths: list[str]) -> None:
        """From here on no statement reaches a file (but Parquet that is read in place), the net or a setting."""
        self.connection.execute(f"set allowed_paths = [{texts(paths)}]")
        self.connection.execute(f"set TimeZone = {text(self.project.calendar.timezone)}")
        self.connection.execute("set enable_external_access = false")
        self.connection.execute("set lock_configuration = true")

    def _engine(self, source: Source) -> Engine:
        if not source.table:
            assert self._files is not None  # noqa: S101 - made before the first source is opened
            return self._files
        from kpieval.sources.postgres import Postgres  # noqa: PLC0415 - its driver is an extra

        connection = self.project.connections[source.connection or ""]
        if connection.name not in self._databases:
            self._databases[connection.name] = Postgres(self.connection, self.project, connection)
            self._stack.callback(self._databases[connection.name].close)
        return self._databases[connection.name]

    def _write_set_aside(self) -> None:
        if self._quarantine_dir is None or self._files is None:
            return
        for each in self._names:
            source = self.project.sources[each]
            rows = self._files.set_aside(source) if source.files else ()
            path = self._quarantine_dir / f"{each}.csv"
            try:
                if rows:
                    quarantine.write(
                        path, [column.origin for column in source.columns.values() if not column.value], rows
                    )
                elif path.exists():  # of an earlier run: it would claim what isn't so any more
                    path.unlink()
            except OSError as error:
                message = f"`{path}` can't be written: {error.strerror or error}."
                raise OutputError(Problem("error", "output-not-written", message, Place(str(path)))) from error


def _spare(connection: duckdb.DuckDBPyConnection) -> int:
    """What the machine, the container or the connection's owner can give at most, as DuckDB found out or was told."""
    said: str = connection.execute("select current_setting('memory_limit')").fetchall()[0][0]
    number, unit = said.split()
    return int(float(number) * 1024 ** ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB").index(unit))

"""What an engine raises -> a `DataError` in a sentence, without secrets and without the engine's advice."""

from __future__ import annotations

import duckdb

from kpieval.problems import DataError, Place, Problem

_LONGEST = 300


def failure(error: duckdb.Error, place: Place | None, seconds: int, memory: int) -> DataError:
    """The error of a statement on the local DuckDB."""
    if isinstance(error, duckdb.InterruptException):
        message = f"The run took longer than {seconds:,} seconds and was stopped."
        return DataError(
            Problem("error", "time-limit", message, place, "Raise `limits: {seconds: ...}`, or ask for less.")
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        message = f"The run needs more memory than {memory / 1024**3:.3g} GiB."
        return DataError(Problem("error", "memory-limit", message, place, "Raise `limits: {memory: ...}`."))
    return DataError(Problem("error", "engine-error", f"DuckDB says: {first_line(error)}", place))


def first_line(error: Exception) -> str:
    """The first line of a driver's message, shortened."""
    line = next(iter(str(error).splitlines()), type(error).__name__)
    line = line.split(" Error: ", 1)[-1]
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"

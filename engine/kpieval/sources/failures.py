"""What an engine raises -> a `DataError` in a sentence, without secrets and without the engine's advice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import duckdb

from kpieval.problems import DataError, Place, Problem
from kpieval.sources.shown import times

if TYPE_CHECKING:
    from kpieval.model import Limits

Reason = Literal["memory-limit", "time-limit"]

STOPPED = (duckdb.InterruptException, duckdb.OutOfMemoryException)
"""What DuckDB raises when a limit was met, whatever it was doing: it tells nothing about the data."""

_LONGEST = 300


def failure(error: duckdb.Error, place: Place | None) -> DataError:
    """The error of a statement on the local DuckDB."""
    return DataError(Problem("error", "engine-error", f"DuckDB says: {first_line(error)}", place))


def reason_of(error: Exception | None) -> Reason | None:
    """The limit that was met, where the error tells of one. Python's own objects may also find no memory."""
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return "memory-limit"
    return "memory-limit" if isinstance(error, RuntimeError) and "allocate" in str(error) else None


def exceeded(reason: Reason, place: Place | None, limits: Limits, memory: int) -> DataError:
    """The error of a run that went over a limit; `memory` is what it could have, less on a small machine."""
    if reason == "time-limit":
        return overdue(limits.seconds, place)
    message, hint = f"The run needs more memory than {memory / 1024**3:.3g} GiB", "Raise `limits: {memory: ...}`."
    if memory < limits.memory:
        message, hint = f"{message}, which is what this machine can spare", "Run it where there is more memory."
    return DataError(Problem("error", "memory-limit", f"{message}.", place, hint))


def overdue(seconds: int, place: Place | None) -> DataError:
    """The error of a run that took too long."""
    message = f"The run took longer than {times(seconds, 'second')} and was stopped."
    return DataError(Problem("error", "time-limit", message, place, "Raise `limits: {seconds: ...}`, or ask for less."))


def first_line(error: Exception) -> str:
    """The first line of a driver's message, shortened."""
    line = next(iter(str(error).splitlines()), type(error).__name__)
    line = line.split(" Error: ", 1)[-1]
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"

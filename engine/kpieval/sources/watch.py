"""The limits of a run -> statements that are stopped, and an error that says which limit it was.

A thread looks at clock and memory many times a second. It interrupts the connection again and again, since an interrupt
between two statements is lost; and it looks at the memory of the whole process, since DuckDB's own limit doesn't bind
every function (`replace` and `concat` of long texts, and in DuckDB 1 `median` and `mode`). What grows too fast for it
meets the ceiling of the operating system.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb

from kpieval.sources import process
from kpieval.sources.failures import exceeded, failure, reason_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpieval.model import Limits
    from kpieval.problems import DataError, Place
    from kpieval.sources.failures import Reason

_EVERY = 0.02
_MIB = 1 << 20
_ROUND = 256 * _MIB
"""What a run needs around the memory that DuckDB counts, besides a quarter of it (measured: less than that)."""
_BEYOND = 1024 * _MIB
"""What may be allocated between two looks, or reserved without being used, before the system refuses it."""


class Watch:
    """Keeps the limits of one run over one connection, while it is entered: once, or once more for what comes later."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: Limits, spare: int) -> None:
        self._connection = connection
        self._limits = limits
        self._spare = spare
        self.memory = min(limits.memory, spare)
        self._most = self.memory + self.memory // 4 + _ROUND
        self._deadline = time.monotonic() + limits.seconds
        self._patience = min(30, 2 + limits.seconds / 20)
        self._before = process.resident()
        self._places: list[Place | None] = []
        self._reason: Reason | None = None
        self._turn = threading.Lock()
        self._ended = threading.Event()

    @property
    def seconds(self) -> float:
        """How much time is left."""
        return max(0.0, self._deadline - time.monotonic())

    def anew(self) -> Watch:
        """A watch for what is read of a finished run: the same limits, and all of the time from now on."""
        return Watch(self._connection, self._limits, self._spare)

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Look on while statements run within the limits: `kept` and `bounded` at once."""
        with self.kept(), self.bounded(None):
            yield

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Look on; and let the system refuse what is far beyond."""
        self._ended.clear()
        thread = threading.Thread(target=self._look, name="kpieval-limits", daemon=True)
        with process.ceiling(self._most + _BEYOND):
            thread.start()
            try:
                yield
            finally:
                self._ended.set()
                thread.join()

    @contextmanager
    def bounded(self, place: Place | None) -> Iterator[None]:
        """Run statements within the limits; what DuckDB raises becomes a `DataError`."""
        if not self.seconds:
            raise self.error("time-limit", place)
        with self._turn:
            self._places.append(place)
        error: Exception | None = None
        try:
            yield
        except (duckdb.Error, MemoryError, RuntimeError) as caught:
            error = caught
        finally:
            reason = self._left()
        if reason := reason or reason_of(error):
            raise self.error(reason, place) from error
        if isinstance(error, duckdb.Error):
            raise failure(error, place) from error
        if error:
            raise error

    def error(self, reason: Reason, place: Place | None) -> DataError:
        """The error of a run that went over a limit."""
        return exceeded(reason, place, self._limits, self.memory)

    def _left(self) -> Reason | None:
        with self._turn:
            self._places.pop()
            reason = self._reason
            if not self._places:
                self._reason = None
        return reason

    def _look(self) -> None:
        while not self._ended.wait(_EVERY):
            with self._turn:  # so that nothing is interrupted but what is bounded
                if not self._places:
                    continue
                self._reason = self._reason or self._seen()
                if self._reason:
                    self._connection.interrupt()
                place = self._places[-1]
            if process.OWN.is_set() and time.monotonic() > self._deadline + self._patience:
                error = self.error("time-limit", place)
                process.end(error.problems[0], error.exit_code)

    def _seen(self) -> Reason | None:
        if not self.seconds:
            return "time-limit"
        now = process.resident()
        if now is None or self._before is None or now - self._before <= self._most:
            return None
        return "memory-limit"

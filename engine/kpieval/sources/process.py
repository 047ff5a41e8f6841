"""The process that a run is in, as the operating system sees it: the memory that it has, what it may have, its end.

Linux tells the memory in `/proc` and refuses what goes over `RLIMIT_DATA`: then an allocation fails, which DuckDB and
Python turn into an error. Elsewhere nothing is told and nothing refused, and DuckDB's own limit is the only one.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if sys.platform == "win32":
    resource = None
else:
    import resource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpieval.problems import Problem

OWN = threading.Event()
"""Set where the process is kpieval's own, so that a statement which no longer listens may end it."""

STATM = Path("/proc/self/statm")
_RESIDENT, _SHARED, _DATA = 1, 2, 5


def resident() -> int | None:
    """Bytes of memory that the process holds now, or None where the system doesn't tell.

    What it sees of files doesn't count: the system takes that back whenever it wants.
    """
    told = _told()
    return None if told is None else told[_RESIDENT] - told[_SHARED]


def end(problem: Problem, code: int) -> None:
    """Say what is wrong and leave at once, without waiting for a thread that may never come back."""
    hint = f"\n    hint: {problem.hint}" if problem.hint else ""
    print(f"{problem}{hint}", file=sys.stderr, flush=True)  # noqa: T201 - nobody else is left to say it
    os._exit(code)


class _Ceiling:
    """`RLIMIT_DATA` while runs are going on: as it was found as soon as the last one is over."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._allowed: list[int] = []
        self._base: int | None = None
        self._found = (0, 0)

    @contextmanager
    def allow(self, more: int) -> Iterator[None]:
        """Let the process have `more` bytes than it has now; of several runs at once, the sum. A lower limit stays."""
        with self._turn:
            if not self._allowed:
                told = _told()
                self._base = told[_DATA] if told else None
                self._found = resource.getrlimit(resource.RLIMIT_DATA) if resource else (0, 0)
            self._allowed.append(more)
            self._set()
        try:
            yield
        finally:
            with self._turn:
                self._allowed.remove(more)
                self._set()

    def _set(self) -> None:
        if resource is None or self._base is None:
            return
        soft, hard = self._found
        if self._allowed:
            wanted = self._base + sum(self._allowed)
            soft = min(limit for limit in (wanted, soft, hard) if limit != resource.RLIM_INFINITY)
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


ceiling = _Ceiling().allow


def _told() -> list[int] | None:
    try:
        pages = STATM.read_bytes().split()
    except OSError:  # not Linux
        return None
    return [int(count) * os.sysconf("SC_PAGE_SIZE") for count in pages]

"""One at a time, where the disk knows locks: held by the process and gone with it, however it ends."""

from __future__ import annotations

import errno
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kpieval.problems import OutputError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kpieval.publish.modes import Modes

PATIENCE = 120.0
"""So many seconds another run may take."""

_PAUSE = 0.05
_UNKNOWN = {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL}
"""What disks without locks say."""


@contextmanager
def locked(path: Path, modes: Modes) -> Iterator[None]:
    """Hold the lock of a file, which is made where it is missing.

    Without locks the block runs all the same: it must come out right beside another one. Raises OutputError where
    another run holds it for too long.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, modes.file)
    try:
        modes.release(path)
        _take(handle, path)
        yield
    finally:
        os.close(handle)


def _take(handle: int, path: Path) -> None:
    try:
        import fcntl  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                message = f"Another run has been publishing here for more than {PATIENCE:.0f} seconds."
                hint = f"Whoever holds `{path}` hangs: end that process."
                raise OutputError(
                    Problem("error", "output-not-written", message, Place(str(path.parent.parent)), hint)
                ) from None
            time.sleep(_PAUSE)
        except OSError as error:
            if error.errno not in _UNKNOWN:
                raise
            return
        else:
            return

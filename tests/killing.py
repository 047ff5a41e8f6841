"""Publishing is killed at each of its system calls in turn, and a reader looks at what is left.

A program of its own, since it forks: `python killing.py FOLDER` prints how many system calls it was killed at.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import os
import re
import shutil
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import site_reader
from kpieval.publish import publish
from kpieval.publish.site import ABANDONED

if TYPE_CHECKING:
    from collections.abc import Callable

TRACE_ME, NEXT_CALL = 0, 24
DENIED = 77

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def killed_at(call: int, action: Callable[[], object]) -> bool:
    """Run the action in a process of its own that is killed when it begins its system call of this number.

    False where it ends before.
    """
    child = os.fork()
    if child == 0:
        if _libc.ptrace(TRACE_ME, 0, None, None) != 0:
            os._exit(DENIED)
        os.kill(os.getpid(), signal.SIGSTOP)
        code = 1
        try:
            action()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    stops = 0
    while os.WIFSTOPPED(status):
        if stops == 2 * call - 1:  # it stops as a call begins and as it ends
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return True
        if _libc.ptrace(NEXT_CALL, child, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")
        _, status = os.waitpid(child, 0)
        stops += 1
    if os.waitstatus_to_exitcode(status):
        sys.exit(os.waitstatus_to_exitcode(status))
    return False


def at(hour: int) -> dt.datetime:
    return dt.datetime(2026, 10, 5, hour, tzinfo=dt.UTC)


def scenario(folder: Path, *, begun: bool) -> int:
    """Publish once, over two other runs if it has `begun`, and kill it at each call; the number of calls."""
    sources = {mark: site_reader.written(folder / mark, mark) for mark in ("first", "old", "new")}
    results = [site_reader.result(-3), site_reader.result(-2), site_reader.result(-1)]
    before, site = folder / "before", folder / "site"
    if begun:
        publish(results[0], sources["first"], before, keep=1, now=at(7))
        publish(results[1], sources["old"], before, keep=1, now=at(8))

    def action() -> None:
        publish(results[2], sources["new"], site, keep=1, now=at(9))

    call, left = 0, frozenset[tuple[str, int, bytes]]()
    going = True
    while going:
        call += 1
        shutil.rmtree(site, ignore_errors=True)
        if begun:
            shutil.copytree(before, site)
        going = killed_at(call, action)
        left, last = state(site), left
        if left == last:  # a call that changes no file
            continue
        seen = site_reader.read(site)
        assert site_reader.front(site) in ({"old", "new"} if begun else {None, "new"}), call
        assert all("staging" not in path for path in seen)
        shown = site_reader.front(site)
        action()
        mended(site, {"old": {"2026-Q2", "2026-Q3"}, None: {"2026-Q3"}}.get(shown))
    return call


def state(site: Path) -> frozenset[tuple[str, int, bytes]]:
    """All that is in the folder, whatever the folders for preparing are called."""
    return frozenset(
        (re.sub("staging-[0-9a-f]+", "", str(path)), path.stat().st_mode, path.read_bytes() if path.is_file() else b"")
        for path in site.rglob("*")
    )


def mended(site: Path, runs: set[str] | None) -> None:
    """The next run leaves all as it should be, and nothing of the one that was killed once some hours have gone by.

    `runs` are those that have to be there; a run that was killed when all but the pruning was done leaves one or two.
    """
    seen = site_reader.read(site)
    assert site_reader.front(site) == "new"
    names = {path.name[:7] for path in (site / "runs").iterdir()}
    assert names == runs if runs else names in ({"2026-Q3"}, {"2026-Q2", "2026-Q3"}), names
    assert seen["runs.html"].count('<th scope="row">') == len(names)
    for left in (site / ".kpieval").glob("staging-*"):
        os.utime(left, (0, ABANDONED))
    publish(site_reader.result(-1), site.with_name("new"), site, keep=1, now=at(10))
    assert sorted(path.name for path in (site / ".kpieval").iterdir()) == ["lock", "site.json"]


if __name__ == "__main__":
    sys.stdout.write(" ".join(str(scenario(Path(sys.argv[1]) / str(begun), begun=begun)) for begun in (True, False)))

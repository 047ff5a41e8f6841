"""Publishes some runs, one after the other: `python publishing.py FOLDER MARK RUNS KEEP [WITHOUT_LOCKS]`."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

import site_reader
from kpieval.publish import publish

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def unlocked(*_: object) -> Iterator[None]:
    yield


def main(folder: str, mark: str, runs: str, keep: str, without_locks: str = "") -> None:
    with pytest.MonkeyPatch.context() as patch:
        if without_locks:
            patch.setattr("kpieval.publish.site.locked", unlocked)
        for number in range(int(runs)):
            now = dt.datetime(2026, 10, 5, 7, number, tzinfo=dt.UTC)
            with TemporaryDirectory() as made:
                source = site_reader.written(Path(made), f"{mark} {number}")
                publish(site_reader.result(), source, Path(folder), keep=int(keep), now=now)


if __name__ == "__main__":
    main(*sys.argv[1:])

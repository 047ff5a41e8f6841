"""Rows that were set aside -> a CSV file of them, with file, line and reason, written whole or not at all."""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from kpieval.sources.typed import SetAside

_ABOUT = ("file", "line", "reason")


def write(path: Path, columns: Sequence[str], rows: Iterable[SetAside]) -> None:
    """Write the values as they came, so that they can be mended and read again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([*_ABOUT, *columns])
            writer.writerows([row.file, row.line, row.reason, *row.values] for row in rows)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)

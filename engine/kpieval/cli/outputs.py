"""Where an output goes: `-o` as a file, a folder or stdout, and the file name that it gets there."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

SUFFIXES = {".json": "json", ".csv": "csv", ".parquet": "parquet", ".md": "md", ".html": "html", ".htm": "html"}
"""The format that a file's name asks for."""

STDOUT = "-"


def is_folder(output: str) -> bool:
    """Whether `-o` names a folder: one that is there, or one that is written with a slash at its end."""
    return output.endswith(("/", "\\")) or Path(output).is_dir()


def suffix_format(output: str | None, among: tuple[str, ...]) -> str | None:
    """The format that the name of an output file stands for."""
    if output is None or output == STDOUT or is_folder(output):
        return None
    format_ = SUFFIXES.get(Path(output).suffix.lower())
    return format_ if format_ in among else None


def report_name(result: dict[str, Any], format_: str) -> str:
    """The file name of a report: `acme-sales-2026-Q3.html`."""
    name = re.sub(r"[^\w.-]+", "-", f"{result['project']}-{result['period']}").strip("-.")
    return f"{name}.{format_}"


def put(data: str, path: Path) -> None:
    """Write a file whole or not at all, and the folders that lead to it."""
    from kpieval.render.write import write

    write(path, data)


def show(data: str) -> None:
    """Write to stdout: text in the encoding that every format has, UTF-8, whatever the locale says."""
    raw = data.encode()
    sys.stdout.buffer.write(raw if raw.endswith(b"\n") else raw + b"\n")
    sys.stdout.flush()

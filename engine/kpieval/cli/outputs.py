"""Where an output goes: `-o` as a file, a folder or stdout, and the file name that it gets there."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUFFIXES = {".json": "json", ".csv": "csv", ".parquet": "parquet", ".md": "md", ".html": "html", ".htm": "html"}
"""The format that a file's name asks for."""

STDOUT = "-"


@dataclass(frozen=True, slots=True)
class Output:
    """What `-o` says: stdout, a folder (one that is there, or is written with a slash at its end), or else a file."""

    given: str

    @property
    def is_stdout(self) -> bool:
        """Whether it goes to stdout."""
        return self.given == STDOUT

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, which gets files of their usual names."""
        return not self.is_stdout and (self.given.endswith(("/", "\\")) or Path(self.given).is_dir())

    @property
    def path(self) -> Path:
        """The file or the folder."""
        return Path(self.given)

    @property
    def folder(self) -> Path | None:
        """The folder that it is, or that it goes into; none for stdout."""
        return None if self.is_stdout else self.path if self.is_folder else self.path.parent

    def format(self, among: tuple[str, ...]) -> str | None:
        """The format that the name of an output file stands for."""
        if self.is_stdout or self.is_folder:
            return None
        format_ = SUFFIXES.get(self.path.suffix.lower())
        return format_ if format_ in among else None


def report_name(result: dict[str, Any], format_: str) -> str:
    """The file name of a report: `acme-sales-2026-Q3.html`."""
    return slug(f"{result['project']}-{result['period']}") + f".{format_}"


def quarantine_folder(output: Output, project: str) -> Path | None:
    """Where rows that can't be read are kept: beside the output; nowhere, if that is stdout."""
    return output.folder / f"{slug(project)}-quarantine" if output.folder is not None else None


def slug(text: str) -> str:
    """A text as the name of a file."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")


def put(data: str, path: Path) -> None:
    """Write a file whole or not at all, and the folders that lead to it."""
    from kpieval.render.write import write

    write(path, data)


def show(data: str) -> None:
    """Write to stdout: text in the encoding that every format has, UTF-8, whatever the locale says."""
    raw = data.encode()
    sys.stdout.buffer.write(raw if raw.endswith(b"\n") else raw + b"\n")
    sys.stdout.flush()

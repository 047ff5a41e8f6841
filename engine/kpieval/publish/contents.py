"""A result becomes the documents that are published of it, in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.problems import OutputError, Place, Problem
from kpieval.render import render
from kpieval.render.html import site
from kpieval.render.tables import json_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


def write_documents(result: Mapping[str, Any], folder: Path, own: Path | None = None) -> None:
    """Write the documents of a result into an empty folder: the pages of its site, and what stands beside them.

    Templates in the folder `own` come before the shipped ones. Raises OutputError where there is no room.
    """
    for name, text in site(result, own):
        _write(folder / name, [text])
    _write(folder / "report.md", [render(result, "md")])
    _write(folder / "result.json", json_parts(result))


def _write(path: Path, parts: Iterable[str]) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(parts)
    except OSError as error:
        message = f"`{path}` can't be written: {error.strerror or error}."
        hint = "Make room there, or let TMPDIR name another folder for what is being prepared."
        raise OutputError(Problem("error", "output-not-written", message, Place(str(path)), hint)) from error

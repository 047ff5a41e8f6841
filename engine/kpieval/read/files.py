"""A folder -> its documents: which file is what, and what is wrong with each."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kpieval.check.schema import schema_problems
from kpieval.check.words import NOUNS
from kpieval.nearest import did_you_mean
from kpieval.problems import DefinitionError, Place, Problem
from kpieval.read.compose import Composed, compose
from kpieval.read.document import Document, Kind
from kpieval.read.overlay import without_removals
from kpieval.read.text import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT_FILE = "kpieval.yaml"
FOLDERS: dict[str, Kind] = {"kpis": "kpi", "scorecards": "scorecard", "rules": "rule", "benchmarks": "benchmark"}
_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True)
class Folder:
    """A project or a pack: where it is, and how its files are called in messages."""

    root: Path
    prefix: str = ""

    def shown(self, path: Path) -> str:
        """The name of a file as messages show it."""
        return self.prefix + path.relative_to(self.root).as_posix()


def find_project(path: Path) -> Path:
    """The folder of the project that a path belongs to: itself, or the nearest one above with a `kpieval.yaml`."""
    start = Path(os.path.abspath(path))  # noqa: PTH100  # a link is followed upwards as it is written, not resolved
    if not start.exists():
        raise DefinitionError(Problem("error", "no-project", f"There is no `{path}`."))
    for folder in [start, *start.parents]:
        if (folder / PROJECT_FILE).exists():
            return folder
    message = f"There is no {PROJECT_FILE} in `{path}` or any folder above it."
    raise DefinitionError(Problem("error", "no-project", message, hint="Make one with `kpieval init`."))


def load(kind: Kind, path: Path, folder: Folder) -> tuple[Document | None, list[Problem]]:
    """One file, read and checked against its schema; no document where it can't be told what it says."""
    file = folder.shown(path)
    try:
        composed = compose(text_of(path, file), file)
    except DefinitionError as error:
        return None, list(error.problems)
    if not isinstance(composed.data, dict):
        return None, list(composed.problems) or [_no_mapping(kind, file, composed)]
    document = Document(kind, file, path, cast("dict[str, Any]", composed.data), composed.places, composed.lines)
    spoken_of = {problem.place for problem in composed.problems}
    found = schema_problems(kind, _given(document), document)
    return document, [*composed.problems, *(problem for problem in found if problem.place not in spoken_of)]


def definition_files(folder: Folder) -> tuple[list[tuple[Kind, Path]], list[Problem]]:
    """The files of KPIs, scorecards, rules and benchmarks, in a fixed order; hidden ones are left out."""
    found: list[tuple[Kind, Path]] = []
    problems: list[Problem] = []
    for name, kind in FOLDERS.items():
        found += [(kind, path) for path in _yaml_files(folder.root / name)]
    for entry in _entries(folder.root):
        if entry.is_dir() and entry.name not in FOLDERS and _yaml_inside(entry):
            hint = did_you_mean(entry.name, FOLDERS)
            if hint:
                message = f"The folder `{entry.name}` is not read."
                problems.append(Problem("warning", "unread-folder", message, Place(folder.shown(entry)), hint))
    return found, problems


def _given(document: Document) -> dict[str, Any]:
    """What the schema is to judge: in an overlay an empty field takes something away, and is no value."""
    overlays = document.data.get("uses") if document.kind == "project" else document.data.get("extends")
    return without_removals(document.kind, document.data) if overlays else document.data


def _no_mapping(kind: Kind, file: str, composed: Composed) -> Problem:
    if composed.data is None:
        return Problem(
            "error", "empty-file", "There is nothing in this file.", Place(file), f"Start with `{kind}: name`."
        )
    place = composed.places[()][1]
    shape = "a list" if isinstance(composed.data, list) else "a single value"
    message = f"{NOUNS[kind]} is written as `key: value` lines, but this is {shape}."
    message = message[0].upper() + message[1:] if kind != "project" else message
    return Problem(
        "error", "not-a-mapping", message, place, f"Start with `{kind}: name`.", composed.lines[place.line - 1]
    )


def _yaml_files(folder: Path) -> Iterator[Path]:
    for entry in _entries(folder):
        if entry.suffix in _ENDINGS:
            yield entry
        elif entry.is_dir() and not entry.is_symlink():
            yield from _yaml_files(entry)


def _entries(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def _yaml_inside(folder: Path) -> bool:
    return any(entry.suffix in _ENDINGS for entry in _entries(folder))

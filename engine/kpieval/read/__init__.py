"""YAML files -> documents -> definitions: what a project and its packs declare, with the place of every value."""

from __future__ import annotations

from pathlib import Path

from kpieval.read.definition import Definition, Definitions
from kpieval.read.document import Document, Kind, Path_
from kpieval.read.project import read_project
from kpieval.read.variables import redact

__all__ = ["Definition", "Definitions", "Document", "Kind", "Path_", "read", "redact"]


def read(path: Path | str = ".") -> Definitions:
    """Read the project that `path` belongs to: its folder, its `kpieval.yaml`, or anything in it.

    What is wrong with the files is collected in the result's `problems`. Raises `DefinitionError` only where nothing
    can be read: no `kpieval.yaml` is found, or it is no YAML mapping.
    """
    return read_project(Path(path))

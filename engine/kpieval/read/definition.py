"""What holds once packs and the project's own files are laid over each other, still with the place of every value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kpieval.model import Pack
    from kpieval.problems import Place, Problem, Severity
    from kpieval.read.document import Document, Kind, Path_


@dataclass(frozen=True)
class Definition:
    """A project, KPI, scorecard, rule or benchmark: `layers` are its files, that of the pack first."""

    kind: Kind
    name: str
    data: dict[str, Any]
    layers: tuple[Document, ...]

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Where the value, or its key, is written; where there is no such value, that of the nearest one around it."""
        document, existing = self._written(path)
        return document.place(*existing, key=key)

    def problem(
        self,
        code: str,
        message: str,
        *path: str | int,
        hint: str | None = None,
        key: bool = False,
        severity: Severity = "error",
        offset: int = 0,
    ) -> Problem:
        """A problem with the value at `path`, so many characters into its text."""
        document, existing = self._written(path)
        if offset and (existing != path or document.value(path) != _at(self.data, path)):
            offset = 0  # a `${variable}` moves what follows
        return document.problem(code, message, *existing, hint=hint, key=key, severity=severity, offset=offset)

    def origin(self, *path: str | int) -> str:
        """The file that set the value."""
        return self._written(path)[0].file

    def _written(self, path: Path_) -> tuple[Document, Path_]:
        existing = _existing(self.data, path)
        if existing != path and len(self.layers) > 1:  # a layer may have taken the value away
            for document in reversed(self.layers):
                if document.has(path) and document.value(path) is None:
                    return document, path
        while existing:
            for document in reversed(self.layers):
                if document.has(existing):
                    return document, existing
            existing = existing[:-1]
        return self.layers[-1], ()


@dataclass(frozen=True)
class Definitions:
    """All that a project declares, its packs included, and what is wrong with it so far.

    `secrets` are the values that came from the environment: `redact` takes them out of everything that is shown.
    """

    root: Path
    project: Definition
    kpis: Mapping[str, Definition]
    scorecards: Mapping[str, Definition]
    rules: Mapping[str, Definition]
    benchmarks: Mapping[str, Definition]
    secrets: tuple[str, ...]
    problems: tuple[Problem, ...]
    files: tuple[str, ...] = ()
    packs: tuple[Pack, ...] = ()


def _existing(data: object, path: Path_) -> Path_:
    """The longest beginning of `path` that leads to a value."""
    for index, step in enumerate(path):
        in_list = isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data)
        if not in_list and not (isinstance(data, dict) and step in data):
            return path[:index]
        data = data[step]  # type: ignore[index]  # it was just looked up
    return path


def _at(data: object, path: Path_) -> object:
    for step in path:
        data = data[step]  # type: ignore[index]  # the path was found to exist
    return data

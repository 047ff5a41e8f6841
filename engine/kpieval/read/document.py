"""One file of definitions, as plain values with the place of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from kpieval.problems import Place, Problem
from kpieval.read.text import clipped
from kpieval.read.within import within

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kpieval.problems import Severity

Kind = Literal["project", "kpi", "scorecard", "rule", "benchmark"]
Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Document:
    """One file: what it says and where it says it.

    `file` is the name as messages show it, relative to the project. `places` gives, for the path of each value such as
    `("bands", "good")`, the place of its key and that of the value; an element of a list has the value's place twice.
    """

    kind: Kind
    file: str
    path: Path
    data: dict[str, Any]
    places: Mapping[Path_, tuple[Place, Place]]
    lines: tuple[str, ...] = field(default=(), repr=False)

    def excerpt(self, line: int) -> str | None:
        """The line of the file, counted from 1, if there is one."""
        return self.lines[line - 1] if 0 < line <= len(self.lines) else None

    def has(self, path: Path_) -> bool:
        """Whether the file itself has a value at this path."""
        return path in self.places

    def value(self, path: Path_) -> object:
        """The value at a path that the file has."""
        value: Any = self.data
        for step in path:
            value = value[step]
        return value

    def place(self, *path: str | int, key: bool = False) -> Place:
        """Where the value, or its key, starts; where the file has no such path, that of the nearest one around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.places:
                return self.places[path[:length]][0 if key else 1]
        return self.places.get((), (Place(self.file), Place(self.file)))[0]

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
        place = self.place(*path, key=key)
        if offset and not key and self.has(path):
            value = self.value(path)
            place = within(self.lines, place, value, offset) if isinstance(value, str) else place.shifted(offset)
        return Problem(severity, code, clipped(message), place, hint and clipped(hint), self.excerpt(place.line))

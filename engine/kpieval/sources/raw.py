"""A table of texts as a reader left it, and the way from its rows back to the lines of the files."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.problems import Problem


class Lines(Protocol):
    """Finds lines in one file; slow, and so only asked when something is wrong."""

    def __call__(self, records: Iterable[int]) -> Mapping[int, int]:
        """The line of each record; records count from 0, lines from 1."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one file in a raw table: from `first` on, so many."""

    shown: str
    first: int
    rows: int
    lines: Lines


@dataclass(frozen=True, slots=True)
class Damage:
    """A row that a reader couldn't take apart: it isn't in the raw table."""

    problem: Problem
    text: str


@dataclass(frozen=True, slots=True)
class Raw:
    """A temporary table with a text column `c0`, `c1` ... for each of `columns`; its rows are in the files' order."""

    table: str
    columns: tuple[str, ...]
    parts: tuple[Part, ...]
    damages: tuple[Damage, ...] = field(default=())

    @property
    def rows(self) -> int:
        """How many rows there are, damaged ones included."""
        return sum(part.rows for part in self.parts) + len(self.damages)

    def cell(self, column: str) -> str:
        """The SQL name of a column."""
        return f"c{self.columns.index(column)}"

    def places(self, rows: Iterable[int]) -> dict[int, tuple[str, int]]:
        """File and line of rows, counted from 0 through all files."""
        wanted: dict[int, list[int]] = {}
        starts = [part.first for part in self.parts]
        for row in rows:
            wanted.setdefault(bisect_right(starts, row) - 1, []).append(row)
        found: dict[int, tuple[str, int]] = {}
        for index, members in wanted.items():
            part = self.parts[index]
            lines = part.lines([row - part.first for row in members])
            found |= {row: (part.shown, lines[row - part.first]) for row in members}
        return found

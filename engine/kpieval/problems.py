"""What is wrong, as a value with a place: every stage reports `Problem`s, and only the command line prints them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A spot in a file that a person can open: `line` and `column` count from 1, in characters."""

    file: str
    line: int = 1
    column: int = 1

    def shifted(self, characters: int) -> Place:
        """The place so many characters further on the same line."""
        return replace(self, column=self.column + characters)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, where it is, and what to do about it.

    `code` is stable and has a page in `docs/problems/`; `message` is one sentence in the user's words;
    `hint` names the nearest right name or the way out; `excerpt` is the line of the file, if there is one.
    """

    severity: Severity
    code: str
    message: str
    place: Place | None = None
    hint: str | None = None
    excerpt: str | None = None

    def __str__(self) -> str:
        """The first line of the message as a terminal shows it: `file:line:column: error [code] message`."""
        where = f"{self.place.file}:{self.place.line}:{self.place.column}: " if self.place else ""
        return f"{where}{self.severity} [{self.code}] {self.message}"


class KpievalError(Exception):
    """Anything that stops kpieval, with the problems that say why. `exit_code` is what the command returns."""

    exit_code = 3

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class DefinitionError(KpievalError):
    """The definitions, or the way the command was called, are wrong."""

    exit_code = 2


class DataError(KpievalError):
    """The data, or the engine that holds them, gave no trustworthy answer."""

    exit_code = 3


class OutputError(KpievalError):
    """An output could not be written."""

    exit_code = 4

"""A value of a definition together with the way to it, so that every problem knows its line.

The stages of `build` read definitions through `Node`s only. A value of a shape that the schema refuses reads as if it
were absent: the schema has said what is wrong with it, and nothing is said twice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.problems import DefinitionError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from kpieval.build.found import Found
    from kpieval.expressions import Expression
    from kpieval.problems import Place
    from kpieval.read import Definition


@dataclass(frozen=True, slots=True)
class Node:
    """The value that stands at `path` in a definition."""

    definition: Definition
    found: Found
    value: Any
    path: tuple[str | int, ...] = ()

    @property
    def place(self) -> Place:
        """Where the value starts."""
        return self.definition.place(*self.path)

    @property
    def name(self) -> str:
        """The key under which the value stands; that of the whole definition is its own name."""
        return str(self.path[-1]) if self.path else self.definition.name

    @property
    def root(self) -> Node:
        """The whole definition, for what is to be said elsewhere in it."""
        return Node(self.definition, self.found, self.definition.data)

    def set_elsewhere(self, *path: str | int) -> bool:
        """Whether another file says what stands at `path` of the definition: the project's, and this is a pack's."""
        return self.definition.origin(*path) != self.definition.origin(*self.path)

    def get(self, key: str) -> Node | None:
        """The value under `key`; none where the key is absent or its value is null."""
        if not isinstance(self.value, dict):
            self.misshapen("a mapping")
            return None
        value = self.value.get(key)
        return None if value is None else self._child(value, (*self.path, key))

    def items(self, key: str | None = None, *, bare: bool = False) -> Iterator[tuple[str, Node]]:
        """The entries of the mapping (under `key`), without those that are null; with `bare`, null is an empty one."""
        node = self if key is None else self.get(key)
        if node is None:
            return
        if not isinstance(node.value, dict):
            node.misshapen("a mapping")
            return
        for name, value in node.value.items():
            if value is not None or bare:
                yield str(name), self._child({} if value is None else value, (*node.path, name))

    def elements(self, key: str) -> Iterator[Node]:
        """The elements of the list under `key`; one value stands for a list of one."""
        node = self.get(key)
        if node is None:
            return
        if not isinstance(node.value, list):
            yield node
            return
        for index, value in enumerate(node.value):
            yield self._child(value, (*node.path, index))

    def text(self, key: str | None = None) -> str | None:
        """The text under `key`; a number is given as it is written."""
        node = self if key is None else self.get(key)
        if node is None:
            return None
        if isinstance(node.value, str):
            return node.value
        if isinstance(node.value, bool):
            return "true" if node.value else "false"
        if isinstance(node.value, int | float):
            return repr(node.value)
        node.misshapen("a text")
        return None

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a list under `key`."""
        return tuple(text for element in self.elements(key) if (text := element.text()) is not None)

    def number(self, key: str) -> float | None:
        """The number under `key`."""
        node = self.get(key)
        if node is None:
            return None
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return node.value
        node.misshapen("a number")
        return None

    def whole(self, key: str) -> int | None:
        """The whole number under `key`."""
        number = self.number(key)
        return None if number is None else int(number)

    def choice(self, key: str, choices: Collection[str]) -> str | None:
        """The word under `key`, one of `choices`."""
        text = self.text(key)
        if text is None or text in choices:
            return text
        self.misshapen(f"one of {', '.join(choices)}", key)
        return None

    def flag(self, key: str) -> bool:
        """Whether `key` says true."""
        node = self.get(key)
        return node is not None and node.value is True

    def date(self, key: str) -> dt.date | None:
        """The ISO date under `key`."""
        text = self.text(key)
        if text is None:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            self.misshapen("a date", key)
            return None

    def expression(self, parse: Callable[[str, Place], Expression]) -> Expression | None:
        """The value as an expression, its problems noted; none where it is wrong."""
        text = self.text()
        if text is None:
            return None
        try:
            return parse(text, self.place)
        except DefinitionError as error:
            problems = error.problems
        if "\n" in text:  # on one line every character has a column, which `_located` finds again in the file
            try:
                parse(text.replace("\n", " "), self.place)
            except DefinitionError as error:
                problems = error.problems
        self.found.problems.extend(self._located(problem) for problem in problems)
        return None

    def error(
        self,
        code: str,
        message: str,
        *path: str | int,
        hint: str | None = None,
        key: bool = False,
        offset: int = 0,
        cause: str | None = None,
    ) -> None:
        """Note an error at this value, or at `path` below it.

        `key` points at the key instead of the value, `offset` so many characters into the text. Errors that have one
        `cause` are told as one, where they are many.
        """
        way = (*self.path, *path)
        problem = self.definition.problem(code, message, *way, hint=hint, key=key, offset=offset)
        self.found.problems.append(problem)
        if cause is not None:
            self.found.causes[problem] = cause

    def warn(
        self, code: str, message: str, *path: str | int, hint: str | None = None, key: bool = False, offset: int = 0
    ) -> None:
        """Note a warning in the same way."""
        way = (*self.path, *path)
        problem = self.definition.problem(code, message, *way, hint=hint, key=key, offset=offset, severity="warning")
        self.found.problems.append(problem)

    def note(self, code: str, message: str, *path: str | int, hint: str | None = None, key: bool = False) -> None:
        """Note what a reader should know, and nobody has to mend, in the same way."""
        way = (*self.path, *path)
        self.found.problems.append(self.definition.problem(code, message, *way, hint=hint, key=key, severity="note"))

    def _child(self, value: object, path: tuple[str | int, ...]) -> Node:
        return Node(self.definition, self.found, value, path)

    def misshapen(self, what: str, *path: str | int) -> None:
        """Note that a value is not what the schema should have seen to."""
        way = (*self.path, *path)
        self.found.misshapen.append(
            self.definition.problem("wrong-shape", f"Something else stands here where {what} belongs.", *way)
        )

    def _located(self, problem: Problem) -> Problem:
        """The same problem with the line of the file that it is about."""
        if problem.place is None or problem.excerpt is not None:
            return problem
        offset = problem.place.column - self.place.column
        return self.definition.problem(
            problem.code, problem.message, *self.path, hint=problem.hint, severity=problem.severity, offset=offset
        )

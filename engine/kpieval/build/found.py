"""The problems found while a project is built, without those that only follow from others."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpieval.problems import Problem
    from kpieval.read import Definitions

_NAME_IS_ABSENT = ("unknown-", "level-not-", "no-attributes", "no-status", "field-needs-")
"""How the codes begin that say that nothing has a name. It may be declared where the files can't be read yet."""

_KEY_IS_ABSENT = ("missing-", "level-without-", "percent-band-without-", "bands-without-", "range-missing")
"""How the codes begin that miss a key. It may be there, misspelt or with a wrong value."""

_HALF_IS_ABSENT = "unknown-extends"
"""The code of a definition that changes another one, which isn't found: what it says makes no whole."""

_TYPE_DIFFERS = ("type-", "not-a-date", "not-a-condition")
"""How the codes begin that follow from the type of a column. It may be written where it can't be read yet."""

_ONLY_A_VALUE = frozenset({"wrong-value", "unknown-value", "impossible-date", "listed-twice", "empty-value"})
"""Problems of reading that hide no name."""


@dataclass(slots=True)
class Found:
    """What `build` has to say, in the order in which it was met. `misshapen` are values that it could not read."""

    definitions: Definitions
    problems: list[Problem] = field(default_factory=list)
    misshapen: list[Problem] = field(default_factory=list)

    def all(self) -> tuple[Problem, ...]:
        """The problems of reading, then those of meaning.

        Where files have errors, nothing is said of what may only be missing because of them. A value of a wrong
        shape is complained of only where the schema let it pass.
        """
        given = self.definitions.problems
        wrong = {problem.place.file for problem in given if problem.place and problem.severity == "error"}
        hiding = self._hiding()
        partial = {problem.place.file for problem in given if problem.place and problem.code == _HALF_IS_ABSENT}
        untyped = any(layer.file in wrong for layer in self.definitions.project.layers)
        met = [
            problem
            for problem in self.problems
            if not (hiding and problem.code.startswith(_NAME_IS_ABSENT))
            and not (untyped and problem.code.startswith(_TYPE_DIFFERS))
            and not (problem.place and problem.place.file in wrong and problem.code.startswith(_KEY_IS_ABSENT))
            and not (problem.place and problem.place.file in partial)
        ]
        errors = any(problem.severity == "error" for problem in chain(given, met))
        return tuple(dict.fromkeys([*given, *met, *([] if errors else self.misshapen)]))

    def _hiding(self) -> bool:
        """Whether an error may hide a name: in the project's own file, or where no definition came from a file."""
        errors = [problem for problem in self.definitions.problems if problem.severity == "error"]
        if not errors:
            return False
        parts = self.definitions
        kinds = (parts.kpis, parts.scorecards, parts.rules, parts.benchmarks)
        whole = {layer.file for kind in kinds for definition in kind.values() for layer in definition.layers}
        of_project = {layer.file for layer in parts.project.layers}
        return any(
            problem.place is None
            or (problem.place.file in of_project and problem.code not in _ONLY_A_VALUE)
            or problem.place.file not in whole | of_project
            for problem in errors
        )

"""The problems found while a project is built, without those that only follow from others."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpieval.problems import Problem
    from kpieval.read import Definitions

_ABSENT = ("unknown-", "missing-", "level-not-", "percent-band-without-target", "no-attributes")
"""How the codes begin that say that something isn't there."""


@dataclass(slots=True)
class Found:
    """What `build` has to say, in the order in which it was met. `misshapen` are values that it could not read."""

    definitions: Definitions
    problems: list[Problem] = field(default_factory=list)
    misshapen: list[Problem] = field(default_factory=list)

    def all(self) -> tuple[Problem, ...]:
        """The problems of reading, then those of meaning.

        What isn't there may stand in a part that could not be read: of such problems nothing is said until that part
        can be. A value of a wrong shape is complained of only where the schema let it pass.
        """
        given = self.definitions.problems
        met = [
            problem for problem in self.problems if not (problem.code.startswith(_ABSENT) and self._in_doubt(problem))
        ]
        errors = any(problem.severity == "error" for problem in chain(given, met))
        return tuple(dict.fromkeys([*given, *met, *([] if errors else self.misshapen)]))

    def _in_doubt(self, problem: Problem) -> bool:
        """Whether the file itself, the project's, or one that gave no definition at all has an error."""
        wrong = {error.place.file for error in self.definitions.problems if error.place and error.severity == "error"}
        if not wrong:
            return False
        kinds = (
            self.definitions.kpis,
            self.definitions.scorecards,
            self.definitions.rules,
            self.definitions.benchmarks,
        )
        whole = {definition.place().file for kind in kinds for definition in kind.values()}
        return bool(wrong - whole) or (problem.place is not None and problem.place.file in wrong)

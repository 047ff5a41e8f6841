"""The problems found while a project is built, without those that only follow from others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kpieval.problems import Problem
    from kpieval.read import Definition, Definitions

_NAME_IS_ABSENT = ("unknown-", "level-not-", "no-attributes", "no-status", "field-needs-")
"""How the codes begin that say that nothing has a name. It may be declared where the files can't be read yet."""

_KEY_IS_ABSENT = (
    "missing-", "level-without-", "percent-", "bands-without-", "range-missing", "overlapping-",
)  # fmt: skip
"""How the codes begin that miss a key. It may be there, misspelt or with a wrong value."""

_HALF_IS_ABSENT = "unknown-extends"
"""The code of a definition that changes another one, which isn't found: what it says makes no whole."""

_TYPE_DIFFERS = ("type-", "not-a-date", "not-a-condition")
"""How the codes begin that follow from the type of a column. It may be written where it can't be read yet."""

_ONLY_A_VALUE = frozenset({"wrong-value", "unknown-value", "impossible-date", "listed-twice", "empty-value"})
"""Problems of reading that hide no name."""


_NAME_IS_UNKNOWN = "unknown-"
_OF_VALUES = frozenset({"unknown-name", "unknown-kpi", "unknown-measure"})
"""The codes of names that share one room: who misses a KPI asks for it in values, rules and lists alike."""

_NO_SUCH = re.compile(r"There is no [\w ]+ `([^`]*)`\.")
_MANY = 3
"""Where so many more problems have the cause of the first one, they are only counted."""


@dataclass(slots=True)
class Found:
    """What `build` has to say, in the order in which it was met. `misshapen` are values that it could not read."""

    definitions: Definitions
    problems: list[Problem] = field(default_factory=list)
    misshapen: list[Problem] = field(default_factory=list)
    causes: dict[Problem, str] = field(default_factory=dict)

    def all(self) -> tuple[Problem, ...]:
        """The problems of reading, then those of meaning.

        Where files have errors, nothing is said of what may only be missing because of them. A value of a wrong
        shape is complained of only where the schema let it pass.
        """
        given = self.definitions.problems
        wrong = {problem.place.file for problem in given if problem.place and problem.severity == "error"}
        hiding = self._hiding()
        wrong |= {file for files in self._wholes() if wrong & files for file in files}
        refused = {problem.place for problem in given if problem.place and problem.severity == "error"}
        partial = {problem.place.file for problem in given if problem.place and problem.code == _HALF_IS_ABSENT}
        pack_missing = any(problem.code == "unknown-pack" for problem in given)
        untyped = any(layer.file in wrong for layer in self.definitions.project.layers)
        met = [
            problem
            for problem in self.problems
            if not (hiding and problem.code.startswith(_NAME_IS_ABSENT))
            and not (untyped and problem.code.startswith(_TYPE_DIFFERS))
            and not (problem.place and problem.place.file in wrong and problem.code.startswith(_KEY_IS_ABSENT))
            and not (problem.place and problem.place.file in partial)
            and problem.place not in refused
        ]
        errors = any(problem.severity == "error" for problem in chain(given, met))
        told = [problem for problem in given if not (pack_missing and problem.code == _HALF_IS_ABSENT)]
        return tuple(self._once(dict.fromkeys([*told, *met, *([] if errors else self.misshapen)])))

    def _once(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The problems; of many with one cause only the first: what is declared wrongly shows wherever it is used."""
        groups: dict[object, list[Problem]] = {}
        for problem in problems:
            cause = (problem.code, self.causes[problem]) if problem in self.causes else _unknown(problem)
            groups.setdefault(cause or problem, []).append(problem)
        for first, *others in groups.values():
            if len(others) < _MANY:
                yield from (first, *others)
                continue
            more = f"{len(others)} more places have the same cause."
            if first not in self.causes:
                more = f"{len(others)} more places name it: maybe its declaration is misspelt, or missing."
            yield replace(first, hint=f"{first.hint} {more}" if first.hint else more)

    def _wholes(self) -> Iterator[set[str]]:
        """The files that make one definition together: that of a pack, and the project's over it."""
        parts = self.definitions
        for kind in (parts.kpis, parts.scorecards, parts.rules, parts.benchmarks):
            yield from ({layer.file for layer in definition.layers} for definition in kind.values())

    def sound(self, definition: Definition) -> bool:
        """Whether the files of a definition could be read, so that what they don't say isn't there."""
        wrong = {each.place.file for each in self.definitions.problems if each.place and each.severity == "error"}
        return wrong.isdisjoint(layer.file for layer in definition.layers)

    def says(self, codes: str, definition: Definition) -> bool:
        """Whether a problem is noted in a definition's files whose code begins so."""
        files = {layer.file for layer in definition.layers}
        return any(each.place and each.place.file in files and each.code.startswith(codes) for each in self.problems)

    def _hiding(self) -> bool:
        """Whether an error may hide a name: it is one, or in the project's own file, or in one without a definition."""
        errors = [problem for problem in self.definitions.problems if problem.severity == "error"]
        if not errors:
            return False
        parts = self.definitions
        kinds = (parts.kpis, parts.scorecards, parts.rules, parts.benchmarks)
        whole = {layer.file for kind in kinds for definition in kind.values() for layer in definition.layers}
        of_project = {layer.file for layer in parts.project.layers}
        names = {
            definition.place(what)
            for what, kind in zip(("kpi", "scorecard", "rule", "benchmark"), kinds, strict=True)
            for definition in kind.values()
        }
        return any(
            problem.place is None
            or problem.place in names
            or (problem.place.file in of_project and problem.code not in _ONLY_A_VALUE)
            or problem.place.file not in whole | of_project
            for problem in errors
        )


def _unknown(problem: Problem) -> object:
    """What many places may name that isn't there; None of any other problem."""
    if not problem.code.startswith(_NAME_IS_UNKNOWN):
        return None
    name = _NO_SUCH.fullmatch(problem.message)
    return ("name", name[1]) if name and problem.code in _OF_VALUES else (problem.code, problem.message)

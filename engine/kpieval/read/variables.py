"""`${name}` and `${env:NAME}` in the texts of `kpieval.yaml` -> what they stand for; the environment's are secret."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpieval.problems import Problem
    from kpieval.read.definition import Definition
    from kpieval.read.document import Path_

LONGEST = 10_000
"""No text grows longer than this, in characters."""

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/:@]*:([^\s/@]+)@", re.IGNORECASE)
_SHORTEST_ANYWHERE = 4


class Variables:
    """Fills in the variables of one definition, noting problems and secrets on the way."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.problems: list[Problem] = []
        self._secrets: set[str] = set()
        self._circled: set[str] = set()
        given = definition.data.get("variables")
        self._given: dict[str, Any] = given if isinstance(given, dict) else {}

    @property
    def secrets(self) -> tuple[str, ...]:
        """What came from the environment, and the passwords in it, the longest first."""
        found = self._secrets | {
            word for secret in self._secrets for match in _PASSWORD.findall(secret) for word in (match, unquote(match))
        }
        return tuple(sorted((secret for secret in found if secret), key=lambda secret: (-len(secret), secret)))

    def filled(self) -> dict[str, Any]:
        """The definition's data with all variables in its texts replaced."""
        return {key: self._filled(value, (key,)) for key, value in self.definition.data.items()}

    def _filled(self, value: object, path: Path_) -> object:
        if isinstance(value, str):
            return self._text(value, path, ()) if "${" in value else value
        if isinstance(value, dict):
            return {key: self._filled(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner, (*path, index)) for index, inner in enumerate(value)]
        return value

    def _text(self, text: str, path: Path_, within: tuple[str, ...]) -> str:
        parts, end = [], 0
        for reference in _REFERENCE.finditer(text):
            stands_for = self._value(reference.group(1).strip(), path, within, 0 if within else reference.start())
            parts += [text[end : reference.start()], reference.group() if stands_for is None else stands_for]
            end = reference.end()
        filled = "".join([*parts, text[end:]])
        if len(filled) > LONGEST:
            self._problem("too-large", f"With its variables this text is longer than {LONGEST:,} characters.", path)
            return text
        return filled

    def _value(self, name: str, path: Path_, within: tuple[str, ...], offset: int) -> str | None:
        if name.startswith("env:"):
            return self._from_environment(name.removeprefix("env:"), path, offset)
        if name in within:
            self._circle([*within[within.index(name) :], name], path)
            return None
        value = self._given.get(name)
        if isinstance(value, str):
            return self._text(value, path, (*within, name))
        if isinstance(value, int | float):
            return ("true" if value else "false") if isinstance(value, bool) else repr(value)
        if name not in self._given and not within:  # inside another variable it is told where that one is declared
            hint = did_you_mean(name, self._given) or "Declare it under `variables:`, or write `${env:NAME}`."
            self._problem("unknown-variable", f"There is no variable `{name}`.", path, hint=hint, offset=offset)
        return None

    def _circle(self, names: list[str], path: Path_) -> None:
        if path[0] == "variables" and not self._circled.intersection(names):
            self._circled.update(names)
            self._problem("variable-cycle", f"The variable `{names[0]}` needs itself: {' -> '.join(names)}.", path)

    def _from_environment(self, name: str, path: Path_, offset: int) -> str | None:
        value = os.environ.get(name)
        if value is None:
            connection = path[:1] == ("connections",)  # only a run needs it; a check in CI has no secrets
            self._problem(
                "environment-not-set",
                f"The environment has no variable `{name}`.",
                path,
                hint=f"Set it: export {name}=...",
                offset=offset,
                warning=connection,
            )
            return None
        self._secrets.add(value)
        return value

    def _problem(
        self, code: str, message: str, path: Path_, *, hint: str | None = None, offset: int = 0, warning: bool = False
    ) -> None:
        severity = "warning" if warning else "error"
        problem = self.definition.problem(code, message, *path, hint=hint, offset=offset, severity=severity)  # type: ignore[arg-type]
        if problem not in self.problems:
            self.problems.append(problem)


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets. Very short ones are replaced as whole words only, or nothing would be left.

    >>> redact("no route to db.example", ["db.example"])
    'no route to ***'
    """
    for secret in secrets:
        if len(secret) >= _SHORTEST_ANYWHERE:
            text = text.replace(secret, "***")
        else:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "***", text)
    return text

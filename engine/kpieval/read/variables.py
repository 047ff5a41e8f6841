"""`${name}` and `${env:NAME}` in the texts of `kpieval.yaml` -> what they stand for; the environment's are secret.

A variable may use those above it, so nothing goes round in circles.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpieval.problems import Problem, Severity
    from kpieval.read.definition import Definition
    from kpieval.read.document import Path_

LONGEST = 10_000
"""No text grows longer than this, in characters; and all of them together by a hundred times as much."""

MOST = 20
"""No more problems are told of one project's variables."""

MOST_NAMES = 200
"""Among so many names the nearest is looked for."""

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/:@]*:([^\s/@]+)@", re.IGNORECASE)
_SHORTEST_ANYWHERE = 4


class Variables:
    """Fills in the variables of one definition, noting problems and secrets on the way."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.problems: list[Problem] = []
        self._secrets: set[str] = set()
        self._known: dict[str, str | None] = {}
        self._left = 100 * LONGEST
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
        for name, value in self._given.items():
            filled = self._filled(value, ("variables", name))
            self._known[name] = filled if isinstance(filled, str) else _written(filled)
        return {
            key: value if key == "variables" else self._filled(value, (key,))
            for key, value in self.definition.data.items()
        }

    def _filled(self, value: object, path: Path_) -> object:
        if isinstance(value, str):
            return self._text(value, path) if "${" in value else value
        if isinstance(value, dict):
            return {key: self._filled(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner, (*path, index)) for index, inner in enumerate(value)]
        return value

    def _text(self, text: str, path: Path_) -> str:
        parts, end, length = [], 0, 0
        for reference in _REFERENCE.finditer(text):
            stands_for = self._value(reference.group(1).strip(), path, reference.start())
            parts += [text[end : reference.start()], reference.group() if stands_for is None else stands_for]
            length += len(parts[-1])
            end = reference.end()
            if length > min(LONGEST, self._left):
                self._left = min(LONGEST, self._left)
                message = f"With its variables this text is longer than {LONGEST:,} characters."
                self._problem("error", "too-large", message, path)
                return text
        self._left -= length
        return "".join([*parts, text[end:]])

    def _value(self, name: str, path: Path_, offset: int) -> str | None:
        if name.startswith("env:"):
            return self._from_environment(name.removeprefix("env:"), path, offset)
        if name not in self._known and len(self.problems) < MOST:
            hint = (
                did_you_mean(name, list(self._known)[:MOST_NAMES])
                or "Declare it under `variables:`, or write `${env:NAME}`."
            )
            if name in self._given:
                hint = "A variable can only use those above it."
            self._problem("error", "unknown-variable", f"There is no variable `{name}`.", path, hint, offset)
        return self._known.get(name)

    def _from_environment(self, name: str, path: Path_, offset: int) -> str | None:
        value = os.environ.get(name)
        if value is not None:
            self._secrets.add(value)
            return value
        # Only a run needs a connection: a check of a stranger's pull request has no secrets, and works without.
        severity: Severity = "warning" if path[0] == "connections" else "error"
        message, hint = f"The environment has no variable `{name}`.", f"Set it: export {name}=..."
        self._problem(severity, "environment-not-set", message, path, hint, offset)
        return None

    def _problem(
        self, severity: Severity, code: str, message: str, path: Path_, hint: str | None = None, offset: int = 0
    ) -> None:
        if len(self.problems) < MOST:
            problem = self.definition.problem(code, message, *path, hint=hint, offset=offset, severity=severity)
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


def _written(value: object) -> str | None:
    """A number or a truth as it is written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, int | float) else None

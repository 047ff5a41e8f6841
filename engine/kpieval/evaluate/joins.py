"""The joins of one select, each once, however often what it brings is asked for."""

from __future__ import annotations


class Joins:
    """The joins of one select; the clauses write `@` for the alias of what they join."""

    def __init__(self) -> None:
        self._aliases: dict[str, str] = {}

    def alias(self, clause: str) -> str:
        """The alias of a join, which is added at its first mention."""
        return self._aliases.setdefault(clause, f"j{len(self._aliases)}")

    def __str__(self) -> str:
        """All joins as SQL."""
        return " ".join(clause.replace("@", alias) for clause, alias in self._aliases.items())

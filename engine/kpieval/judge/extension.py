"""Columns that a part of the judgement adds to the observations: a table by KPI, level, member and period."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = "kpi kpi_name, level level_name, mid integer, period bigint"
"""What a row is about, as in `judged`."""


@dataclass(frozen=True, slots=True)
class Extension:
    """A table of `name`, with `columns` (SQL type by name) beside its key. A run that needs it not doesn't make it.

    In the result it is an object of that name: `peers.rank` is the column `rank` of `peers`, and `limits_low` with
    `limits_high` the pair `limits`. It is null where the table has no row.
    """

    name: str
    columns: Mapping[str, str]
    fields: tuple[tuple[str, int, int | None], ...] = field(init=False)
    """The columns as the observations show them; each field of the object: its name, where it is, and where its end."""

    def __post_init__(self) -> None:
        """Work out once what is done with each of a million rows."""
        names = list(self.columns)
        ends = {name.removesuffix("_high"): at for at, name in enumerate(names) if name.endswith("_high")}
        fields = [
            (name.removesuffix("_low"), at, ends[name.removesuffix("_low")] if name.endswith("_low") else None)
            for at, name in enumerate(names)
            if not name.endswith("_high")
        ]
        object.__setattr__(self, "fields", tuple(fields))

    def declaration(self) -> str:
        """The table, as `create table` wants it."""
        return f"{self.name} ({KEY}, {', '.join(f'{column} {kind}' for column, kind in self.columns.items())})"

    def selected(self, *, made: bool) -> str:
        """The columns as the observations show them: `peers_rank`; empty where the table wasn't made."""
        alias = f"ext_{self.name}"
        return ", ".join(
            f"{f'{alias}.{column}' if made else f'cast(null as {kind})'} as {self.name}_{column}"
            for column, kind in self.columns.items()
        )

    def join(self) -> str:
        """The join that brings the columns to the row `o` of `judged`."""
        alias = f"ext_{self.name}"
        on = " and ".join(f"{alias}.{key} = o.{key}" for key in ("kpi", "level", "mid", "period"))
        return f"left join {self.name} as {alias} on {on}"

    def nested(self, found: tuple[Any, ...]) -> dict[str, Any] | None:
        """The values of the columns as an object; None where all are empty."""
        if found.count(None) == len(found):
            return None
        nested: dict[str, Any] = {}
        for name, at, high in self.fields:
            value = found[at]
            if high is not None:
                value = None if value is None or found[high] is None else [value, found[high]]
            nested[name] = value
        return nested

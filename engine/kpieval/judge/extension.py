"""Columns that a part of the judgement adds to the observations: a table by KPI, level, member and period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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

    def nested(self, columns: Sequence[Sequence[Any]]) -> list[dict[str, Any] | None]:
        """The objects of many rows, of their columns in the order of `columns`; None where every field is empty."""
        found = dict(zip(self.columns, columns, strict=True))
        fields: dict[str, Sequence[Any]] = {}
        for name, values in found.items():
            if name.endswith("_low"):
                pair = name.removesuffix("_low")
                fields[pair] = pairs(values, found[f"{pair}_high"])
            elif not name.endswith("_high"):
                fields[name] = values
        return [
            None if row.count(None) == len(row) else dict(zip(fields, row, strict=True))
            for row in zip(*fields.values(), strict=True)
        ]


def pairs(low: Sequence[Any], high: Sequence[Any]) -> list[list[Any] | None]:
    """Two columns as one of pairs; None where one of both is empty."""
    return [None if a is None or b is None else [a, b] for a, b in zip(low, high, strict=True)]

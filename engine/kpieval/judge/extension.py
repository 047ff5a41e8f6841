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
    _names: tuple[str, ...] = field(init=False)
    _places: tuple[int, ...] = field(init=False)
    _pairs: tuple[tuple[int, int], ...] = field(init=False)
    """The fields of the object: their names, the column of each, and which fields are pairs, with their other end."""

    def __post_init__(self) -> None:
        """Work out once what is done with each of a million rows."""
        listed = list(self.columns)
        shown = [(name.removesuffix("_low"), at) for at, name in enumerate(listed) if not name.endswith("_high")]
        pairs = [
            (place, listed.index(f"{name}_high"))
            for place, (name, at) in enumerate(shown)
            if listed[at].endswith("_low")
        ]
        object.__setattr__(self, "_names", tuple(name for name, _ in shown))
        object.__setattr__(self, "_places", tuple(at for _, at in shown))
        object.__setattr__(self, "_pairs", tuple(pairs))

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
        values = [found[at] for at in self._places]
        for place, high in self._pairs:
            low = values[place]
            values[place] = None if low is None or found[high] is None else [low, found[high]]
        return dict(zip(self._names, values, strict=True))

"""What a statement on a database counts besides its answer, as one JSON text: rows, missing values, keys."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from kpieval.sources.cells import unlisted
from kpieval.sources.quoting import name, text
from kpieval.sources.rows import Stored, candidates, dated
from kpieval.sources.typed import MOST_UNMAPPED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpieval.model import Source


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts over the whole table, before `where`; `keys` (rows, distinct keys, rows without one) are after it."""

    rows: int | None = None
    missing: Mapping[str, int] = field(default_factory=dict)
    unmapped: Sequence[tuple[str, str, int]] = ()
    first: dt.date | None = None
    last: dt.date | None = None
    keys: tuple[int, int, int] | None = None

    @classmethod
    def read(cls, said: str) -> Self:
        """Read what `facts` asked for."""
        found = json.loads(said)
        first, last = (dt.date.fromisoformat(day) if day else None for day in found["days"])
        unmapped = [
            (column, value, count) for column, listed in found["unmapped"].items() for value, count in listed or []
        ]
        keys = tuple(found["keys"]) if found["keys"] else None
        return cls(found["rows"], found["missing"], unmapped, first, last, keys)


def facts(source: Source, stored: Stored, asked: Sequence[str], *, key: bool) -> str:
    """The query for the facts about a source, in SQL of Postgres."""
    cells = dict.fromkeys([*asked, *([source.time.start] if source.time else [])])
    known = {column: stored.columns[column] for column in cells if column in stored.columns}
    missing = ", ".join(f"{text(column)}, count(*) - count({known[column]})" for column in asked)
    unmapped = ", ".join(
        f"{text(column)}, ({_unmapped(condition, said, stored.relation)})"
        for column in asked
        if (said := f"cast({name(source.columns[column].origin)} as text)")
        and (condition := unlisted(source.columns[column], said, "postgres"))
    )
    first, last = dated(source, stored)
    keys = f"({_keys(source, stored)})" if key and source.key else "null"
    return (
        f"select cast(json_build_object('rows', count(*), 'missing', json_build_object({missing}), "
        f"'unmapped', json_build_object({unmapped}), 'days', json_build_array({first}, {last}), "
        f"'keys', {keys}) as text) from {stored.relation}"
    )


def _unmapped(condition: str, said: str, relation: str) -> str:
    counted = f"select {said} as said, count(*) as n from {relation} where {condition} group by 1 order by 2 desc, 1"
    return f"select json_agg(json_build_array(said, n)) from ({counted} limit {MOST_UNMAPPED}) as u"


def _keys(source: Source, stored: Stored) -> str:
    key = (*source.key, *((source.latest,) if source.latest else ()))
    cells = ", ".join(name(column, dialect="postgres") for column in key)
    nulls = " or ".join(f"{name(column, dialect='postgres')} is null" for column in key)
    counts = f"count(*), count(distinct ({cells})), count(*) filter (where {nulls})"
    return f"select json_build_array({counts}) from ({candidates(source, stored, key)}) as k"

"""Lookups -> small temporary tables of the local DuckDB, there while a scan runs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from kpieval.sources.quoting import name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb

    from kpieval.model import Type
    from kpieval.sources import Lookup

TYPES: dict[Type, str] = {
    "text": "varchar",
    "integer": "bigint",
    "decimal": "decimal(38,10)",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}


@contextmanager
def make_lookups(connection: duckdb.DuckDBPyConnection, lookups: Sequence[Lookup]) -> Iterator[None]:
    """Make a temporary table of each lookup, its values bound as parameters, and drop them afterwards."""
    for lookup in lookups:
        cells = ", ".join(
            f"unnest(cast(${place} as {TYPES[type_]}[])) as {name(column)}"
            for place, (column, type_) in enumerate(lookup.columns.items(), 1)
        )
        values = [list(column) for column in zip(*lookup.rows, strict=True)] or [[] for _ in lookup.columns]
        connection.execute(f"create or replace temp table {name(lookup.name)} as select {cells}", values)
    yield
    for lookup in lookups:
        connection.execute(f"drop table {name(lookup.name)}")

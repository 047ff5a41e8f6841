"""Promises of a source about its rows, kept on the local DuckDB: a key that is unique, values that can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.problems import DataError, Place, Problem
from kpieval.sources.quoting import name, names
from kpieval.sources.rows import candidates
from kpieval.sources.shown import shown, times

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from kpieval.model import Source
    from kpieval.sources.parquet import Doubt
    from kpieval.sources.rows import Stored


def unique_key(connection: duckdb.DuckDBPyConnection, source: Source, stored: Stored, location: str) -> None:
    """Refuse rows without a key and keys that occur twice, after `where`.

    Counting distinct hashes is exact where it finds none: equal keys have equal hashes. Only where there are fewer
    hashes than rows a second query looks for the keys themselves.
    """
    key = (*source.key, *((source.latest,) if source.latest else ()))
    if not key or any(column not in stored.columns and source.columns[column].value is None for column in key):
        return
    inner = candidates(source, stored, key)
    nulls = " or ".join(f"{name(column)} is null" for column in key)
    rows, distinct, missing = connection.execute(
        f"select count(*), count(distinct hash({names(key)})), count(*) filter (where {nulls}) from ({inner}) as k"
    ).fetchall()[0]
    if missing:
        raise DataError(missing_key(source, key, missing, location))
    if distinct == rows:
        return
    cells = ", ".join(f"cast({name(column)} as varchar)" for column in key)
    twice = connection.execute(
        f"select [{cells}], count(*), count(*) over () from ({inner}) as k "
        f"group by {names(key)} having count(*) > 1 order by {names(key)} limit 3"
    ).fetchall()
    if twice:
        raise DataError(duplicate_key(source, key, twice, location))


def missing_key(source: Source, key: tuple[str, ...], count: int, location: str) -> Problem:
    """Rows that nothing identifies."""
    message = f"{times(count, 'row')} of `{source.name}` {'has' if count == 1 else 'have'} no `{'`, `'.join(key)}`."
    return Problem(
        "error", "row-without-key", message, Place(location), "Filter them out with `where`, or name another `key`."
    )


def duplicate_key(
    source: Source, key: tuple[str, ...], twice: list[tuple[list[str], int, int]], location: str
) -> Problem:
    """Rows that would count twice: the first keys, in how many rows each is, and how many such keys there are."""
    examples = ", ".join(f"{' '.join(map(shown, values))} ({count} rows)" for values, count, _ in twice)
    total = twice[0][2]
    message = f"{times(total, 'key')} of `{source.name}` {'occurs' if total == 1 else 'occur'} more than once"
    message += f" (`{'`, `'.join(key)}`): {examples}{' …' if total > len(twice) else ''}."
    hint = "Two rows with one key and one `latest`: which one counts is open." if source.latest else None
    hint = hint or "Name every column of the `key`, or say which row counts with `latest`."
    return Problem("error", "key-not-unique", message, Place(location), hint)


def settle(
    connection: duckdb.DuckDBPyConnection, doubts: Mapping[str, Doubt], relation: str, location: str
) -> dict[str, str]:
    """Look at the values of doubtful columns of a file, all at once: each column as SQL, or a `DataError`."""
    if not doubts:
        return {}
    counts = [f"count(*) filter (where {_wrong(doubt)})" for doubt in doubts.values()]
    fits = [f"bool_and({doubt.narrow[0]})" if doubt.narrow else "false" for doubt in doubts.values()]
    found = connection.execute(f"select {', '.join(counts + fits)} from {relation}").fetchall()[0]
    problems = []
    for doubt, wrong in zip(doubts.values(), found, strict=False):
        if wrong:
            value = connection.execute(
                f"select cast({doubt.cell} as varchar) from {relation} where {_wrong(doubt)} limit 1"
            ).fetchall()[0][0]
            message = f"{shown(value)} in `{doubt.origin}` is not {doubt.wanted}"
            message += f", nor are {times(wrong - 1, 'other value')}." if wrong > 1 else "."
            problems.append(Problem("error", "unreadable-value", message, Place(location)))
    if problems:
        raise DataError(problems)
    narrow = found[len(doubts) :]
    return {
        column: doubt.narrow[1] if doubt.narrow and fit is not False else doubt.typed
        for (column, doubt), fit in zip(doubts.items(), narrow, strict=True)
    }


def _wrong(doubt: Doubt) -> str:
    return f"{doubt.cell} is not null and not coalesce({doubt.holds}, false)"

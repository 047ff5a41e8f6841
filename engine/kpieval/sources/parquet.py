"""Parquet -> a view that reads in place, so that a scan touches only the columns and row groups that it needs.

The file's types are the fast path. Where the project declares another type than the file has, the column is cast if
nothing can be lost, checked first if something could be (`Doubt`), or else the whole source is read as texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from kpieval.problems import DataError, Place, Problem
from kpieval.sources.cells import NARROW, WIDE, in_zone, mapped, unlisted
from kpieval.sources.checksums import verify
from kpieval.sources.failures import STOPPED
from kpieval.sources.header import matched
from kpieval.sources.located import as_pattern
from kpieval.sources.quoting import name, text, texts
from kpieval.sources.raw import Part, Raw
from kpieval.sources.shown import location

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from kpieval.model import Column, Source

_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_BIG = {"UBIGINT", "HUGEINT", "UHUGEINT"}
_FLOAT = {"FLOAT", "DOUBLE"}
_INSTANT = "TIMESTAMP WITH TIME ZONE"
_LARGEST_WHOLE_DOUBLE = 2**53
_PARTITION = {"date": "DATE", "integer": "BIGINT", "timestamp": "TIMESTAMP"}


@dataclass(frozen=True, slots=True)
class Doubt:
    """A column whose values must be looked at: `holds` says which can be read, as SQL over the file's `cell`."""

    origin: str
    cell: str
    holds: str
    typed: str
    wanted: str
    narrow: tuple[str, str] | None = None
    """For decimals: when all fit the narrow type, and the value in it."""


@dataclass(frozen=True, slots=True)
class InPlace:
    """A source on Parquet: what to read from, the columns as SQL over it, and the doubts about some."""

    relation: str
    columns: Mapping[str, str]
    doubts: Mapping[str, Doubt]
    unlisted: Mapping[str, tuple[str, str]]
    """For columns with `values` and no word for all others: the condition that a value isn't listed, and the value."""
    origins: Mapping[str, str]
    files: tuple[Path, ...]


def read(
    connection: duckdb.DuckDBPyConnection, source: Source, files: Sequence[Path], root: Path, zone: str
) -> InPlace | Raw:
    """Find out whether the files can be scanned in place; if not, read them as texts."""
    partitions = _partitions(files)
    types = _types(connection, source, files, root, partitions)
    relation = _relation(source, files, partitions)
    shown = location(files[0], root)
    header = list(types)
    found = matched(source, header, shown)
    origins = {column: header[at] for column, at in found.items()}
    columns: dict[str, str] = {}
    doubts: dict[str, Doubt] = {}
    as_texts = False
    for column, origin in origins.items():
        typed = _in_place(source.columns[column], name(origin), types[origin], zone)
        if isinstance(typed, Doubt):
            doubts[column] = typed
            as_texts = as_texts or source.on_error == "quarantine"
        elif typed is None:
            _refuse_other_types(source.columns[column], types[origin], shown)
            as_texts = True
        else:
            columns[column] = typed
    if as_texts:
        verify(connection, files, set(origins.values()), root)
        return _as_texts(connection, source, relation, files, origins, types, shown)
    unknown = {
        column: (condition, _text(name(origin), types[origin]))
        for column, origin in origins.items()
        if (condition := unlisted(source.columns[column], _text(name(origin), types[origin])))
    }
    return InPlace(relation, columns, doubts, unknown, origins, tuple(files))


def _partitions(files: Iterable[Path]) -> list[str]:
    """The names in hive folders: `year=2026/month=07`."""
    return list(dict.fromkeys(part.split("=")[0] for file in files for part in file.parent.parts if "=" in part))


def _relation(source: Source, files: Iterable[Path], partitions: Iterable[str]) -> str:
    types = ", ".join(
        f"{text(partition)}: {_PARTITION.get(column.type, 'VARCHAR')}"
        for partition in partitions
        for column in source.columns.values()
        if column.origin == partition
    )
    hive = (
        f"hive_partitioning = true, hive_types_autocast = false, hive_types = {{{types}}}"
        if types
        else "hive_partitioning = false"
    )
    paths = texts(as_pattern(file) for file in files)
    return f"read_parquet([{paths}], union_by_name = true, {hive})"


def _types(
    connection: duckdb.DuckDBPyConnection, source: Source, files: Sequence[Path], root: Path, partitions: Iterable[str]
) -> dict[str, str]:
    """The columns of all files with their types; a declared one must have the same type in each."""
    origins = {column.origin: column for column in source.columns.values() if column.value is None}
    known: dict[str, str] = {}
    for file in files:
        shown = location(file, root)
        try:
            rows = connection.execute(
                f"describe select * from read_parquet({text(as_pattern(file))}, hive_partitioning = false)"
            ).fetchall()
        except STOPPED:
            raise
        except duckdb.Error:
            message = "The file is no Parquet, or is damaged."
            raise DataError(Problem("error", "damaged-file", message, Place(shown))) from None
        types = {row[0]: row[1] for row in rows}
        for origin, type_ in types.items():
            if origin in origins and known.setdefault(origin, type_) != type_:
                message = f"`{origin}` is {type_} here, but {known[origin]} in `{location(files[0], root)}`."
                raise DataError(Problem("error", "different-types", message, Place(shown)))
        missing = [origin for origin in known if origin in origins and origin not in types]
        if file != files[0] and (missing or any(origin in origins and origin not in known for origin in types)):
            matched(source, [*types, *partitions], shown)
            message = f"`{shown}` and `{location(files[0], root)}` don't have the same columns."
            raise DataError(Problem("error", "different-headers", message, Place(shown)))
        known = {**types, **known}
    declared = {origin: _PARTITION.get(column.type, "VARCHAR") for origin, column in origins.items()}
    return known | {partition: declared.get(partition, "VARCHAR") for partition in partitions}


def _in_place(column: Column, cell: str, type_: str, zone: str) -> str | Doubt | None:
    """The column as SQL over the file's `cell`: nothing to lose, something to check first, or None: only as text."""
    match column.type:
        case "text" if type_ in {"VARCHAR", "UUID", "BOOLEAN", *_WHOLE, *_BIG} or type_.startswith("ENUM"):
            return mapped(column, _text(cell, type_))
        case "boolean" if type_ == "BOOLEAN":
            return cell
        case "date" | "timestamp" if type_ in {"DATE", _INSTANT} or type_.startswith("TIMESTAMP"):
            local = in_zone(cell, zone) if type_ == _INSTANT else cell
            return local if type_ == column.type.upper() else f"cast({local} as {column.type})"
        case "integer" | "decimal" | "number":
            return _number(column, cell, type_)
        case _:
            return None


def _number(column: Column, cell: str, type_: str) -> str | Doubt | None:  # noqa: PLR0911 - one line for each pair of types
    decimal = type_.startswith("DECIMAL")
    bigint, double = f"cast({cell} as bigint)", f"cast({cell} as double)"
    match column.type:
        case "integer" if type_ in _WHOLE:
            return cell if type_ == "BIGINT" else bigint
        case "integer" if type_ in _FLOAT:
            holds = f"{cell} = trunc({cell}) and abs({cell}) <= {_LARGEST_WHOLE_DOUBLE}"
            return Doubt(column.origin, cell, holds, bigint, "a whole number")
        case "integer" if type_ in _BIG or decimal:
            return Doubt(column.origin, cell, f"try_cast({cell} as bigint) = {cell}", bigint, "a whole number")
        case "decimal" if decimal:
            return cell
        case "decimal" if type_ in _WHOLE:
            return f"cast({cell} as decimal(19,0))"
        case "decimal" if type_ == "DOUBLE":
            # what was written is the shortest decimal that gives this double; it must survive the way there and back
            fits = "cast(try_cast({0} as {1}) as double) = {0}".format
            wide, narrow = (f"cast({cell} as {decimal_})" for decimal_ in (WIDE, NARROW))
            return Doubt(column.origin, cell, fits(cell, WIDE), wide, "a decimal number", (fits(cell, NARROW), narrow))
        case "number" if type_ in _FLOAT:
            return Doubt(column.origin, cell, f"isfinite({cell})", double, "a number")
        case "number" if decimal or type_ in _WHOLE | _BIG:
            return double
        case _:
            return None


def _text(cell: str, type_: str) -> str:
    return cell if type_ == "VARCHAR" else f"cast({cell} as varchar)"


def _refuse_other_types(column: Column, type_: str, shown: str) -> None:
    """Texts can be read as anything, a short float as the decimal that it shows; other types only as what they are."""
    if type_ == "VARCHAR" or (type_ == "FLOAT" and column.type == "decimal"):
        return
    message = f"`{column.origin}` is {type_} in the file, but `{column.name}` is declared as {column.type}."
    raise DataError(Problem("error", "wrong-column-type", message, column.place, f"`{shown}` rules what it can be."))


def _as_texts(
    connection: duckdb.DuckDBPyConnection,
    source: Source,
    relation: str,
    files: Sequence[Path],
    origins: Mapping[str, str],
    types: Mapping[str, str],
    shown: str,
) -> Raw:
    table = f"raw_{source.name}"
    cells = ", ".join(f"{_text(name(origin), types[origin])} as c{at}" for at, origin in enumerate(origins.values()))
    connection.execute(f'create temp table "{table}" as select {cells} from {relation}')
    rows = connection.execute(f'select count(*) from "{table}"').fetchall()[0][0]
    where = shown if len(files) == 1 else f"{shown} …"
    return Raw(table, tuple(origins), (Part(where, 0, rows, _rows_for_lines),))


def _rows_for_lines(records: Iterable[int]) -> Mapping[int, int]:
    """Parquet has no lines: a row takes the place of one."""
    return {record: record + 1 for record in records}

"""JSON (a list of objects) and NDJSON (one object a line) -> a table of texts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from kpieval.problems import DataError, Place, Problem
from kpieval.sources.failures import STOPPED
from kpieval.sources.header import matched
from kpieval.sources.located import as_pattern
from kpieval.sources.plain import Plain, plain
from kpieval.sources.quoting import text
from kpieval.sources.raw import Part, Raw
from kpieval.sources.shown import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from kpieval.model import Source

_FORMATS = {"json": "array", "ndjson": "newline_delimited"}
_SHAPES = {"json": "a list of objects", "ndjson": "one object a line"}
_SPACES = {" ", "\t", "\r", "\n"}
_START = 512
_EXACT_DIGITS = 15
"""A number in JSON is a double, here as in a browser: with more digits than this it may not be what was written."""


def read(
    connection: duckdb.DuckDBPyConnection, source: Source, files: Sequence[Path], root: Path, spool: Path, most: int
) -> Raw:
    """Read all files of the source, one after the other into one table. A name that an object lacks is null."""
    options = source.options
    assert options is not None  # noqa: S101 - a source with files has options
    table = f"raw_{source.name}"
    parts: list[Part] = []
    columns: tuple[str, ...] = ()
    first = 0
    for index, file in enumerate(files):
        whole = plain(file, root, options.encoding, spool, most)
        try:
            connection.execute(
                f"create or replace temp table objects as select json from read_json_objects("
                f"{text(as_pattern(whole.path))}, format = '{_FORMATS[options.format]}', compression = 'uncompressed')"
            )
        except STOPPED:
            raise
        except duckdb.Error:
            raise DataError(_syntax(whole, options.format)) from None
        names = _names(connection, whole, options.format)
        found = matched(source, names, whole.shown) if names else dict.fromkeys(columns, 0)
        if index and tuple(found) != columns:
            message = f"`{whole.shown}` and `{parts[0].shown}` don't have the same names."
            raise DataError(Problem("error", "different-headers", message, Place(whole.shown)))
        columns = tuple(found)
        pointers = {name: "/" + names[at].replace("~", "~0").replace("/", "~1") for name, at in found.items() if names}
        _refuse_nested(connection, source, whole, pointers)
        cells = ", ".join(f"json_extract_string(json, {text(to)}) as c{at}" for at, to in enumerate(pointers.values()))
        if cells:
            into = f'insert into "{table}"' if parts else f'create temp table "{table}" as'
            connection.execute(f"{into} select {cells} from objects")
            total = connection.execute(f'select count(*) from "{table}"').fetchall()[0][0]
            parts.append(Part(whole.shown, first, total - first, _Lines(whole, options.format)))
            first = total
        connection.execute("drop table objects")
    if not parts:
        raise DataError(Problem("error", "no-rows", f"`{whole.shown}` has no rows.", Place(whole.shown)))
    return Raw(table, columns, tuple(parts))


def _names(connection: duckdb.DuckDBPyConnection, file: Plain, format_: str) -> list[str]:
    """All names of all objects, in the order in which they turn up."""
    others = connection.execute("select rowid, json_type(json) from objects where json_type(json) <> 'OBJECT' limit 1")
    for record, kind in others.fetchall():
        message = f"An object was expected, but there is {_said(kind)}."
        raise DataError(
            Problem("error", "wrong-json", message, Place(file.shown, _Lines(file, format_)([record])[record]))
        )
    names: dict[str, None] = {}
    shapes = connection.execute("select json_keys(json), min(rowid) from objects group by 1 order by 2").fetchall()
    for keys, record in shapes:
        twice = next((key for at, key in enumerate(keys) if key in keys[:at]), None)
        if twice is not None:
            message = f"An object has {shown(twice)} twice."
            raise DataError(
                Problem("error", "duplicate-name", message, Place(file.shown, _Lines(file, format_)([record])[record]))
            )
        names |= dict.fromkeys(keys)
    return list(names)


def _refuse_nested(
    connection: duckdb.DuckDBPyConnection, source: Source, file: Plain, pointers: Mapping[str, str]
) -> None:
    """Lists and objects are no values of a column, and a number that lost digits is not the one that was written."""
    format_ = source.options.format if source.options else "json"
    for column, pointer in pointers.items():
        said = f"json_extract_string(json, {text(pointer)})"
        kind = f"json_type(json, {text(pointer)})"
        condition = f"{kind} in ('OBJECT', 'ARRAY')"
        if source.columns[column].type == "decimal":
            digits = f"ltrim(replace(replace(regexp_replace({said}, '\\.0$', ''), '.', ''), '-', ''), '0')"
            condition += f" or ({kind} = 'DOUBLE' and length({digits}) > {_EXACT_DIGITS})"
        rows = connection.execute(f"select rowid, {kind}, {said} from objects where {condition} order by 1 limit 1")
        for record, found, value in rows.fetchall():
            place = Place(file.shown, _Lines(file, format_)([record])[record])
            origin = source.columns[column].origin
            if found == "DOUBLE":
                message = f"{shown(value)} in `{origin}` has more digits than a number in JSON keeps."
                raise DataError(Problem("error", "inexact-number", message, place, "Write it as text, in quotes."))
            message = f"`{origin}` holds {_said(found)}: {shown(value)}."
            raise DataError(Problem("error", "nested-value", message, place, "Export one value for each column."))


def _said(kind: str) -> str:
    return {"ARRAY": "a list", "OBJECT": "an object", "VARCHAR": "a text", "NULL": "null"}.get(
        kind, "a number or boolean"
    )


def _syntax(file: Plain, format_: str) -> Problem:
    """DuckDB knows that it is no JSON; Python knows where."""
    other = "ndjson" if format_ == "json" else "json"
    with file.path.open(encoding="utf-8-sig") as lines:
        like_other = lines.read(_START).lstrip().startswith("{" if other == "ndjson" else "[")
    hint = f"If it is {_SHAPES[other]}, declare `format: {other}`." if like_other else None
    try:
        for _ in _records(file, format_):
            pass
    except json.JSONDecodeError as error:
        place = Place(file.shown, error.lineno, error.colno)
        message = f"The file is not {_SHAPES[format_]}: {error.msg[:1].lower()}{error.msg[1:]}."
        return Problem("error", "wrong-json", message, place, hint)
    return Problem("error", "wrong-json", f"The file is not {_SHAPES[format_]}.", Place(file.shown), hint)


def _records(file: Plain, format_: str) -> Iterator[tuple[int, int]]:
    """Number and line of each record; raises JSONDecodeError where the text is no JSON."""
    content = file.path.read_text(encoding="utf-8-sig")
    starts = _of_lines(content) if format_ == "ndjson" else _of_list(content)
    line, done = 1, 0
    for number, at in enumerate(starts):
        line += content.count("\n", done, at)
        done = at
        yield number, line


def _of_lines(content: str) -> Iterator[int]:
    at = 0
    for line in content.splitlines(keepends=True):
        if line.strip():
            yield at
            try:
                json.loads(line)
            except json.JSONDecodeError as error:
                raise json.JSONDecodeError(error.msg, content, at + error.pos) from None
        at += len(line)


def _of_list(content: str) -> Iterator[int]:
    decoder = json.JSONDecoder()
    at = _skip(content, 0)
    if content[at : at + 1] != "[":
        raise json.JSONDecodeError("it doesn't start with [", content, at)
    at = _skip(content, at + 1)
    while content[at : at + 1] != "]":
        yield at
        _, end = decoder.raw_decode(content, at)
        at = _skip(content, end)
        if content[at : at + 1] == ",":
            at = _skip(content, at + 1)
            if content[at : at + 1] == "]":
                raise json.JSONDecodeError("a comma stands before ]", content, at)
        elif content[at : at + 1] != "]":
            raise json.JSONDecodeError("a comma or ] is missing", content, at)
    if _skip(content, at + 1) < len(content):
        raise json.JSONDecodeError("text follows the list", content, _skip(content, at + 1))


def _skip(content: str, at: int) -> int:
    while content[at : at + 1] in _SPACES:
        at += 1
    return at


@dataclass(frozen=True, slots=True)
class _Lines:
    file: Plain
    format: str

    def __call__(self, records: Iterable[int]) -> Mapping[int, int]:
        wanted = set(records)
        return {number: line for number, line in _records(self.file, self.format) if number in wanted}

"""A Postgres column and its type -> SQL that gives the declared type, or fails naming the value that it can't be.

Typed columns are taken as they are. Texts are read by the same patterns as in files. Postgres has no function that
raises an error, but a cast does: a value that is not well-formed is cast together with a mark and the column's name,
and comes back in the message.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpieval.problems import DataError, Problem
from kpieval.sources.cells import FALSE, TRUE, in_zone, mapped
from kpieval.sources.hints import hint
from kpieval.sources.quoting import name, text, texts
from kpieval.sources.shown import shown

if TYPE_CHECKING:
    from kpieval.model import Column

_MARK = "kpieval:"
_WHOLE = {"smallint", "integer", "bigint"}
_FLOAT = {"real", "double precision"}
_TEXT = {"text", "character varying", "character", "name", "enum"}
_ZONED, _PLAIN = "timestamp with time zone", "timestamp without time zone"
NAMES = {
    "text": "text",
    "integer": "bigint",
    "decimal": "numeric",
    "number": "double precision",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
"""What Postgres calls the types of columns."""
_DAY = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_ZONE = r"(Z|[+-]\d{2}(:?\d{2})?)"
_PATTERNS = {
    "integer": r"^[+-]?\d+(\.0+)?$",
    "decimal": r"^[+-]?(\d+(\.\d*)?|\.\d+)$",
    "number": r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$",
    "date": f"^{_DAY}({_CLOCK}{_ZONE}?)?$",
    "timestamp": f"^{_DAY}({_CLOCK}{_ZONE}?)?$",
}
_DIRECTIVES = {
    "%Y": (r"\d{4}", "YYYY"),
    "%m": (r"\d{1,2}", "MM"),
    "%d": (r"\d{1,2}", "DD"),
    "%b": (r"[A-Za-z]{3}", "Mon"),
    "%B": (r"[A-Za-z]+", "Month"),
    "%H": (r"\d{1,2}", "HH24"),
    "%I": (r"\d{1,2}", "HH12"),
    "%M": (r"\d{1,2}", "MI"),
    "%S": (r"\d{1,2}", "SS"),
    "%p": (r"[AaPp][Mm]", "AM"),
    "%%": ("%", '"%"'),
}
_TOLD = re.compile(rf'{_MARK}([A-Za-z0-9_]+):(.*?)"?$', re.DOTALL)


def stored(column: Column, type_: str, zone: str) -> str:  # noqa: PLR0911 - one line for each pair of types
    """The column, cast to its declared type; `type_` is Postgres' name of the type that it has."""
    cell = name(column.origin, dialect="postgres")
    match column.type:
        case "text" if type_ in _TEXT | _WHOLE | {"boolean", "uuid"}:
            said = cell if type_ == "text" else f"cast({cell} as text)"
            return mapped(column, said, "postgres")
        case "boolean" if type_ == "boolean":
            return cell
        case "date" | "timestamp" if type_ in {"date", _PLAIN, _ZONED}:
            local = in_zone(cell, zone) if type_ == _ZONED else cell
            return _or_fail(column, f"isfinite({cell})", f"cast({local} as {NAMES[column.type]})", cell)
        case "integer" if type_ in _WHOLE:
            return f"cast({cell} as bigint)"
        case "integer" if type_ in _FLOAT | {"numeric"}:
            holds = f"{cell} = trunc({cell}) and abs({cell}) < 9007199254740992"
            return _or_fail(column, holds, f"cast({cell} as bigint)", cell)
        case "decimal" if type_ in _WHOLE:
            return f"cast({cell} as numeric)"
        case "decimal" | "number" if type_ in _FLOAT | {"numeric"}:
            finite = f"{cell} not in ('NaN', 'Infinity', '-Infinity')"
            # a double's text is the shortest decimal that gives it, which is what was written
            value = f"cast(cast({cell} as text) as numeric)" if column.type == "decimal" and type_ in _FLOAT else cell
            return _or_fail(column, finite, f"cast({value} as {NAMES[column.type]})", cell)
        case "number" if type_ in _WHOLE:
            return f"cast({cell} as double precision)"
        case _ if type_ in _TEXT:
            return _from_text(column, f"cast({cell} as text)", zone)
    message = f"`{column.origin}` is {type_} in the table, but `{column.name}` is declared as {column.type}."
    raise DataError(Problem("error", "wrong-column-type", message, column.place, "Make a view that casts it."))


def told(message: str) -> tuple[str, str] | None:
    """Column and value, if a message of Postgres tells of a value that is not well-formed."""
    found = _TOLD.search(message)
    return (found[1], found[2]) if found else None


def wrong_value(source_columns: dict[str, Column], column: str, value: str) -> Problem:
    """The problem of such a value."""
    declared = source_columns[column]
    message = f"{shown(value)} in `{declared.origin}` is not {_wanted(declared)}."
    return Problem("error", "unreadable-value", message, declared.place, hint(declared, value))


def _wanted(column: Column) -> str:
    if column.format:
        return f"a {column.type} like `{column.format}`"
    return {"integer": "a whole number", "decimal": "a decimal number", "boolean": "true or false"}.get(
        column.type, f"a {column.type}"
    )


def _or_fail(column: Column, holds: str, value: str, cell: str) -> str:
    mark = text(f"{_MARK}{column.name}:", "postgres")
    failing = f"cast({mark} || cast({cell} as text) as {NAMES[column.type]})"
    return f"case when {cell} is null then null when {holds} then {value} else {failing} end"


def _from_text(column: Column, cell: str, zone: str) -> str:
    if column.type == "boolean":
        holds = f"lower({cell}) in ({texts(TRUE + FALSE, 'postgres')})"
        return _or_fail(column, holds, f"lower({cell}) in ({texts(TRUE, 'postgres')})", cell)
    if column.type in {"date", "timestamp"}:
        return _dated(column, cell, zone)
    holds = f"{cell} ~ {text(_PATTERNS[column.type], 'postgres')}"
    digits = f"split_part({cell}, '.', 1)" if column.type == "integer" else cell
    return _or_fail(column, holds, f"cast({digits} as {NAMES[column.type]})", cell)


def _dated(column: Column, cell: str, zone: str) -> str:
    kind = NAMES[column.type]
    if column.format is None:
        zoned = f"{cell} ~ {text(f'{_CLOCK}{_ZONE}$', 'postgres')}"
        instant = (
            f"case when {zoned} then {in_zone(f'cast({cell} as timestamptz)', zone)} else cast({cell} as timestamp) end"
        )
        return _or_fail(
            column, f"{cell} ~ {text(_PATTERNS[column.type], 'postgres')}", f"cast({instant} as {kind})", cell
        )
    pattern, template = _translated(column)
    value = f"cast(to_timestamp({cell}, {text(template, 'postgres')}) at time zone {text(zone, 'postgres')} as {kind})"
    return _or_fail(column, f"{cell} ~ {text(pattern, 'postgres')}", value, cell)


def _translated(column: Column) -> tuple[str, str]:
    """A strptime pattern as a regular expression and as a template of Postgres."""
    pattern = template = ""
    for piece in re.findall(r"%.|[^%]+", column.format or ""):
        if piece[0] != "%":
            pattern += re.escape(piece)
            template += '"' + piece.replace('"', r"\"") + '"'
        elif piece in _DIRECTIVES:
            pattern += _DIRECTIVES[piece][0]
            template += _DIRECTIVES[piece][1]
        else:
            message = f"`{piece}` in the format of `{column.name}` is not understood on Postgres."
            hint = "Make a view that gives the column as a date."
            raise DataError(Problem("error", "wrong-format", message, column.place, hint))
    return f"^{pattern}$", template

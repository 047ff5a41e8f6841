"""A column's declaration -> the SQL that reads its text: what counts as null, what is well-formed, and the typed value.

DuckDB's own casts are too kind: they round `2.75` to a whole number, take `1_000`, `0x1F`, `epoch` and a year 17. So a
text must first match the pattern of its type, and only then is it cast.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.sources.quoting import text, texts

if TYPE_CHECKING:
    from kpieval.model import Column, FileOptions
    from kpieval.sources.quoting import Dialect

NARROW, WIDE = "DECIMAL(18,4)", "DECIMAL(38,10)"
_NARROW = r"[+-]?0*(\d{1,14}(\.\d{0,4}0*)?|\.\d{1,4}0*)"
_WIDE = r"[+-]?0*\d{0,28}(\.\d{0,10}0*)?"
_DATE = r"\d{4}-\d{2}-\d{2}"
_CLOCK = r"[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?"
_ZONE = r"(Z|[+-]\d{2}(:?\d{2})?)"
TRUE, FALSE = ("true", "yes", "t", "y", "1"), ("false", "no", "f", "n", "0")
_YEARS = "between date '1000-01-01' and date '9999-12-31'"
"""Years below come from two digits read as four: a `17` that `%Y` takes for the year 17. Above lies infinity."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one column is read from text. All are SQL of DuckDB over the raw column.

    `said` is what the data say, null where they say nothing; `good` tells whether that is well-formed; `typed` is the
    value, right only where `good` holds. `narrow`: a decimal fits the narrow type. `wanted` is for messages.
    """

    column: Column
    said: str
    good: str | None
    typed: str
    wanted: str
    narrow: str | None = None


def reading(column: Column, raw: str, options: FileOptions, zone: str) -> Reading:
    """How to read `column` from the SQL expression `raw`, a text."""
    said = _said(raw, options.nulls)
    match column.type:
        case "text":
            return Reading(column, said, None, mapped(column, said), "text")
        case "boolean":
            return _boolean(column, said)
        case "date" | "timestamp":
            return _dated(column, said, zone)
        case _:
            return _number(column, said, options)


def mapped(column: Column, said: str, dialect: Dialect = "duckdb") -> str:
    """What the project says for what the data say."""
    if not column.values and column.other is None:
        return said
    listed: dict[str, list[str]] = {}
    for value, word in column.values.items():
        listed.setdefault(word, []).append(value)
    cases = " ".join(
        f"when {said} in ({texts(values, dialect)}) then {text(word, dialect)}" for word, values in listed.items()
    )
    other = said if column.other is None else text(column.other, dialect)
    return f"case when {said} is null then null {cases} else {other} end"


def unlisted(column: Column, said: str, dialect: Dialect = "duckdb") -> str | None:
    """The condition that `values` doesn't say what a value means; None where each has its meaning."""
    if not column.values or column.other is not None:
        return None
    return f"{said} not in ({texts(column.values, dialect)})"


def in_zone(timestamp: str, zone: str) -> str:
    """An instant as the wall clock of the zone shows it."""
    return f"({timestamp} at time zone {text(zone)})"


def _said(raw: str, nulls: tuple[str, ...]) -> str:
    if not nulls:
        return raw
    if len(nulls) == 1:
        return f"nullif({raw}, {text(nulls[0])})"
    return f"case when {raw} in ({texts(nulls)}) then null else {raw} end"


def _matches(said: str, pattern: str) -> str:
    return f"regexp_full_match({said}, {text(pattern)})"


def _boolean(column: Column, said: str) -> Reading:
    good = f"lower({said}) in ({texts(TRUE + FALSE)})"
    return Reading(column, said, good, f"lower({said}) in ({texts(TRUE)})", "true or false")


def _number(column: Column, said: str, options: FileOptions) -> Reading:
    point = re.escape(options.decimal)
    whole = r"\d+"
    digits = said
    if options.thousands:
        between = r"[ \x{A0}\x{202F}]" if options.thousands == " " else re.escape(options.thousands)
        whole = rf"(\d{{1,3}}({between}\d{{3}})+|\d+)"
        digits = f"regexp_replace({digits}, {text(between)}, '', 'g')"
    if options.decimal != ".":
        digits = f"replace({digits}, {text(options.decimal)}, '.')"
    if column.type == "integer":
        # 12.0 is whole: tools that know no missing whole number write it so
        before = f"split_part({digits}, '.', 1)"
        good = _matches(said, rf"[+-]?{whole}({point}0+)?") + f" and try_cast({before} as bigint) is not null"
        return Reading(column, said, good, f"cast({before} as bigint)", "a whole number")
    shape = rf"[+-]?({whole}({point}\d*)?|{point}\d+)"
    if column.type == "number":
        good = _matches(said, rf"{shape}([eE][+-]?\d{{1,3}})?") + f" and isfinite(try_cast({digits} as double))"
        return Reading(column, said, good, f"cast({digits} as double)", "a number")
    narrow = _matches(digits, _NARROW)
    good = f"{_matches(said, shape)} and {_matches(digits, _WIDE)}"
    return Reading(column, said, good, digits, "a decimal number", narrow)


def _dated(column: Column, said: str, zone: str) -> Reading:
    if column.format is not None:
        instant = f"try_strptime({said}, {text(column.format)})"
        if "%z" in column.format:
            instant = in_zone(instant, zone)
        edges = text(r"^\s|\s$")
        shape = f"not regexp_matches({said}, {edges})"
        wanted = f"a {column.type} like `{column.format}`"
    else:
        zoned = _matches(said, f"{_DATE}{_CLOCK}{_ZONE}")
        instant = (
            f"case when {zoned} then {in_zone(f'try_cast({said} as timestamptz)', zone)} "
            f"else try_cast({said} as timestamp) end"
        )
        shape = _matches(said, f"{_DATE}({_CLOCK}{_ZONE}?)?")
        wanted = f"a {column.type} like " + ("2026-07-31" if column.type == "date" else "2026-07-31 17:05:00")
    if column.type == "date" and column.format is None:
        # most are plain days, and these are much cheaper than instants
        day = f"case when length({said}) = 10 then try_cast({said} as date) else cast({instant} as date) end"
    else:
        day = f"cast({instant} as date)"
    typed = day if column.type == "date" else instant
    good = f"{shape} and coalesce({typed} {_YEARS}, false)"
    return Reading(column, said, good, typed, wanted)

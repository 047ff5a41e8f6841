"""The functions of expressions: what each takes, what it gives, and its SQL on each engine.

A template's `{0}`, `{1}` are arguments that were rendered already, `{args}` is all of them. What no engine has, or what
the engines do differently, is written out in the template, so that a function means the same wherever the data live.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.model import Type

FIXED = "DECIMAL(38, 15)"
"""How numbers (doubles) are added and rounded: exactly, so that neither order nor threads change a sum."""

NUMERIC: frozenset[Type] = frozenset({"integer", "decimal", "number"})
DAYS: frozenset[Type] = frozenset({"date", "timestamp"})
TEXT: frozenset[Type] = frozenset({"text"})
BOOLEAN: frozenset[Type] = frozenset({"boolean"})
ORDERED = NUMERIC | DAYS | TEXT
ANY = ORDERED | BOOLEAN

PARTS = ("year", "quarter", "month", "day", "week", "weekday", "hour")
INTERVALS: Mapping[str, tuple[int, str]] = {
    "day": (1, "DAY"),
    "week": (7, "DAY"),
    "month": (1, "MONTH"),
    "quarter": (3, "MONTH"),
    "year": (12, "MONTH"),
}
UNITS = ("day", "week", "month", "quarter", "year")
TO_DATE_UNITS = ("week", "month", "quarter", "year")

Use = Literal["scalar", "aggregate", "member", "window"]
Adapt = Literal["double", "fixed"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What may stand at one place of a call. A literal is written out; `words` or `low` to `high` bound it.

    `adapt` says what becomes of the argument: any number a double, or a double a decimal of fixed point.
    """

    types: frozenset[Type] = ANY
    literal: Literal["whole", "number", "word"] | None = None
    low: float = 0
    high: float = 0
    words: tuple[str, ...] = ()
    adapt: Adapt | None = None


@dataclass(frozen=True, slots=True)
class Function:
    """A function of expressions. `gives` is its type; None: that of its arguments, which are brought to one type.

    The first `required` parameters must be there; with `repeat` the last may come again and again.
    """

    uses: frozenset[Use]
    parameters: tuple[Parameter, ...]
    gives: Type | None
    required: int
    duckdb: str = ""
    postgres: str = ""
    repeat: bool = False


def _scalar(
    *parameters: Parameter, gives: Type | None, sql: str = "", duckdb: str = "", postgres: str = "",
    required: int | None = None, repeat: bool = False,
) -> Function:  # fmt: skip
    needed = len(parameters) if required is None else required
    return Function(frozenset({"scalar"}), parameters, gives, needed, duckdb or sql, postgres or sql, repeat)


def _part(name: str) -> Function:
    of = {"weekday": "isodow"}.get(name, name)
    types: frozenset[Type] = frozenset({"timestamp"}) if name == "hour" else DAYS
    sql = f"CAST(EXTRACT({of} FROM {{0}}) AS BIGINT)"
    return _scalar(Parameter(types), gives="integer", sql=sql)


def _aggregate(*parameters: Parameter, gives: Type | None, required: int | None = None) -> Function:
    uses: frozenset[Use] = frozenset({"aggregate", "member"})
    return Function(uses, parameters, gives, len(parameters) if required is None else required)


def _window(*parameters: Parameter, required: int | None = None) -> Function:
    needed = 1 + len(parameters) if required is None else required
    return Function(frozenset({"window"}), (Parameter(), *parameters), None, needed)


_any, _ordered, _numeric, _text = Parameter(ANY), Parameter(ORDERED), Parameter(NUMERIC), Parameter(TEXT)
_day = Parameter(DAYS)
_double = Parameter(NUMERIC, adapt="double")
_fixed = Parameter(NUMERIC, adapt="fixed")
_digits = Parameter(literal="whole", low=0, high=12)
_length = Parameter(literal="whole", low=0, high=1_000)
_share = Parameter(literal="number", low=0, high=1)

FUNCTIONS: Mapping[str, Function] = {
    # of any type
    "coalesce": _scalar(_any, _any, gives=None, sql="COALESCE({args})", repeat=True),
    "nullif": _scalar(_any, _any, gives=None, sql="NULLIF({args})"),
    "greatest": _scalar(_ordered, _ordered, gives=None, sql="GREATEST({args})", repeat=True),
    "least": _scalar(_ordered, _ordered, gives=None, sql="LEAST({args})", repeat=True),
    # of numbers
    "abs": _scalar(_numeric, gives=None, sql="ABS({0})"),
    "round": _scalar(_fixed, _digits, gives=None, required=1, sql="ROUND({args})"),
    "floor": _scalar(_fixed, gives=None, sql="FLOOR({0})"),
    "ceil": _scalar(_fixed, gives=None, sql="CEIL({0})"),
    "sqrt": _scalar(
        _double, gives="number",
        duckdb="SQRT(NULLIF(GREATEST({0}, CAST('-5e-324' AS DOUBLE)), CAST('-5e-324' AS DOUBLE)))",
        postgres="SQRT(NULLIF(GREATEST({0}, CAST('-5e-324' AS FLOAT8)), CAST('-5e-324' AS FLOAT8)))",
    ),
    "power": _scalar(
        _double, Parameter(literal="number", low=0, high=100), gives="number",
        duckdb="POWER(NULLIF(GREATEST({0}, CAST('-5e-324' AS DOUBLE)), CAST('-5e-324' AS DOUBLE)), {1})",
        postgres="POWER(NULLIF(GREATEST({0}, CAST('-5e-324' AS FLOAT8)), CAST('-5e-324' AS FLOAT8)), {1})",
    ),
    "ln": _scalar(_double, gives="number", sql="LN(NULLIF(GREATEST({0}, 0), 0))"),
    # of text
    "lower": _scalar(_text, gives="text", duckdb="LOWER({0})", postgres='LOWER({0} COLLATE "und-x-icu")'),
    "upper": _scalar(_text, gives="text", duckdb="UPPER({0})", postgres='UPPER({0} COLLATE "und-x-icu")'),
    "trim": _scalar(_text, gives="text", duckdb="TRIM({0}, ' ')", postgres="BTRIM({0}, ' ')"),
    "length": _scalar(_text, gives="integer", duckdb="LENGTH({0})", postgres="CAST(CHAR_LENGTH({0}) AS BIGINT)"),
    "left": _scalar(_text, _length, gives="text", sql="LEFT({0}, {1})"),
    "right": _scalar(_text, _length, gives="text", sql="RIGHT({0}, {1})"),
    "substring": _scalar(
        _text, Parameter(literal="whole", low=1, high=1_000), _length, gives="text", required=2, sql="SUBSTRING({args})"
    ),
    "replace": _scalar(_text, _text, _text, gives="text", sql="REPLACE({args})"),
    "concat": _scalar(_text, _text, gives="text", sql="CONCAT({args})", repeat=True),
    "starts_with": _scalar(_text, _text, gives="boolean", sql="STARTS_WITH({args})"),
    "contains": _scalar(_text, _text, gives="boolean", duckdb="CONTAINS({args})", postgres="(STRPOS({args}) > 0)"),
    # of dates
    **{name: _part(name) for name in PARTS},
    "date_trunc": _scalar(
        Parameter(literal="word", words=UNITS), _day, gives="date",
        sql="CAST(DATE_TRUNC({0}, CAST({1} AS TIMESTAMP)) AS DATE)",
    ),
    "days_between": _scalar(
        _day, _day, gives="integer", sql="CAST(CAST({1} AS DATE) - CAST({0} AS DATE) AS BIGINT)"
    ),
    "hours_between": _scalar(
        _day, _day, gives="number",
        duckdb="(EPOCH_US(CAST({1} AS TIMESTAMP)) - EPOCH_US(CAST({0} AS TIMESTAMP))) / 3600000000",
        postgres="CAST(EXTRACT(EPOCH FROM CAST({1} AS TIMESTAMP) - CAST({0} AS TIMESTAMP)) * 1000000 AS FLOAT8)"
        " / 3600000000",
    ),
    # over rows, and over members
    "count": _aggregate(_any, gives="integer", required=0),
    "sum": _aggregate(_fixed, gives=None),
    "avg": _aggregate(_fixed, gives="number"),
    "min": _aggregate(_ordered, gives=None),
    "max": _aggregate(_ordered, gives=None),
    "median": _aggregate(_double, gives="number"),
    "quantile": _aggregate(_double, _share, gives="number"),
    "stddev": _aggregate(_fixed, gives="number"),
    "share": Function(frozenset({"member"}), (Parameter(BOOLEAN),), "number", 1),
    # over periods and hierarchy
    "prior": _window(Parameter(literal="whole", low=1, high=120), required=1),
    "year_ago": _window(),
    "to_date": _window(Parameter(literal="word", words=TO_DATE_UNITS)),
    "trailing": _window(Parameter(literal="whole", low=1, high=400)),
    "at_start": _window(),
    "at_end": _window(),
    "of_parent": _window(),
}  # fmt: skip

_DATE = (
    "(?:[1-9][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    "|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29)"
)
_TIME = "[ T](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,6})?"


def _from_text(gives: Type, pattern: str, duckdb: str, postgres: str) -> Function:
    """Text to a value where it is written plainly, else null. Without the pattern each engine reads its own forms."""
    pattern = f"^{pattern}$".replace("{", "{{").replace("}", "}}")
    return _scalar(
        _text, gives=gives,
        duckdb=f"CAST(NULLIF(REGEXP_EXTRACT({{0}}, '{pattern}'), '') AS {duckdb})",
        postgres=f"CAST(SUBSTRING({{0}} FROM '{pattern}') AS {postgres})",
    )  # fmt: skip


INTERNAL: Mapping[str, Function] = {
    "fixed": _scalar(
        _numeric, gives="decimal", duckdb=f"CAST({{0}} AS {FIXED})", postgres=f"CAST(CAST({{0}} AS TEXT) AS {FIXED})"
    ),
    "date_as_text": _scalar(
        _day, gives="text", duckdb="STRFTIME({0}, '%Y-%m-%d')", postgres="TO_CHAR({0}, 'YYYY-MM-DD')"
    ),
    "text_as_integer": _from_text("integer", "-?[0-9]{1,18}", "BIGINT", "BIGINT"),
    "text_as_decimal": _from_text(
        "decimal", "-?[0-9]{1,20}(?:[.][0-9]{1,10})?", "DECIMAL(38, 10)", "DECIMAL(38, 10)"
    ),
    "text_as_number": _from_text(
        "number", "-?[0-9]{1,30}(?:[.][0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?", "DOUBLE", "FLOAT8"
    ),
    "text_as_date": _from_text("date", _DATE, "DATE", "DATE"),
    "text_as_timestamp": _from_text("timestamp", f"{_DATE}(?:{_TIME})?", "TIMESTAMP", "TIMESTAMP"),
    "text_as_boolean": _scalar(
        _text, gives="boolean", sql="CASE LOWER({0}) WHEN 'true' THEN TRUE WHEN 'false' THEN FALSE END"
    ),
}  # fmt: skip
"""Written by kpieval only: an author's call of these is an unknown function."""

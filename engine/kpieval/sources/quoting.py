"""Names, texts and values of users as atoms of SQL, quoted by sqlglot: the only way in which they enter a statement."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal

from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterable

Dialect = Literal["duckdb", "postgres"]


def name(*parts: str, dialect: Dialect = "duckdb") -> str:
    """An identifier, always in quotes; several parts are joined by dots.

    >>> name("sources", "close date")
    '"sources"."close date"'
    """
    return ".".join(exp.to_identifier(part, quoted=True).sql(dialect) for part in parts)


def names(parts: Iterable[str], dialect: Dialect = "duckdb") -> str:
    """Identifiers with commas between them."""
    return ", ".join(name(part, dialect=dialect) for part in parts)


def text(value: str, dialect: Dialect = "duckdb") -> str:
    """A string.

    >>> text("O'Neil")
    "'O''Neil'"
    """
    return exp.Literal.string(value).sql(dialect)


def texts(values: Iterable[str], dialect: Dialect = "duckdb") -> str:
    """Strings with commas between them."""
    return ", ".join(text(value, dialect) for value in values)


def value(this: object, dialect: Dialect = "duckdb") -> str:
    """A value of a lookup."""
    match this:
        case None:
            return "null"
        case bool():
            return "true" if this else "false"
        case dt.datetime():
            return f"timestamp {text(this.isoformat(' '), dialect)}"
        case dt.date():
            return f"date {text(this.isoformat(), dialect)}"
        case int() | float():
            return repr(this)
        case _:
            return text(str(this), dialect)

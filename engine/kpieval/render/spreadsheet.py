"""Rows become CSV that a spreadsheet reads as it is meant: RFC 4180, and no text that it would run."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FORMULA = re.compile(
    "^[=+\\-@\t\r\n"
    "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}]"
)
"""How a text begins that a spreadsheet would take for a formula."""

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a pair, which no encoding has."""


def csv_rows(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows under their columns; a text that a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
        return f"'{text}" if FORMULA.match(text) else text
    return _cell("; ".join(map(str, value))) if isinstance(value, list) else value

"""The names that a file or table gives -> the columns that the project declares, matched by name and never by place."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

from kpieval.nearest import nearest
from kpieval.problems import DataError, Place, Problem
from kpieval.sources.shown import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpieval.model import Column, Source

_MANY = 12
_PLAIN = re.compile(r"[^\W\d]\w*")
_NO_HEADER = "The first line must have the names of the columns, as the file calls them."


def stored(source: Source) -> dict[str, Column]:
    """The columns that are read; the others are computed from them."""
    return {name: column for name, column in source.columns.items() if column.value is None}


def optional(column: Column) -> bool:
    """Whether the data may lack it: a pack declares it for some of its KPIs, and the project doesn't map it."""
    return not column.required and column.origin == column.name and column.place.file.startswith("pack:")


def matched(source: Source, header: Sequence[str], shown_file: str, hint: str | None = None) -> Mapping[str, int]:
    """For each declared column that is there its place in the header. A `hint` explains a header that fits nothing.

    Names are compared in Unicode's composed form, for a Mac writes `é` as two characters.
    """
    names = [unicodedata.normalize("NFC", name) for name in header]
    counts = Counter(names)
    found: dict[str, int] = {}
    problems: list[Problem] = []
    for column in stored(source).values():
        origin = unicodedata.normalize("NFC", column.origin)
        if counts[origin] == 1:
            found[column.name] = names.index(origin)
        elif counts[origin] > 1:
            message = f"The header names `{column.origin}` {counts[origin]} times."
            problems.append(Problem("error", "duplicate-header", message, Place(shown_file)))
        elif not optional(column):
            problems.append(_missing(column, names, shown_file, hint))
    if len(problems) > 1 and not found and not any(counts[column.origin] for column in stored(source).values()):
        message = f"The first line of `{shown_file}` has none of the declared columns: it has {_listed(names)}."
        raise DataError(Problem("error", "missing-header", message, Place(shown_file), hint or _NO_HEADER))
    if problems:
        raise DataError(problems)
    return found


def _missing(column: Column, names: Sequence[str], shown_file: str, hint: str | None) -> Problem:
    message = f"`{shown_file}` has no column `{column.origin}`."
    if hint is None:
        like = nearest(column.origin, [name for name in names if name])
        written = like if like and _PLAIN.fullmatch(like) else json.dumps(like, ensure_ascii=False)
        hint = (
            f"Did you mean `{like}`? Write `{column.name}: {{from: {written}}}`."
            if like
            else f"It has {_listed(names)}."
        )
    return Problem("error", "missing-column", message, column.place, hint)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(shown(name) for name in names[:_MANY]) + (" …" if len(names) > _MANY else "")

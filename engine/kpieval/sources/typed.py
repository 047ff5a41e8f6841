"""A table of texts -> a typed table: every value is checked before any is cast, and all problems are told at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.problems import DataError, Place, Problem
from kpieval.sources import Unmapped
from kpieval.sources.cells import NARROW, WIDE, reading, unlisted
from kpieval.sources.hints import hint
from kpieval.sources.quoting import name, text
from kpieval.sources.shown import shown, times

if TYPE_CHECKING:
    import duckdb

    from kpieval.model import FileOptions, Source
    from kpieval.sources.cells import Reading
    from kpieval.sources.raw import Raw

MOST_PROBLEMS = 20
MOST_UNMAPPED = 100
_TOTAL = re.compile(
    r"\s*((grand|sub)[ -]?)?(totals?|sum|summe|gesamt|celkem|suma|somme|totale|totaal)\s*:?\s*(\(.*\))?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A row that isn't counted: where it was, why, and its values as they came (or the whole line)."""

    file: str
    line: int
    reason: str
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Typed:
    """What became of a raw table."""

    rows: int
    unmapped: tuple[Unmapped, ...]
    aside: tuple[SetAside, ...]


def typed(
    connection: duckdb.DuckDBPyConnection, source: Source, raw: Raw, options: FileOptions, zone: str, table: str
) -> Typed:
    """Make `table` (an SQL name) from the raw table, which is dropped.

    Raises a `DataError` with the first problems and the number of the others, or, where the source says so, sets the
    rows aside as long as their share is small enough.
    """
    readings = [reading(source.columns[column], raw.cell(column), options, zone) for column in raw.columns]
    checked = [each for each in readings if each.good is not None]
    bad = " or ".join(_bad(each) for each in checked) or "false"
    counts = [f"count(*) filter (where {_bad(each)})" for each in checked]
    narrow = [f"bool_and({each.narrow}) filter (where not ({bad}))" if each.narrow else "true" for each in readings]
    found = connection.execute(f'select {", ".join(["count(*)", *counts, *narrow])} from "{raw.table}"').fetchall()[0]
    kept, wrong, fits = found[0], found[1 : 1 + len(checked)], found[1 + len(checked) :]
    total = _total_row(connection, raw, readings)
    aside: tuple[SetAside, ...] = ()
    if raw.damages or any(wrong) or total:
        problems = _problems(connection, raw, checked, wrong, total)
        if source.on_error == "fail":
            raise DataError(problems)
        exclude = f"({bad})" + (f" or rowid = {total[0]}" if total else "")
        aside = _aside(connection, raw, checked, exclude, total)
        _refuse_too_many(source, raw, len(aside), problems)
        kept -= len(aside) - len(raw.damages)
    else:
        exclude = "false"
    if not kept:
        problem = Problem("error", "no-rows", f"`{raw.parts[0].shown}` has no rows.", Place(raw.parts[0].shown))
        raise DataError(problem)
    unmapped = tuple(each for one in readings for each in _unmapped(connection, raw, one, exclude))
    cells = ", ".join(
        f"{_typed(each, fit=fit)} as {name(each.column.name)}" for each, fit in zip(readings, fits, strict=True)
    )
    connection.execute(f'create table {table} as select {cells} from "{raw.table}" where not ({exclude})')
    connection.execute(f'drop table "{raw.table}"')
    return Typed(kept, unmapped, aside)


def _bad(each: Reading) -> str:
    return f"coalesce({each.said} is not null and not ({each.good}), false)"


def _typed(each: Reading, *, fit: bool | None) -> str:
    if each.column.type == "decimal":
        return f"cast({each.typed} as {WIDE if fit is False else NARROW})"
    return each.typed


def _total_row(connection: duckdb.DuckDBPyConnection, raw: Raw, readings: list[Reading]) -> tuple[int, str, str] | None:
    """The last row, where it looks like the sum of the others: a word for it, and other cells empty."""
    cells = ", ".join(each.said for each in readings)
    last = f'(select max(rowid) from "{raw.table}")'
    for row, *values in connection.execute(f'select rowid, {cells} from "{raw.table}" where rowid = {last}').fetchall():
        for each, value in zip(readings, values, strict=True):
            if value is not None and None in values and _TOTAL.fullmatch(value):
                return row, each.column.origin, value
    return None


def _problems(
    connection: duckdb.DuckDBPyConnection,
    raw: Raw,
    checked: list[Reading],
    wrong: tuple[int, ...],
    total: tuple[int, str, str] | None,
) -> list[Problem]:
    """The first problems in the order of the rows, and a note of how many more there are."""
    cells: list[tuple[int, str, Reading]] = []
    for each, count in zip(checked, wrong, strict=True):
        if count:
            rows = connection.execute(
                f'select rowid, {each.said} from "{raw.table}" where {_bad(each)} order by rowid limit {MOST_PROBLEMS}'
            ).fetchall()
            cells += [(row, value, each) for row, value in rows]
    places = raw.places({row for row, _, _ in cells} | ({total[0]} if total else set()))
    problems = [damage.problem for damage in raw.damages]
    for row, value, each in cells:
        message = f"{shown(value)} in `{each.column.origin}` is not {each.wanted}."
        problems.append(Problem("error", "unreadable-value", message, Place(*places[row]), hint(each.column, value)))
    if total:
        row, column, value = total
        message = f"The last row says {shown(value)} in `{column}` and looks like the sum of the others."
        way_out = "Export the rows without totals, or drop the row."
        problems = [each for each in problems if each.place != Place(*places[row])]
        problems.append(Problem("error", "total-row", message, Place(*places[row]), way_out))
    order = {part.shown: index for index, part in enumerate(raw.parts)}
    problems.sort(key=lambda each: (order[each.place.file], each.place.line) if each.place else (0, 0))
    more = len(raw.damages) + sum(wrong) + bool(total) - MOST_PROBLEMS
    if more > 0:
        problems = problems[:MOST_PROBLEMS]
        message = f"{times(more, 'more value or row', 'more values or rows')} of this source can't be read."
        problems.append(Problem("note", "more-problems", message, problems[-1].place))
    return problems


def _aside(
    connection: duckdb.DuckDBPyConnection,
    raw: Raw,
    checked: list[Reading],
    exclude: str,
    total: tuple[int, str, str] | None,
) -> tuple[SetAside, ...]:
    reasons = ", ".join(
        f"case when {_bad(each)} then {text(f'{each.column.origin}: not {each.wanted}')} end" for each in checked
    )
    cells = ", ".join(raw.cell(column) for column in raw.columns)
    rows = connection.execute(
        f"select rowid, concat_ws('; ', {reasons or 'null'}), {cells} "
        f'from "{raw.table}" where {exclude} order by rowid'
    ).fetchall()
    places = raw.places([row[0] for row in rows])
    aside = [
        SetAside(*places[row], "looks like a total" if total and total[0] == row else reason, tuple(values))
        for row, reason, *values in rows
    ]
    for damage in raw.damages:
        place = damage.problem.place or Place("")
        aside.append(SetAside(place.file, place.line, damage.problem.message, (damage.text,)))
    order = [part.shown for part in raw.parts]
    return tuple(sorted(aside, key=lambda row: (order.index(row.file), row.line)))


def _refuse_too_many(source: Source, raw: Raw, count: int, problems: list[Problem]) -> None:
    if count > source.max_quarantined * raw.rows:
        share = count / raw.rows
        message = (
            f"{times(count, 'row')} of {raw.rows:,} in `{source.name}` ({share:.1%}) must be set aside, more than the "
        )
        message += f"{source.max_quarantined:.1%} that are allowed."
        raise DataError([Problem("error", "too-many-quarantined", message, source.place), *problems])


def _unmapped(connection: duckdb.DuckDBPyConnection, raw: Raw, each: Reading, exclude: str) -> list[Unmapped]:
    condition = unlisted(each.column, each.said)
    if condition is None:
        return []
    rows = connection.execute(
        f'select {each.said}, count(*) from "{raw.table}" where {condition} and not ({exclude}) '
        f"group by 1 order by 2 desc, 1 limit {MOST_UNMAPPED}"
    ).fetchall()
    return [Unmapped(each.column.name, value, count) for value, count in rows]

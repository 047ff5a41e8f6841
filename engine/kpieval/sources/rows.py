"""A source's stored columns -> the SQL of the relation `rows`: computed columns added, only the rows that count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval import expressions
from kpieval.problems import DataError, Problem
from kpieval.sources.quoting import Dialect, name, names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kpieval.model import Column, Source

_RANK = "kpieval_rank"
_NUMERIC = {
    "duckdb": {"integer": "bigint", "decimal": "decimal(38,10)", "number": "double"},
    "postgres": {"integer": "bigint", "decimal": "numeric", "number": "double precision"},
}


@dataclass(frozen=True, slots=True)
class Stored:
    """Where the rows of a source are: a relation, and each stored column as SQL over it."""

    relation: str
    columns: Mapping[str, str]
    dialect: Dialect


def rows(source: Source, stored: Stored, wanted: Iterable[str]) -> str:
    """The rows that count, with the wanted columns: after `where`, and with `latest` the last one of each key."""
    wanted = tuple(wanted)
    if source.latest is None:
        return candidates(source, stored, wanted)
    inner = candidates(source, stored, (*wanted, *source.key, source.latest))
    key, latest = names(source.key, stored.dialect), name(source.latest, dialect=stored.dialect)
    rank = f"row_number() over (partition by {key} order by {latest} desc nulls last)"
    ranked = f"select *, {rank} as {_RANK} from ({inner}) as c"
    return f"select {names(wanted, stored.dialect) or '1 as one'} from ({ranked}) as r where {_RANK} = 1"


def candidates(source: Source, stored: Stored, wanted: Iterable[str]) -> str:
    """The rows after `where`, of which `latest` may still drop some."""
    wanted = tuple(dict.fromkeys(wanted))
    used = _with_used(source, wanted)
    computed = [source.columns[each] for each in used if source.columns[each].value is not None]
    dialect = stored.dialect
    plain = ", ".join(
        f"{stored.columns[each]} as {name(each, dialect=dialect)}"
        for each in used
        if source.columns[each].value is None
    )
    sql = f"select {plain or '1 as one'} from {stored.relation}"
    if computed:
        added = ", ".join(f"{_computed(each, dialect)} as {name(each.name, dialect=dialect)}" for each in computed)
        sql = f"select *, {added} from ({sql}) as s"
    if source.where is None and not computed and len(used) == len(wanted):
        return sql
    where = f" where {expressions.render(source.where.tree, dialect)}" if source.where else ""
    return f"select {names(wanted, dialect) or '1 as one'} from ({sql}) as t{where}"


def needed(source: Source, wanted: Iterable[str]) -> set[str]:
    """All columns that `rows` reads for the wanted ones."""
    return {*_with_used(source, [*wanted, *source.key, *((source.latest,) if source.latest else ())])}


def absent(source: Source, present: Collection[str]) -> frozenset[str]:
    """The columns that aren't there: those that the data lack, and those computed from them."""
    missing = {column.name for column in source.columns.values() if column.value is None and column.name not in present}
    for column in source.columns.values():
        if column.value is not None and missing & expressions.columns_used(column.value.tree):
            missing.add(column.name)
    return frozenset(missing)


def dated(source: Source, stored: Stored) -> tuple[str, str]:
    """The first and the last day of the source's time, as aggregates over its relation."""
    time = source.time
    start = stored.columns.get(time.start) if time else None
    if time is None or start is None:
        return "null", "null"
    end = stored.columns.get(time.end) if time.end else None
    last = f"greatest(max({start}), max({end}))" if end else f"max({start})"
    return f"cast(min({start}) as date)", f"cast({last} as date)"


def refuse_absent(source: Source, present: Collection[str]) -> None:
    """`where`, `key` and `latest` rule which rows count, so what they need must be there."""
    rule = {*source.key, *((source.latest,) if source.latest else ())}
    rule |= expressions.columns_used(source.where.tree) if source.where else set()
    for column in sorted(rule & absent(source, present)):
        message = f"`{source.name}` needs `{column}` to know which rows count, but the data don't have it."
        hint = f"Say what the data call it: `{column}: {{from: ...}}`."
        raise DataError(Problem("error", "missing-column", message, source.columns[column].place, hint))


def _with_used(source: Source, wanted: Iterable[str]) -> list[str]:
    """The wanted columns, those that compute them, and those of `where`."""
    waiting = [*wanted, *(sorted(expressions.columns_used(source.where.tree)) if source.where else [])]
    used: dict[str, None] = {}
    while waiting:
        column = source.columns[waiting.pop(0)]
        used.setdefault(column.name)
        if column.value is not None:
            waiting += [each for each in sorted(expressions.columns_used(column.value.tree)) if each not in used]
    return list(used)


def _computed(column: Column, dialect: Dialect) -> str:
    assert column.value is not None  # noqa: S101 - only computed ones come here
    sql = expressions.render(column.value.tree, dialect)
    if column.type != column.value.type:
        return f"cast({sql} as {_NUMERIC[dialect][column.type]})"
    return sql

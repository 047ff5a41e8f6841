"""The engine of tables behind a Postgres URL: one statement a source, aggregated where the rows are."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from kpieval import expressions
from kpieval.nearest import did_you_mean
from kpieval.problems import DataError, Problem
from kpieval.sources import SourceReport, Unmapped
from kpieval.sources.adbc import Database
from kpieval.sources.checks import duplicate_key, missing_key
from kpieval.sources.facts import Facts, facts
from kpieval.sources.header import matched
from kpieval.sources.header import stored as stored_columns
from kpieval.sources.quoting import name, names, text, value
from kpieval.sources.rows import Stored, absent, candidates, refuse_absent, rows
from kpieval.sources.stored import NAMES, stored, told, wrong_value

if TYPE_CHECKING:
    import datetime as dt

    import duckdb
    from sqlglot import exp

    from kpieval.model import Connection, Project, Source
    from kpieval.sources import Lookup, Scan

_PLACE, _FACTS, _HERE = "kpieval_row", "kpieval_facts", "kpieval_here"
_ANSWER = "postgres_answer"


@dataclass(slots=True)
class _Opened:
    stored: Stored
    key_is_unique: bool
    asked: tuple[str, ...] = ()
    facts: Facts = field(default_factory=Facts)
    sql: str = ""


class Postgres:
    """Answers scans of sources with a `table` behind one connection, which is opened at once."""

    def __init__(self, local: duckdb.DuckDBPyConnection, project: Project, connection: Connection) -> None:
        self._local = local
        self._project = project
        self._zone = project.calendar.timezone
        self._database = Database(connection, project.limits.seconds, self._zone, project.secrets)
        self._opened: dict[str, _Opened] = {}

    def prepare(self, source: Source) -> None:
        """Look at the table's columns and types in the catalogue; no row is read."""
        relation = name(*(source.table or "").split("."), dialect="postgres")
        found = self._columns(relation)
        if not found:
            raise DataError(self._unknown_table(source))
        types = {each: type_ for each, type_, _ in found}
        places = matched(source, list(types), source.table or "")
        header = list(types)
        origins = {column: header[at] for column, at in places.items()}
        refuse_absent(source, origins)
        columns: dict[str, str] = {}
        problems: list[Problem] = []
        for column, origin in origins.items():
            try:
                columns[column] = stored(replace(source.columns[column], origin=origin), types[origin], self._zone)
            except DataError as error:
                problems += error.problems
        if problems:
            raise DataError(problems)
        unique = self._has_unique_index(relation, [origins.get(column, "") for column in source.key])
        self._opened[source.name] = _Opened(Stored(relation, columns, "postgres"), unique and not source.latest)

    def absent(self, source: Source) -> frozenset[str]:
        """The optional columns that the table doesn't have."""
        return absent(source, self._opened[source.name].stored.columns)

    def extent(self, source: Source, column: str) -> tuple[dt.date | None, dt.date | None]:
        """First and last day in a column, of the rows that `where` leaves: a query of its own."""
        inner = candidates(source, self._opened[source.name].stored, [column])
        day = f"cast({name(column, dialect='postgres')} as date)"
        first, last = self._rows(source, f"select min({day}), max({day}) from ({inner}) as r")[0]
        return first, last  # type: ignore[return-value]  # what is cast to a date comes as one

    def scan(self, scan: Scan, table: str) -> None:
        """Answer the query into a temporary table, counting the facts about the source in the same statement."""
        source, opened = scan.source, self._opened[scan.source.name]
        opened.asked = tuple(sorted(column for column in scan.columns if column in stored_columns(source)))
        query = expressions.render(cast("exp.Expression", scan.query), "postgres")
        named = [f"rows as (\n  {rows(source, opened.stored, scan.columns)}\n)", *map(_lookup, scan.lookups)]
        opened.sql = f"with {', '.join(named)}\n{query}"
        known = facts(source, opened.stored, opened.asked, key=not opened.key_is_unique)
        sql = (
            f"with {', '.join(named)}\n"
            f"select * from (select row_number() over () as {_PLACE}, true as {_HERE}, q.* "
            f"from (\n{query}\n) as q) as a\n"
            f"full join (select cast(1 as bigint) as {_PLACE}, ({known}) as {_FACTS}) as f using ({_PLACE})\n"
            f"limit {self._project.limits.rows + 2}"
        )
        types = self._run(source, sql)
        said = self._local.execute(f"select {_FACTS} from {_ANSWER} where {_FACTS} is not null").fetchall()
        opened.facts = Facts.read(said[0][0])
        self._check_key(source, opened)
        self._settle(types, table)

    def report(self, source: Source) -> SourceReport:
        """What the scan told of the table."""
        opened = self._opened[source.name]
        known = opened.facts
        return SourceReport(
            location=source.table or "",
            rows=known.rows,
            missing=known.missing,
            unmapped=tuple(Unmapped(*each) for each in known.unmapped),
            first=known.first,
            last=known.last,
            sql=opened.sql,
        )

    def close(self) -> None:
        """Close the connection."""
        self._database.__exit__()
        self._opened.clear()

    def _run(self, source: Source, sql: str) -> dict[str, str]:
        try:
            return dict(self._database.into(self._local, sql, _ANSWER))
        except DataError as error:
            raise _explained(source, error) from None

    def _rows(self, source: Source, sql: str) -> list[tuple[object, ...]]:
        try:
            return self._database.rows(self._local, sql)
        except DataError as error:
            raise _explained(source, error) from None

    def _settle(self, types: dict[str, str], table: str) -> None:
        """The answer with the types of the local DuckDB: `numeric` comes as text and becomes an exact decimal."""
        columns = [each for each in types if each not in {_PLACE, _HERE, _FACTS}]
        numeric = [each for each in columns if types[each] == "numeric"]
        scales: dict[str, int] = {}
        if numeric:
            digits = ", ".join(f"max(length(rtrim(split_part({name(each)}, '.', 2), '0')))" for each in numeric)
            found = self._local.execute(f"select {digits} from {_ANSWER}").fetchall()[0]
            scales = {each: scale or 0 for each, scale in zip(numeric, found, strict=True)}
        cells = ", ".join(
            f"cast({name(each)} as decimal(38,{scales[each]})) as {name(each)}" if each in scales else name(each)
            for each in columns
        )
        answer = f"select {cells} from {_ANSWER} where {_HERE} order by {_PLACE}"
        self._local.execute(f"create or replace temp table {name(table)} as {answer}")
        self._local.execute(f"drop table {_ANSWER}")

    def _check_key(self, source: Source, opened: _Opened) -> None:
        known = opened.facts
        if known.keys is None:
            return
        total, distinct, missing = known.keys
        key = (*source.key, *((source.latest,) if source.latest else ()))
        if missing:
            raise DataError(missing_key(source, key, missing, source.table or ""))
        if distinct < total:
            inner = candidates(source, opened.stored, key)
            columns = names(key, "postgres")
            cells = ", ".join(f"cast({name(each, dialect='postgres')} as text)" for each in key)
            twice = self._rows(
                source,
                f"select cast(json_build_array({cells}) as text), count(*), count(*) over () from ({inner}) as k "
                f"group by {columns} having count(*) > 1 order by {columns} limit 3",
            )
            shown = [(json.loads(str(keys)), int(str(count)), int(str(all_))) for keys, count, all_ in twice]
            raise DataError(duplicate_key(source, key, shown, source.table or ""))

    def _columns(self, relation: str) -> list[tuple[str, str, str]]:
        found = self._database.rows(
            self._local,
            "select a.attname::text, case when b.typtype = 'e' then 'enum' else format_type(b.oid, null) end, ''::text "
            "from pg_attribute a join pg_type t on t.oid = a.atttypid "
            "join pg_type b on b.oid = coalesce(nullif(t.typbasetype, 0), t.oid) "
            f"where a.attrelid = to_regclass({text(relation, 'postgres')}) and a.attnum > 0 and not a.attisdropped "
            "order by a.attnum",
        )
        return [(str(each), str(type_), str(rest)) for each, type_, rest in found]

    def _has_unique_index(self, relation: str, origins: list[str]) -> bool:
        """Whether the database itself keeps the key unique: then nobody needs to count."""
        if not origins or not all(origins):
            return False
        listed = ", ".join(text(origin, "postgres") for origin in origins)
        found = self._database.rows(
            self._local,
            "select 1 from pg_index i where i.indrelid = "
            f"to_regclass({text(relation, 'postgres')}) and i.indisunique and i.indisvalid and i.indpred is null "
            "and i.indexprs is null and not exists (select 1 from unnest(i.indkey::int2[]) k join pg_attribute a "
            f"on a.attrelid = i.indrelid and a.attnum = k where not a.attnotnull or a.attname::text not in ({listed}))",
        )
        return bool(found)

    def _unknown_table(self, source: Source) -> Problem:
        tables = [
            str(each)
            for (each,) in self._database.rows(
                self._local,
                "select case when table_schema = 'public' then '' else table_schema || '.' end || table_name "
                "from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')",
            )
        ]
        hint = did_you_mean(source.table or "", tables) or "Check the schema, and that its user may read it."
        return Problem("error", "unknown-table", f"The database has no table `{source.table}`.", source.place, hint)


def _lookup(lookup: Lookup) -> str:
    """A lookup as a named list of values; the first row's casts give the columns their types."""
    columns = names(lookup.columns, "postgres")
    types = [NAMES[type_] for type_ in lookup.columns.values()]
    empty = ", ".join(f"cast(null as {type_})" for type_ in types)
    if not lookup.rows:
        return f"{name(lookup.name, dialect='postgres')} ({columns}) as (select {empty} where false)"
    lines = [
        ", ".join(
            f"cast({value(cell, 'postgres')} as {type_})" if not at else value(cell, "postgres")
            for cell, type_ in zip(row, types, strict=True)
        )
        for at, row in enumerate(lookup.rows)
    ]
    return f"{name(lookup.name, dialect='postgres')} ({columns}) as (values ({'), ('.join(lines)}))"


def _explained(source: Source, error: DataError) -> DataError:
    """Name the column and the value where the message of Postgres tells them."""
    problems = []
    for problem in error.problems:
        found = told(problem.message)
        if found and found[0] in source.columns:
            problems.append(wrong_value(dict(source.columns), *found))
        else:
            problems.append(replace(problem, place=source.place if problem.code == "engine-error" else problem.place))
    return DataError(problems)

"""Members of every level, and who belongs to whom when: the tables `members_<level>` and `lines`.

`members_<level>` has a row per member and stretch of time: `member, label, parent, start_day, end_day` (exclusive) and
the attributes. `lines` follows each member of an entry level up: one row per stretch in which nothing above it changes.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.collect.sql import name, text
from kpieval.model import ORGANISATION
from kpieval.plan import path
from kpieval.plan.lookups import LINES, line_column
from kpieval.problems import DataError, Problem
from kpieval.sources import Lookup, Scan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpieval.calendar import Period
    from kpieval.model import Level, Project, Type
    from kpieval.sources.session import Session

FIRST_DAY, AFTER_ALL = dt.date(1, 1, 1), dt.date(9999, 12, 31)
"""Since and until when somebody is valid of whom nothing is said."""

_SHOWN = 3

UNKNOWN = "(unknown)"
"""The member that facts are counted under when their key is missing, or when no member has it on that day."""


def table(level: str) -> str:
    """The quoted name of the table of a level's members."""
    return name(f"members_{level}")


def column(level: str) -> str:
    """The quoted name of the column of `lines` that has the member of a level."""
    return name(line_column(level))


def attribute_column(level: str, attribute: str) -> str:
    """The name of a grid's column with an attribute: levels may give one name to attributes of different types."""
    return f"{level} {attribute}"


def attributes_of(project: Project, level: str) -> frozenset[str]:
    """The attributes that are known of the members of a level."""
    if level == ORGANISATION or not has_list(project, level):
        return frozenset()
    return frozenset(project.levels[level].attributes)


def read_members(session: Session, project: Project) -> None:
    """Make the member tables of the levels that have a source of their own."""
    for level in project.levels:
        if has_list(project, level):
            _read_level(session, project, project.levels[level])


def has_list(project: Project, level: str) -> bool:
    """Whether a source lists the members of a level (else they are the values seen)."""
    source = project.levels[level].source if level in project.levels else None
    return source is not None and project.sources[source].mapped


def _read_level(session: Session, project: Project, level: Level) -> None:
    source = project.sources[level.source or ""]
    columns = {"member": level.key or "", "label": level.label or level.key or ""}
    if level.parent_column is not None:
        columns["parent"] = level.parent_column
    columns |= {f"attribute_{attribute}": attribute for attribute in level.attributes}
    if level.valid is not None:
        columns |= {"start_day": level.valid.start, **({"end_day": level.valid.end} if level.valid.end else {})}
    absent = session.absent(source.name)
    columns = {alias: column for alias, column in columns.items() if column not in absent}
    query = (
        exp.select(*(exp.alias_(exp.column(column), alias) for alias, column in columns.items()))
        .from_("rows")
        .distinct()
    )
    raw = f"listed_{level.name}"
    session.scan(Scan(source, tuple(dict.fromkeys(columns.values())), query), raw)
    inclusive = 1 if level.valid is not None and level.valid.inclusive else 0
    start = "coalesce(cast(start_day as date), date '0001-01-01')" if "start_day" in columns else "date '0001-01-01'"
    end = (
        f"coalesce(cast(end_day as date) + {inclusive}, date '9999-12-31')"
        if "end_day" in columns
        else "date '9999-12-31'"
    )
    parent = "cast(parent as varchar)" if "parent" in columns else "cast(null as varchar)"
    attributes = "".join(
        f", {name('attribute_' + a) if f'attribute_{a}' in columns else 'null'} as {name('attribute_' + a)}"
        for a in level.attributes
    )
    label = (
        "coalesce(cast(label as varchar), cast(member as varchar))" if "label" in columns else "cast(member as varchar)"
    )
    with session.bounded():
        session.connection.execute(
            f"create temp table {table(level.name)} as select distinct "
            f"cast(member as varchar) as member, {label} as label, {parent} as parent, {start} as start_day, "
            f"{end} as end_day{attributes} from {name(raw)} where member is not null"
        )
    _check_one_row_at_a_time(session, project, level)
    _check_no_stranger(session, project, level)


def _check_no_stranger(session: Session, project: Project, level: Level) -> None:
    """Nobody may be called as those who are on no list."""
    query = f"select count(*) from {table(level.name)} where {text(UNKNOWN)} in (member, parent)"
    if session.connection.execute(query).fetchall()[0][0]:
        message = f"`{level.source}` has a {level.name} or a parent with the key `{UNKNOWN}`."
        hint = "That is how rows of nobody are shown; give the member another key, or none."
        raise DataError(Problem("error", "reserved-member", message, project.sources[level.source or ""].place, hint))


def _check_one_row_at_a_time(session: Session, project: Project, level: Level) -> None:
    clash = session.connection.execute(
        f"select member, count(*) over () from (select member, start_day, "
        f"lag(end_day) over (partition by member order by start_day, end_day) as before from {table(level.name)}) "
        f"where start_day < before order by member limit 1"
    ).fetchone()
    if clash is not None:
        member, count = clash
        more = f" (and {count - 1} more like it)" if count > 1 else ""
        raise DataError(
            Problem(
                "error",
                "member-twice",
                f"The {level.name} `{member}` has two rows in `{level.source}` that hold on the same day{more}.",
                project.sources[level.source or ""].place,
                "A member has one label, one parent and one set of attributes at a time; `valid:` tells times apart.",
            )
        )


def unknown_parents(session: Session, project: Project) -> list[Problem]:
    """A warning for each level some of whose members belong to somebody who is on no list."""
    problems = []
    for level in project.levels.values():
        above = level.name if level.tree else level.parent
        if not has_list(project, level.name) or not has_list(project, above):
            continue
        found = session.connection.execute(
            f"select distinct parent from {table(level.name)} "
            f"where parent is not null and parent not in (select member from {table(above)}) order by 1"
        ).fetchall()
        if found:
            listed = ", ".join(f"`{parent}`" for (parent,) in found[:_SHOWN])
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            source = project.sources[level.source or ""]
            problems.append(
                Problem(
                    "warning",
                    "unknown-parent",
                    f"`{source.name}` has a {level.name} below a {above} who is on no list: {listed}{more}.",
                    source.place,
                    f"Add the {above} to the list, or mend the key.",
                )
            )
    return problems


def make_lines(session: Session, project: Project, entries: Iterable[str], periods: Iterable[Period]) -> None:
    """Make `lines` for the entry levels, with a column for each level above.

    Who comes or goes in the middle of a period belongs to their first or last place for the whole of it.
    """
    levels = list(project.levels)
    columns = "".join(f", cast(null as varchar) as {column(level)}" for level in levels)
    session.connection.execute(
        f"create temp table lines as select '' as entry, '' as member, date '0001-01-01' as start_day, "
        f"date '0001-01-01' as end_day{columns} limit 0"
    )
    for entry in entries:
        if has_list(project, entry):
            session.connection.execute(f"insert into lines by name {_line(project, entry, levels)}")
    whole = whole_periods("from lines", "entry, member", periods)
    session.connection.execute(f"create or replace temp table lines as {whole}")


def whole_periods(rows: str, who: str, periods: Iterable[Period]) -> str:
    """The rows with the first day that somebody (`who`) has moved back to its period's, and the last one moved on.

    `moved_in` and `moved_out` tell that a row begins or ends otherwise: with a move.
    """
    bounds = ", ".join(f"(date '{period.start}', date '{period.end}')" for period in periods)
    return (
        f"with bounds (first_day, next_day) as (values {bounds}), placed as "
        f"(select *, start_day <> min(start_day) over who as moved_in, end_day <> max(end_day) over who as moved_out "
        f"from ({rows}) window who as (partition by {who})) "
        f"select p.* replace ("
        f"case when moved_in then start_day else coalesce(b.first_day, start_day) end as start_day, "
        f"case when moved_out then end_day else coalesce(e.next_day, end_day) end as end_day) "
        f"from placed as p left join bounds as b on start_day > b.first_day and start_day < b.next_day "
        f"left join bounds as e on end_day > e.first_day and end_day < e.next_day"
    )


def moves(session: Session) -> set[dt.date]:
    """The days on which a member, or one above it, goes from one place to another."""
    rows = session.connection.execute(
        "select start_day from lines where moved_in union select end_day from lines where moved_out"
    ).fetchall()
    return {row[0] for row in rows}


def _line(project: Project, entry: str, levels: list[str]) -> str:
    steps = path(entry, project)[:-1]
    own = f"{text(entry)} as entry, member, member as {column(entry)}, parent, start_day, end_day"
    found = f"select {own} from {table(entry)}"
    for level in steps[1:]:
        if not has_list(project, level):
            found = (
                f"select * exclude (parent), parent as {column(level)}, cast(null as varchar) as parent from ({found})"
            )
            continue
        found = (
            f"select b.* exclude (parent, start_day, end_day), a.member as {column(level)}, a.parent as parent, "
            f"greatest(b.start_day, coalesce(a.start_day, b.start_day)) as start_day, "
            f"least(b.end_day, coalesce(a.end_day, b.end_day)) as end_day "
            f"from ({found}) as b left join {table(level)} as a "
            f"on a.member = b.parent and a.start_day < b.end_day and b.start_day < a.end_day"
        )
    kept = ", ".join(column(level) for level in steps if level in levels)
    return f"select entry, member, start_day, end_day, {kept} from ({found})"


def lines_lookup(session: Session, project: Project) -> Lookup:
    """`lines` as a table that travels to the engine that holds a source."""
    levels = list(project.levels)
    types: dict[str, Type] = {"entry": "text", "member": "text", "start_day": "date", "end_day": "date"}
    types |= dict.fromkeys((line_column(level) for level in levels), "text")
    columns = ", ".join(name(each) for each in types)
    rows = session.connection.execute(f"select {columns} from lines order by all").fetchall()
    return Lookup(LINES, types, rows)


def add_seen_members(session: Session, project: Project, level: str, seen: str) -> None:
    """Make the member table of a level without a list: the values in the level below it and in the facts (`seen`)."""
    below = [n for n, other in project.levels.items() if other.parent == level and has_list(project, n)]
    parts = [f"select parent as member from {table(child)}" for child in below]
    parts.append(seen)
    session.connection.execute(
        f"create temp table {table(level)} as select distinct "
        f"member, member as label, cast(null as varchar) as parent, date '0001-01-01' as start_day, "
        f"date '9999-12-31' as end_day from ({' union '.join(parts)}) where member is not null"
    )

"""Levels that are trees: who is above whom on which day, at any depth: the tables `tree_<level>`.

A row of `tree_<level>` says that `ancestor` is `depth` steps above `member` from `start_day` to `end_day` (exclusive);
everybody is 0 steps above themselves. One above whom nobody on the list stands is a top, of which there may be several.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect import members
from kpieval.collect.sql import name, text
from kpieval.model import ORGANISATION
from kpieval.plan import path
from kpieval.plan.lookups import TREES
from kpieval.problems import DataError, Problem
from kpieval.sources import Lookup

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from kpieval.calendar import Period
    from kpieval.model import Project, Type
    from kpieval.sources.session import Session


def table(level: str) -> str:
    """The quoted name of the table of a tree."""
    return name(f"tree_{level}")


def is_tree(project: Project, level: str) -> bool:
    """Whether the members of a level stand above each other."""
    return level != ORGANISATION and project.levels[level].tree and members.has_list(project, level)


def places(project: Project, level: str, steps: int) -> list[str]:
    """The levels that may hold the member so many steps above one of this level: that of a tree, or else the top."""
    way = path(level, project)
    tree = next((at for at, each in enumerate(way) if is_tree(project, each)), None)
    if tree is not None and steps > tree:
        return [way[tree], ORGANISATION]
    return way[steps : steps + 1]


def make_trees(session: Session, project: Project, periods: Iterable[Period]) -> None:
    """Make the table of every tree. Raises DataError where somebody is above themselves."""
    bounds = list(periods)
    for level in project.levels:
        if is_tree(project, level):
            _make(session, project, level, bounds)


def _make(session: Session, project: Project, level: str, periods: list[Period]) -> None:
    rows = f"select member, parent, start_day, end_day from {members.table(level)}"
    stretched = members.whole_periods(rows, "member", periods)
    edges = name(f"edges_{level}")
    session.connection.execute(f"create temp table {edges} as {stretched}")
    climbed = (
        f"with recursive climb as (select member, member as ancestor, 0 as depth, start_day, end_day, [member] as way "
        f"from {edges} union all "
        f"select c.member, e.parent, c.depth + 1, greatest(c.start_day, e.start_day, a.start_day), "
        f"least(c.end_day, e.end_day, a.end_day), list_append(c.way, e.parent) "
        f"from climb as c join {edges} as e on e.member = c.ancestor and e.start_day < c.end_day "
        f"and c.start_day < e.end_day "
        f"join {edges} as a on a.member = e.parent and a.start_day < least(c.end_day, e.end_day) "
        f"and greatest(c.start_day, e.start_day) < a.end_day "
        f"where (e.parent = c.member or not list_contains(c.way, e.parent)) "
        f"and (c.depth = 0 or c.ancestor <> c.member)) "
    )
    session.connection.execute(f"create temp table {table(level)} as {climbed} select * from climb")
    _check_no_circle(session, project, level)
    session.connection.execute(f"alter table {table(level)} drop column way")


def _check_no_circle(session: Session, project: Project, level: str) -> None:
    found = session.connection.execute(
        f"select way, start_day from {table(level)} where depth > 0 and ancestor = member "
        f"order by depth, start_day, member limit 1"
    ).fetchone()
    if found is not None:
        round_, day = found
        since = "" if day.year == 1 else f" from {day} on"
        raise DataError(
            Problem(
                "error",
                "tree-cycle",
                f"In `{project.levels[level].source}` the {level} `{round_[0]}` is above itself{since}: "
                f"{' -> '.join(round_)}.",
                project.sources[project.levels[level].source or ""].place,
                f"Each {level} has one above it, and the last one none.",
            )
        )


def moves(session: Session, project: Project) -> set[dt.date]:
    """The days on which somebody gets or loses somebody above them."""
    days: set[dt.date] = set()
    for level in project.levels:
        if is_tree(project, level):
            lives = f"select member, min(start_day) as born, max(end_day) as gone from {table(level)} group by member"
            rows = session.connection.execute(
                f"select distinct unnest([start_day, end_day]) as day, born, gone from {table(level)} "
                f"join ({lives}) using (member) where depth > 0"
            ).fetchall()
            days |= {day for day, born, gone in rows if born < day < gone}
    return days


def tree_lookup(session: Session, project: Project) -> Lookup:
    """The trees as one table that travels to the engine that holds a source."""
    levels = [level for level in project.levels if is_tree(project, level)]
    selects = " union all ".join(
        f"select {text(level)} as level, member, ancestor, start_day, end_day from {table(level)}" for level in levels
    )
    rows = session.connection.execute(f"from ({selects}) order by all").fetchall()
    types: dict[str, Type] = {
        "level": "text", "member": "text", "ancestor": "text", "start_day": "date", "end_day": "date"
    }  # fmt: skip
    return Lookup(TREES, types, rows)

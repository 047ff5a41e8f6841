"""The spine of a grid: which members a level has in which period, and to whom they belong at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect import members, trees
from kpieval.collect.sql import name, text
from kpieval.model import ORGANISATION
from kpieval.plan import path
from kpieval.translation import words

if TYPE_CHECKING:
    from kpieval.collect.cells import Cells
    from kpieval.model import Project


def spine(level: str, project: Project, cells: Cells, climbs: int) -> str:
    """Members in the periods in which they exist, with where they belong at the end; the unknown one too.

    `up_manager` has the member of the level above, `up_manager_1` the one above that in a tree, and so on for as many
    steps as `climbs` says.
    """
    say = words(project.locale).say
    steps = path(level, project)
    if level == ORGANISATION:
        return f"select {text(ORGANISATION)} as member, {text(say('Organisation'))} as label, p.* from moments as p"
    table = members.table(level)
    attributes = project.levels[level].attributes if members.has_list(project, level) else ()
    renamed = {name(f"attribute_{each}"): name(members.attribute_column(level, each)) for each in attributes}
    shown = "".join(f", m.{own} as {column}" for own, column in renamed.items())
    ups, joins = "", ""
    before = "m.parent"
    latest = ["m.start_day desc"]
    for position, above in enumerate(steps[1:-1]):
        alias = f"a{position}"
        ups += f", {alias}.member as {name('up_' + above)}"
        joins += (
            f" left join {members.table(above)} as {alias} on {alias}.member = {before} "
            f"and {alias}.start_day < least(p.end_day, m.end_day) "
            f"and greatest(p.start_day, m.start_day) < {alias}.end_day"
        )
        before = f"{alias}.parent"
        latest.append(f"{alias}.start_day desc nulls last")
    climbed = tree_columns(project, level, climbs)
    for depth, column in enumerate(climbed, 1):
        alias, tree = f"t{depth}", steps[-2]
        foot = "m.member" if tree == level else f"a{len(steps) - 3}.member"
        ups += f", {alias}.ancestor as {column}"
        joins += (
            f" left join {trees.table(tree)} as {alias} on {alias}.member = {foot} and {alias}.depth = {depth} "
            f"and {alias}.start_day < least(p.end_day, m.end_day) "
            f"and greatest(p.start_day, m.start_day) < {alias}.end_day"
        )
        latest.append(f"{alias}.start_day desc nulls last")
    unknown = "".join(f", null as {column}" for column in renamed.values())
    all_ups = [*(name(f"up_{above}") for above in steps[1:-1]), *climbed]
    unknown_ups = "".join(f", null as {column}" for column in all_ups)
    seen = " union ".join(
        f"select period from {table_} where member = {text(members.UNKNOWN)}"
        for (grouping, at), table_ in cells.tables.items() if at == level
    )  # fmt: skip
    strangers = (
        f" union all by name select {text(members.UNKNOWN)} as member, {text(say('Unknown'))} as label, "
        f"p.*{unknown}{unknown_ups} "
        f"from moments as p where p.period in ({seen})" if seen else ""
    )  # fmt: skip
    return (
        f"select m.member, m.label, p.*{shown}{ups} from {table} as m "
        f"join moments as p on m.start_day < p.end_day and p.start_day < m.end_day{joins} "
        f"qualify row_number() over (partition by m.member, p.period order by {', '.join(latest)}) = 1{strangers}"
    )


def tree_columns(project: Project, level: str, climbs: int) -> list[str]:
    """The columns with who is 1, 2, .. steps further up in the tree that a level is or belongs to; none without."""
    steps = path(level, project)
    if level == ORGANISATION or not trees.is_tree(project, steps[-2]):
        return []
    return [name(f"up_{steps[-2]}_{depth}") for depth in range(1, max(1, climbs - len(steps) + 2) + 1)]


def owned(project: Project, level: str, above: str, rows: str) -> str:
    """The rows of a level's grid with the `owner` at another level that each counts for at the end of the period.

    In a tree a row counts for everybody above; for oneself only where the levels differ.
    """
    if above == ORGANISATION:
        return f"select *, {text(ORGANISATION)} as owner from ({rows})"
    unknown = text(members.UNKNOWN)
    foot = "member" if level == above else name(f"up_{above}")
    if not trees.is_tree(project, above):
        return f"select *, coalesce({foot}, {unknown}) as owner from ({rows})"
    climb = f"{trees.table(above)} as t on t.member = g.{foot} and t.start_day < g.end_day and g.end_day <= t.end_day"
    if level == above:
        return f"select g.*, t.ancestor as owner from ({rows}) as g join {climb} and t.depth > 0"
    return f"select g.*, coalesce(t.ancestor, {unknown}) as owner from ({rows}) as g left join {climb}"

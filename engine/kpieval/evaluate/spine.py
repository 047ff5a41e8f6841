"""The spine of a grid: which members a level has in which period, and to whom they belong at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.collect import members
from kpieval.collect.sql import name, text
from kpieval.model import ORGANISATION
from kpieval.plan import path

if TYPE_CHECKING:
    from kpieval.collect.cells import Cells
    from kpieval.model import Project


def spine(level: str, project: Project, cells: Cells) -> str:
    """Members in the periods in which they exist, with where they belong at the end; the unknown one too."""
    steps = path(level, project)
    if level == ORGANISATION:
        return f"select {text(ORGANISATION)} as member, 'Organisation' as label, p.* from moments as p"
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
    unknown = "".join(f", null as {column}" for column in renamed.values())
    unknown_ups = "".join(f", null as {name('up_' + above)}" for above in steps[1:-1])
    seen = " union ".join(
        f"select period from {table_} where member = {text(members.UNKNOWN)}"
        for (grouping, at), table_ in cells.tables.items() if at == level
    )  # fmt: skip
    strangers = (
        f" union all by name select {text(members.UNKNOWN)} as member, 'Unknown' as label, "
        f"p.*{unknown}{unknown_ups} "
        f"from moments as p where p.period in ({seen})" if seen else ""
    )  # fmt: skip
    return (
        f"select m.member, m.label, p.*{shown}{ups} from {table} as m "
        f"join moments as p on m.start_day < p.end_day and p.start_day < m.end_day{joins} "
        f"qualify row_number() over (partition by m.member, p.period order by {', '.join(latest)}) = 1{strangers}"
    )

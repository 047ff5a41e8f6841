"""Definitions -> Project: what the author meant, and everything that is wrong with it, at once.

settings      the head of kpieval.yaml
sources       columns, files, tables, keys, times; `columns` and `measures` beside it
levels        dimensions, the way up, and which source reaches which level
values        each KPI's expression, what it needs, no circles
reach         the levels at which each KPI has a value
kpis          direction, unit, `targets`, `bands`
rules         conditions over what there is to ask, and their `messages`
references    what definitions say of each other
"""

from kpieval.build.project import build

__all__ = ["build"]

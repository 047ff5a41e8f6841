"""How far back a run evaluates: what is shown, and the earlier values that targets, rules and other KPIs look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.evaluate import needs
from kpieval.plan.inputs import Referred
from kpieval.plan.window import Step, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpieval.calendar import Periods
    from kpieval.evaluate.needs import Needs
    from kpieval.model import Project
    from kpieval.plan import Plan, Planned


GUARDED = 2
"""So many periods running a KPI gets better while its guard gets worse, before that is said."""


def before(project: Project) -> int:
    """How many periods the first one is compared with, so that what is found in it is the same in a longer run."""
    guarded = any(kpi.guarded_by for kpi in project.kpis.values())
    return max(1, GUARDED if guarded else 0, *(rule.looks_back for rule in project.rules.values()))


def start(needed: Needs, periods: Periods, first: int, last: int) -> int:
    """The first period that must be evaluated for those from `first` on, and what they look at, to be right."""
    return min(starts_of(needed, periods, first, last).values(), default=first - before(needed.plan.project))


def starts_of(needed: Needs, periods: Periods, first: int, last: int) -> dict[str, int]:
    """The same for each measured KPI: only one whose own past is looked at must be evaluated further back."""
    plan = needed.plan
    begin = first - before(plan.project)
    starts = dict.fromkeys(needed.measured, begin)
    for wave in reversed(plan.waves(needed.measured)):  # each after those that look at it
        for name in wave:
            for window in _past(plan.kpis[name]):
                starts[name] = min(starts[name], _earliest(window, periods, begin, last))
            for item in _referred(plan, plan.kpis[name]):
                earliest = _earliest(item.window, periods, starts[name], last)
                starts[item.kpi] = min(starts[item.kpi], earliest)
    return starts


def _earliest(window: Window, periods: Periods, first: int, last: int) -> int:
    bounds = (window.bounds(index, periods) for index in range(first, last + 1))
    return min((found[0] for found in bounds if found is not None), default=first)


def _past(planned: Planned) -> Iterator[Window]:
    """The windows of the targets that are the KPI's own past."""
    for target, _ in planned.targets:
        if target.past is not None and target.past.of == "trailing":
            yield Window((Step("prior"), Step("trailing", target.past.periods)))
        elif target.past is not None:
            yield Window((Step("prior" if target.past.of == "period" else "year_ago"),))


def _referred(plan: Plan, planned: Planned) -> Iterator[Referred]:
    """The other KPIs that a KPI takes as they are."""
    formulas = [planned.formula, *([planned.over_members] if planned.over_members else [])]
    columns = {c for each in formulas for c in (*needs.formula_columns(each), *needs.population_columns(each))}
    return (item for column in sorted(columns) if isinstance(item := plan.inputs[column], Referred))

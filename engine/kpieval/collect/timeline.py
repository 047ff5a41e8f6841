"""Which periods a run evaluates and which it reads: from the request, the day of the run, and how far the data go."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpieval.calendar import Period, Periods
from kpieval.problems import DefinitionError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from kpieval.model import Project
    from kpieval.plan.window import Window

    Start = Callable[[Periods, int, int], int]


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked for: the `period` to report (a label), how many `periods` back, and the day it is made on.

    Without a period it is the last one that is complete on the day of the run and that the data reach; without
    `periods` as many as the project's `history`, but none before the data begin. `history` is the folder of the kept
    runs that it is compared with.
    """

    period: str | None = None
    periods: int | None = None
    as_of: dt.date | None = None
    history: Path | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The periods asked for are `first` to `last`.

    Evaluated are those from `start` on: one more for the first change, and those that targets, rules and KPIs look at.
    `earliest` is the first one that any of them reads.
    """

    periods: Periods
    first: int
    last: int
    start: int
    earliest: int
    as_of: dt.date

    @property
    def evaluated(self) -> list[Period]:
        """The periods that are evaluated, oldest first."""
        return [self.periods.at(index) for index in range(self.start, self.last + 1)]

    @property
    def next(self) -> Period:
        """The period after the reported one."""
        return self.periods.at(self.last + 1)

    def complete(self, period: Period) -> bool:
        """Whether the period was over at the end of the day of the run."""
        return period.end <= self.as_of + dt.timedelta(days=1)

    def elapsed(self, first: int, last: int) -> int:
        """How many days of these periods had gone by at the end of the day of the run."""
        end = min(self.periods.at(last).end, self.as_of + dt.timedelta(days=1))
        return max(0, (end - self.periods.at(first).start).days)


def given_day(project: Project, request: Request) -> dt.date | None:
    """The day that the run was told it is made on: as asked, as the project says, or as SOURCE_DATE_EPOCH says."""
    if request.as_of or project.as_of:
        return request.as_of or project.as_of
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return None
    try:
        return dt.datetime.fromtimestamp(int(epoch), ZoneInfo(project.calendar.timezone)).date()
    except (ValueError, OverflowError, OSError) as error:
        message = f"SOURCE_DATE_EPOCH is `{epoch}`, which is no time."
        hint = "Set it to seconds since 1970-01-01, or unset it."
        raise DefinitionError(Problem("error", "wrong-source-date", message, hint=hint)) from error


def timeline(
    project: Project, request: Request, newest: dt.date | None, windows: Iterable[Window], start: Start
) -> Timeline:
    """Settle the periods. `newest` is the last day in the data, where it is known.

    `start` tells the first period to evaluate from the first and the last one that are asked for. Raises
    DefinitionError for a period that isn't one of the project's grain, or that hasn't begun.
    """
    try:
        found = _timeline(project, request, newest, windows, start)
    except (ValueError, OverflowError) as error:
        message = f"{error}." if request.period else "The periods asked for reach beyond the calendar."
        raise DefinitionError(
            Problem("error", "unknown-period", message, hint=_hint(project, request.period))
        ) from error
    last = found.periods.at(found.last)
    if last.start > found.as_of:
        message = f"{last.label} begins on {last.start}, and this run is of {found.as_of}: nothing can be said of it."
        over = found.periods.index(found.as_of + dt.timedelta(days=1)) - 1
        hint = f"The last period that is over is {found.periods.at(over).label}."
        raise DefinitionError(Problem("error", "period-not-begun", message, hint=hint))
    return found


def _hint(project: Project, label: str | None) -> str | None:
    """Which grain the project has, and what a period of another grain is in it."""
    if label is None:
        return None
    where = Periods(project.calendar, project.grain).elsewhere(label)
    return f"{where} " * bool(where) + f"The project says `period: {project.grain}`."


def early_end(
    times: Timeline, newest: dt.date | None, request: Request, lasts_until: Callable[[dt.date], dt.date]
) -> tuple[Problem, ...]:
    """That the data end in the midst of the period which was chosen because they end there.

    `lasts_until` tells how long the newest row counts for; it is asked only where that matters.
    """
    period = times.periods.at(times.last)
    if request.period is not None or newest is None or not newest < period.last or not times.complete(times.next):
        return ()
    if lasts_until(newest) >= period.last:
        return ()
    message = f"The newest row is of {newest}, and {period.label} lasts until {period.last}: it may be incomplete."
    hint = f"If it is, report the one before: --period {times.periods.at(times.last - 1).label}."
    return (Problem("warning", "data-end-early", message, hint=hint),)


def _timeline(
    project: Project, request: Request, newest: dt.date | None, windows: Iterable[Window], start: Start
) -> Timeline:
    periods = Periods(project.calendar, project.grain)
    as_of = given_day(project, request) or dt.datetime.now(ZoneInfo(project.calendar.timezone)).date()
    if request.period is None:
        last = periods.index(as_of + dt.timedelta(days=1)) - 1
        if newest is not None:
            last = min(last, periods.index(newest))
    else:
        last = periods.parse(request.period).index
    first = last - (request.periods or project.history) + 1
    earliest = begin = start(periods, first, last)
    for window in windows:
        for index in range(begin, last + 1):
            bounds = window.bounds(index, periods)
            earliest = min(earliest, bounds[0]) if bounds else earliest
    periods.at(earliest), periods.at(last), as_of + dt.timedelta(days=1)
    return Timeline(periods, first, last, begin, earliest, as_of)

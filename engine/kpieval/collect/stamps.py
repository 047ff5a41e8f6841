"""How long the newest row lasts: totals of a month are often dated by its first day, and then hold until its last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.calendar import Periods
from kpieval.collect.sql import name
from kpieval.sources import Scan

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from kpieval.model import Grain, Source
    from kpieval.sources.session import Session

_LASTING: dict[Grain, tuple[Grain, ...]] = {
    "day": (), "week": ("week",), "month": ("month",), "quarter": ("quarter", "month"),
    "year": ("year", "quarter", "month"),
}  # fmt: skip
"""What a row may be the total of, by the project's grain, the longest first."""
_LEAST = 2
"""On one day alone nothing shows what the dates of a source mean."""


def lasts_until(session: Session, sources: Iterable[Source], newest: dt.date) -> dt.date:
    """The last day that the newest row of these sources counts for; `newest` itself where rows are dated by their day.

    A source whose every date is the first day of a period, in two of them at least, has totals of such periods.
    """
    project = session.project
    lasting = [Periods(project.calendar, grain) for grain in _LASTING[project.grain]]
    lasting = [periods for periods in lasting if periods.of(newest).start == newest]
    if not lasting:
        return newest
    last = newest
    for source in sources:
        days = _days(session, source)
        totals = (each for each in lasting if all(each.of(day).start == day for day in days))
        found = next(totals, None) if len(days) >= _LEAST else None
        last = max(last, found.of(newest).last if found else newest)
    return last


def _days(session: Session, source: Source) -> list[dt.date]:
    """The different days that the rows of a source are dated by."""
    if source.time is None:
        return []
    column = exp.column(source.time.start)
    day = exp.alias_(exp.cast(column, "date"), "day")
    query = exp.select(day).from_("rows").where(exp.not_(exp.Is(this=column.copy(), expression=exp.null()))).distinct()
    table = f"days_{source.name}"
    session.scan(Scan(source, (source.time.start,), query), table)
    found = session.connection.execute(f"select day from {name(table)}").fetchall()
    session.connection.execute(f"drop table {name(table)}")
    return [day for (day,) in found]

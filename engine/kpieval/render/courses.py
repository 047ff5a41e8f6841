"""Sparklines have a table too: the figures that they are drawn from, a row for each and a column for each period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.render.view import Course, Courses
from kpieval.render.words import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.index import Index


def courses(index: Index, formats: Formats, title: str, rows: Iterable[Course]) -> Courses:
    """The table of some histories over all periods."""
    periods = tuple(formats.period(label, period["start"]) for label, period in index.periods.items())
    return Courses(formats.say("{title}: figures period by period", title=title), periods, tuple(rows))


def course(title: str, unit: str, values: Sequence[float | None], write: Callable[[float], str]) -> Course:
    """One history, of a KPI or of a score."""
    return Course(title, unit, tuple(NOTHING if value is None else write(value) for value in values))

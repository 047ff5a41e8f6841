"""Sparklines have a table too: the figures that they are drawn from, a row for each and a column for each period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render.view import Course, Courses
from kpieval.render.words import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.index import Index

Json = dict[str, Any]


def courses(index: Index, formats: Formats, title: str, rows: Iterable[Course]) -> Courses:
    """The table of some histories over all periods."""
    periods = (formats.period(label, period["start"]) for label, period in index.periods.items())
    return Courses(formats.say("{title}: figures period by period", title=title), tuple(periods), tuple(rows))


def course(title: str, unit: str, seen: Sequence[Mapping[str, Any] | None], write: Callable[[float], str]) -> Course:
    """One history: what was `seen` in each period, of a KPI its `value`, of a scorecard its `score`."""
    numbers = (None if row is None else row["score"] if "parts" in row else row["value"] for row in seen)
    return Course(title, unit, tuple(NOTHING if number is None else write(number) for number in numbers))

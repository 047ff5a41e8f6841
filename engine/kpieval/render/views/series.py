"""Sparklines have a table too: the figures that they are drawn from, a row for each and a column for each period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.render.views.view import SeriesRow, SeriesTable
from kpieval.render.words import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index


def series_table(index: Index, formats: Formats, title: str, rows: Iterable[SeriesRow]) -> SeriesTable:
    """The table of some series over all periods."""
    periods = tuple(formats.period(label, period["start"]) for label, period in index.periods.items())
    return SeriesTable(formats.say("{title}: figures period by period", title=title), periods, tuple(rows))


def figures(title: str, unit: str, values: Sequence[float | None], write: Callable[[float], str]) -> SeriesRow:
    """One series in figures, of a KPI or of a score."""
    return SeriesRow(title, unit, tuple(NOTHING if value is None else write(value) for value in values))

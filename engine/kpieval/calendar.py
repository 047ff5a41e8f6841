"""Days become periods: whole numbers that grow by one, so that every look back in time is arithmetic.

A period is known by its index. Months count from year 0, days and weeks from 1970-01-01; a fiscal year shifts quarters
and years, and is named after the calendar year in which it ends (`FY2026` may start on 1 February 2025). A week belongs
to the year that holds most of its days, as in ISO 8601, whatever its first weekday.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from kpieval.model import Calendar, Grain

EPOCH = dt.date(1970, 1, 1)
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday; Monday is 0
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_LABELS = {
    "day": (r"\d{4}-\d{2}-\d{2}", "2026-07-31"),
    "week": (r"\d{4}-W\d{2}", "2026-W31"),
    "month": (r"\d{4}-\d{2}", "2026-07"),
    "quarter": (r"(FY)?\d{4}-Q[1-4]", "2026-Q3"),
    "year": (r"(FY)?\d{4}", "2026"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """One period of a grain: `start` is its first day, `end` the day after its last."""

    index: int
    label: str
    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    @property
    def last(self) -> dt.date:
        """Its last day."""
        return self.end - dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods of one grain under one calendar.

    >>> from kpieval.model import Calendar
    >>> Periods(Calendar(), "quarter").of(dt.date(2026, 8, 15)).label
    '2026-Q3'
    >>> Periods(Calendar(fiscal_year_starts=2), "quarter").of(dt.date(2026, 1, 31)).label
    'FY2026-Q4'
    """

    calendar: Calendar
    grain: Grain

    def of(self, day: dt.date) -> Period:
        """The period that `day` belongs to."""
        return self.at(self.index(day))

    def index(self, day: dt.date) -> int:
        """The index of the period that `day` belongs to."""
        if self.grain == "day":
            return (day - EPOCH).days
        if self.grain == "week":
            return ((day - EPOCH).days + self._week_shift) // 7
        return (day.year * 12 + day.month - 1 - self._fiscal_shift) // _MONTHS[self.grain]

    def at(self, index: int) -> Period:
        """The period of this index."""
        start, end = self._start(index), self._start(index + 1)
        return Period(index, self._label(index, start), start, end)

    def parse(self, label: str) -> Period:
        """The period of a label such as `2026-Q3`, `2026-07`, `2026-W31`, `2026-07-31` or `2026`.

        Raises ValueError, with a sentence, where the label isn't one of this grain's.
        """
        pattern, example = _LABELS[self.grain]
        if re.fullmatch(pattern, label):
            year = int(label.removeprefix("FY")[:4])
            for index in self._year_indices(year):
                if self.at(index).label.removeprefix("FY") == label.removeprefix("FY"):
                    return self.at(index)
        message = f"{label!r} is not a {self.grain}: write it like {example}"
        raise ValueError(message)

    def elsewhere(self, label: str) -> str | None:
        """Where the period of another grain lies: a sentence that names one of this grain; None where it is no label.

        >>> from kpieval.model import Calendar
        >>> Periods(Calendar(), "month").elsewhere("2026-Q3")
        'The last month of the quarter 2026-Q3 is 2026-09.'
        >>> Periods(Calendar(), "quarter").elsewhere("2026-07")
        'The month 2026-07 is in 2026-Q3.'
        """
        order = list(_LABELS)
        for grain in order:
            if grain == self.grain or not re.fullmatch(_LABELS[grain][0], label):
                continue
            try:
                other = Periods(self.calendar, cast("Grain", grain)).parse(label)
            except ValueError:
                continue
            own = self.of(other.last).label
            if order.index(grain) < order.index(self.grain):
                return f"The {grain} {other.label} is in {own}."
            return f"The last {self.grain} of the {grain} {other.label} is {own}."
        return None

    def year_ago(self, index: int) -> int | None:
        """The same period of the previous year; None for a 29 February or a 53rd week that the previous year lacks."""
        if self.grain in _MONTHS:
            return index - 12 // _MONTHS[self.grain]
        label = self.at(index).label
        try:
            return self.parse(f"{int(label[:4]) - 1}{label[4:]}").index
        except ValueError:
            return None

    def first_of(self, index: int, unit: Grain) -> int:
        """The first period of the (fiscal) year, quarter, month or week that period `index` belongs to."""
        whole = Periods(self.calendar, unit)
        first = index
        target = whole.index(self._heart(index))
        while whole.index(self._heart(first - 1)) == target:
            first -= 1
        return first

    @property
    def _fiscal_shift(self) -> int:
        return 0 if self.grain == "month" else self.calendar.fiscal_year_starts - 1

    @property
    def _week_shift(self) -> int:
        return _EPOCH_WEEKDAY - (self.calendar.week_starts - 1)

    def _start(self, index: int) -> dt.date:
        if self.grain == "day":
            return EPOCH + dt.timedelta(days=index)
        if self.grain == "week":
            return EPOCH + dt.timedelta(days=index * 7 - self._week_shift)
        months = index * _MONTHS[self.grain] + self._fiscal_shift
        return dt.date(months // 12, months % 12 + 1, 1)

    def _heart(self, index: int) -> dt.date:
        """The day that decides which larger unit the period belongs to."""
        start = self._start(index)
        return start + dt.timedelta(days=3) if self.grain == "week" else start

    def _year_indices(self, year: int) -> range:
        """Indices of all the periods that a label of this year can mean, and a few more."""
        first = self.index(dt.date(max(year - 1, 1), 1, 1))
        return range(first, self.index(dt.date(min(year + 1, 9999), 12, 31)) + 1)

    def _label(self, index: int, start: dt.date) -> str:
        if self.grain == "day":
            return start.isoformat()
        if self.grain == "week":
            year = self._heart(index).year
            return f"{year:04}-W{index - self._first_week(year) + 1:02}"
        if self.grain == "month":
            return f"{start.year:04}-{start.month:02}"
        months = start.year * 12 + start.month - 1 - self._fiscal_shift
        year = months // 12 + (1 if self._fiscal_shift else 0)
        name = f"FY{year:04}" if self._fiscal_shift else f"{year:04}"
        return name if self.grain == "year" else f"{name}-Q{months % 12 // 3 + 1}"

    def _first_week(self, year: int) -> int:
        """The index of the first week that has most of its days in `year`."""
        index = self.index(dt.date(year, 1, 1))
        return index if self._heart(index).year == year else index + 1

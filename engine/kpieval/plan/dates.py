"""The periods of a run as SQL trees: which period a day belongs to, which days count, and where memberships change."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.calendar import EPOCH

if TYPE_CHECKING:
    from kpieval.calendar import Period, Periods

Tree = exp.Expr

CROSSING = -1_000_000_000
"""The period index of a row whose span doesn't lie inside one period."""

_MOST_CUTS = 24
_AGES = 100_000  # periods: makes the dividend positive, since engines differ in how they round a negative quotient
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Dates:
    """The periods `first` to `last` (indices) that a run reads, and the days inside them on which a member moves."""

    periods: Periods
    first: int
    last: int
    cuts: tuple[dt.date, ...] = ()

    @property
    def all(self) -> list[Period]:
        """Every period that is read, oldest first."""
        return [self.periods.at(index) for index in range(self.first, self.last + 1)]

    def index(self, day: Tree) -> Tree:
        """The period index of a day, as whole-number arithmetic that every engine does alike."""
        periods = self.periods
        if periods.grain == "day":
            return _since_epoch(day)
        if periods.grain == "week":
            shift = (EPOCH - periods.at(0).start).days
            return _quotient(exp.Add(this=_since_epoch(day), expression=_number(shift)), 7)
        year, month = (exp.Extract(this=exp.var(part), expression=day.copy()) for part in ("year", "month"))
        months = exp.Add(this=exp.Mul(this=year, expression=_number(12)), expression=month)
        shift = 1 + (0 if periods.grain == "month" else periods.calendar.fiscal_year_starts - 1)
        return _quotient(exp.Sub(this=months, expression=_number(shift)), _MONTHS[periods.grain])

    def within(self, day: Tree) -> Tree:
        """Whether a day lies in the periods that are read."""
        start, end = self.periods.at(self.first).start, self.periods.at(self.last).end
        return exp.and_(
            exp.GTE(this=day.copy(), expression=literal(start)), exp.LT(this=day.copy(), expression=literal(end))
        )

    def segment(self, day: Tree) -> Tree | None:
        """Which stretch between two changes of membership a day lies in; None where nobody moves inside a period."""
        if not self.cuts:
            return None
        if len(self.cuts) > _MOST_CUTS:
            return _since_epoch(day)
        case = exp.Case()
        for position, cut in enumerate(self.cuts):
            case = case.when(exp.LT(this=day.copy(), expression=literal(cut)), _number(position))
        return case.else_(_number(len(self.cuts)))

    def day_of(self, period: Period, segment: int | None) -> dt.date:
        """A day in a segment of a period: on it, everybody is where they are in the whole of the segment."""
        if segment is None:
            return period.start
        if len(self.cuts) > _MOST_CUTS:
            return EPOCH + dt.timedelta(days=segment)
        return max(period.start, self.cuts[segment - 1]) if segment else period.start

    def segments(self, period: Period) -> list[int | None]:
        """Every segment that days of the period can lie in."""
        if not self.cuts:
            return [None]
        if len(self.cuts) > _MOST_CUTS:
            first = (period.start - EPOCH).days
            return list(range(first, first + period.days))
        last = period.end - dt.timedelta(days=1)
        return list(range(bisect_right(self.cuts, period.start), bisect_right(self.cuts, last) + 1))

    def cut(self, days: set[dt.date]) -> Dates:
        """The same periods with the days on which a member moves, as far as they lie inside a period."""
        inside = {day for day in days if self.first <= self.periods.index(day) <= self.last}
        inside = {day for day in inside if self.periods.of(day).start != day}
        return Dates(self.periods, self.first, self.last, tuple(sorted(inside)))


def literal(day: dt.date) -> Tree:
    """A day as SQL writes it."""
    return exp.cast(exp.Literal.string(day.isoformat()), "date")


def _number(value: int) -> Tree:
    return exp.Literal.number(value)


def _since_epoch(day: Tree) -> Tree:
    return exp.paren(exp.Sub(this=day.copy(), expression=literal(EPOCH)), copy=False)


def _quotient(dividend: Tree, divisor: int) -> Tree:
    """Whole-number division that rounds down, of numbers of either sign."""
    if divisor == 1:
        return exp.paren(dividend, copy=False)
    positive = exp.paren(exp.Add(this=dividend, expression=_number(_AGES * divisor)), copy=False)
    return exp.paren(exp.Sub(this=exp.IntDiv(this=positive, expression=_number(divisor)), expression=_number(_AGES)))

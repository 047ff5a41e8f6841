"""Every KPI of `examples/hospital-waiting-times`, computed once more: plain Python over CSV, as its KPIs say.

Nothing of kpieval is used here; numbers are exact fractions. `compute` gives value and reason by KPI, level, member and
month.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Row = dict[str, str]
Verdict = tuple[Fraction | None, str | None]
FEWEST = 100  # patients: with fewer there is no verdict
FIRST = 2024 * 12 + 3  # the month in which the records begin, counted from year 0
ORGANISATION = "organisation"


def number(day: str) -> int:
    """The month of an ISO date, counted from year 0."""
    return int(day[:4]) * 12 + int(day[5:7]) - 1


def days(month: int) -> int:
    """How many days a month has."""
    start, end = (dt.date(each // 12, each % 12 + 1, 1) for each in (month, month + 1))
    return (end - start).days


@dataclass(frozen=True)
class Reports:
    """What the providers reported."""

    providers: dict[str, Row]
    rows: dict[tuple[str, int], Row]

    @classmethod
    def read(cls, folder: Path) -> Reports:
        """The two files."""
        tables = []
        for name in ("providers", "waiting_times"):
            with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                tables.append(list(csv.DictReader(file)))
        providers, reports = tables
        return cls(
            {row["code"]: row for row in providers},
            {(row["Provider"], number(row["Period"])): row for row in reports},
        )

    def is_open(self, code: str, month: int) -> bool:
        """Whether a provider has patients in a month; all open and close with a month."""
        row = self.providers[code]
        since, until = row["open_from"], row["open_to"]
        return (not since or number(since) <= month) and (not until or month <= number(until))


@dataclass(frozen=True)
class Scope:
    """One member in one month."""

    reports: Reports
    level: str
    member: str
    month: int

    def at(self, month: int) -> Scope:
        """The same member in another month."""
        return Scope(self.reports, self.level, self.member, month)

    @property
    def providers(self) -> list[Scope]:
        """The providers of this member that are open in the month."""
        return [
            Scope(self.reports, "provider", code, self.month)
            for code, row in self.reports.providers.items()
            if self.member in (ORGANISATION, row["region"], code) and self.reports.is_open(code, self.month)
        ]

    @property
    def rows(self) -> list[Row]:
        """What they reported."""
        found = (self.reports.rows.get((provider.member, self.month)) for provider in self.providers)
        return [row for row in found if row]

    def total(self, *columns: str) -> int:
        """The sum of these columns."""
        return sum(int(row[column]) for row in self.rows for column in columns)

    @property
    def came(self) -> int:
        """Patients of all types."""
        return self.total(*(f"Attendances Type {number}" for number in (1, 2, 3)))

    @property
    def waited(self) -> int:
        """Of them, those who waited longer than four hours."""
        return self.total(*(f"Over 4 Hours Type {number}" for number in (1, 2, 3)))

    @property
    def only_minor(self) -> bool:
        """Whether this is a provider without a major department."""
        return self.level == "provider" and self.reports.providers[self.member]["kind"] != "general"


def share(part: int, whole: int) -> Verdict:
    """A share, and whether it rests on too few."""
    return Fraction(part, whole), "insufficient_sample" if whole < FEWEST else None


def four_hour_share(s: Scope) -> Verdict:
    return share(s.came - s.waited, s.came) if s.rows else (None, "no_data")


def four_hour_share_major(s: Scope) -> Verdict:
    if s.only_minor:
        return None, "not_applicable"
    came = s.total("Attendances Type 1")
    return share(came - s.total("Over 4 Hours Type 1"), came) if s.rows else (None, "no_data")


def four_hour_share_year(s: Scope) -> Verdict:
    year = [s.at(month) for month in range(s.month - 11, s.month + 1)]
    if year[0].month < FIRST:
        return None, "no_data"
    came = sum(month.came for month in year)
    return share(came - sum(month.waited for month in year), came)


def four_hour_change(s: Scope) -> Verdict:
    before = s.at(s.month - 12)
    if not s.rows:
        return None, "no_data"
    if not before.rows:
        return None, "no_baseline"
    values = [Fraction(month.came - month.waited, month.came) for month in (s, before)]
    return values[0] - values[1], "insufficient_sample" if min(s.came, before.came) < FEWEST else None


def long_waits(s: Scope) -> Verdict:
    if s.only_minor:
        return None, "not_applicable"
    return share(s.total("Over 12 Hours To Bed"), s.total("Emergency Admissions")) if s.rows else (None, "no_data")


def breaches(s: Scope) -> Verdict:
    return (Fraction(s.waited), None) if s.rows else (None, "no_data")


def attendances_per_day(s: Scope) -> Verdict:
    return (Fraction(s.came, days(s.month)), "no_target") if s.rows else (None, "no_data")


def judged(s: Scope) -> list[Fraction]:
    """The shares of the providers that have patients enough."""
    found = [four_hour_share(provider) for provider in s.providers]
    return [value for value, reason in found if value is not None and reason is None]


def median_provider(s: Scope) -> Verdict:
    return median(judged(s)), None


def providers_meeting(s: Scope) -> Verdict:
    return Fraction(sum(value >= Fraction(95, 100) for value in judged(s)), len(judged(s))), None


EVERYWHERE = ("provider", "region", ORGANISATION)
ABOVE = ("region", ORGANISATION)
KPIS: dict[str, tuple[Callable[[Scope], Verdict], tuple[str, ...]]] = {
    "attendances_per_day": (attendances_per_day, EVERYWHERE),
    "breaches": (breaches, EVERYWHERE),
    "four_hour_change": (four_hour_change, EVERYWHERE),
    "four_hour_share": (four_hour_share, EVERYWHERE),
    "four_hour_share_major": (four_hour_share_major, EVERYWHERE),
    "four_hour_share_year": (four_hour_share_year, EVERYWHERE),
    "long_waits": (long_waits, EVERYWHERE),
    "median_provider": (median_provider, ABOVE),
    "providers_meeting": (providers_meeting, ABOVE),
}


def compute(folder: Path, last: str, months: int) -> dict[tuple[str, str, str, str], Verdict]:
    """Value and reason by KPI, level, member and month, of so many months up to the last."""
    reports = Reports.read(folder)
    regions = sorted({row["region"] for row in reports.providers.values()})
    members = {"provider": list(reports.providers), "region": regions, ORGANISATION: [ORGANISATION]}
    return {
        (name, level, member, f"{month // 12}-{month % 12 + 1:02}"): kpi(Scope(reports, level, member, month))
        for name, (kpi, levels) in KPIS.items()
        for level in levels
        for member in members[level]
        for month in range(number(last) - months + 1, number(last) + 1)
        if level != "provider" or reports.is_open(member, month)
    }

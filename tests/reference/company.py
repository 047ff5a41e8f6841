"""The files of `examples/sales-leadership` in plain Python: who belongs where on which day, and whose rows they are."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Row = dict[str, str]
ORGANISATION = "organisation"
FOREVER = dt.date(9999, 12, 31)


@dataclass(frozen=True)
class Quarter:
    """Three months of a calendar year; `number` counts from year 0."""

    number: int

    @classmethod
    def of(cls, day: dt.date) -> Quarter:
        """The quarter of a day."""
        return cls(day.year * 4 + (day.month - 1) // 3)

    @property
    def start(self) -> dt.date:
        """Its first day."""
        return dt.date(self.number // 4, self.number % 4 * 3 + 1, 1)

    @property
    def end(self) -> dt.date:
        """The day after its last."""
        return self.back(-1).start

    @property
    def last(self) -> dt.date:
        """Its last day."""
        return self.end - dt.timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def back(self, count: int) -> Quarter:
        """So many quarters earlier."""
        return Quarter(self.number - count)

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        return f"{self.number // 4}-Q{self.number % 4 + 1}"


def date(text: str) -> dt.date | None:
    """An ISO date, or none."""
    return dt.date.fromisoformat(text) if text else None


def day(row: Row, column: str) -> dt.date:
    """A date that is always there."""
    return dt.date.fromisoformat(row[column])


@dataclass(eq=False)
class Company:
    """The files of the example."""

    folder: Path
    kept: dict[object, list[Row]] = field(default_factory=dict)

    def _read(self, name: str) -> list[Row]:
        with (self.folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @cached_property
    def deals(self) -> list[Row]:
        return self._read("opportunities")

    @cached_property
    def quotas(self) -> list[Row]:
        return self._read("quotas")

    @cached_property
    def forecasts(self) -> list[Row]:
        """Of each rep and quarter the last one frozen by its first day."""
        frozen: dict[tuple[str, str], Row] = {}
        for row in self._read("forecasts"):
            key = row["rep"], row["period_start"]
            before = frozen.get(key)
            if row["frozen_on"] <= row["period_start"] and (not before or before["frozen_on"] < row["frozen_on"]):
                frozen[key] = row
        return list(frozen.values())

    @cached_property
    def surveys(self) -> list[Row]:
        return self._read("surveys")

    @cached_property
    def activities(self) -> list[Row]:
        return self._read("activities")

    @cached_property
    def employment(self) -> list[Row]:
        return self._read("employment")

    @cached_property
    def goals(self) -> list[Row]:
        return self._read("goals")

    @cached_property
    def managers(self) -> dict[str, Row]:
        return {row["manager_id"]: row for row in self._read("managers")}

    @cached_property
    def teams(self) -> dict[str, list[tuple[dt.date, dt.date, str]]]:
        """For each rep the stretches of time in a team: first day, last day, manager."""
        found: dict[str, list[tuple[dt.date, dt.date, str]]] = {}
        for row in self._read("reps"):
            stretch = day(row, "valid_from"), date(row["valid_to"]) or FOREVER, row["manager"]
            found.setdefault(row["rep_id"], []).append(stretch)
        return found

    def manager_on(self, rep: str, when: dt.date) -> str | None:
        """Whose team the rep is in on that day."""
        return next((team for first, last, team in self.teams[rep] if first <= when <= last), None)

    def team_in(self, rep: str, quarter: Quarter) -> str | None:
        """The team that a rep counts for in a quarter: that of its end, or of the last day in a team."""
        inside = [
            (min(last, quarter.last), team)
            for first, last, team in self.teams[rep]
            if first <= quarter.last and last >= quarter.start
        ]
        return max(inside)[1] if inside else None

    def members(self, level: str) -> list[str]:
        """All members of a level."""
        return {
            "rep": list(self.teams),
            "manager": list(self.managers),
            "region": sorted({row["region"] for row in self.managers.values()}),
            ORGANISATION: [ORGANISATION],
        }[level]


@dataclass(frozen=True)
class Scope:
    """One member in one quarter: what the KPIs are asked of."""

    company: Company
    level: str
    member: str
    quarter: Quarter

    def back(self, count: int) -> Scope:
        """The same member so many quarters earlier."""
        return Scope(self.company, self.level, self.member, self.quarter.back(count))

    def has_manager(self, manager: str | None) -> bool:
        """Whether a manager's rows are this member's."""
        if self.level == ORGANISATION:
            return True
        if manager is None or self.level == "rep":
            return False
        return (
            manager == self.member
            if self.level == "manager"
            else self.company.managers[manager]["region"] == self.member
        )

    def has_rep(self, rep: str, when: dt.date) -> bool:
        """Whether a rep's row of that day is this member's."""
        if self.level == "rep":
            return rep == self.member
        return self.has_manager(self.company.manager_on(rep, when))

    def of_rep(self, rows: Iterable[Row], rep: str, column: str) -> list[Row]:
        """The member's rows of the quarter, of a table that names reps."""
        kept = self.company.kept
        key = self, id(rows), column
        if key not in kept:
            inside = self.dated(rows, column)
            kept[key] = [row for row in inside if row[rep] and self.has_rep(row[rep], day(row, column))]
        return kept[key]

    def of_manager(self, rows: Iterable[Row], manager: str, column: str) -> list[Row]:
        """The member's rows of the quarter, of a table that names managers."""
        return [row for row in self.dated(rows, column) if self.has_manager(row[manager])]

    def dated(self, rows: Iterable[Row], column: str) -> list[Row]:
        """The rows of the quarter, whoever's they are."""
        kept = self.company.kept
        for row in () if (id(rows), column) in kept else rows:
            kept.setdefault((id(rows), column, Quarter.of(day(row, column))), []).append(row)
        kept[id(rows), column] = []
        return kept.get((id(rows), column, self.quarter), [])

    @property
    def deals(self) -> list[Row]:
        """Deals by close date; of the open ones it is expected only."""
        return self.of_rep(self.company.deals, "Owner", "Closed")

    @property
    def created(self) -> list[Row]:
        return self.of_rep(self.company.deals, "Owner", "Created")

    @property
    def quotas(self) -> list[Row]:
        """The quotas that lie wholly in the quarter; a quota belongs to the team of its first day."""
        rows = self.of_rep(self.company.quotas, "rep", "period_start")
        return [row for row in rows if day(row, "period_end") in self.quarter]

    @property
    def forecasts(self) -> list[Row]:
        return self.of_rep(self.company.forecasts, "rep", "period_start")

    @property
    def surveys(self) -> list[Row]:
        return self.of_manager(self.company.surveys, "team", "answered_on")

    @property
    def sessions(self) -> list[Row]:
        """What was done with a rep."""
        return self.of_rep(self.company.activities, "rep", "date")

    @property
    def hours(self) -> list[Row]:
        """How managers spent their time."""
        return self.of_manager(self.company.activities, "manager", "date")

    @property
    def goals(self) -> list[Row]:
        return self.of_manager(self.company.goals, "manager", "period_start")

    def employed(self, when: dt.date) -> list[Row]:
        """Who is at work on a day; `left_on` is the last day."""
        return [
            row
            for row in self.company.employment
            if day(row, "hired_on") <= when <= (date(row["left_on"]) or FOREVER) and self.has_rep(row["rep"], when)
        ]

    @property
    def at_start(self) -> list[Row]:
        return self.employed(self.quarter.start)

    @property
    def at_end(self) -> list[Row]:
        return self.employed(self.quarter.last)

    def reps(self) -> list[Scope]:
        """The reps who count for this member in the quarter, each as a scope of its own."""
        found = []
        for rep in self.company.teams:
            team = self.company.team_in(rep, self.quarter)
            if team is not None and self.has_manager(team):
                found.append(Scope(self.company, "rep", rep, self.quarter))
        return found

    def teams(self) -> list[Scope]:
        """The managers below this member."""
        return [
            Scope(self.company, "manager", key, self.quarter) for key in self.company.managers if self.has_manager(key)
        ]

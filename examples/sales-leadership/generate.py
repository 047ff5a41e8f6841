"""The made-up data of this example: `python generate.py [folder]` writes the CSV files of `data/`, always the same.

Who works in the company and how it is led stands in `company.py`; this file lets them sell, plan, meet and answer.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import random
import sys
from itertools import pairwise
from pathlib import Path

from company import COUNT, DAY, QUARTERS, SIZES, TEAMS, Rep, Team, people

Row = dict[str, object]

SEED = 20261005
TODAY = dt.date(2026, 10, 5)
SATURDAY = 5
LARGE = 50_000  # a deal that makes a large client
KNOWN_COMPETITOR, KNOWN_MARGIN = 0.46, 0.97  # how often somebody filled the column in
SHORTEST_QUOTA = 28  # days: nobody gets a quota for a few weeks
ANSWERED, REVIEWED = 0.93, 0.1
TWICE = 1.5  # from so many hours a fortnight on, coaching is split in two sessions

COMPETITORS = ["Northwind", "Initech", "Globex", "Umbrella", "Hooli"]
HEADS = [
    "Alder",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Falcon",
    "Garnet",
    "Harbor",
    "Indigo",
    "Juniper",
    "Keystone",
    "Lumen",
]
TAILS = [
    "Foods",
    "Logistics",
    "Health",
    "Energy",
    "Media",
    "Works",
    "Bank",
    "Motors",
    "Textiles",
    "Labs",
    "Retail",
    "Steel",
]
ACCOUNTS = [f"{head} {tail}{place}" for place in ("", " East", " West", " Group") for head in HEADS for tail in TAILS]
OPEN = ["Qualification", "Proposal", "Negotiation"]


class Generator:
    """The company at work. Rows are made in one fixed order, since each takes its turn at the random numbers."""

    def __init__(self) -> None:
        self.rng = random.Random(SEED)
        self.teams = {team.key: team for team in TEAMS}
        self.reps = people(self.rng)
        self.sold: dict[tuple[str, int], int] = {}
        self.tables: dict[str, list[Row]] = {name: [] for name in ("opportunities", "quotas", "forecasts", "goals")}
        self.tables |= {name: [] for name in ("activities", "surveys", "reps", "employment", "managers")}

    def run(self) -> dict[str, list[Row]]:
        """Every table."""
        self.sell()
        for quarter in range(COUNT):
            self.plan(quarter)
        for quarter in range(COUNT):
            self.spend_time(quarter)
            self.answer(quarter)
        self.list_people()
        self._number("opportunities", "Opportunity ID", "OP-", ("Created", "Owner", "Account"))
        self._number("activities", "activity_id", "A", ("date", "manager", "rep", "kind"))
        # by the random key of the person, so that the order doesn't tell who answered
        self.tables["surveys"].sort(key=lambda row: (str(row["answered_on"]), str(row["respondent"])))
        return self.tables

    def sell(self) -> None:
        """Deals of all quarters, and those that are open today."""
        for quarter in range(COUNT):
            for rep in self.reps:
                first, last = span(quarter)
                start, end = max(first, rep.hired), min(last, rep.left or last)
                for stage in self._outcomes(rep, quarter, start, end):
                    self._deal(rep, stage, self._working_day(start, end), quarter)
        for rep in self.reps:
            if rep.left is None and rep.deals:
                for _ in range(2 + int(6 * self.rng.random())):
                    stage = OPEN[int(3 * self.rng.random())]
                    # the day on which an open deal was expected to close may well have passed
                    self._deal(rep, stage, self._working_day(dt.date(2026, 9, 10), dt.date(2027, 2, 26)), COUNT)
                stage = "Closed Won" if self.rng.random() < rep.skill * 0.3 else "Closed Lost"
                self._deal(rep, stage, self._working_day(QUARTERS[COUNT], TODAY), COUNT)

    def _outcomes(self, rep: Rep, quarter: int, start: dt.date, end: dt.date) -> list[str]:
        """How the deals of a rep end in a quarter."""
        if start > end:
            return []
        if rep.deals == 0:  # the new ones: three of four won, or no deal at all
            return ["Closed Won", "Closed Won", "Closed Lost", "Closed Won"] if rep.team == "m02" else []
        first, last = span(quarter)
        share = ((end - start).days + 1) / ((last - first).days + 1)
        count = int(rep.deals * share * (0.85 + 0.3 * self.rng.random()) + 0.5)
        chance = self.teams[rep.team].win[quarter] * rep.skill
        wins = min(
            count, int(count * chance + self.rng.random())
        )  # chance decides on one deal, or no trend was visible
        return ["Closed Won"] * wins + ["Closed Lost"] * (count - wins)

    def _deal(self, rep: Rep, stage: str, close: dt.date, quarter: int) -> None:
        rng, team = self.rng, self.teams[rep.team_on(close)]
        won = stage == "Closed Won"
        amount = max(1500, round(12800 * rep.size * math.exp(0.85 * rng.gauss(0, 1)) / 100) * 100)
        new = rng.random() < (0.12 if team.key == "m03" and amount >= LARGE else 0.45)
        days = 20 + int(90 * rng.random()) + (0 if won else 15)
        row: Row = {
            "Opportunity ID": "",
            "Owner": rep.key,
            "Account": ACCOUNTS[int(len(ACCOUNTS) * rng.random())],
            "Stage": stage,
            "Type": "New Business" if new else "Existing Business",
            "Cross-Sell": "true" if rng.random() < team.cross_sell else "false",
            "Competitor": COMPETITORS[int(5 * rng.random())] if rng.random() < KNOWN_COMPETITOR else "",
            "Created": max(min(close, TODAY) - days * DAY, rep.hired),  # nobody inherits a deal
            "Closed": close,
            "Amount": amount,
            "Margin": int(amount * (team.margin + rng.gauss(0, 0.05))) if won and rng.random() < KNOWN_MARGIN else "",
        }
        self.tables["opportunities"].append(row)
        if won:
            self.sold[rep.key, quarter] = self.sold.get((rep.key, quarter), 0) + amount

    def plan(self, quarter: int) -> None:
        """Quotas and forecasts of the reps, and the goals that follow from the quotas."""
        first, last = span(quarter)
        sums = dict.fromkeys(SIZES, 0)
        for rep in self.reps:
            start, end = max(first, rep.hired), min(last, rep.left or last)
            if (end - start).days < SHORTEST_QUOTA:
                continue
            full = 132_000 * (1.06 if rep.segment == "enterprise" else 1.0) * (2.2 if rep.star else 1.0)
            moved = [rep.moved[0]] if rep.moved and start < rep.moved[0] <= end else []
            for part, until in pairwise([start, *moved, end + DAY]):  # a move cuts the quota in two, by days
                quota = hundreds(full * (until - part).days / ((last - first).days + 1))
                sums[rep.team_on(part)] += quota
                self._add("quotas", rep=rep.key, period_start=part, period_end=until - DAY, quota=quota)
            if rep.hired <= first:
                self._forecast(rep, quarter, first)
        for key, total in sums.items():
            self._add("goals", manager=key, period_start=first, goal=round(total * self.teams[key].goal / 1000) * 1000)

    def _forecast(self, rep: Rep, quarter: int, first: dt.date) -> None:
        """What a rep writes down three weeks before the quarter, right before it, and in its middle."""
        team = self.teams[rep.team_on(first)]
        sold = self.sold.get((rep.key, quarter), 20_000)
        frozen = hundreds(sold * team.forecast * (1 + self.rng.gauss(0, team.noise)))
        early = hundreds(frozen * (1 + self.rng.gauss(0, 0.2)))
        late = hundreds(frozen + (sold - frozen) * (0.6 + 0.3 * self.rng.random()))
        for frozen_on, value in ((first - 21 * DAY, early), (first - 3 * DAY, frozen), (first + 45 * DAY, late)):
            self._add("forecasts", rep=rep.key, period_start=first, frozen_on=frozen_on, forecast=value)

    def spend_time(self, quarter: int) -> None:
        """Coaching and deal reviews with reps, and internal meetings of managers, fortnight by fortnight."""
        start, last = span(quarter)
        while start <= last:
            end = min(start + 13 * DAY, last)
            for rep in self.reps:
                if rep.works(start) and rep.works(end):
                    self._attend(rep, self.teams[rep.team_on(start)], quarter, start, end)
            for team in self.teams.values():
                for _ in range(int(team.meetings * ((end - start).days + 1) / 14 + 0.5)):
                    self._act(team, "", "Internal meeting", start, end, 1 + self.rng.randrange(5) * 0.5)
            start = end + DAY

    def _attend(self, rep: Rep, team: Team, quarter: int, start: dt.date, end: dt.date) -> None:
        """What a rep gets of the manager in a fortnight; the more there is, the less often it is left out."""
        wanted = team.coaching[quarter] * (0.3 if rep.star else 1.0)
        whole = end - start == 13 * DAY
        if not whole or self.rng.random() < 0.62 + wanted / 4:
            sessions = 2 if wanted > TWICE else 1
            for _ in range(sessions):
                hours = max(0.25, round(4 * wanted / sessions * (0.75 + 0.5 * self.rng.random())) / 4)
                self._act(team, rep.key, "Coaching", start, end, hours)
        if self.rng.random() < REVIEWED:
            self._act(team, rep.key, "Deal review", start, end, 0.5)

    def _act(self, team: Team, rep: str, kind: str, start: dt.date, end: dt.date, hours: float) -> None:
        day = self._working_day(start, end)
        minutes = int(hours * 60)
        self._add("activities", activity_id="", date=day, manager=team.key, rep=rep, kind=kind, minutes=minutes)

    def answer(self, quarter: int) -> None:
        """The survey in the last month of the quarter."""
        _, last = span(quarter)
        for rep in self.reps:
            day = self._working_day(last - 27 * DAY, last - 14 * DAY)
            if rep.works(day) and self.rng.random() < ANSWERED:
                team = self.teams[rep.team_on(day)]
                score = min(10, max(0, int(team.engagement[quarter] + self.rng.gauss(0, 0.8) + 0.5)))
                self._add("surveys", respondent=rep.person, team=team.key, answered_on=day, score=score)

    def list_people(self) -> None:
        """Who is who, in which team, and since when."""
        for rep in self.reps:
            left = rep.left or ""
            stretches: list[tuple[str, object, object]] = [(rep.team, rep.hired, left)]
            if rep.moved:
                day, team = rep.moved
                stretches = [(rep.team, rep.hired, day - DAY), (team, day, left)]
            for manager, first, last in stretches:
                who = {"rep_id": rep.key, "name": rep.name, "segment": rep.segment}
                self._add("reps", **who, manager=manager, valid_from=first, valid_to=last)
            regretted = ("yes" if rep.regretted else "no") if rep.left else ""
            self._add("employment", rep=rep.key, hired_on=rep.hired, left_on=left, regretted=regretted)
        for team_ in self.teams.values():
            self._add("managers", manager_id=team_.key, name=team_.name, region=team_.region)

    def _working_day(self, first: dt.date, last: dt.date) -> dt.date:
        """A Monday to Friday from `first` to `last`; where there is none, `first`."""
        days = [first + DAY * number for number in range((last - first).days + 1)]
        working = [day for day in days if day.weekday() < SATURDAY] or [first]
        return working[int(len(working) * self.rng.random())]

    def _add(self, table: str, **row: object) -> None:
        self.tables[table].append(row)

    def _number(self, table: str, column: str, prefix: str, order: tuple[str, ...]) -> None:
        """Sort a table and number its rows."""
        rows = self.tables[table]
        rows.sort(key=lambda row: [str(row[name]) for name in order])
        for number, row in enumerate(rows, 1):
            row[column] = f"{prefix}{number:05}"


def span(quarter: int) -> tuple[dt.date, dt.date]:
    """First and last day of a quarter."""
    return QUARTERS[quarter], QUARTERS[quarter + 1] - DAY


def hundreds(value: float) -> int:
    """A plan is a round number, and never below nothing."""
    return max(0, round(value / 100) * 100)


def main(folder: Path) -> None:
    """Write all files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in Generator().run().items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "data")

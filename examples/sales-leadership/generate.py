"""The made-up data of this example: `python generate.py [folder]` writes the CSV files of `data/`, always the same.

Nobody in here exists. The stories that the data tell are in README.md; where a number below makes one of them, a comment
says so.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

SEED = 20261005
TODAY = dt.date(2026, 10, 5)
QUARTERS = [dt.date(2024 + month // 12, month % 12 + 1, 1) for month in range(9, 36, 3)]  # the last one ends the eighth
LAST = len(QUARTERS) - 1  # so many whole quarters: 2024-Q4 to 2026-Q3
DAY = dt.timedelta(days=1)
SATURDAY = 5


@dataclass
class Team:
    """A manager and how the team is led. Lists run over the eight quarters."""

    key: str
    name: str
    region: str
    win: list[float]
    coaching: list[float]  # hours per rep and fortnight
    engagement: list[float]
    forecast: float = 1.0  # what is forecast, of what is sold
    noise: float = 0.15
    meetings: float = 5.0  # internal hours a week
    margin: float = 0.39
    cross_sell: float = 0.26
    goal: float = 0.95  # of the quotas


@dataclass
class Rep:
    """One rep: when employed, in which teams, and how good compared to the team."""

    key: str
    name: str
    team: str
    segment: str
    hired: dt.date
    left: dt.date | None = None
    regretted: bool = False
    moved: tuple[dt.date, str] | None = None  # the first day in the other team
    skill: float = 1.0
    deals: float = 26.0  # closed in a quarter
    size: float = 1.0
    person: str = ""
    sold: dict[int, int] = field(default_factory=dict)

    def team_on(self, day: dt.date) -> str:
        """The manager of that day."""
        return self.moved[1] if self.moved and day >= self.moved[0] else self.team

    def works(self, day: dt.date) -> bool:
        """Whether employed on that day."""
        return self.hired <= day and (self.left is None or day <= self.left)


def ramp(first: float, last: float) -> list[float]:
    """Eight values from `first` to `last`."""
    return [first + (last - first) * quarter / (LAST - 1) for quarter in range(LAST)]


TEAMS = [
    # A coached team: hours rise, the win rate follows from about 17 % to about 31 %, and so does engagement.
    Team("m01", "Ines Novak", "North", ramp(0.17, 0.315), ramp(0.4, 3.0), ramp(6.4, 8.4), meetings=3.0),
    Team("m02", "Tom Becker", "North", ramp(0.28, 0.30), ramp(1.2, 1.4), ramp(7.6, 7.7)),
    # Goals met, objectives missed: discounts win deals, nobody sells a second product or wins a large new client.
    Team("m03", "Julia Rossi", "North", ramp(0.29, 0.36), ramp(0.9, 1.1), ramp(7.4, 7.3),
         margin=0.30, cross_sell=0.06, goal=0.9),
    # A star carries a weak team.
    Team("m04", "Paul Lindqvist", "Central", ramp(0.19, 0.17), ramp(0.6, 0.4), ramp(7.0, 6.6), goal=0.9),
    # The sandbagger: sells well, and forecasts little more than half of it.
    Team("m05", "Clara Dubois", "Central", ramp(0.31, 0.32), ramp(1.5, 1.6), ramp(7.8, 7.9), forecast=0.6, noise=0.08),
    # Engagement falls first, then people leave.
    Team("m06", "Victor Almeida", "South", ramp(0.29, 0.22), [1.6, 1.5, 1.2, 0.8, 0.5, 0.4, 0.3, 0.3],
         [8.1, 8.0, 7.4, 6.2, 5.1, 4.8, 5.0, 5.4], meetings=9.0),
    # Meetings instead of coaching, and promises that are too rosy.
    Team("m07", "Sara Okafor", "South", ramp(0.24, 0.25), ramp(0.7, 0.5), ramp(7.1, 7.0), forecast=1.32, meetings=11.0),
    # A manager who has no reps yet.
    Team("m08", "Emil Krause", "South", ramp(0.0, 0.0), ramp(0.0, 0.0), ramp(0.0, 0.0), meetings=0.0),
]

NAMES = """Ada Brandt, Ben Costa, Chloe Dahl, Dario Engel, Elif Ferrari, Finn Gruber, Greta Haas, Hugo Ivanov, Ida Jensen,
Jonas Keller, Katja Lang, Leo Marin, Mia Nilsen, Noah Ortiz, Olga Petrov, Pia Quist, Quentin Roy, Rosa Silva, Sami Toivonen,
Tara Urban, Umar Vidal, Vera Wolff, Willem Xander, Xenia York, Yusuf Zeman, Zoe Adler, Anton Bauer, Bianca Cole, Carlos Diaz,
Dana Ek, Emma Fuchs, Felix Gall, Gina Holm, Henrik Iversen, Iris Janda, Jakub Kral, Lena Lund, Marco Meier, Nina Novotny,
Oscar Olsen, Paula Pavlu, Ralf Ritter, Sofia Sand, Timo Thal, Ulla Unger, Viktor Vogt, Wanda Weiss""".replace("\n", " ")
COMPETITORS = ["Northwind", "Initech", "Globex", "Umbrella", "Hooli"]
HEADS = ["Alder", "Birch", "Cedar", "Delta", "Ember", "Falcon", "Garnet", "Harbor", "Indigo", "Juniper", "Keystone", "Lumen"]
TAILS = ["Foods", "Logistics", "Health", "Energy", "Media", "Works", "Bank", "Motors", "Textiles", "Labs", "Retail", "Steel"]
PLACES = ["", " East", " West", " Group"]
SIZES = {"m01": 6, "m02": 6, "m03": 6, "m04": 6, "m05": 6, "m06": 7, "m07": 5}


def people(rng: random.Random) -> list[Rep]:
    """All reps: the teams of the first day, and those who join later."""
    names = iter(name.strip() for name in NAMES.split(","))
    reps = []
    for team, size in SIZES.items():
        for place in range(size):
            hired = dt.date(2024, 9, 1) - dt.timedelta(days=int(60 + 2200 * rng.random() ** 1.5))
            segment = "enterprise" if place < size // 3 else "mid-market"
            skill = 0.7 + 0.6 * rng.random()
            reps.append(Rep(f"r{len(reps) + 1:02}", next(names), team, segment, hired, skill=skill))
    by_team: dict[str, list[Rep]] = {}
    for rep in reps:
        by_team.setdefault(rep.team, []).append(rep)
    for team in by_team.values():  # the team's win rate is the team's: who is better than it is as much as who is worse
        mean = sum(rep.skill for rep in team) / len(team)
        for rep in team:
            rep.skill /= mean
    star = by_team["m04"][0]
    star.skill, star.deals, star.size = 2.6, 44.0, 1.7
    wave = by_team["m06"]  # four of seven in three quarters, most of them regretted; one on a quarter's very last day
    for rep, left, regretted in zip(
        wave, [(2026, 1, 31), (2026, 3, 31), (2026, 5, 15), (2026, 7, 10)], [True, True, True, False], strict=False
    ):
        rep.left, rep.regretted = dt.date(*left), regretted
    by_team["m02"][5].left = dt.date(2025, 6, 30)  # an ordinary leaver, on the last day of a quarter
    by_team["m07"][4].left, by_team["m07"][4].regretted = dt.date(2025, 11, 14), True
    by_team["m02"][4].moved = (dt.date(2026, 2, 16), "m05")  # changes team in mid-quarter
    joiners = [
        ("m02", (2025, 8, 4), 26.0),
        ("m07", (2026, 1, 12), 26.0),
        ("m06", (2026, 4, 1), 24.0),
        ("m02", (2026, 7, 13), 0.0),  # new: three of four deals won, see `deals`
        ("m07", (2026, 6, 15), 0.0),  # new: no deal at all yet
    ]
    for team, hired, deals in joiners:
        reps.append(Rep(f"r{len(reps) + 1:02}", next(names), team, "mid-market", dt.date(*hired), deals=deals))
    for rep in reps:
        rep.person = f"p{rng.randrange(16**6):06x}"
    return reps


def working_day(rng: random.Random, first: dt.date, last: dt.date) -> dt.date:
    """A Monday to Friday from `first` to `last`; where there is none, `first`."""
    days = [first + DAY * number for number in range((last - first).days + 1)]
    working = [day for day in days if day.weekday() < SATURDAY] or [first]
    return working[int(len(working) * rng.random())]


def deals(rng: random.Random, teams: dict[str, Team], reps: list[Rep]) -> list[dict[str, object]]:
    """Every deal, closed or open; what is sold is noted with the rep."""
    rows: list[dict[str, object]] = []
    accounts = [f"{head} {tail}{place}" for place in PLACES for head in HEADS for tail in TAILS]

    def add(rep: Rep, stage: str, close: dt.date, quarter: int | None) -> None:
        team = teams[rep.team_on(close)]
        amount = round(12800 * rep.size * 2.718281828459045 ** (0.85 * rng.gauss(0, 1)), -2)
        new = rng.random() < (0.12 if team.key == "m03" and amount >= 50000 else 0.45)  # noqa: PLR2004
        cycle = 20 + int(90 * rng.random()) + (15 if stage == "Closed Lost" else 0)
        amount = max(int(amount), 1500)
        rows.append({
            "Opportunity ID": "",
            "Owner": rep.key,
            "Account": accounts[int(len(accounts) * rng.random())],
            "Stage": stage,
            "Type": "New Business" if new else "Existing Business",
            "Cross-Sell": "true" if rng.random() < team.cross_sell else "false",
            "Competitor": COMPETITORS[int(5 * rng.random())] if rng.random() < 0.46 else "",
            "Created": max(min(close, TODAY) - cycle * DAY, rep.hired),  # nobody inherits a deal
            "Closed": close,
            "Amount": amount,
            "Margin": int(amount * (team.margin + rng.gauss(0, 0.05))) if stage == "Closed Won" and rng.random() < 0.97
            else "",
        })
        if stage == "Closed Won" and quarter is not None:
            rep.sold[quarter] = rep.sold.get(quarter, 0) + amount

    for quarter in range(LAST):
        first, last = QUARTERS[quarter], QUARTERS[quarter + 1] - DAY
        for rep in reps:
            start, end = max(first, rep.hired), min(last, rep.left or last)
            if start > end:
                continue
            share = ((end - start).days + 1) / ((last - first).days + 1)
            if rep.deals == 0:
                outcomes = []
            else:
                count = int(rep.deals * share * (0.85 + 0.3 * rng.random()) + 0.5)
                chance = teams[rep.team].win[quarter] * rep.skill
                wins = min(count, int(count * chance + rng.random()))  # chance decides on one deal, or no trend was visible
                outcomes = ["Closed Won" if place < wins else "Closed Lost" for place in range(count)]
            if quarter == LAST - 1 and rep.deals == 0 and rep.team == "m02":
                outcomes = ["Closed Won", "Closed Won", "Closed Lost", "Closed Won"]
            for stage in outcomes:
                add(rep, stage, working_day(rng, start, end), quarter)
    for rep in reps:
        if rep.left is None and rep.deals:
            for _ in range(2 + int(6 * rng.random())):
                # the expected day of an open deal may well have passed
                add(rep, ["Qualification", "Proposal", "Negotiation"][int(3 * rng.random())],
                    working_day(rng, dt.date(2026, 9, 10), dt.date(2027, 2, 26)), None)
            add(rep, "Closed Won" if rng.random() < 0.3 else "Closed Lost", working_day(rng, QUARTERS[LAST], TODAY), None)  # noqa: PLR2004
    rows.sort(key=lambda row: (row["Created"], row["Owner"], row["Account"]))  # type: ignore[arg-type, return-value]
    for number, row in enumerate(rows, 1):
        row["Opportunity ID"] = f"OP-{number:05}"
    return rows


def plans(rng: random.Random, teams: dict[str, Team], reps: list[Rep]) -> dict[str, list[dict[str, object]]]:
    """Quotas, forecasts and goals of each quarter."""
    quotas: list[dict[str, object]] = []
    forecasts: list[dict[str, object]] = []
    goals: list[dict[str, object]] = []
    for quarter in range(LAST):
        first, last = QUARTERS[quarter], QUARTERS[quarter + 1] - DAY
        sums = dict.fromkeys(SIZES, 0)
        for rep in reps:
            start, end = max(first, rep.hired), min(last, rep.left or last)
            if start > end or (end - start).days < 28:  # noqa: PLR2004 - nobody gets a quota for a few weeks
                continue
            full = 132000 * (1.06 if rep.segment == "enterprise" else 1.0) * (2.2 if rep.size > 1 else 1.0)
            cuts = [start, *([rep.moved[0]] if rep.moved and start < rep.moved[0] <= end else []), end + DAY]
            for part, until in zip(cuts, cuts[1:], strict=False):  # a move cuts the quota in two, by days
                quota = int(round(full * (until - part).days / ((last - first).days + 1), -2))
                sums[rep.team_on(part)] += quota
                quotas.append({"rep": rep.key, "period_start": part, "period_end": until - DAY, "quota": quota})
            if rep.hired <= first:
                team = teams[rep.team_on(first)]
                sold = rep.sold.get(quarter, 0) or 20000
                frozen = max(0, int(round(sold * team.forecast * (1 + rng.gauss(0, team.noise)), -2)))
                early = int(round(frozen * (1 + rng.gauss(0, 0.2)), -2))
                late = int(round(frozen + (sold - frozen) * (0.6 + 0.3 * rng.random()), -2))
                for frozen_on, value in ((first - 21 * DAY, early), (first - 3 * DAY, frozen), (first + 45 * DAY, late)):
                    forecasts.append({"rep": rep.key, "period_start": first, "frozen_on": frozen_on, "forecast": value})
        goals.extend(
            {"manager": key, "period_start": first, "goal": int(round(total * teams[key].goal, -3))}
            for key, total in sums.items()
        )
    return {"quotas": quotas, "forecasts": forecasts, "goals": goals}


def attention(rng: random.Random, teams: dict[str, Team], reps: list[Rep]) -> dict[str, list[dict[str, object]]]:
    """What managers do with their hours, and what the reps answer in the survey."""
    activities: list[dict[str, object]] = []
    surveys: list[dict[str, object]] = []

    def act(manager: str, rep: str, kind: str, day: dt.date, hours: float) -> None:
        row = {"activity_id": "", "date": day, "manager": manager, "rep": rep, "kind": kind, "minutes": int(hours * 60)}
        activities.append(row)

    for quarter in range(LAST):
        first, last = QUARTERS[quarter], QUARTERS[quarter + 1] - DAY
        monday = first
        while monday <= last:
            until = min(monday + 13 * DAY, last)
            for rep in reps:
                team = teams[rep.team_on(monday)]
                wanted = team.coaching[quarter] * (0.3 if rep.size > 1 else 1.0)
                steady = until - monday < 13 * DAY or rng.random() < min(1.0, 0.62 + wanted / 4)
                if rep.works(monday) and rep.works(until) and steady:
                    sessions = 2 if wanted > 1.5 else 1  # noqa: PLR2004
                    for _ in range(sessions):
                        hours = max(0.25, round(4 * wanted / sessions * (0.75 + 0.5 * rng.random())) / 4)
                        act(team.key, rep.key, "Coaching", working_day(rng, monday, until), hours)
                if rep.works(monday) and rep.works(until) and rng.random() < 0.1:
                    act(team.key, rep.key, "Deal review", working_day(rng, monday, until), 0.5)
            for team in teams.values():
                weeks = ((until - monday).days + 1) / 7
                meetings = int(team.meetings * weeks / 2 + 0.5)
                for _ in range(meetings):
                    act(team.key, "", "Internal meeting", working_day(rng, monday, until), 1 + rng.randrange(5) * 0.5)
            monday = until + DAY
        for rep in reps:
            day = working_day(rng, last - 27 * DAY, last - 14 * DAY)
            if rep.works(day) and rng.random() < 0.93:
                mean = teams[rep.team_on(day)].engagement[quarter]
                score = min(10, max(0, int(mean + rng.gauss(0, 0.8) + 0.5)))
                surveys.append({"respondent": rep.person, "team": rep.team_on(day), "answered_on": day, "score": score})
    activities.sort(key=lambda row: (row["date"], row["manager"], row["rep"], row["kind"]))  # type: ignore[arg-type, return-value]
    for number, row in enumerate(activities, 1):
        row["activity_id"] = f"A{number:05}"
    # sorted by the random key, so that the order doesn't tell who answered
    surveys.sort(key=lambda row: (row["answered_on"], row["respondent"]))  # type: ignore[arg-type, return-value]
    return {"activities": activities, "surveys": surveys}


def rosters(teams: dict[str, Team], reps: list[Rep]) -> dict[str, list[dict[str, object]]]:
    """Who is who, and since when."""
    rows: list[dict[str, object]] = []
    for rep in reps:
        fields = {"rep_id": rep.key, "name": rep.name, "segment": rep.segment}
        last = rep.left or ""
        if rep.moved:
            day, team = rep.moved
            rows.append(fields | {"manager": rep.team, "valid_from": rep.hired, "valid_to": day - DAY})
            rows.append(fields | {"manager": team, "valid_from": day, "valid_to": last})
        else:
            rows.append(fields | {"manager": rep.team, "valid_from": rep.hired, "valid_to": last})
    employment = [
        {
            "rep": rep.key,
            "hired_on": rep.hired,
            "left_on": rep.left or "",
            "regretted": ("yes" if rep.regretted else "no") if rep.left else "",
        }
        for rep in reps
    ]
    managers: list[dict[str, object]] = [
        {"manager_id": team.key, "name": team.name, "region": team.region} for team in teams.values()
    ]
    return {"reps": rows, "employment": list(employment), "managers": managers}


def write(folder: Path) -> None:
    """Write all files."""
    rng = random.Random(SEED)  # noqa: S311 - the point is that it is the same every time
    teams = {team.key: team for team in TEAMS}
    reps = people(rng)
    tables: dict[str, list[dict[str, object]]] = {"opportunities": deals(rng, teams, reps)}
    tables |= plans(rng, teams, reps) | attention(rng, teams, reps) | rosters(teams, reps)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "data")

"""Who works in the made-up company, and how each team is led: the stories of this example, in numbers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

QUARTERS = [dt.date(2024 + month // 12, month % 12 + 1, 1) for month in range(9, 36, 3)]
COUNT = len(QUARTERS) - 1  # whole quarters: 2024-Q4 to 2026-Q3; the last date is the day after them
DAY = dt.timedelta(days=1)


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

    @property
    def star(self) -> bool:
        """Whether this is the one who sells what others can't, at a quota to match."""
        return self.size > 1

    def team_on(self, day: dt.date) -> str:
        """The manager of that day."""
        return self.moved[1] if self.moved and day >= self.moved[0] else self.team

    def works(self, day: dt.date) -> bool:
        """Whether employed on that day."""
        return self.hired <= day and (self.left is None or day <= self.left)


def ramp(first: float, last: float) -> list[float]:
    """Eight values from `first` to `last`."""
    return [first + (last - first) * quarter / (COUNT - 1) for quarter in range(COUNT)]


TEAMS = [
    # A coached team: hours rise, the win rate follows from about 17 % to about 31 %, and so does engagement.
    Team("m01", "Ines Novak", "North", ramp(0.17, 0.315), ramp(0.4, 3.0), ramp(6.4, 8.4), meetings=3.0),
    Team("m02", "Tom Becker", "North", ramp(0.28, 0.30), ramp(1.2, 1.4), ramp(7.6, 7.7)),
    # Goals met, objectives missed: discounts win deals, nobody sells a second product or wins a large new client.
    Team(
        "m03",
        "Julia Rossi",
        "North",
        ramp(0.29, 0.36),
        ramp(0.9, 1.1),
        ramp(7.4, 7.3),
        margin=0.30,
        cross_sell=0.06,
        goal=0.9,
    ),
    # A star carries a weak team.
    Team("m04", "Paul Lindqvist", "Central", ramp(0.19, 0.17), ramp(0.6, 0.4), ramp(7.0, 6.6), goal=0.9),
    # The sandbagger: sells well, and forecasts little more than half of it.
    Team("m05", "Clara Dubois", "Central", ramp(0.31, 0.32), ramp(1.5, 1.6), ramp(7.8, 7.9), forecast=0.6, noise=0.08),
    # Engagement falls first, then people leave.
    Team(
        "m06",
        "Victor Almeida",
        "South",
        ramp(0.29, 0.22),
        [1.6, 1.5, 1.2, 0.8, 0.5, 0.4, 0.3, 0.3],
        [8.1, 8.0, 7.4, 6.2, 5.1, 4.8, 5.0, 5.4],
        meetings=9.0,
    ),
    # Meetings instead of coaching, and promises that are too rosy.
    Team("m07", "Sara Okafor", "South", ramp(0.24, 0.25), ramp(0.7, 0.5), ramp(7.1, 7.0), forecast=1.32, meetings=11.0),
    # A manager who has no reps yet.
    Team("m08", "Emil Krause", "South", ramp(0.0, 0.0), ramp(0.0, 0.0), ramp(0.0, 0.0), meetings=0.0),
]

NAMES = """
Ada Brandt, Ben Costa, Chloe Dahl, Dario Engel, Elif Ferrari, Finn Gruber, Greta Haas, Hugo Ivanov,
Ida Jensen, Jonas Keller, Katja Lang, Leo Marin, Mia Nilsen, Noah Ortiz, Olga Petrov, Pia Quist,
Quentin Roy, Rosa Silva, Sami Toivonen, Tara Urban, Umar Vidal, Vera Wolff, Willem Xander, Xenia York,
Yusuf Zeman, Zoe Adler, Anton Bauer, Bianca Cole, Carlos Diaz, Dana Ek, Emma Fuchs, Felix Gall, Gina Holm,
Henrik Iversen, Iris Janda, Jakub Kral, Lena Lund, Marco Meier, Nina Novotny, Oscar Olsen, Paula Pavlu,
Ralf Ritter, Sofia Sand, Timo Thal, Ulla Unger, Viktor Vogt, Wanda Weiss
"""
SIZES = {"m01": 6, "m02": 6, "m03": 6, "m04": 6, "m05": 6, "m06": 7, "m07": 5}


def people(rng: random.Random) -> list[Rep]:
    """All reps: the teams of the first day, and those who join later."""
    names = iter([name.strip() for name in NAMES.split(",")])
    reps: list[Rep] = []
    for key, size in SIZES.items():
        for place in range(size):
            hired = dt.date(2024, 9, 1) - dt.timedelta(days=int(60 + 2200 * rng.random() ** 1.5))
            segment = "enterprise" if place < size // 3 else "mid-market"
            skill = 0.7 + 0.6 * rng.random()
            reps.append(Rep(f"r{len(reps) + 1:02}", next(names), key, segment, hired, skill=skill))
    by_team: dict[str, list[Rep]] = {}
    for rep in reps:
        by_team.setdefault(rep.team, []).append(rep)
    for members in by_team.values():  # a team wins what it is meant to, however its reps differ
        mean = sum(rep.skill for rep in members) / len(members)
        for rep in members:
            rep.skill /= mean
    star = by_team["m04"][0]
    star.skill, star.deals, star.size = 2.6, 44.0, 1.7
    wave = by_team["m06"]  # four of seven in three quarters, most of them regretted; one on a quarter's very last day
    leaving = [dt.date(2026, 1, 31), dt.date(2026, 3, 31), dt.date(2026, 5, 15), dt.date(2026, 7, 10)]
    for rep, left in zip(wave, leaving, strict=False):
        rep.left, rep.regretted = left, left != leaving[-1]
    by_team["m02"][5].left = dt.date(2025, 6, 30)  # an ordinary leaver, on the last day of a quarter
    by_team["m07"][4].left, by_team["m07"][4].regretted = dt.date(2025, 11, 14), True
    by_team["m02"][4].moved = (dt.date(2026, 2, 16), "m05")  # changes team in mid-quarter
    joiners = [
        ("m02", dt.date(2025, 8, 4), 26.0),
        ("m07", dt.date(2026, 1, 12), 26.0),
        ("m06", dt.date(2026, 4, 1), 24.0),
        ("m02", dt.date(2026, 7, 13), 0.0),  # new: three of four deals won, see `generate.py`
        ("m07", dt.date(2026, 6, 15), 0.0),  # new: no deal at all yet
    ]
    for key, hired, deals in joiners:
        reps.append(Rep(f"r{len(reps) + 1:02}", next(names), key, "mid-market", hired, deals=deals))
    for rep in reps:
        rep.person = f"p{rng.randrange(16**6):06x}"
    return reps

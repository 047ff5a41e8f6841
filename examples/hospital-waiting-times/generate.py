"""The made-up data of this example: `python generate.py [folder]` writes the CSV files of `data/`, always the same.

`PROVIDERS` tells the stories, in numbers; the rest lets patients come and wait, month by month, as the seasons have it.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

Row = dict[str, object]

SEED = 20261008
MONTHS = [dt.date(2024 + month // 12, month % 12 + 1, 1) for month in range(3, 34)]
COUNT = len(MONTHS) - 1  # whole months: 2024-04 to 2026-09; the last date is the day after them
DAY = dt.timedelta(days=1)
WINTER = (12, 1, 2)
SPECIALIST, MINOR = 0.98, 0.985  # seen within four hours in types 2 and 3, everywhere
ADMITTED = 0.27  # of the patients of major departments
FEW = 600  # so many patients are counted one by one


@dataclass
class Provider:
    """A hospital, its patients in a common month, and what becomes of them."""

    code: str
    name: str
    region: str
    major: int  # patients of the major department (type 1)
    minor: int  # of minor injuries and urgent treatment (type 3)
    within: float = 0.95  # of those in the major department, seen within four hours
    specialist: int = 0  # patients of type 2: eyes or teeth
    long: float = 0.015  # of those admitted, waiting more than twelve hours for a bed
    drift: float = 0.0  # how much `within` changes in each month
    shift: tuple[int, float] = (COUNT, 0.0)  # from which month on, by how much it is higher
    special: dict[int, float] = field(default_factory=dict)  # months of their own
    opens: int = 0
    closes: int = COUNT  # the first month without it
    joins: str = ""  # who treats its patients then
    silent: tuple[int, ...] = ()  # months in which nothing was reported

    @property
    def kind(self) -> str:
        """Whether it has a major department."""
        return "general" if self.major else "minor injuries"


PROVIDERS = [
    Provider("H01", "Aldermoor General", "North", 7900, 2600, 0.932),
    # A nurse at the door who can order tests, from June 2025 on: a step, and it lasts.
    Provider("H02", "Fenwick Cross Infirmary", "North", 8600, 1900, 0.872, long=0.03, shift=(14, 0.058)),
    Provider("H03", "Brackwater Royal", "North", 11800, 3900, 0.915, specialist=950),
    Provider("H04", "Stonehaugh Hospital", "North", 5200, 1500, 0.948),
    Provider("H05", "Upper Tarn Cottage Hospital", "North", 190, 0, 0.942),
    Provider("H06", "Kell Valley Hospital", "North", 4300, 900, 0.927, silent=(22,)),
    # Half a point less in every quarter: no month stands out, and the standard is gone in the second year.
    Provider("H07", "Marrow Hill Hospital", "Midlands", 7200, 2100, 0.958, drift=-0.002),
    Provider("H08", "Thornbeck General", "Midlands", 9400, 2700, 0.926),
    Provider("H09", "University Hospital Lodeham", "Midlands", 14600, 4200, 0.905, specialist=1800, long=0.035),
    Provider("H10", "Ashby Fold Hospital", "Midlands", 5600, 2300, 0.94),
    Provider("H11", "Crickmere Minor Injuries Unit", "Midlands", 0, 104),
    # Opens in September 2025.
    Provider("H12", "Newhythe Urgent Treatment Centre", "Midlands", 0, 2400, opens=17),
    # Two Januaries like nowhere else: influenza on the wards in 2025, a flooded ground floor in 2026.
    Provider("H13", "Port Ellery General", "Coast", 6800, 2000, 0.94, special={9: -0.06, 21: -0.15}),
    Provider("H14", "Sandleigh Hospital", "Coast", 5100, 2900, 0.949),
    # Closes at the end of 2025; Tidewater takes its patients, and can't keep up with them at first.
    Provider("H15", "Old Wharf Hospital", "Coast", 3100, 800, 0.921, closes=21, joins="H16"),
    Provider("H16", "Tidewater General", "Coast", 7600, 1700, 0.938, special={21: -0.03, 22: -0.02, 23: -0.01}),
    Provider("H17", "Skerry Island Hospital", "Coast", 150, 0, 0.945),
    Provider("H18", "Merrow Bay Infirmary", "Coast", 8300, 2500, 0.924),
    # Meets the standard, while its patients wait half a day for a bed.
    Provider("H19", "Eastmere Infirmary", "South", 8900, 3300, 0.952, long=0.07),
    Provider("H20", "Hollinbrook Hospital", "South", 6300, 1800, 0.943),
    Provider("H21", "Royal Southgate", "South", 12700, 3600, 0.918, specialist=1300),
    Provider("H22", "Wexcombe Hospital", "South", 4700, 2200, 0.953),
    Provider("H23", "Lowmead Minor Injuries Unit", "South", 0, 160),
    Provider("H24", "Vale of Orrin Hospital", "South", 5900, 1400, 0.904, long=0.028),
]


class Generator:
    """A health service at work. Rows are made in one fixed order, since each takes its turn at the random numbers."""

    def __init__(self) -> None:
        self.rng = random.Random(SEED)
        self.tables: dict[str, list[Row]] = {"providers": [], "waiting_times": []}

    def run(self) -> dict[str, list[Row]]:
        """Every table."""
        for provider in PROVIDERS:
            first = MONTHS[provider.opens] if provider.opens else ""
            last = MONTHS[provider.closes] - DAY if provider.closes < COUNT else ""
            who = {"code": provider.code, "name": provider.name, "region": provider.region, "kind": provider.kind}
            self.tables["providers"].append({**who, "open_from": first, "open_to": last})
        for month in range(COUNT):
            for provider in PROVIDERS:
                if provider.opens <= month < provider.closes:
                    row = self.month(provider, month)
                    if month not in provider.silent:
                        self.tables["waiting_times"].append(row)
        return self.tables

    def month(self, provider: Provider, month: int) -> Row:
        """What a provider reports of a month."""
        winter = MONTHS[month].month in WINTER
        since, step = provider.shift
        within = provider.within + provider.drift * month + (step if month >= since else 0)
        within += provider.special.get(month, 0) - 0.015 * winter + self.rng.gauss(0, 0.005)
        joined = [other for other in PROVIDERS if other.joins == provider.code and month >= other.closes]
        sizes = (
            provider.major + sum(other.major for other in joined),
            provider.specialist,
            provider.minor + sum(other.minor for other in joined),
        )
        came = [self.patients(size, month) for size in sizes]
        over = [self.some(n, 1 - share) for n, share in zip(came, (within, SPECIALIST, MINOR), strict=True)]
        admitted = self.some(came[0], ADMITTED)
        return {
            "Period": MONTHS[month],
            "Provider": provider.code,
            **{f"Attendances Type {number}": n for number, n in enumerate(came, 1)},
            **{f"Over 4 Hours Type {number}": n for number, n in enumerate(over, 1)},
            "Emergency Admissions": admitted,
            "Over 12 Hours To Bed": self.some(admitted, provider.long * (1.6 if winter else 1)),
        }

    def patients(self, usual: int, month: int) -> int:
        """How many come: a little more every year, by the days of the month, with more than pure chance."""
        if usual == 0:
            return 0
        days = (MONTHS[month + 1] - MONTHS[month]).days
        expected = usual * days / 30.4 * (1 + 0.02 * month / 12)
        return max(0, round(expected + 1.5 * math.sqrt(expected) * self.rng.gauss(0, 1)))

    def some(self, n: int, chance: float) -> int:
        """Of so many patients those whom it happens to."""
        if n < FEW:
            return sum(self.rng.random() < chance for _ in range(n))
        return max(0, round(n * chance + math.sqrt(n * chance * (1 - chance)) * self.rng.gauss(0, 1)))


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

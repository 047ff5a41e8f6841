"""The places of a page, and what of the result may stand in each: its own row, its own member, its own period.

What a page says that isn't in the result as such has a rule here, which computes it anew: the distance from a target,
how many are poor, how many are not listed. Nothing of this asks the code that makes the pages; only the plural of a
level's title and the words for periods, for days and for what has no verdict are its own.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from decimal import Decimal
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from catalogues import sources as messages
from kpieval.render.formatting import Formats
from kpieval.render.words import instead, plural
from reading.tongue import Figure, Place, Tongue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from reading.tree import Element

Json = dict[str, Any]
Claim = tuple["Element", Place]
NOTHING = Place("nothing")
SHARES = ("percent", "points")
GAPS = (
    "Exactly at the target of {target}.",
    "{distance} below the target of {target}.",
    "{distance} above the target of {target}.",
    "Inside the target range of {target}.",
    "{distance} below the target range of {target}.",
    "{distance} above the target range of {target}.",
)
BEFORE = (
    "Better than in {period}, when it was {value}.",
    "Worse than in {period}, when it was {value}.",
    "It was {value} in {period}.",
    "The same as in {period}.",
    "About the same as in {period}.",
)
WHERE = (
    "{status} for all {count} {level}: {names}.",
    "{status} for {number} of {count} {level}: {names}.",
    "{status} for {number} of the {count} {level} with a verdict: {names}.",
)
MORE = ("{count} more", "{count} more")


def exactly(number: float) -> Decimal:
    """The number as it is written in the result."""
    return Decimal(repr(number))


def plain(*numbers: float | None) -> list[Figure]:
    """Numbers as they are."""
    return [Figure(exactly(number)) for number in numbers if number is not None]


def shares(*numbers: float | None) -> list[Figure]:
    """Shares of one, in per cent."""
    return [Figure(exactly(number) * 100, percent=True) for number in numbers if number is not None]


def rises(*changes: float | None) -> list[Figure]:
    """Shares of one as differences, in points."""
    return [Figure(exactly(change) * 100) for change in changes if change is not None]


@cache
def _with_numbers() -> list[str]:
    """The messages without a hole that hold a number, such as `Beyond 95%`."""
    return [told[0] for told in messages() if len(told) == 1 and re.search(r"\d", told[0]) and "{" not in told[0]]


class Known:
    """A result, and what may stand on its pages; `baseline` is what its gate compared it with."""

    def __init__(self, result: Json, baseline: Json | None = None) -> None:
        self.result = result
        self.then = Known(baseline) if baseline else None
        self.formats = Formats(result["locale"], result["currency"])
        self.kpis: dict[str, Json] = {kpi["name"]: kpi for kpi in result["kpis"]}
        self.titles: dict[str, str] = {kpi["title"]: kpi["name"] for kpi in result["kpis"]}
        self.cards: dict[str, Json] = {card["title"]: card for card in result["scorecards"]}
        self.members: dict[tuple[str, str], Json] = {(row["level"], row["member"]): row for row in result["members"]}
        self.levels: dict[str, str] = {level["name"]: level["title"] for level in result["levels"]}
        self.periods: dict[str, Json] = {period["label"]: period for period in result["periods"]}
        labels = list(self.periods)
        self.period: str = result["period"]
        self.before = labels[labels.index(self.period) - 1] if labels.index(self.period) else None
        below = [name for name in self.levels if name != "organisation"]
        self.side_by_side = below[min(1, len(below) - 1)] if below else None
        self.tongue = Tongue(result["locale"], result["currency"], list(self._names()))

    def _names(self) -> Iterator[str]:
        """Texts that name things and hold numbers, and messages that do: they may stand anywhere."""
        result = self.result
        told: list[str] = [result["title"], result["project"], *self.titles, *self.cards, *self.levels.values()]
        told += [row["label"] for row in result["members"]]
        told += [kpi["question"] or "" for kpi in result["kpis"]]
        told += [rule["title"] for rule in (*result["rules"], *result["findings"])]
        told += [each or "" for each in result["report"].values()]
        told += [band["label"] for each in (*result["kpis"], *result["scorecards"]) for band in each["bands"]]
        told += map(self.formats.say, _with_numbers())
        return (each for each in told if re.search(r"\d", each))

    @cached_property
    def rows(self) -> dict[tuple[str, str, str, str], Json]:
        """The observations by KPI, level, member and period."""
        return {(o["kpi"], o["level"], o["member"], o["period"]): o for o in self.result["observations"]}

    @cached_property
    def now(self) -> dict[tuple[str, str], list[Json]]:
        """Those of the reported period by KPI and level."""
        found: dict[tuple[str, str], list[Json]] = defaultdict(list)
        for row in self.result["observations"]:
            if row["period"] == self.period:
                found[row["kpi"], row["level"]].append(row)
        return found

    def top(self, kpi: str) -> Json | None:
        """The observation of the whole."""
        for level in reversed(self.levels):
            if level in self.kpis[kpi]["levels"]:
                rows = self.now[kpi, level]
                return rows[0] if len(rows) == 1 else None
        return None

    def moment(self, label: str | None) -> list[str]:
        """A period in words."""
        return [self.formats.period(label, self.periods[label]["start"])] if label in self.periods else []

    def day(self, day: str | None) -> list[str]:
        """A day in words."""
        return [self.formats.date(day)] if day else []

    # what stands for a number of a KPI

    def of(self, kpi: str, *numbers: float | None) -> list[Figure]:
        """Values of a KPI in its unit."""
        kind = self.kpis[kpi]["unit"]["kind"]
        return (shares if kind == "percent" else rises if kind == "points" else plain)(*numbers)

    def apart(self, kpi: str, *numbers: float | None) -> list[Figure]:
        """Differences of its values."""
        return (rises if self.kpis[kpi]["unit"]["kind"] in SHARES else plain)(*numbers)

    def value(self, row: Json | None) -> Place:
        return Place("value", self.of(row["kpi"], row["value"]) if row else ())

    def target(self, row: Json | None) -> Place:
        if not row:
            return NOTHING
        return Place("target", self.of(row["kpi"], row["target"], *(row["target_range"] or ())))

    def change(self, row: Json | None) -> Place:
        return Place("change", self.apart(row["kpi"], row["change"]) if row else ())

    def cases(self, row: Json | None) -> Place:
        return Place("cases", plain(row["n"]) if row else ())

    def interval(self, row: Json | None) -> Place:
        return Place("interval", self.of(row["kpi"], *(row["interval"] or ())) if row else ())

    def rank(self, row: Json | None) -> Place:
        peers = row and row["peers"]
        if not peers:
            return NOTHING
        first, last = peers["ranks"] or (peers["rank"], peers["rank"])
        holes = {
            "rank": Place("rank", plain(peers["rank"] or first)),
            "first": Place("best rank", plain(first)),
            "last": Place("worst rank", plain(last)),
            "count": Place("peers", plain(peers["count"])),
        }
        return Place("rank", said=[("{first} to {last} of {count}", holes), ("{rank} of {count}", holes)])

    def median(self, row: Json | None) -> Place:
        return Place("median", self.of(row["kpi"], row["peers"]["median"]) if row and row["peers"] else ())

    def gap(self, row: Json) -> list[Figure]:
        """How far a value is from its target, or from the nearer end of its range."""
        value = row["value"]
        ends = row["target_range"] or ([] if row["target"] is None else [row["target"]])
        if value is None or not ends:
            return []
        exact = min(abs(exactly(value) - exactly(end)) for end in ends)
        return [Figure(exact * 100 if self.kpis[row["kpi"]]["unit"]["kind"] in SHARES else exact)]

    def to_target(self, row: Json) -> dict[str, Place]:
        """What the messages of `GAPS` tell."""
        return {"distance": Place("distance", self.gap(row)), "target": self.target(row)}

    def sentences(self, row: Json | None) -> Place:
        """The state of a KPI in a few sentences."""
        if not row:
            return NOTHING
        kpi, gap = row["kpi"], self.to_target(row)
        was = {
            "period": Place("period before", texts=self.moment(self.before)),
            "value": Place("previous value", self.of(kpi, row["previous"])),
        }
        unsure = "Uncertain: given the number of cases, the true figure may be anywhere from {interval}."
        said: list[Any] = [(message, gap) for message in GAPS]
        said += [(unsure, {"interval": self.interval(row)}), *((message, was) for message in BEFORE)]
        return Place("sentences", said=[*said, *self.where(kpi)])

    def where(self, kpi: str) -> Any:  # noqa: ANN401, messages with their holes
        """For whom of the compared level a KPI is poor."""
        rows = self.now[kpi, self.side_by_side or ""]
        worst = {band["name"] for band in self.kpis[kpi]["bands"][-1:]}
        poor = [row for row in rows if row["status"] in worst]
        names = {
            "number": Place("poor members", plain(len(poor))),
            "count": Place("members with a verdict", plain(sum(row["status"] is not None for row in rows))),
            "names": self.named("values of poor members", [(row["label"], self.value(row)) for row in poor], 4),
        }
        return [(message, names) for message in WHERE]

    def named(self, name: str, all_of_them: Iterable[tuple[str, Place]], most: int) -> Place:
        """Names with a figure each, and how many more there are."""
        after: dict[str, list[Figure]] = defaultdict(list)
        number = 0
        for label, place in all_of_them:
            after[label] += place.figures
            number += 1
        more = {"count": Place("more of them", plain(number - most))}
        return Place(name, plain(number - most) if number > most else (), said=[(MORE, more)], after=after)

    def bullet(self, row: Json | None, benchmarks: Sequence[float] = ()) -> Place:
        """What a bullet graph says."""
        if not row:
            return NOTHING
        said: list[Any] = [
            ("95% interval {interval}", {"interval": self.interval(row)}),
            ("target {target}", {"target": self.target(row)}),
            ("benchmark {value}", {"value": Place("benchmark", self.of(row["kpi"], *benchmarks))}),
        ]
        return Place("bullet", self.value(row).figures, said=said)

    def over_time(self, row: Json | None) -> Place:
        """What the process makes of a value."""
        process = row["process"] if row else None
        return Place("limits", self.of(row["kpi"], *(process["limits"] or ())) if row and process else ())

    def published(self, kpi: str) -> list[Json]:
        """The benchmarks of a KPI."""
        return [each for each in self.result["benchmarks"] if each["name"] in self.kpis[kpi]["benchmarks"]]

    def score(self, card: Json, member: str, period: str | None = None) -> Json | None:
        """A member's score."""
        wanted = (member, period or self.period)
        return next((row for row in card["scores"] if (row["member"], row["period"]) == wanted), None)

    def kpi_of(self, node: Element | None) -> str:
        """The KPI that an element names first: by its link or by its words."""
        link = node.one("a") if node else None
        text = (link or node).text if node else ""
        found = self.titles.get(text)
        assert found, text
        return found

    def tones(self) -> Counter[str]:
        """How many KPIs of the whole are good, fair, poor, and without a verdict."""
        found: Counter[str] = Counter()
        for name, kpi in self.kpis.items():
            if kpi["measured"]:
                found[self.tone(name, self.top(name))] += 1
        return found

    def tone(self, kpi: str, row: Json | None) -> str:
        """Whether an observation is good, fair or poor, or has no verdict."""
        bands = [band["name"] for band in self.kpis[kpi]["bands"]]
        place = bands.index(row["status"]) if row and row["status"] else None
        return "none" if place is None else {0: "good", len(bands) - 1: "poor"}.get(place, "fair")

    def hides(self, kpi: str) -> bool:
        """Whether the whole is good or fair, and a member of the compared level poor."""
        row, worst = self.top(kpi), [band["name"] for band in self.kpis[kpi]["bands"][-1:]]
        rows = self.now[kpi, self.side_by_side or ""]
        return bool(row and row["status"] and row["status"] not in worst and any(r["status"] in worst for r in rows))

    def within(self, row: Json, level: str | None) -> str:
        """The label of the member above at a level."""
        key: tuple[str, str] | None = (row["level"], row["member"])
        while key and key[0] != level:
            above = self.members[key]["parent"]
            key = (above["level"], above["member"]) if above else None
        return self.members[key]["label"] if key else ""

    def member(self, level: str, label: str, above: str) -> str:
        """The member of a level with this label, and if there is one above it, with the label of that."""
        for row in self.result["members"]:
            parent = row["parent"]
            held = self.members[parent["level"], parent["member"]]["label"] if parent else ""
            if (row["level"], row["label"]) == (level, label) and above in ("", held):
                return str(row["member"])
        raise LookupError(level, label, above)

    def many(self, level: str) -> str:
        """The title of a level in the plural."""
        return plural(self.levels[level], self.formats.language)

    def instead(self, kpi: str, reason: str | None) -> str:
        """What stands in the place of a verdict."""
        return instead(self.kpis[kpi], reason, self.formats)

    def say(self, message: str) -> str:
        """A message without holes."""
        return self.formats.say(message)

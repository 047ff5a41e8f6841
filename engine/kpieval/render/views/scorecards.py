"""Scorecards become sections of the report: who has which score now, what makes it, and what would lift it most.

The best come first only where a rank is given, since an order is a ranking; all others are listed by name.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kpieval.model import ORGANISATION, Unit
from kpieval.render import charts
from kpieval.render.prose import plain, prose
from kpieval.render.views.score_rules import exact, rules, told
from kpieval.render.views.score_view import Group, MemberScore, Scorecard, Share, Standing
from kpieval.render.views.series import figures, series_table
from kpieval.render.views.view import Change
from kpieval.render.words import FOLDER_COMMAND, NOTHING, SCORE_REASONS, plural, several, status
from kpieval.translation import inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index
    from kpieval.render.words import Status

Json = dict[str, Any]

ALL = 15
SHOWN = 6
"""So many members are listed of a level that has more than `ALL`: those with the lowest scores."""
_FEW = 2
_POINTS = Unit("number", decimals=0)
_SHARE = Unit("percent")


def scorecards(index: Index, formats: Formats) -> tuple[Scorecard, ...]:
    """The sections, in the order of the result."""
    return tuple(ScorecardMaker(index, formats, card).section() for card in index.scorecards.values())


class ScorecardMaker:
    """Makes what is said of one scorecard: its section, and the score of a member in full and in brief."""

    def __init__(self, index: Index, formats: Formats, card: Json) -> None:
        self.index, self.formats, self.card = index, formats, card
        self._scores = index.scores[card["name"]]
        self.edges: list[float] = [band["edge"] for band in card["bands"][:-1]]

    @cached_property
    def _ladders(self) -> dict[str, list[float]]:
        """The different scores of those who are ranked among each other, from the lowest up, by the one above them."""
        found: dict[str, set[float]] = {}
        for row in self._scores.now:
            if row["score"] is not None:
                found.setdefault(self._above(row["member"]), set()).add(row["score"])
        return {above: sorted(scores) for above, scores in found.items()}

    def beside(self, row: Json) -> list[float]:
        """The scores next to a ranked one, which it must be told apart from."""
        if row["score"] is None or not is_ranked(row):
            return []
        ladder = self._ladders[self._above(row["member"])]
        at = bisect_left(ladder, row["score"])
        return [*ladder[max(at - 1, 0) : at], *ladder[at + 1 : at + 2]]

    @cached_property
    def _by_member(self) -> dict[str, Json]:
        return {row["member"]: row for row in self._scores.now}

    def score_now(self, member: str) -> str:
        """The score of a member in the reported period."""
        row = self._by_member.get(member)
        return self.score(row["score"], self.beside(row)) if row else NOTHING

    def score_of(self, member: str) -> MemberScore | None:
        """The score of a member with its history; None of who has none in the reported period."""
        now = self._by_member.get(member)
        if now is None:
            return None
        seen, title = self._scores.series(member), self.card["title"]
        words = self.formats.say("History of the score in {title}", title=title)
        return MemberScore(
            card=self.index.card_link(self.card["name"]),
            standing=self._standing(now),
            spark=charts.spark(seen.values, self._looking(None, seen.status), None, words),
            series=series_table(self.index, self.formats, title, [figures(title, "", seen.values, self.score)]),
            bands=self._bands,
            rules=self._rules,
        )

    def section(self) -> Scorecard:
        """The whole section."""
        card = self.card
        rows = self._scores.now
        shown = rows if len(rows) <= ALL else sorted(rows, key=_lowest_first)[:SHOWN]
        one = self._level(card["level"])
        many = plural(one, self.formats.language)
        there = {
            "change": any(row["change"] is not None for row in shown),
            "rank": any(row["peers"] and row["peers"]["rank"] for row in shown),
        }
        return Scorecard(
            slug=self.index.card_slugs[card["name"]],
            title=card["title"],
            name=card["name"],
            description=prose(card["description"]),
            meaning=plain(card["description"]),
            one=one,
            many=many,
            groups=self._groups(shown),
            columns=tuple(column for column, has in there.items() if has),
            more=self._more(len(rows) - len(shown), one) if len(rows) > len(shown) else "",
            rules=self._rules,
            bands=self._bands,
        )

    def ranked(self) -> list[tuple[str, list[Json]]]:
        """All scores of the reported period by whom they are ranked among, the best first, or by name."""
        return self._sorted(self._scores.now)

    @cached_property
    def _rules(self) -> tuple[str, ...]:
        return tuple(rules(self.index, self.formats, self.card))

    @cached_property
    def _bands(self) -> tuple[tuple[Status, str], ...]:
        """Where each band of the score begins."""
        verdicts = (status(self.card, band["name"]) for band in self.card["bands"])
        say = self.formats.say
        edges = [*(say("{edge} or more", edge=self._exact(edge)) for edge in self.edges), say("below that")]
        return tuple(zip(verdicts, edges, strict=True))

    def _more(self, hidden: int, one: str) -> str:
        return self.formats.counted(
            hidden,
            "These are the {shown} lowest scores; {count} more {level} are in the figures of the run ({command}).",
            "These are the {shown} lowest scores; {count} more {level} are in the figures of the run ({command}).",
            shown=self.formats.count(SHOWN),
            level=several(one, hidden, self.formats),
            command=FOLDER_COMMAND,
        )

    def _groups(self, rows: Sequence[Json]) -> tuple[Group, ...]:
        """The members by whom they are ranked among; one group where that is everybody, or nobody."""
        return tuple(
            Group(title, self._note(own), tuple(map(self._standing, own))) for title, own in self._sorted(rows)
        )

    def _sorted(self, rows: Iterable[Json]) -> list[tuple[str, list[Json]]]:
        """The members by whom they are ranked among, under the group's title, the best first, or by name."""
        within = self.within
        groups: dict[str, list[Json]] = {}
        for row in rows:
            groups.setdefault(self._above(row["member"]), []).append(row)
        nobody = ""
        if within and within != ORGANISATION:
            level = inside(self._level(within), self.formats.language)
            nobody = self.formats.say("In no {level}", level=level)
        return [
            (title or nobody, sorted(own, key=_best_first))
            for title, own in sorted(groups.items(), key=lambda item: (not item[0], item[0]))
        ]

    @cached_property
    def within(self) -> str | None:
        """The level whose members the ranks are within; None where nobody is ranked."""
        within: str | None = self.card["peers"] and self.card["peers"]["within"]
        return within

    def _above(self, member: str) -> str:
        """The label of the one above that a member is ranked within; empty where that is everybody."""
        within = self.within
        if within is None:
            return ""
        found = self.index.members.get((self.card["level"], member))
        while found and found["level"] != within:
            found = self.index.parent(found["level"], found["member"])
        return found["label"] if found and within != ORGANISATION else ""

    def _note(self, rows: Iterable[Json]) -> str:
        withheld = any(row["peers"] and row["peers"]["withheld"] for row in rows)
        least = self.card["peers"]["min_peers"] if withheld else 0
        if not withheld:
            return ""
        return self.formats.counted(
            least,
            "by name: fewer than {count} score is no ranking",
            "by name: fewer than {count} scores are no ranking",
        )

    def _standing(self, row: Json) -> Standing:
        peers = row["peers"]
        verdict = status(self.card, row["status"])
        formats = self.formats
        ranked = is_ranked(row)
        score = self.score(row["score"], self.beside(row))
        return Standing(
            member=self.index.member_link(self.card["level"], row["member"], row["label"]),
            score=score,
            status=verdict,
            reason=self.reason(row),
            change=self._change(row["change"]),
            rank=formats.say(
                "{rank} of {count}", rank=formats.count(peers["rank"]), count=formats.count(peers["count"])
            )
            if ranked
            else NOTHING,
            coverage=self._coverage(row["coverage"]),
            gate=self.gate(row),
            closed_by=self._closed_by(row),
            gain=self._gain(row),
            bullet=self._bullet(row, score, verdict),
            shares=tuple(self._share(part) for part in row["parts"]),
        )

    def score(self, score: float | None, others: Iterable[float] = ()) -> str:
        """A score in whole points, with the digits that tell it from the edges; up to two to tell it from `others`."""
        return NOTHING if score is None else self.formats.number(score, self.decimals(score, others))

    def decimals(self, score: float, others: Iterable[float] = ()) -> int:
        """So many decimals a score is shown with."""
        apart = self.formats.apart(score, others, _POINTS, most=_FEW)
        return max(apart, self.formats.apart(score, self.edges, _POINTS))

    def reason(self, row: Json) -> str:
        """Why there is no score, or a part of one has no verdict; empty where there is one."""
        return self.formats.say(SCORE_REASONS.get(row["reason"], row["reason"] or ""))

    def gate(self, row: Json) -> str:
        """Which KPI closed the gate; empty where none did."""
        closed_by = self._closed_by(row)
        return self.formats.say("Gate: {kpi}", kpi=closed_by) if closed_by else ""

    def _closed_by(self, row: Json) -> str:
        return self.title(row["gated_by"]) if row["gated_by"] else ""

    def title(self, name: str) -> str:
        """The title of a part."""
        title: str = told(self.index, name)["title"]
        return title

    def is_gate(self, name: str) -> bool:
        """Whether the worst band of a part closes the gate."""
        return any(each["kpi"] == name and each["gate"] for each in self.card["kpis"])

    def _coverage(self, share: float | None) -> str:
        if share is None:
            return NOTHING
        places = self.formats.apart(share, [self.card["min_coverage"], 1.0], _SHARE)
        return self.formats.value(share, _SHARE, decimals=places)

    def _change(self, change: float | None) -> Change | None:
        if change is None:
            return None
        text = self.formats.difference(change, _POINTS)
        if change == 0:
            return Change(text, text, "flat", "", "")
        if change > 0:
            return Change(text, text, "up", "better", self.formats.say("better"))
        return Change(text, text, "down", "worse", self.formats.say("worse"))

    def _gain(self, row: Json) -> str:
        """The part that would change the score most, and by how much."""
        part = next((part for part in row["parts"] if part["name"] == row["largest_gain"]), None)
        if part is None:
            return ""
        loss = part["loss"]
        points = self.formats.number(loss, self.formats.apart(loss, [0.0], _POINTS, most=2))
        return self.formats.words.counted(
            1 if points == "1" else 2,
            "{kpi}, up to {points} point",
            "{kpi}, up to {points} points",
            kpi=self.title(part["name"]),
            points=points,
        )

    def _bullet(self, row: Json, score: str, verdict: Status) -> charts.Bullet | None:
        """The score among its bands, from 0 to 100."""
        if row["score"] is None:
            return None
        point = self._point(row)
        words = self.formats.say("{score} of 100, {status}", score=score, status=verdict.word)
        return charts.bullet(point, self.edges, (), words, descending=True, whole=(0.0, 100.0))

    def _point(self, row: Json) -> charts.Point:
        """A score as a chart draws it."""
        return self._looking(row["score"], row["status"])

    def _looking(self, score: float | None, name: str | None) -> charts.Point:
        verdict = status(self.card, name)
        return charts.Point(score, None, None, verdict.tone, verdict.color)

    def _share(self, part: Json) -> Share:
        name = part["name"]
        return Share(
            part=self.index.link(name) if part["kind"] == "kpi" else self.index.card_link(name),
            weight=self._exact(part["weight"]),
            gate=self.is_gate(name),
            status=status(told(self.index, name), part["status"]),
            reason="" if part["status"] else self.reason(part),
            points=self._number(part["points"], 0),
            gives=self._number(part["contribution"], 1),
            adds=self._number(part["loss"] or None, 1),
        )

    def _exact(self, number: float) -> str:
        """A number of an author, with the digits that were written."""
        return exact(number, self.formats)

    def _number(self, number: float | None, places: int) -> str:
        return NOTHING if number is None else self.formats.number(number, places)

    def _level(self, name: str) -> str:
        title: str = self.index.levels.get(name, {"title": name})["title"]
        return title


def is_ranked(row: Json) -> bool:
    """Whether a score has a rank that may be told."""
    return bool(row["peers"]) and row["peers"]["rank"] is not None


def _best_first(row: Json) -> tuple[float, str, str]:
    """By rank where there is one, else by name; those without a score last."""
    rank = row["peers"]["rank"] if row["peers"] else None
    unscored = float("inf") if row["score"] is None else 0.0
    return (unscored if rank is None else rank, row["label"], row["member"])


def _lowest_first(row: Json) -> tuple[bool, float, str, str]:
    return (row["score"] is None, row["score"] or 0.0, row["label"], row["member"])

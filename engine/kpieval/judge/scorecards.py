"""Judged observations -> scores: every scorecard in turn, each after those that count in it.

Leaves four tables beside `judged`, with levels, members and periods as there:

    scorecards    scorecard (its name), number
    card_parts    a row per part of each scorecard: its kind, name and weight
    scores        a row per scorecard, member and period
    score_parts   a row per part of each of those scores

`reason` in `scores` tells why there is no score; a gate that is closed gives a status all the same. A part's `points`
are those that count: where a missing KPI counts as zero, they are 0. `contribution` and `loss` of all parts add up to
the score, and to what it lacks of 100.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

from kpieval.evaluate.moments import fill
from kpieval.judge.scoring import scoring

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kpieval.evaluate import Evaluated
    from kpieval.model import Part, Scorecard

_CARD_PARTS = (
    "scorecard integer, part integer, kind varchar, name varchar, kpi kpi_name, weight double, whole hugeint, "
    "gate boolean, measured boolean"
)
_SCORES = (
    "scores (scorecard integer, level level_name, mid integer, period bigint, score double, status varchar, "
    "reason varchar, coverage double, gated_by varchar, previous double, change double, peers_count bigint, "
    "peers_rank bigint, peers_percentile double, peers_median double, peers_withheld varchar, largest_gain varchar)"
)
_PARTS = (
    "score_parts (scorecard integer, mid integer, period bigint, part integer, points double, contribution double, "
    "loss double, status varchar, reason varchar)"
)


_LARGEST = 10**18
"""No weight is written with more digits than this has."""


def judge(run: Evaluated) -> frozenset[str]:
    """Score every member of every scorecard; the names of the tables that were made."""
    cards = run.plan.project.scorecards
    if not cards:
        return frozenset()
    numbers = {name: number for number, name in enumerate(cards, 1)}
    measured = measured_cards(run)
    fill(run.connection, "scorecards (scorecard varchar, number integer)", list(numbers.items()))
    bands = [(numbers[n], i, band.name) for n, card in cards.items() for i, band in enumerate(card.bands, 1)]
    fill(run.connection, "score_bands (scorecard integer, status integer, name varchar)", bands)
    _fill_parts(run, numbers, measured)
    for table in (_SCORES, _PARTS):
        run.connection.execute(f"create temp table {table}")
    for name in in_order(cards):
        if name in measured:
            for statement in scoring(run, numbers, name):
                run.connection.execute(statement)
    return frozenset({"scores", "score_parts"})


def _fill_parts(run: Evaluated, numbers: Mapping[str, int], measured: frozenset[str]) -> None:
    """The tables of what counts in each scorecard, and of what each status is worth where that is declared."""
    cards = run.plan.project.scorecards
    parts = [
        (numbers[name], number, kind, other, other if kind == "kpi" else None, part.weight, whole, part.gate,
         other in (run.measured if kind == "kpi" else measured))
        for name, card in cards.items()
        for (number, (kind, other, part)), whole in zip(
            enumerate(parts_of(card), 1), whole_numbers([part.weight for _, _, part in parts_of(card)]), strict=True
        )
    ]  # fmt: skip
    fill(run.connection, f"card_parts ({_CARD_PARTS})", parts)
    worth = [
        (numbers[name], kpi, band.name, card.points[band.name])
        for name, card in cards.items()
        if card.points is not None
        for kpi in card.kpis
        for band in run.plan.kpis[kpi].kpi.bands
    ]
    fill(run.connection, "card_points (scorecard integer, kpi kpi_name, status varchar, points double)", worth)


def parts_of(card: Scorecard) -> Iterator[tuple[str, str, Part]]:
    """The parts of a scorecard as they are numbered: its KPIs, then the other scorecards."""
    for name, part in card.kpis.items():
        yield "kpi", name, part
    for name, part in card.scorecards.items():
        yield "scorecard", name, part


def whole_numbers(weights: Sequence[float]) -> list[int]:
    """Whole numbers in the same proportion, so that they add up exactly: 0.1 and 0.25 are 10 and 25.

    Of the largest one 18 digits are kept; a weight that is less than that of it counts as nothing.
    """
    exact = [Fraction(repr(weight)) for weight in weights]
    unit = lcm(*(each.denominator for each in exact))
    largest = max(exact, default=Fraction(0)) * unit
    scale = min(Fraction(1), Fraction(_LARGEST) / largest) if largest else Fraction(1)
    return [round(each * unit * scale) for each in exact]


def measured_cards(run: Evaluated) -> frozenset[str]:
    """The scorecards with a part, or a part of a part, that the data can answer."""
    cards, found = run.plan.project.scorecards, set[str]()
    for name in in_order(cards):
        if not run.measured.isdisjoint(cards[name].kpis) or not found.isdisjoint(cards[name].scorecards):
            found.add(name)
    return frozenset(found)


def in_order(cards: Mapping[str, Scorecard]) -> list[str]:
    """The names, each after those that count in it."""
    done: dict[str, None] = {}
    open_ = list(cards)[::-1]
    while open_:  # no recursion: scorecards may stand on each other in long chains
        waiting = [other for other in cards[open_[-1]].scorecards if other not in done]
        if waiting:
            open_ += waiting
        else:
            done[open_.pop()] = None
    return list(done)

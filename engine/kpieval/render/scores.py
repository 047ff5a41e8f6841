"""The scores of a result become rows: CSV for a spreadsheet, and a short table for the terminal or for Markdown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.render.spreadsheet import csv_rows
from kpieval.render.views.index import Index
from kpieval.render.views.scorecards import scorecards
from kpieval.render.words import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpieval.render.formatting import Formats
    from kpieval.render.views.score_view import Scorecard, Standing

Json = dict[str, Any]

COLUMNS = (
    "scorecard", "period", "level", "member", "label", "score", "status", "reason", "coverage", "gated_by", "previous",
    "change", "peers_count", "peers_rank", "peers_percentile", "peers_median", "peers_withheld", "largest_gain",
)  # fmt: skip
"""What a row of the CSV holds: the score, its place among peers in columns of their own; the parts are in the JSON."""

_RIGHT = frozenset({"score", "change", "coverage"})
"""Columns of a table that are aligned to the right."""


def csv_text(result: Mapping[str, Any]) -> str:
    """All scores, written like the observations."""
    return csv_rows(
        COLUMNS,
        (
            {"scorecard": card["name"], "level": card["level"], **score, **_peers(score)}
            for card in result["scorecards"]
            for score in card["scores"]
        ),
    )


@dataclass(frozen=True, slots=True)
class Table:
    """A scorecard as a table; the columns `right` are aligned to the right."""

    heads: list[str]
    rows: list[list[str]]
    right: list[int]


def tables(result: Mapping[str, Any], formats: Formats) -> Iterator[tuple[Scorecard, Table]]:
    """Each scorecard that has scores in the reported period, with its table."""
    for card in scorecards(Index(result), formats):
        found = table_of(card, formats)
        if found is not None:
            yield card, found


def table_of(card: Scorecard, formats: Formats) -> Table | None:
    """The table of a scorecard; None where nobody is scored."""
    rows = [_cells(row, group.title, formats) for group in card.groups for row in group.rows]
    if not rows:
        return None
    say = formats.say
    heads = {
        "member": card.one,
        "score": say("Score"),
        "status": say("Status"),
        "change": say("Change"),
        "rank": say("Rank"),
        "coverage": say("Coverage"),
        "gain": say("Most to gain"),
    }
    names = [name for name in heads if name != "rank" or "rank" in card.columns]
    right = [at for at, name in enumerate(names) if name in _RIGHT]
    return Table([heads[name] for name in names], [[row[name] for name in names] for row in rows], right)


def _cells(row: Standing, group: str, formats: Formats) -> dict[str, str]:
    """A member's cells."""
    say, ranked = formats.say, bool(group) and row.rank != NOTHING
    return {
        "member": row.member.text,
        "score": row.score,
        "status": say("{status}, gate: {kpi}", status=row.verdict, kpi=row.closed_by) if row.closed_by else row.verdict,
        "change": row.change.text if row.change else NOTHING,
        "rank": say("{rank} in {group}", rank=row.rank, group=group) if ranked else row.rank,
        "coverage": row.coverage,
        "gain": row.gain or NOTHING,
    }


def _peers(score: Json) -> Json:
    peers = score["peers"] or dict.fromkeys(("count", "rank", "percentile", "median", "withheld"))
    return {f"peers_{name}": value for name, value in peers.items()}

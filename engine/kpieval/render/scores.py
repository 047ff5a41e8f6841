"""The scores of a result become rows: CSV for a spreadsheet, and a short table for the terminal or for Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render.formatting import Formats
from kpieval.render.index import Index
from kpieval.render.scorecards import scorecards
from kpieval.render.spreadsheet import csv_rows
from kpieval.render.words import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpieval.render.score_view import Scorecard, Standing

Json = dict[str, Any]

COLUMNS = (
    "scorecard", "period", "level", "member", "label", "score", "status", "reason", "coverage", "gated_by", "previous",
    "change", "peers_count", "peers_rank", "peers_percentile", "peers_median", "peers_withheld", "largest_gain",
)  # fmt: skip
"""What a row of the CSV holds: the score, its place among peers in columns of their own; the parts are in the JSON."""

RIGHT = frozenset({"Score", "Change", "Coverage"})
"""Heads of columns that are aligned to the right."""


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


def tables(result: Mapping[str, Any]) -> Iterator[tuple[Scorecard, list[str], list[list[str]]]]:
    """Each scorecard that has scores in the reported period, with the heads and the cells of its table."""
    for card in scorecards(Index(result), Formats(result["locale"], result["currency"])):
        found = table_of(card)
        if found is not None:
            yield card, *found


def table_of(card: Scorecard) -> tuple[list[str], list[list[str]]] | None:
    """The heads and the cells of a scorecard's table; None where nobody is scored."""
    rows = [_cells(row, group.title) for group in card.groups for row in group.rows]
    if not rows:
        return None
    names = [name for name in rows[0] if name != "Rank" or "rank" in card.columns]
    return [card.one, *names[1:]], [[row[name] for name in names] for row in rows]


def _cells(row: Standing, group: str) -> dict[str, str]:
    """A member's cells, by the heads of their columns."""
    gate = f", {row.gate[0].lower()}{row.gate[1:]}" if row.gate else ""
    return {
        "Member": row.member.text,
        "Score": row.score,
        "Status": row.verdict + gate,
        "Change": row.change.text if row.change else NOTHING,
        "Rank": f"{row.rank} in {group}" if group and row.rank != NOTHING else row.rank,
        "Coverage": row.coverage,
        "Most to gain": row.gain or NOTHING,
    }


def _peers(score: Json) -> Json:
    peers = score["peers"] or dict.fromkeys(("count", "rank", "percentile", "median", "withheld"))
    return {f"peers_{name}": value for name, value in peers.items()}

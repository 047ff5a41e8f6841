"""Scores -> what the result says of scorecards: each as it was declared, with the scores of its members."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import TYPE_CHECKING, Any

from kpieval.collect.sql import text
from kpieval.evaluate.describe import label_of
from kpieval.judge.scorecards import measured_cards, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import duckdb

    from kpieval.evaluate import Evaluated
    from kpieval.model import Scorecard

_COLUMNS = {
    "score": "double", "status": "varchar", "reason": "varchar", "coverage": "double", "gated_by": "varchar",
    "previous": "double", "change": "double", "peers_count": "bigint", "peers_rank": "bigint",
    "peers_percentile": "double", "peers_median": "double", "peers_withheld": "varchar", "largest_gain": "varchar",
}  # fmt: skip
_PART = ("kind", "name", "weight", "points", "contribution", "loss", "status", "reason")
_OF_CARD = ("kind", "name", "weight")
"""Those that are the same for every member."""
_SCORE = (
    "period", "member", "label", "score", "status", "reason", "coverage", "gated_by", "previous", "change"
)  # fmt: skip
_PEERS = ("count", "rank", "percentile", "median", "withheld")


def views(connection: duckdb.DuckDBPyConnection, first: int, *, made: bool) -> None:
    """Make the view `score_rows`, a row per scorecard, period and member, from the period `first` on.

    And, where there are any, the view `score_part_rows` of what they are made of, in the same order.
    """
    if not made:
        names = dict.fromkeys(("scorecard", "period", "level", "member", "label"), "varchar") | _COLUMNS
        empty = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in names.items())
        connection.execute(f"create or replace temp view score_rows as select {empty} limit 0")
        return
    named = "join scorecards as n on n.number = s.scorecard join moments as p on p.period = s.period"
    order = f"where s.period >= {first} order by s.scorecard, s.period, s.mid"
    connection.execute(
        "create or replace temp view score_rows as select n.scorecard, p.period_label as period, "
        f"s.level::varchar as level, w.member, w.label, {', '.join(f's.{name}' for name in _COLUMNS)} from scores as s "
        f"{named} join people as w on w.level = s.level and w.mid = s.mid {order}"
    )
    parts = (f"c.{name}" if name in _OF_CARD else f"s.{name}" for name in _PART)
    connection.execute(
        f"create or replace temp view score_part_rows as select n.scorecard, p.period_label as period, s.mid, "
        f"{', '.join(parts)} from score_parts as s {named} "
        f"join card_parts as c on c.scorecard = s.scorecard and c.part = s.part {order}, s.part"
    )


def describe_scorecards(run: Evaluated, scores: Callable[[str], object]) -> list[dict[str, Any]]:
    """All scorecards as the result has them, with what `scores` gives by name; one without data has no scores."""
    measured = measured_cards(run)
    return [
        _card(run, card, measured) | {"scores": scores(name) if name in measured else []}
        for name, card in run.plan.project.scorecards.items()
    ]


def scores_of(connection: duckdb.DuckDBPyConnection, card: str, period: str | None = None) -> list[dict[str, Any]]:
    """The scores of a scorecard that is measured, with their parts: those of the period of this label, or all."""
    where = f"where scorecard = {text(card)}" + ("" if period is None else f" and period = {text(period)}")
    found = connection.execute(f"select period, mid, {', '.join(_PART)} from score_part_rows {where}").fetchall()
    parts = (list(map(_part, own)) for _, own in groupby(found, itemgetter(0, 1)))
    cursor = connection.execute(f"from score_rows {where}")
    names = [column[0] for column in cursor.description or ()]
    rows = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    return [_plain(row, own) for row, own in zip(rows, parts, strict=True)]


def _card(run: Evaluated, card: Scorecard, measured: frozenset[str]) -> dict[str, Any]:
    """A scorecard as its author declared it."""
    points = card.points.items() if card.points is not None else None
    return {
        "name": card.name, "title": card.title, "description": card.description, "owner": card.owner,
        "level": card.level, "tags": list(card.tags),
        "points": None if points is None else [{"status": name, "points": each} for name, each in points],
        "on_missing": card.on_missing, "min_coverage": card.min_coverage,
        "bands": [
            {"name": band.name, "label": label_of(band, run.plan.project), "icon": band.icon, "color": band.color,
             "edge": band.edge}
            for band in card.bands
        ],
        "peers": card.peers and {"within": card.peers.within, "min_peers": card.peers.min_peers},
        "kpis": [
            {"kpi": name, "weight": _bare(part.weight), "gate": part.gate} for name, part in card.kpis.items()
        ],
        "scorecards": [{"scorecard": name, "weight": _bare(part.weight)} for name, part in card.scorecards.items()],
        "place": {"file": card.place.file, "line": card.place.line, "column": card.place.column},
        "measured": card.name in measured,
        "missing": [
            name for kind, name, _ in parts_of(card) if name not in (run.measured if kind == "kpi" else measured)
        ],
    }  # fmt: skip


def _part(values: tuple[Any, ...]) -> dict[str, Any]:
    """A part as the result has it, of a row that begins with whose it is; its texts are held once."""
    part: dict[str, Any] = {
        name: intern(value) if isinstance(value, str) else value for name, value in zip(_PART, values[2:], strict=True)
    }
    return part | {"weight": _bare(part["weight"])}


def _plain(row: Mapping[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    """A score as the result has it: without what is said of the scorecard, the peers as an object."""
    peers = {name: row[f"peers_{name}"] for name in _PEERS}
    return {
        **{name: row[name] for name in _SCORE},
        "peers": None if peers["count"] is None else peers,
        "largest_gain": row["largest_gain"],
        "parts": parts,
    }


def _bare(weight: float) -> float:
    """A whole weight without a point."""
    return int(weight) if weight.is_integer() else weight

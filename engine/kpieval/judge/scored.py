"""Scores -> what the result says of scorecards: each as it was declared, with the scores of its members."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import TYPE_CHECKING, Any

from kpieval.evaluate.describe import label_of
from kpieval.judge.scorecards import measured_cards, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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


def view(connection: duckdb.DuckDBPyConnection, first: int, *, made: bool) -> None:
    """Make the view `score_rows`: a row per scorecard, period and member, from the period `first` on."""
    if not made:
        names = dict.fromkeys(("scorecard", "period", "level", "member", "label"), "varchar") | _COLUMNS
        empty = ", ".join(f"cast(null as {kind}) as {name}" for name, kind in names.items())
        connection.execute(f"create or replace temp view score_rows as select {empty} limit 0")
        return
    connection.execute(
        "create or replace temp view score_rows as select n.scorecard, p.period_label as period, "
        "s.level::varchar as level, w.member, w.label, "
        f"{', '.join(f's.{name}' for name in _COLUMNS)} from scores as s "
        "join scorecards as n on n.number = s.scorecard join moments as p on p.period = s.period "
        "join people as w on w.level = s.level and w.mid = s.mid "
        f"where s.period >= {first} order by s.scorecard, s.period, s.mid"
    )


def describe_scorecards(run: Evaluated, first: int, *, parts_from: int | None = None) -> list[dict[str, Any]]:
    """All scorecards as the result has them; one that the data can't answer has no scores.

    The parts of scores before the period `parts_from` are left out: most of what a large result holds.
    """
    cards = run.plan.project.scorecards
    if not cards:
        return []
    measured = measured_cards(run)
    told = _scores(run, first if parts_from is None else parts_from)
    scores = {name: [_plain(row) for row in rows] for name, rows in groupby(told, itemgetter("scorecard"))}
    return [_card(run, card, measured) | {"scores": scores.get(name, [])} for name, card in cards.items()]


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


def _scores(run: Evaluated, parts_from: int) -> Iterator[dict[str, Any]]:
    """A row per scorecard, period and member, in that order, with its parts."""
    if not measured_cards(run):
        return
    with_parts = {period.label for period in run.timeline.evaluated if period.index >= parts_from}
    rows = _rows(run.connection, "from score_rows")
    order = "s.scorecard, s.period, s.mid"
    columns = (f"p.{name}" if name in _OF_CARD else f"s.{name}" for name in _PART)
    cursor = run.connection.execute(
        f"select {order}, {', '.join(columns)} "
        "from score_parts as s join card_parts as p on p.scorecard = s.scorecard and p.part = s.part "
        f"where s.period >= {parts_from} order by {order}, s.part"
    )
    by_score = groupby(_fetched(cursor), itemgetter(0, 1, 2))
    for row in rows:
        parts = next(by_score)[1] if row["period"] in with_parts else ()
        yield row | {"parts": [_part(part[3:]) for part in parts]}


def _part(values: tuple[Any, ...]) -> dict[str, Any]:
    """A part as the result has it; texts that occur in thousands of parts are held once."""
    part: dict[str, Any] = {
        name: intern(value) if isinstance(value, str) else value for name, value in zip(_PART, values, strict=True)
    }
    return part | {"weight": _bare(part["weight"])}


def _fetched(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a few thousand at a time."""
    while rows := cursor.fetchmany(10_000):
        yield from rows


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A score as the result has it: without what is said of the scorecard, the peers as an object."""
    peers = {name: row[f"peers_{name}"] for name in _PEERS}
    return (
        {name: row[name] for name in _SCORE}
        | {"peers": None if peers["count"] is None else peers}
        | {name: row[name] for name in ("largest_gain", "parts")}
    )


def _bare(weight: float) -> float:
    """A whole weight without a point."""
    return int(weight) if weight.is_integer() else weight


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Iterator[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return (dict(zip(names, row, strict=True)) for row in cursor.fetchall())

"""Scores -> what the result says of scorecards: each as it was declared, with the scores of its members."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from sys import intern
from typing import TYPE_CHECKING, Any

from kpieval.evaluate.describe import label_of
from kpieval.judge.scorecards import measured_cards, parts_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import duckdb

    from kpieval.evaluate import Evaluated
    from kpieval.model import Scorecard

_COLUMNS = {
    "score": "double", "status": "varchar", "reason": "varchar", "coverage": "double", "gated_by": "varchar",
    "previous": "double", "change": "double", "peers_count": "bigint", "peers_rank": "bigint",
    "peers_percentile": "double", "peers_median": "double", "peers_withheld": "varchar", "largest_gain": "varchar",
}  # fmt: skip
_PART = ("kind", "name", "weight", "points", "contribution", "loss", "status", "reason")
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


def describe_scorecards(run: Evaluated, first: int) -> list[dict[str, Any]]:
    """All scorecards as the result has them; one that the data can't answer has no scores."""
    cards = run.plan.project.scorecards
    if not cards:
        return []
    measured = measured_cards(run)
    scores = {name: list(rows) for name, rows in groupby(_scores(run, first), itemgetter("scorecard"))}
    return [_card(run, card, measured) | {"scores": _plain(scores.get(name, []))} for name, card in cards.items()]


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


def _scores(run: Evaluated, first: int) -> list[dict[str, Any]]:
    """A row per scorecard, period and member, in that order, with its parts."""
    if not measured_cards(run):
        return []
    order = "s.scorecard, s.period, s.mid"
    rows = _rows(run.connection, "from score_rows")
    cursor = run.connection.execute(
        f"select {order}, {', '.join(f's.{name}' for name in _PART)} from score_parts as s "
        f"where s.period >= {first} order by {order}, s.part"
    )
    by_score = groupby(_fetched(cursor), itemgetter(0, 1, 2))
    return [row | {"parts": [_part(part[3:]) for part in own]} for row, (_, own) in zip(rows, by_score, strict=True)]


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


def _plain(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Scores as the result has them: without what is said of the scorecard, the peers as an object."""
    found = []
    for row in rows:
        peers = {name: row[f"peers_{name}"] for name in _PEERS}
        found.append(
            {name: row[name] for name in _SCORE}
            | {"peers": None if peers["count"] is None else peers}
            | {name: row[name] for name in ("largest_gain", "parts")}
        )
    return found


def _bare(weight: float) -> float:
    """A whole weight without a point."""
    return int(weight) if weight.is_integer() else weight


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

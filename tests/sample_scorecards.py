# ruff: noqa: E501, a scorecard a line, as in a sheet
"""Scorecards of the made-up result: by its statuses, with a gate, peers, a part that is missing, and one of another.

Every kind of score is there: ranked and withheld, closed by a gate with and without a score, without any data.
"""

from __future__ import annotations

from statistics import median
from typing import Any

Json = dict[str, Any]

POINTS = {"good": 100, "watch": 50, "poor": 0}
BANDS: list[Json] = [
    {"name": "good", "label": "Good", "icon": "check", "color": "green", "edge": 80},
    {"name": "watch", "label": "Watch", "icon": "alert", "color": "amber", "edge": 60},
    {"name": "poor", "label": "Poor", "icon": "cross", "color": "red", "edge": None},
]
LEADER = {
    "win_rate": 10,
    "reps_needing_help": 9,
    "quota_attainment": 7,
    "engagement": 5,
    "coaching_hours": 4,
    "retention": 3,
    "competitive_wins": 1,
}
COVERAGE = 0.6


def scorecards(observations: list[Json], members: list[Json]) -> list[Json]:
    """A scorecard of managers, one of the organisation in which it counts, and one that isn't measured."""
    statuses = {(o["kpi"], o["level"], o["member"], o["period"]): (o["status"], o["reason"]) for o in observations}
    periods = list(dict.fromkeys(o["period"] for o in observations))
    above = {m["member"]: m["parent"]["member"] for m in members if m["parent"]}
    labels = {m["member"]: m["label"] for m in members if m["level"] == "manager"}
    rows = [
        _score(
            member,
            label,
            period,
            [
                _part(name, weight, statuses.get((name, "manager", member, period)), period, member)
                for name, weight in LEADER.items()
            ],
        )
        for period in periods
        for member, label in sorted(labels.items(), key=lambda item: item[1])
    ]
    for period in periods:
        for region in set(above.values()):
            _rank(
                [
                    row
                    for row in rows
                    if row["period"] == period and above[row["member"]] == region and row["score"] is not None
                ]
            )
    _compare(rows)
    whole = []
    for period in periods:
        scores = [row["score"] for row in rows if row["period"] == period and row["score"] is not None]
        part: Json = {
            "kind": "scorecard",
            "name": "leader",
            "weight": 2,
            "points": sum(scores) / len(scores),
            "status": "watch",
            "reason": None,
        }
        kpi = _part(
            "goal_attainment",
            1,
            statuses["goal_attainment", "organisation", "organisation", period],
            period,
            "organisation",
        )
        whole.append(_score("organisation", "Organisation", period, [kpi, part]))
    _compare(whole)
    return [
        _card("leader", "Leader of a team", "manager", rows, peers={"within": "region", "min_peers": 3}, missing=["competitive_wins"],
              kpis=[{"kpi": name, "weight": weight, "gate": name == "retention"} for name, weight in LEADER.items()]),
        _card("whole", "Sales as a whole", "organisation", whole, kpis=[{"kpi": "goal_attainment", "weight": 1, "gate": False}], scorecards=[{"scorecard": "leader", "weight": 2}]),
        _card("rivals", "Against rivals", "organisation", [], kpis=[{"kpi": "competitive_wins", "weight": 1, "gate": False}], missing=["competitive_wins"]) | {"measured": False, "points": None},
    ]  # fmt: skip


def _card(name: str, title: str, level: str, scores: list[Json], **more: Any) -> Json:  # noqa: ANN401, any part of JSON
    return {
        "name": name, "title": title, "description": f"How well things go, *{title.lower()}*.", "owner": "sales-ops", "level": level, "tags": [],
        "points": [{"status": status, "points": points} for status, points in POINTS.items()], "on_missing": "renormalise", "min_coverage": COVERAGE,
        "bands": BANDS, "peers": None, "kpis": [], "scorecards": [], "missing": [], "measured": True,
        "place": {"file": f"scorecards/{name}.yaml", "line": 1, "column": 12}, "scores": scores,
    } | more  # fmt: skip


def _part(name: str, weight: int, found: tuple[str | None, str | None] | None, period: str, member: str) -> Json:
    """What a KPI gives; for one manager and the last period, not much is known of anything."""
    status, reason = found or (None, "not_measured")
    if member == "m5" and period == "2026-Q3" and name not in {"retention", "coaching_hours"}:
        status, reason = None, "no_data"
    if member == "m6" and period == "2026-Q3" and name == "retention":
        status, reason = "poor", None
    return {
        "kind": "kpi",
        "name": name,
        "weight": weight,
        "points": None if status is None else POINTS[status],
        "status": status,
        "reason": None if status else reason,
    }


def _score(member: str, label: str, period: str, parts: list[Json]) -> Json:
    known = [part for part in parts if part["points"] is not None]
    covered, applying = (
        sum(part["weight"] for part in each)
        for each in (known, [part for part in parts if part["reason"] != "not_applicable"])
    )
    coverage = covered / applying
    reason = "no_data" if not covered else "insufficient_coverage" if coverage < COVERAGE else None
    score = None if reason else sum(part["weight"] * part["points"] for part in known) / covered
    for part in parts:
        counts = score is not None and part["points"] is not None
        part |= {
            "contribution": part["weight"] * part["points"] / covered if counts else None,
            "loss": part["weight"] * (100 - part["points"]) / covered if counts else None,
        }
    gate = next((part["name"] for part in parts if part["name"] == "retention" and part["status"] == "poor"), None)
    status = (
        "poor"
        if gate
        else None
        if score is None
        else next(band["name"] for band in BANDS if band["edge"] is None or score >= band["edge"])
    )
    losses: dict[str, float] = {part["name"]: part["loss"] for part in parts if part["loss"]}
    gain = max(losses, key=lambda name: losses[name]) if losses else None
    return {
        "period": period, "member": member, "label": label, "score": score, "status": status, "reason": reason, "coverage": coverage, "gated_by": gate,
        "previous": None, "change": None, "peers": None, "largest_gain": gain, "parts": parts,
    }  # fmt: skip


def _rank(rows: list[Json]) -> None:
    scores = [row["score"] for row in rows]
    for row in rows:
        rank, count = 1 + sum(score > row["score"] for score in scores), len(scores)
        shown = count >= 3
        row["peers"] = {
            "count": count, "rank": rank if shown else None, "percentile": (count - rank) / (count - 1) if shown else None,
            "median": median(scores) if shown else None, "withheld": None if shown else "group_too_small",
        }  # fmt: skip


def _compare(rows: list[Json]) -> None:
    last: dict[str, float | None] = {}
    for row in rows:
        before = last.get(row["member"])
        row |= {"previous": before, "change": None if before is None or row["score"] is None else row["score"] - before}
        last[row["member"]] = row["score"]

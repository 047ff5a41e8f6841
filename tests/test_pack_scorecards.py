"""The scorecards of the pack on its example: each score against one that is computed from the observations alone."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from packs import evaluate

if TYPE_CHECKING:
    from packs import Answers

EXAMPLE = Path(__file__).parent.parent / "examples" / "sales-leadership"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def answers() -> Answers:
    return evaluate(EXAMPLE)


def card(answers: Answers, name: str) -> Json:
    found: Json = next(card for card in answers.result["scorecards"] if card["name"] == name)
    return found


def now(answers: Answers, name: str) -> dict[str, Json]:
    rows = card(answers, name)["scores"]
    return {row["member"]: row for row in rows if row["period"] == answers.result["period"]}


def linear(row: Json, direction: str) -> float | None:
    """The points of an observation with two edges, 100 and 50, turned so that higher is better."""
    if row["status"] is None:
        return None
    value: float = row["value"]
    best, last = map(float, row["edges"])
    if direction == "target_range" and value > row["edges_high"][0]:
        best, last = map(float, row["edges_high"])
    elif direction == "target_range" and value >= best:
        return 100
    share = (value - last) / (best - last)
    return max(0.0, min(100.0, 50 + 50 * share))


@pytest.mark.parametrize("name", ["sales_leader", "sales_organisation"])
def test_every_score_equals_the_mean_of_the_points_of_its_observations(answers: Answers, name: str) -> None:
    found = card(answers, name)
    directions = {kpi["name"]: kpi["direction"] for kpi in answers.result["kpis"]}
    seen = {(o["kpi"], o["level"], o["member"], o["period"]): o for o in answers.result["observations"]}
    worth = {each["status"]: each["points"] for each in found["points"] or ()}
    assert len(found["scores"]) == 8 * (8 if name == "sales_leader" else 1)
    scored = 0
    for row in found["scores"]:
        own = [(k, seen[k["kpi"], found["level"], row["member"], row["period"]]) for k in found["kpis"]]
        points = [(k["weight"], worth.get(o["status"]) if worth else linear(o, directions[k["kpi"]])) for k, o in own]
        known = [(weight, each) for weight, each in points if each is not None]
        covered, all_of_it = (sum(weight for weight, _ in each) for each in (known, points))
        assert row["coverage"] == pytest.approx(covered / all_of_it)
        if covered < 0.6 * all_of_it:
            assert (row["score"], row["reason"]) == (None, "insufficient_coverage" if covered else "no_data")
            continue
        scored += 1
        assert row["score"] == pytest.approx(sum(weight * each for weight, each in known) / covered, abs=1e-9)
        gates = [k["kpi"] for k, o in own if k["gate"] and o["status"] == "poor"]
        assert row["gated_by"] == (gates[0] if gates else None)
        band = "good" if row["score"] >= 80 else "watch" if row["score"] >= 60 else "poor"
        assert row["status"] == ("poor" if gates else band)
    assert scored > 0.8 * len(found["scores"])


def test_the_stories_of_the_example_are_in_its_scores(answers: Answers) -> None:
    leaders = now(answers, "sales_leader")
    assert leaders["m01"]["status"] == "good"  # the coached team
    star = leaders["m04"]
    assert (star["status"], star["largest_gain"]) == ("poor", "reps_needing_help")
    assert answers("goal_attainment", "m04")["status"] == "good"
    assert leaders["m06"]["status"] == "poor"  # the team whose people left
    assert leaders["m06"]["change"] < -10
    assert [row["reason"] for row in leaders.values() if row["score"] is None] == ["no_data"]  # no team, no score


def test_nobody_is_ranked_among_two(answers: Answers) -> None:
    rows = [row for row in now(answers, "sales_leader").values() if row["peers"]]
    for count, group in groupby(
        sorted(rows, key=lambda row: int(row["peers"]["count"])), lambda r: r["peers"]["count"]
    ):
        ranks = sorted(row["peers"]["rank"] or 0 for row in group)
        assert ranks == ([1, 2, 3] if count == 3 else [0] * len(ranks))


def test_on_deals_alone_too_little_is_known_for_a_score(tmp_path: Path) -> None:
    deals = (EXAMPLE / "data" / "opportunities.csv").as_posix()
    settings = (EXAMPLE / "kpieval.yaml").read_text(encoding="utf-8").split("  quotas:")[0]
    (tmp_path / "kpieval.yaml").write_text(
        settings.replace("file: ${data}/opportunities.csv", f"file: {deals}")
        + "".join(f"  {name}: {{file: {EXAMPLE / 'data' / name}.csv}}\n" for name in ("reps", "managers")),
        encoding="utf-8",
    )
    found = evaluate(tmp_path)
    leaders = card(found, "sales_leader")
    assert leaders["missing"] == [
        "quota_attainment", "forecast_accuracy", "engagement", "coaching_hours", "retention", "goal_attainment",
    ]  # fmt: skip
    rows = now(found, "sales_leader").values()
    assert {row["reason"] for row in rows} == {"insufficient_coverage", "no_data"}
    reasons = {part["reason"] for row in rows for part in row["parts"] if part["name"] in leaders["missing"]}
    assert reasons == {"not_measured"}

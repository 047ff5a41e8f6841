"""The pack `sales-leadership` as it is declared, and its example: each figure against an independent computation."""

from __future__ import annotations

import datetime as dt
import filecmp
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from kpieval import folders
from kpieval.api import load
from packs import evaluate
from reference.company import Quarter
from reference.sales_leadership import KPIS, compute

if TYPE_CHECKING:
    from packs import Answers

PACK = folders.kpis() / "sales-leadership"
EXAMPLE = Path(__file__).parent.parent / "examples" / "sales-leadership"
HEADLINE = (
    "win_rate", "reps_needing_help", "win_rate_improvement", "quota_attainment", "forecast_accuracy", "engagement",
    "coaching_hours", "retention", "goal_attainment", "objectives_met",
)  # fmt: skip


def declared(kind: str) -> dict[str, dict[str, Any]]:
    return {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((PACK / kind).glob("*.yaml"))
    }


KPI_FILES = declared("kpis")


@pytest.fixture(scope="module")
def answers() -> Answers:
    return evaluate(EXAMPLE)


@pytest.fixture(scope="module")
def expected() -> dict[tuple[str, str, str, str], tuple[float | None, str | None]]:
    return compute(EXAMPLE / "data", Quarter.of(dt.date(2026, 7, 1)))


@pytest.mark.parametrize(("project", "severity"), [(PACK, "warning"), (EXAMPLE, "note")])
def test_revenue_that_counts_twice_is_told_until_it_is_accepted(project: Path, severity: str) -> None:
    message = "`quota_attainment` and `goal_attainment` both count `revenue`, so it weighs twice"
    (problem,) = load(project).problems
    assert (problem.severity, problem.code) == (severity, "double-count")
    assert problem.message.startswith(message)
    assert problem.message.endswith(": 9 of 55.")


def test_the_reference_knows_every_kpi_and_every_level_of_the_pack() -> None:
    assert {name: sorted(levels) for name, (_, levels) in KPIS.items()} == {
        name: sorted(kpi["levels"]) for name, kpi in KPI_FILES.items()
    }


@pytest.mark.parametrize("kpi", sorted(KPI_FILES))
def test_a_kpi_equals_the_independent_computation_at_every_level_and_period(
    kpi: str, answers: Answers, expected: dict[tuple[str, str, str, str], tuple[float | None, str | None]]
) -> None:
    wanted = {key: answer for key, answer in expected.items() if key[0] == kpi}
    found = {
        (row["kpi"], row["level"], row["member"], row["period"]): (row["value"], row["reason"])
        for row in answers.result["observations"]
        if row["kpi"] == kpi
    }
    assert found.keys() == wanted.keys()
    assert {key: reason for key, (_, reason) in found.items()} == {key: reason for key, (_, reason) in wanted.items()}
    for key, (value, _) in wanted.items():
        assert found[key][0] == (value if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)), key


def test_the_example_measures_everything_over_eight_quarters(answers: Answers) -> None:
    assert all(kpi["measured"] for kpi in answers.result["kpis"])
    assert [period["label"] for period in answers.result["periods"]] == [
        "2024-Q4", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3",
    ]  # fmt: skip
    assert all(period["complete"] for period in answers.result["periods"])


def test_the_stories_of_the_example_are_in_its_figures(answers: Answers) -> None:
    quarters = [period["label"] for period in answers.result["periods"]]
    coached = [answers("win_rate", "m01", quarter)["value"] for quarter in quarters]
    assert round(coached[0], 2) == 0.17
    assert coached[-1] > 0.31
    assert coached == sorted(coached)
    assert answers("goal_attainment", "m04")["value"] >= 1 > 3 * answers("quota_attainment", "m04")["value"]
    assert all(answers("forecast_bias", "m05", quarter)["value"] < -0.25 for quarter in quarters)
    assert answers("goal_attainment", "m03")["value"] >= 1 > 2 * answers("objectives_met", "m03")["value"]
    assert answers("engagement", "m06", "2025-Q4")["value"] < answers("engagement", "m06", "2024-Q4")["value"] - 2
    assert answers("retention", "m06", "2025-Q4")["value"] == 1 > answers("retention", "m06", "2026-Q1")["value"]
    assert answers.verdict("win_rate", "r47") == (None, "no_data")
    assert answers.verdict("win_rate", "r46") == (0.75, "insufficient_sample")


@cache
def findings(quarter: str) -> dict[str, list[tuple[str, str]]]:
    """Whom each rule found in a quarter, and since when."""
    with load(EXAMPLE).evaluate(period=quarter) as result:
        told = result.to_dict()["findings"]
    found: dict[str, list[tuple[str, str]]] = {}
    for finding in told:
        found.setdefault(finding["rule"] or finding["kind"], []).append((finding["label"], finding["since"]))
    return found


def test_the_findings_of_the_example_tell_its_stories() -> None:
    now = findings("2026-Q3")
    assert now["coaching_pays"] == [("Ines Novak", "2026-Q1")]
    assert now["stars_carry_the_team"] == [("Paul Lindqvist", "2026-Q2")]
    assert now["sandbagged_forecast"] == [("Clara Dubois", "2025-Q1")]
    assert now["rosy_forecast"] == [("Sara Okafor", "2025-Q1")]
    assert now["wins_bought_with_margin"] == [("Julia Rossi", "2024-Q4")]
    assert ("Julia Rossi", "2024-Q4") in now["goals_without_objectives"]
    assert "leaver_wave" not in now


def test_the_leaver_wave_is_foreseen_two_quarters_before_anybody_leaves() -> None:
    early, late, wave = map(findings, ("2025-Q3", "2025-Q4", "2026-Q1"))
    assert early["engagement_before_retention"] == [("Victor Almeida", "2025-Q3")]
    assert late["engagement_before_retention"] == [("Victor Almeida", "2025-Q3")]
    assert "leaver_wave" not in {*early, *late}
    assert wave["leaver_wave"] == [("Victor Almeida", "2026-Q1")]
    assert "engagement_before_retention" not in wave


def test_coaching_is_praised_only_where_it_shows_beyond_chance() -> None:
    quarters = ("2025-Q3", "2025-Q4", "2026-Q1")
    assert [findings(quarter).get("coaching_pays") for quarter in quarters] == [None, None, [("Ines Novak", "2026-Q1")]]


def test_nobody_with_too_few_deals_is_found() -> None:
    named = {label for found in findings("2026-Q3").values() for label, _ in found}
    assert not named & {"Viktor Vogt", "Wanda Weiss", "Emil Krause"}


def test_nobody_with_a_few_deals_is_ranked_however_many_of_them_were_won(answers: Answers) -> None:
    rows = [row for row in answers.result["observations"] if (row["kpi"], row["level"]) == ("win_rate", "rep")]
    few = [row for row in rows if row["n"] < 15]
    assert all(row["peers"] is None and row["funnel"] is None for row in few)
    now = [row for row in rows if row["period"] == "2026-Q3" and row["value"] is not None]
    luckiest = max(now, key=lambda row: row["value"])
    assert (luckiest["label"], luckiest["numerator"], luckiest["n"]) == ("Viktor Vogt", 3, 4)
    ranked = [row for row in now if row["peers"]]
    assert len(ranked) == ranked[0]["peers"]["count"] == 39
    first = {row["label"]: row["n"] for row in ranked if row["peers"]["ranks"][0] == 1}
    assert "Viktor Vogt" not in first
    assert min(first.values()) >= 15
    assert {row["peers"]["withheld"] for row in ranked} == {"intervals_overlap"}  # nobody's lead is beyond chance


def test_the_messages_of_the_example_are_english_with_signs_where_they_belong() -> None:
    with load(EXAMPLE).evaluate(period="2026-Q3") as result:
        told = {(each["rule"], each["label"]): each["message"] for each in result.to_dict()["findings"]}
    assert told["coaching_gap", "Paul Lindqvist"] == (
        "Paul Lindqvist coaches 0.3 hours per rep and fortnight, and the win rate fell by "
        "1\N{NO-BREAK SPACE}point to 23%."
    )
    assert told["sandbagged_forecast", "Clara Dubois"] == (
        "Clara Dubois promised too little two periods running: 41% less than was sold, then 42%. Accuracy is 58%."
    )
    assert told["coaching_pays", "Ines Novak"] == (
        "Ines Novak coaches 3.2 hours per rep and fortnight, and the win rate is "
        "8\N{NO-BREAK SPACE}points above that of a year ago. 67% of the reps improved."
    )


def test_the_generator_writes_the_committed_data(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLE / "generate.py", tmp_path], check=True)
    names = sorted(path.name for path in (EXAMPLE / "data").iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert filecmp.cmpfiles(tmp_path, EXAMPLE / "data", names, shallow=False) == (names, [], [])
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 1_500_000


def test_every_kpi_says_in_words_what_it_is() -> None:
    for name, kpi in KPI_FILES.items():
        assert kpi["kpi"] == name
        assert kpi.keys() >= {"title", "question", "description", "value", "unit", "direction", "levels", "tags"}, name
        assert kpi["question"].endswith("?"), name
        assert len(kpi["description"]) > 60, name


def test_the_ten_are_marked_and_drive_each_other_as_the_text_says() -> None:
    assert {name for name, kpi in KPI_FILES.items() if "headline" in kpi["tags"]} == set(HEADLINE)
    number = {name: place for place, name in enumerate(HEADLINE, 1)}
    arrows = {(number[name], number[other]) for name in HEADLINE for other in KPI_FILES[name].get("drives", [])}
    assert arrows == {
        (7, 6), (7, 2), (7, 3), (6, 8), (2, 1), (3, 1), (5, 4), (8, 4), (1, 9), (4, 9), (9, 10), (1, 10),
    }  # fmt: skip


def test_the_lines_of_the_objectives_are_the_targets_of_their_kpis() -> None:
    value, description = (KPI_FILES["objectives_met"][key] for key in ("value", "description"))
    for name, weight in {"cross_sell_share": 3, "large_new_clients": 3, "competitive_wins": 2, "margin": 2}.items():
        percent = int(KPI_FILES[name]["target"].removesuffix("%"))
        assert f"{name} >= {percent / 100:.2f} then {weight} " in value
        assert f"(`{name}`) | {weight} | {percent} % |" in description


def test_scorecards_weigh_the_ten_in_the_order_of_the_list() -> None:
    scorecard = declared("scorecards")["sales_leader"]
    assert tuple(scorecard["kpis"]) == HEADLINE
    weights = list(scorecard["kpis"].values())
    assert weights == sorted(weights, reverse=True)


def test_rules_relate_kpis_that_exist() -> None:
    rules = declared("rules")
    assert len(rules) >= 8
    for name, rule in rules.items():
        words = rule["when"].replace("(", " ").split()
        related = {word.split(".")[0] for word in words if "." in word and not word[0].isdigit() and word[0] != "-"}
        assert related <= KPI_FILES.keys(), name
        assert len(related) >= (1 if "forecast" in name else 2), name


def test_a_benchmark_says_what_was_counted_of_whom_by_whom_and_until_when_to_use_it() -> None:
    benchmarks = declared("benchmarks")
    assert {name: [benchmark["kpi"]] for name, benchmark in benchmarks.items()} == {
        name: [kpi for kpi, file in KPI_FILES.items() if name in file.get("benchmarks", [])] for name in benchmarks
    }
    table = (PACK / "README.md").read_text(encoding="utf-8")
    for name, benchmark in benchmarks.items():
        source = benchmark["source"]
        assert benchmark.keys() >= {"title", "population", "definition"}, name
        assert source.keys() == {"title", "url", "publisher", "year", "grade"}, name
        assert benchmark["expires"] == dt.date(source["year"] + 3, 12, 31), name
        assert f"| `{benchmark['kpi']}` | " in table, name
        assert f"{source['year']} | {source['grade']} |" in table, name

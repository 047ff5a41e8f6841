"""The pack on a real CRM export: `../shared/data/crm` beside the checkout, or where KPIEVAL_CRM_DATA points."""

from __future__ import annotations

import csv
import os
import shutil
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from packs import Answers, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PROJECT = ROOT / "tests" / "crm"
DATA = Path(os.environ.get("KPIEVAL_CRM_DATA", ROOT.parent / "shared" / "data" / "crm"))
QUARTERS = ("2017-Q1", "2017-Q2", "2017-Q3", "2017-Q4")

pytestmark = pytest.mark.skipif(not (DATA / "sales_pipeline.csv").is_file(), reason=f"no CRM data in {DATA}")

Figures = dict[tuple[str, str, str], tuple[int, int, int]]  # level, member, quarter -> won, closed, revenue


def rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def quarter(text: str) -> str:
    """The quarter of a date written as 3/1/2017."""
    month, _, year = text.split("/")
    return f"{year}-Q{(int(month) + 2) // 3}"


@pytest.fixture(scope="module")
def teams() -> dict[str, tuple[str, str]]:
    return {row["sales_agent"]: (row["manager"], row["regional_office"]) for row in rows("sales_teams.csv")}


@pytest.fixture(scope="module")
def figures(teams: dict[str, tuple[str, str]]) -> Figures:
    found: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows("sales_pipeline.csv"):
        if row["deal_stage"] not in {"Won", "Lost"}:
            continue
        manager, region = teams[row["sales_agent"]]
        members = (
            ("rep", row["sales_agent"]),
            ("manager", manager),
            ("region", region),
            ("organisation", "organisation"),
        )
        for level, member in members:
            cell = found[level, member, quarter(row["close_date"])]
            cell[0] += row["deal_stage"] == "Won"
            cell[1] += 1
            cell[2] += int(row["close_value"])
    return {key: (won, closed, revenue) for key, (won, closed, revenue) in found.items()}


@pytest.fixture(scope="module")
def answers() -> Iterator[Answers]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KPIEVAL_CRM_DATA", str(DATA))
        yield evaluate(PROJECT, "2017-Q4", 4)


def test_the_published_figures_of_the_organisation(answers: Answers) -> None:
    rates = {"2017-Q1": 0.8207109737, "2017-Q2": 0.6171259843, "2017-Q3": 0.6140693698, "2017-Q4": 0.6025188917}
    samples = {"2017-Q1": 647, "2017-Q2": 2032, "2017-Q3": 2047, "2017-Q4": 1985}
    sales = {"2017-Q1": 1_134_672, "2017-Q2": 3_086_111, "2017-Q3": 2_982_255, "2017-Q4": 2_802_496}
    for label in QUARTERS:
        row = answers("win_rate", period=label)
        assert row["value"] == pytest.approx(rates[label], abs=1e-10)
        assert row["n"] == samples[label]
        assert answers.value("revenue_won", period=label) == sales[label]
    numerators = sum(answers("win_rate", period=label)["numerator"] for label in QUARTERS)
    assert (numerators, sum(samples.values())) == (4238, 6711)


def test_every_quarter_at_every_level_equals_plain_python(answers: Answers, figures: Figures) -> None:
    for (level, member, label), (won, closed, revenue) in figures.items():
        row = answers("win_rate", member, label)
        assert row["level"] == level
        assert row["value"] == pytest.approx(won / closed, rel=1e-12, abs=1e-12)
        assert row["n"] == closed
        assert answers.value("revenue_won", member, label) == revenue
    measured = {
        (row["level"], row["member"], row["period"])
        for row in answers.result["observations"]
        if row["kpi"] == "win_rate" and row["value"] is not None
    }
    assert measured == figures.keys()


def test_five_reps_without_a_deal_are_listed_without_data(answers: Answers, teams: dict[str, tuple[str, str]]) -> None:
    idle = teams.keys() - {row["sales_agent"] for row in rows("sales_pipeline.csv")}
    assert len(idle) == 5
    for rep in idle:
        for label in QUARTERS:
            assert answers.verdict("win_rate", rep, label) == (None, "no_data")
    members = {member["member"] for member in answers.result["members"] if member["level"] == "rep"}
    assert members == teams.keys()


def test_what_the_export_lacks_is_not_measured_and_says_what_it_needs(answers: Answers) -> None:
    missing = {
        kpi["name"]: {(gap["source"], column) for gap in kpi["missing"] for column in gap["columns"]}
        for kpi in answers.result["kpis"]
        if not kpi["measured"]
    }
    assert missing.keys() >= {
        "quota_attainment", "attainment_ratio", "forecast_accuracy", "forecast_bias", "engagement", "enps",
        "response_rate", "coaching_hours", "coaching_share", "reps_coached", "retention", "regretted_attrition",
        "tenure", "goal_attainment", "goals_met", "pace", "cross_sell_share", "competitive_wins", "margin",
        "objectives_met",
    }  # fmt: skip
    assert missing["engagement"] == {("surveys", column) for column in ("answered_on", "score", "team")}
    assert missing["quota_attainment"] == {
        ("quotas", column) for column in ("period_end", "period_start", "quota", "rep")
    }
    assert missing["margin"] == {("opportunities", "margin")}
    measured = {kpi["name"] for kpi in answers.result["kpis"] if kpi["measured"]}
    assert measured >= {"win_rate", "win_rate_created", "reps_needing_help", "win_rate_improvement", "reps_improving"}


def test_a_product_that_the_list_does_not_know_is_counted(answers: Answers) -> None:
    wrong = sum(row["product"] == "GTXPro" for row in rows("sales_pipeline.csv"))
    source = next(source for source in answers.result["sources"] if source["name"] == "opportunities")
    assert {"level": "product", "member": "GTXPro", "rows": wrong} in source["unknown_members"]


def test_lost_deals_without_an_amount_give_no_win_rate_by_value(answers: Answers) -> None:
    assert answers.verdict("win_rate_value") == (None, "no_data")


def test_dates_written_otherwise_give_the_same_values(
    answers: Answers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(PROJECT, tmp_path / "crm")
    for name in ("products.csv", "sales_teams.csv"):
        shutil.copy(DATA / name, tmp_path)
    with (tmp_path / "sales_pipeline.csv").open("w", encoding="utf-8", newline="") as file:
        found = list(rows("sales_pipeline.csv"))
        writer = csv.DictWriter(file, fieldnames=list(found[0]))
        writer.writeheader()
        for row in found:
            for column in ("engage_date", "close_date"):
                if row[column]:
                    month, day, year = row[column].split("/")
                    row[column] = f"{int(day):02}-{int(month):02}-{year[2:]}"
            writer.writerow(row)
    settings = tmp_path / "crm" / "kpieval.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("%m/%d/%Y", "%d-%m-%y"), encoding="utf-8")
    monkeypatch.setenv("KPIEVAL_CRM_DATA", str(tmp_path))
    again = evaluate(tmp_path / "crm", "2017-Q4", 4)
    assert again.result["observations"] == answers.result["observations"]

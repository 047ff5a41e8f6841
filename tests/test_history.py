# ruff: noqa: E501, one edit a line
"""History: what was reported is found again, held against today's, and nothing hidden comes back with it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

import kpieval
from kpieval.history import keep, newest, restated
from kpieval.problems import DataError, OutputError
from kpieval.render import render

PROJECT = """
project: acme
period: quarter
as_of: 2026-12-31
privacy: {min_group: 3}
sources:
  deals:
    file: deals.csv
    key: id
    time: day
    columns: {id: text, team: text, day: date, stage: {type: text, values: {won: Won, lost: Lost}}, amount: integer}
    dimensions: {team: team}
    measures:
      won: count(*) filter (where stage = 'won')
      all_deals: count(*)
      money: sum(amount)
dimensions:
  team: {}
"""
KPI = """
kpi: win_rate
value: won / all_deals
unit: percent
direction: higher_is_better
levels: [team, organisation]
target: 40%
bands: {good: 100%, watch: 80%, poor: rest}
"""
SECRET = "kpi: morale\nprivate: true\nvalue: avg(amount)\nsource: deals\nlevels: [team, organisation]\n"
TWICE = "kpi: twice\nvalue: win_rate * 2\nlevels: [organisation]\n"
QUARTERS = ("2026-02-01", "2026-05-01", "2026-08-01", "2026-11-01")
Json = dict[str, Any]


def deals(won: int = 6, teams: str = "ab", each: int = 10) -> str:
    rows = [
        f"{team}{day}{number},{team},{day},{'Won' if number < won else 'Lost'},{number}"
        for team in teams
        for day in QUARTERS
        for number in range(each)
    ]
    return "\n".join(["id,team,day,stage,amount", *rows]) + "\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "acme"
    (folder / "kpis").mkdir(parents=True)
    (folder / "kpieval.yaml").write_text(PROJECT)
    for name, text in (("win_rate", KPI), ("morale", SECRET), ("twice", TWICE)):
        (folder / "kpis" / f"{name}.yaml").write_text(text)
    (folder / "deals.csv").write_text(deals())
    return folder


def run(project: Path, period: str, *, kept: bool = True) -> Json:
    history = project.parent / "history"
    with kpieval.load(project).evaluate(period, history=history) as found:
        result = found.to_dict()
        if kept:
            found.keep(history)
    return result


def edit(project: Path, file: str, old: str, new: str) -> None:
    text = (project / file).read_text()
    assert old in text
    (project / file).write_text(text.replace(old, new))


def test_without_a_history_there_is_none(project: Path) -> None:
    with kpieval.load(project).evaluate("2026-Q3") as found:
        assert found.to_dict()["history"] is None


def test_nothing_is_restated_where_nothing_has_changed(project: Path) -> None:
    assert run(project, "2026-Q2")["history"] == {"runs": [], "restatements": []}
    again = run(project, "2026-Q3")["history"]
    assert [each["period"] for each in again["runs"]] == ["2026-Q2"]
    assert again["restatements"] == []
    assert [each["period"] for each in run(project, "2026-Q4")["history"]["runs"]] == ["2026-Q2", "2026-Q3"]


def test_changed_data_restate_what_was_reported_then(project: Path) -> None:
    run(project, "2026-Q2")
    edit(project, "deals.csv", "a2026-05-010,a,2026-05-01,Won", "a2026-05-010,a,2026-05-01,Lost")
    edit(project, "deals.csv", "b2026-02-010,b,2026-02-01,Won", "b2026-02-010,b,2026-02-01,Lost")  # not reported then
    found = run(project, "2026-Q3")["history"]["restatements"]
    assert [(each["kpi"], each["member"], each["period"]) for each in found] == [
        ("twice", "organisation", "2026-Q2"), ("win_rate", "organisation", "2026-Q2"), ("win_rate", "a", "2026-Q2"),
    ]  # fmt: skip
    of_a = found[2]
    assert (of_a["reported_value"], of_a["reported_status"], of_a["value"], of_a["status"]) == (
        0.6,
        "good",
        0.5,
        "good",
    )
    assert {each["cause"] for each in found} == {"data"}
    assert dt.datetime.fromisoformat(of_a["reported_at"]).date() == dt.datetime.now(dt.UTC).date()


@pytest.mark.parametrize(
    ("file", "old", "new", "causes"),
    [
        ("kpis/win_rate.yaml", "won / all_deals", "(won + 1) / all_deals", {"twice": "definition", "win_rate": "definition"}),
        ("kpieval.yaml", "won: Won, lost: Lost", "won: Lost, lost: Won", {"twice": "definition", "win_rate": "definition"}),
        ("kpieval.yaml", "stage = 'won'", "stage = 'lost' and amount > 8", {"twice": "definition", "win_rate": "definition"}),
        ("kpis/win_rate.yaml", "40%", "80%", {"win_rate": "target"}),
        ("kpis/win_rate.yaml", "good: 100%", "good: 160%", {"win_rate": "target"}),
        ("kpis/win_rate.yaml", "kpi: win_rate", "kpi: win_rate\ntitle: Wins # a comment", {}),
        ("kpis/win_rate.yaml", "won / all_deals", "won/all_deals", {}),
        ("kpieval.yaml", "file: deals.csv", "file: ./deals.csv", {}),
    ],
)  # fmt: skip
def test_the_cause_of_a_restatement(project: Path, file: str, old: str, new: str, causes: Json) -> None:
    run(project, "2026-Q2")
    edit(project, file, old, new)
    found = run(project, "2026-Q3")["history"]["restatements"]
    assert {each["kpi"]: each["cause"] for each in found} == causes


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    [
        ("kpieval.yaml", "period: quarter", "period: quarter # as always", set()),
        ("kpieval.yaml", "period: quarter", "period: quarter\ntitle: Acme", set()),
        ("kpieval.yaml", "won: count(*) filter (where stage = 'won')", "won:  count( * )  filter (where stage='won')", set()),
        ("kpieval.yaml", "money: sum(amount)", "money: sum(amount + 1)", set()),
        ("kpieval.yaml", "amount: integer", "amount: decimal", {"morale definition"}),
        ("kpieval.yaml", "period: quarter", "period: quarter\ncalendar: {fiscal_year_starts: april}",
         {"morale definition", "twice definition", "win_rate definition"}),
        ("kpieval.yaml", "min_group: 3", "min_group: 4", {"morale definition"}),
        ("kpieval.yaml", "team: team}", "team: stage}", {"morale definition", "win_rate definition", "twice definition"}),
        ("kpieval.yaml", "time: day", "time: day\n    where: amount > 2",
         {"morale definition", "twice definition", "win_rate definition"}),
        ("kpis/win_rate.yaml", "won / all_deals", "won / all_deals + 0", {"twice definition", "win_rate definition"}),
        ("kpis/win_rate.yaml", "target: 40%", "target: {value: 40%, note: agreed}", set()),
        ("kpis/win_rate.yaml", "target: 40%", "target: 0.40", set()),
        ("kpis/win_rate.yaml", "target: 40%", "target: 41%", {"win_rate judgement"}),
        ("kpis/win_rate.yaml", "target: 40%", "target: {measure: money}", {"win_rate judgement"}),
        ("kpis/win_rate.yaml", "watch: 80%", "watch: {at: 80%, label: Look}", set()),
        ("kpis/win_rate.yaml", "watch: 80%", "watch: 81%", {"win_rate judgement"}),
        ("kpis/win_rate.yaml", "unit: percent", "unit: percent\nmin_sample: 3",
         {"win_rate definition", "win_rate judgement", "twice definition"}),
    ],
)  # fmt: skip
def test_a_hash_changes_with_what_it_stands_for_alone(
    project: Path, file: str, old: str, new: str, changed: set[str]
) -> None:
    def hashes() -> set[tuple[str, str, str]]:
        with kpieval.load(project).evaluate("2026-Q3") as found:
            kpis = found.to_dict()["kpis"]
        return {(kpi["name"], part, value) for kpi in kpis for part, value in kpi["fingerprint"].items()}

    before = hashes()
    edit(project, file, old, new)
    assert {f"{name} {part}" for name, part, _ in hashes() - before} == changed


def test_the_target_of_the_data_is_part_of_the_judgement(project: Path) -> None:
    edit(project, "kpis/win_rate.yaml", "target: 40%", "target: {measure: money}")
    with kpieval.load(project).evaluate("2026-Q3") as found:
        before = {kpi["name"]: kpi["fingerprint"] for kpi in found.to_dict()["kpis"]}
    edit(project, "kpieval.yaml", "sum(amount)", "sum(amount) / 2")
    with kpieval.load(project).evaluate("2026-Q3") as found:
        after = {kpi["name"]: kpi["fingerprint"] for kpi in found.to_dict()["kpis"]}
    assert after["win_rate"]["definition"] == before["win_rate"]["definition"]
    assert after["win_rate"]["judgement"] != before["win_rate"]["judgement"]


def test_nothing_of_a_private_kpi_comes_back(project: Path) -> None:
    first = run(project, "2026-Q2")
    assert {each["member"] for each in first["observations"] if each["kpi"] == "morale" and each["value"]} > {"a"}
    edit(project, "deals.csv", "a2026-05-019,a,2026-05-01,Lost,9", "a2026-05-019,a,2026-05-01,Lost,1")
    assert run(project, "2026-Q3")["history"]["restatements"] == []


@pytest.mark.parametrize("guard", ["", " and not h.private"])
def test_what_is_hidden_is_not_kept_and_what_is_hidden_today_is_not_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, guard: str
) -> None:
    """Each of the two conditions is enough; the one `guard` is left out."""
    monkeypatch.setattr("kpieval.history.restated._RESTATED", restated._RESTATED.replace(guard, ""))
    (project / "deals.csv").write_text(deals(each=2))
    run(project, "2026-Q2")
    [file] = (project.parent / "history").glob("*.parquet")
    hidden = duckdb.execute(f"select value, numerator, n from '{file}' where reason = 'suppressed'").fetchall()
    assert hidden
    assert set(hidden) == {(None, None, None)}
    edit(project, "kpis/win_rate.yaml", "kpi: win_rate", "kpi: win_rate\nprivate: true")
    edit(project, "kpis/twice.yaml", "kpi: twice", "kpi: twice\nprivate: true")
    assert run(project, "2026-Q3")["history"]["restatements"] == []


def test_the_last_run_of_a_period_counts_and_no_other_is_opened(project: Path) -> None:
    history = project.parent / "history"
    run(project, "2026-Q2")
    for file in history.glob("*"):
        file.write_text("spoilt")
    edit(project, "deals.csv", "a2026-05-010,a,2026-05-01,Won", "a2026-05-010,a,2026-05-01,Lost")
    run(project, "2026-Q2")
    assert len(list(history.iterdir())) == 4
    assert run(project, "2026-Q3")["history"]["restatements"] == []


def test_a_run_that_was_killed_before_its_second_file_does_not_count(project: Path) -> None:
    run(project, "2026-Q2")
    [file] = (project.parent / "history").glob("*.json")
    file.unlink()
    assert run(project, "2026-Q3")["history"]["runs"] == []


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda json_, _: json_.write_text("{"), "isn't what kpieval writes"),
        (lambda json_, _: json_.write_text('{"format": 1}'), "isn't what kpieval writes"),
        (lambda json_, _: json_.write_text(json_.read_text().replace('"format": 1', '"format": 2')), "reads form 1"),
        (lambda json_, _: json_.write_text(json_.read_text().replace('"acme"', '"other"')), "its name says otherwise"),
        (lambda _, parquet: parquet.write_text("PAR1"), "isn't what kpieval writes"),
        (lambda _, parquet: parquet.unlink(), "isn't beside it"),
        (
            lambda _, parquet: duckdb.connect().execute(f"copy (select 1 as x) to '{parquet}'"),
            "isn't what kpieval writes",
        ),
    ],
    ids=["no JSON", "empty", "newer", "renamed", "cut", "alone", "other columns"],
)
def test_a_kept_run_that_is_damaged_is_named(project: Path, spoil: Any, why: str) -> None:  # noqa: ANN401 -- a lambda
    run(project, "2026-Q2")
    [json_] = (project.parent / "history").glob("*.json")
    spoil(json_, json_.with_suffix(".parquet"))
    with pytest.raises(DataError, match=why) as caught:
        run(project, "2026-Q3")
    problem = caught.value.problems[0]
    assert problem.code == "unreadable-history"
    assert problem.place is not None
    assert Path(problem.place.file).stem == json_.stem


def test_two_runs_at_the_same_moment_are_both_kept(tmp_path: Path) -> None:
    told: Json = {
        "project": "a/b",
        "period": "2026-Q2",
        "kpieval": "0",
        "grain": "quarter",
        "as_of": None,
        "kpis": {},
        "sources": [],
    }
    moment = dt.datetime(2026, 7, 6, tzinfo=dt.UTC)
    names = {keep(told, b"x", tmp_path, moment) for _ in range(3)}
    assert len(names) == 3
    assert {path.stem for path in tmp_path.iterdir()} == names
    assert [each.name for each in newest(tmp_path, "a/b", ["2026-Q1", "2026-Q2"])] == [max(names)]
    assert newest(tmp_path, "b", ["2026-Q2"]) == []


def test_a_history_that_cannot_be_written_is_a_problem(project: Path) -> None:
    (project.parent / "history").write_text("in the way")
    with kpieval.load(project).evaluate("2026-Q2") as found, pytest.raises(OutputError):
        found.keep(project.parent / "history")


def test_the_report_shows_both_figures_and_the_cause(project: Path) -> None:
    run(project, "2026-Q2")
    result = run(project, "2026-Q3")
    assert "Every figure reported for 1 earlier period is still the same." in render(result, "html")
    edit(project, "deals.csv", "a2026-05-010,a,2026-05-01,Won", "a2026-05-010,a,2026-05-01,Lost")
    result = run(project, "2026-Q3")
    for page in (render(result, "html"), render(result, "md")):
        assert "3 figures reported for 1 earlier period are different now." in page
        assert "60%, Good" in page
        assert "55%, Good" in page
        assert "The data have changed" in page
    assert json.loads(render(result, "json"))["history"] == result["history"]

"""What a run says of the periods it is asked for and of the data it finds."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

import kpieval
from kpieval.collect.timeline import Request
from kpieval.evaluate import evaluate, verdict
from kpieval.problems import DataError, DefinitionError

if TYPE_CHECKING:
    from pathlib import Path

    from kpieval.evaluate.verdict import Shape

PROJECT = """
project: acme
period: month
sources:
  deals: {file: deals.csv, time: day, columns: {rep: text, day: date}, measures: {won: count(*)}}
  reps: {file: reps.csv, columns: {rep_id: text}}
dimensions: {rep: {source: reps, key: rep_id}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "kpis").mkdir()
    (tmp_path / "kpieval.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "kpis/deals_won.yaml").write_text("kpi: deals_won\ntitle: Deals\nvalue: won\n", encoding="utf-8")
    (tmp_path / "deals.csv").write_text("rep,day\nann,2026-08-31\nann,2026-09-02\n", encoding="utf-8")
    (tmp_path / "reps.csv").write_text("rep_id\nann\n", encoding="utf-8")
    return tmp_path


def codes(project: Path, period: str | None, as_of: str) -> list[str]:
    with kpieval.load(project).evaluate(period, as_of=dt.date.fromisoformat(as_of)) as result:
        return [problem.code for problem in result.problems]


def test_data_that_end_in_the_midst_of_the_reported_period_are_told(project: Path) -> None:
    assert codes(project, None, "2026-11-22") == ["data-end-early"]


def test_a_period_that_was_named_or_has_just_ended_is_nobodys_mistake(project: Path) -> None:
    assert codes(project, "2026-09", "2026-11-22") == []
    assert codes(project, None, "2026-10-05") == []
    assert codes(project, None, "2026-09-10") == []


@pytest.mark.parametrize(
    ("grain", "days", "said"),
    [
        ("month", ["2026-08-01", "2026-09-01"], []),
        ("month", ["2026-08-01", "2026-08-02", "2026-09-01"], ["data-end-early"]),
        ("month", ["2026-09-01"], ["data-end-early"]),
        ("quarter", ["2026-04-01", "2026-07-01"], []),
        ("quarter", ["2026-08-01", "2026-09-01"], []),
        ("quarter", ["2026-07-01", "2026-08-01"], ["data-end-early"]),
        ("quarter", ["2026-06-01", "2026-07-01"], ["data-end-early"]),
        ("week", ["2026-08-24", "2026-08-31"], []),
        ("week", ["2026-08-25", "2026-09-01"], ["data-end-early"]),
        ("year", ["2024-01-01", "2025-01-01"], []),
    ],
)
def test_totals_dated_by_the_first_day_last_as_long_as_their_period(
    project: Path, grain: str, days: list[str], said: list[str]
) -> None:
    head = project / "kpieval.yaml"
    head.write_text(head.read_text("utf-8").replace("period: month", f"period: {grain}"), encoding="utf-8")
    (project / "deals.csv").write_text("rep,day\n" + "".join(f"ann,{day}\n" for day in days), encoding="utf-8")
    assert codes(project, None, "2027-06-15") == said


@pytest.mark.parametrize(("period", "as_of"), [("0001-01", "2026-10-05"), (None, "9999-12-31"), (None, "0001-01-01")])
def test_periods_beyond_the_calendar_are_refused(project: Path, period: str | None, as_of: str) -> None:
    if as_of == "9999-12-31":
        (project / "deals.csv").write_text("rep,day\nann,9999-12-31\n", encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        codes(project, period, as_of)
    assert [problem.code for problem in caught.value.problems] == ["unknown-period"]


@pytest.mark.parametrize(
    ("period", "hint"),
    [
        ("2026-Q3", "The last month of the quarter 2026-Q3 is 2026-09. The project says `period: month`."),
        ("2026", "The last month of the year 2026 is 2026-12. The project says `period: month`."),
        ("2026-09-14", "The day 2026-09-14 is in 2026-09. The project says `period: month`."),
        ("2026-W40", "The week 2026-W40 is in 2026-10. The project says `period: month`."),
        ("2026-13", "The project says `period: month`."),
        ("September", "The project says `period: month`."),
    ],
)
def test_a_period_of_another_grain_is_met_with_the_right_one(project: Path, period: str, hint: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        codes(project, period, "2026-10-05")
    assert [(problem.code, problem.hint) for problem in caught.value.problems] == [("unknown-period", hint)]


def test_one_row_is_spoken_of_as_one(project: Path) -> None:
    head = project / "kpieval.yaml"
    text = head.read_text("utf-8").replace(
        "rep: text, day: date", "rep: text, day: date, stage: {values: {won: [Won]}}"
    )
    text = text.replace("{rep_id: text}", "{rep_id: text, until: date}").replace("key: rep_id}", "key: rep_id, VALID}")
    text = text.replace("VALID", "valid: {from: since, to: until}").replace("until: date", "since: date, until: date")
    head.write_text(text.replace("count(*)", "count(stage)"), encoding="utf-8")
    (project / "reps.csv").write_text("rep_id,since,until\nann,,\nbob,,2026-08-31\n", encoding="utf-8")
    rows = ("ann,2026-09-30,Won", "ann,,Won", "zed,2026-09-01,Won", "bob,2026-09-02,Won", "ann,2026-09-03,Lost")
    (project / "deals.csv").write_text("\n".join(["rep,day,stage", *rows, ""]), encoding="utf-8")
    with kpieval.load(project).evaluate("2026-09", as_of=dt.date(2026, 10, 5)) as result:
        said = [problem.message for problem in result.problems]
    assert said == [
        "1 row of `deals` without a `day` is in no period.",
        "1 row of `deals` belongs to nobody on the list of `rep`: `zed`.",
        "1 row of `deals` is of a rep that isn't valid then: `bob` in 2026-09, valid until 2026-08-31.",
        "1 row of `deals` has the stage `Lost`, which `values` doesn't name.",
    ]


def test_nobody_is_called_as_those_who_are_on_no_list(project: Path) -> None:
    (project / "reps.csv").write_text("rep_id\nann\n(unknown)\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        codes(project, "2026-09", "2026-10-05")
    assert [problem.code for problem in caught.value.problems] == ["reserved-member"]


TREE = """
project: acme
period: month
sources:
  deals: {file: deals.csv, time: day, columns: {rep: text, day: date}, measures: {won: count(*)}}
  reps: {file: reps.csv, columns: {rep_id: text, boss: text, since: date, until: date}}
dimensions: {rep: {source: reps, key: rep_id, parent: {self: boss}, valid: {from: since, to: until}}}
"""


@pytest.fixture
def tree(project: Path) -> Path:
    (project / "kpieval.yaml").write_text(TREE, encoding="utf-8")
    return project


def told(project: Path, people: str) -> tuple[str, str]:
    """The code and the message of what keeps the tree of these people from being evaluated, or of its one warning."""
    (project / "reps.csv").write_text(f"rep_id,boss,since,until\n{people}", encoding="utf-8")
    try:
        with kpieval.load(project).evaluate("2026-09", as_of=dt.date(2026, 10, 5)) as result:
            (problem,) = result.problems
    except DataError as error:
        (problem,) = error.problems
    return problem.code, problem.message


def test_nobody_is_above_themselves(tree: Path) -> None:
    circle = "ann,bob,,\nbob,cid,,\ncid,bob,,\n"
    assert told(tree, circle) == ("tree-cycle", "In `reps` the rep `bob` is above itself: bob -> cid -> bob.")
    assert told(tree, "ann,ann,,\n") == ("tree-cycle", "In `reps` the rep `ann` is above itself: ann -> ann.")
    later = "ann,,,2026-08-31\nann,bob,2026-09-01,\nbob,ann,,\n"
    message = "In `reps` the rep `ann` is above itself from 2026-09-01 on: ann -> bob -> ann."
    assert told(tree, later) == ("tree-cycle", message)


def test_who_swap_places_are_no_circle(tree: Path) -> None:
    people = "ann,,,2026-08-31\nann,bob,2026-09-01,\nbob,ann,,2026-08-31\nbob,,2026-09-01,\ncid,zoe,,\n"
    message = "`reps` has a rep below a rep who is on no list: `zoe`."
    assert told(tree, people) == ("unknown-parent", message)


def test_nobody_has_two_above_at_a_time(tree: Path) -> None:
    code, _ = told(tree, "ann,bob,,2026-09-10\nann,cid,2026-09-10,\nbob,,,\ncid,,,\n")
    assert code == "member-twice"


def test_a_project_without_kpis_has_a_result_without_observations(project: Path) -> None:
    (project / "kpis/deals_won.yaml").unlink()
    with kpieval.load(project).evaluate("2026-09", as_of=dt.date(2026, 10, 5)) as result:
        found = result.to_dict()
    assert (found["kpis"], found["observations"], found["members"]) == ([], [], [])


def test_who_was_there_only_in_earlier_periods_that_a_target_looks_at_is_not_listed(project: Path) -> None:
    (project / "kpieval.yaml").write_text(
        PROJECT.replace("columns: {rep_id: text}", "columns: {rep_id: text, from_day: date, to_day: date}")
        .replace("key: rep_id}", "key: rep_id, valid: {from: from_day, to: to_day}}"),
        encoding="utf-8",
    )  # fmt: skip
    (project / "reps.csv").write_text(
        "rep_id,from_day,to_day\nann,,\nbob,,2026-07-15\ncid,,2026-08-15\n", encoding="utf-8"
    )
    (project / "deals.csv").write_text("rep,day\nann,2026-07-01\nbob,2026-07-02\nann,2026-09-02\n", encoding="utf-8")
    kpi = "kpi: deals_won\nvalue: won\ntarget: {trailing: 4, min_periods: 1}\n"
    (project / "kpis/deals_won.yaml").write_text(kpi, encoding="utf-8")
    with kpieval.load(project).evaluate("2026-09", 1, dt.date(2026, 10, 5)) as result:
        found = result.to_dict()
    assert [row["member"] for row in found["members"]] == ["ann", "cid", "organisation"]  # as for the first change
    assert {row["period"] for row in found["observations"]} == {"2026-09"}
    assert [row["target"] for row in found["observations"]] == [2.0, 1.0]  # all of July, and those of ann


def test_only_a_kpi_that_looks_at_its_own_past_is_evaluated_so_far_back(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "kpis/steady.yaml").write_text("kpi: steady\nvalue: won\ntarget: {trailing: 4}\n", encoding="utf-8")
    (project / "kpis/yearly.yaml").write_text("kpi: yearly\nvalue: won\ntarget: {prior: year}\n", encoding="utf-8")
    judge, asked = verdict.judge, []

    def seen(raw: str, shape: Shape, *, means: bool) -> str:
        asked.append(raw)
        return judge(raw, shape, means=means)

    monkeypatch.setattr(verdict, "judge", seen)
    run = evaluate(kpieval.load(project).model, Request("2026-09", 1))
    with run.resources:
        found = run.connection.execute(f"select kpi::varchar, min(period) from ({asked[0]}) group by all").fetchall()
    begins = {kpi: run.timeline.first - period for kpi, period in found}
    assert begins == {"deals_won": 1, "steady": 5, "yearly": 13}  # August, for the change, and what August looks at


def test_a_period_that_has_not_begun_is_refused_and_one_that_has_is_not(project: Path) -> None:
    with pytest.raises(DefinitionError) as caught:
        kpieval.load(project).evaluate("2026-10", as_of=dt.date(2026, 9, 30))
    found = caught.value.problems[0]
    assert (found.code, found.hint) == ("period-not-begun", "The last period that is over is 2026-09.")
    kpieval.load(project).evaluate("2026-10", as_of=dt.date(2026, 10, 1)).close()


def test_a_kpi_of_two_bands_has_points_that_json_takes(project: Path) -> None:
    kpi = "kpi: deals_won\ntitle: Deals\nvalue: won\ntarget: 1\nbands: {good: 100%, poor: rest}\n"
    (project / "kpis/deals_won.yaml").write_text(kpi, encoding="utf-8")
    with kpieval.load(project).evaluate("2026-09") as result:
        points = {type(row["score"]) for row in result.to_dict()["observations"] if row["status"]}
    assert points == {float}

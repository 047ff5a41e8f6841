"""The pack on small data: the examples of the text that it comes from, and traps that its KPIs must not fall into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from packs import deals, reps, small

if TYPE_CHECKING:
    from pathlib import Path

Q1 = "2026-Q1"
MAY = "2026-05-04"


def test_eleven_low_among_twenty_reps_are_55_percent(tmp_path: Path) -> None:
    people = [f"r{number:02}" for number in range(20)]
    rows = [deals(rep, 2 if place < 11 else 10, 20, MAY) for place, rep in enumerate(people)]
    roster = reps(*(f"{rep} m1" for rep in people))
    answers = small(tmp_path, opportunities="\n".join(rows), reps=roster)
    assert answers.value("reps_needing_help") == pytest.approx(0.55, abs=1e-12)
    assert answers.value("reps_needing_help_count") == 11
    assert answers.value("reps_needing_help", "m1") == pytest.approx(0.55, abs=1e-12)
    assert answers("reps_needing_help")["n"] == 20


def test_from_17_to_31_percent_is_14_points(tmp_path: Path) -> None:
    rows = deals("ann", 17, 83, "2026-02-02") + "\n" + deals("ann", 31, 69, MAY)
    answers = small(tmp_path, opportunities=rows, reps=reps("ann m1"))
    assert answers.value("win_rate", "ann", Q1) == pytest.approx(0.17, abs=1e-12)
    assert answers.value("win_rate_improvement", "ann") == pytest.approx(0.14, abs=1e-12)
    assert answers.value("win_rate_improvement") == pytest.approx(0.14, abs=1e-12)
    assert answers.verdict("win_rate_improvement", "ann", Q1) == (None, "no_baseline")
    assert answers.value("reps_improving", "m1") == 1


def test_low_performers_on_too_few_deals_are_in_neither_half(tmp_path: Path) -> None:
    rows = "\n".join([deals("ann", 1, 25, MAY), deals("bob", 10, 10, MAY), deals("cat", 0, 5, MAY)])
    roster = reps("ann m1", "bob m1", "cat m1", "dan m1")
    answers = small(tmp_path, opportunities=rows, reps=roster)
    row = answers("reps_needing_help", "m1")
    assert row["value"] == 0.5
    assert (row["members_counted"], row["members_missing"]) == (2, 2)


def test_open_deals_are_in_neither_half_whatever_day_they_are_expected(tmp_path: Path) -> None:
    rows = (
        deals("ann", 10, 10, MAY)
        + f"\no1,ann,open,9000,{MAY},{MAY},new,false,,,acme\no2,ann,open,9000,2026-08-01,{MAY},new,false,,,acme"
    )
    answers = small(tmp_path, opportunities=rows, reps=reps("ann m1"))
    row = answers("win_rate", "ann")
    assert (row["value"], row["n"]) == (0.5, 20)
    assert answers.value("win_rate_value", "ann") == 0.5
    assert answers.value("cohort_closed", "ann") == pytest.approx(20 / 22)


def test_a_rep_with_nothing_but_open_deals_divides_by_zero_without_a_value(tmp_path: Path) -> None:
    rows = deals("bob", 1, 1, MAY) + f"\no1,ann,open,9000,{MAY},{MAY},new,false,,,acme"
    roster = reps("ann m1", "bob m1")
    answers = small(tmp_path, opportunities=rows, reps=roster)
    assert answers.verdict("win_rate", "ann") == (None, "zero_denominator")


def test_a_rep_without_any_deal_stays_and_a_manager_without_reps_has_no_data(tmp_path: Path) -> None:
    answers = small(
        tmp_path,
        opportunities=deals("ann", 10, 10, MAY),
        reps=reps("ann m1", "bob m1"),
        quotas="ann,2026-04-01,2026-06-30,5000\nbob,2026-04-01,2026-06-30,5000",
        employment="ann,2020-01-01,,\nbob,2020-01-01,,",
        goals="m1,2026-04-01,9000",
        activities=f"a1,ann,coaching,{MAY},1",
        surveys=f"p1,m1,{MAY},8",
        forecasts="ann,2026-04-01,2026-03-30,8000",
        manager_hours=f"m1,coaching,{MAY},1",
    )
    assert answers.verdict("win_rate", "bob") == (None, "no_data")
    assert answers.verdict("attainment_ratio", "bob") == (0, None)
    verdicts = {(row["value"], row["reason"]) for row in answers.result["observations"] if row["member"] == "m2"}
    assert verdicts == {(None, "no_data")}


def test_win_rates_by_count_and_by_value_differ(tmp_path: Path) -> None:
    rows = deals("ann", 5, 0, MAY, 9000) + "\n" + deals("ann", 0, 15, MAY, 1000, start=5)
    answers = small(tmp_path, opportunities=rows, reps=reps("ann m1"))
    assert answers.value("win_rate") == 0.25
    assert answers.value("win_rate_value") == 0.75


def test_who_changes_team_counts_for_the_manager_of_the_time(tmp_path: Path) -> None:
    rows = deals("ann", 12, 8, "2026-04-20") + "\n" + deals("ann", 3, 17, "2026-06-01")
    roster = reps("ann m1 2020-01-01 2026-05-10", "ann m2 2026-05-11")
    quotas = "ann,2026-04-01,2026-05-10,6000\nann,2026-05-11,2026-06-30,6000"
    answers = small(tmp_path, opportunities=rows, reps=roster, quotas=quotas)
    assert answers.value("win_rate", "m1") == 0.6
    assert answers.value("win_rate", "m2") == 0.15
    assert answers.value("win_rate", "ann") == answers.value("win_rate", "north") == 0.375
    # over reps, one rep is one rep: all of the quarter, for the team at its end
    assert answers.verdict("quota_attainment", "m1") == (None, "no_data")
    assert answers.value("quota_attainment", "m2") == 1
    assert answers("quota_attainment")["n"] == 1


def test_three_of_four_are_no_verdict(tmp_path: Path) -> None:
    row = small(tmp_path, opportunities=deals("ann", 3, 1, MAY), reps=reps("ann m1"))("win_rate", "ann")
    assert row["value"] == 0.75
    assert row["interval"] == pytest.approx([0.30, 0.95], abs=0.01)
    assert (row["status"], row["reason"]) == (None, "insufficient_sample")


def test_quota_counts_reps_at_or_above_and_leaves_out_those_without(tmp_path: Path) -> None:
    rows = "\n".join(deals(rep, won, 1, MAY) for rep, won in [("ann", 5), ("bob", 4), ("cat", 9)])
    quotas = "ann,2026-04-01,2026-06-30,5000\nbob,2026-04-01,2026-06-30,5000\ndan,2026-04-01,2026-06-30,5000"
    roster = reps("ann m1", "bob m1", "cat m1", "dan m1")
    answers = small(tmp_path, opportunities=rows, reps=roster, quotas=quotas)
    row = answers("quota_attainment", "m1")
    assert row["value"] == pytest.approx(1 / 3)
    assert (row["numerator"], row["denominator"]) == (1, 3)
    assert answers.value("attainment_ratio", "m1") == pytest.approx(18 / 15)
    assert answers.verdict("attainment_ratio", "cat") == (None, "zero_denominator")


def test_a_quota_that_crosses_a_quarter_is_not_prorated_by_guess(tmp_path: Path) -> None:
    quotas = "ann,2026-04-01,2026-06-30,5000\nbob,2026-03-15,2026-06-14,5000"
    rows = deals("ann", 5, 1, MAY) + "\n" + deals("bob", 9, 1, MAY)
    answers = small(tmp_path, opportunities=rows, reps=reps("ann m1", "bob m1"), quotas=quotas)
    assert answers("quota_attainment", "m1")["n"] == 1


def test_forecast_errors_of_two_reps_do_not_cancel(tmp_path: Path) -> None:
    rows = deals("ann", 10, 0, MAY) + "\n" + deals("bob", 10, 0, MAY)
    forecasts = "ann,2026-04-01,2026-03-31,15000\nbob,2026-04-01,2026-03-31,5000"
    answers = small(tmp_path, opportunities=rows, reps=reps("ann m1", "bob m1"), forecasts=forecasts)
    assert answers.value("forecast_accuracy", "m1") == 0.5
    assert answers.value("forecast_bias", "m1") == 0


def test_the_forecast_is_the_last_one_frozen_by_the_first_day(tmp_path: Path) -> None:
    forecasts = "\n".join(f"ann,2026-04-01,{day},{amount}" for day, amount in [
        ("2026-03-01", 1000), ("2026-04-01", 8000), ("2026-03-30", 3000), ("2026-04-02", 10000),
    ])  # fmt: skip
    answers = small(tmp_path, opportunities=deals("ann", 10, 0, MAY), reps=reps("ann m1"), forecasts=forecasts)
    assert answers.value("forecast_accuracy", "m1") == pytest.approx(0.8)
    assert answers.value("forecast_bias", "m1") == pytest.approx(-0.2)


def test_accuracy_has_a_floor_and_needs_revenue(tmp_path: Path) -> None:
    rows = deals("ann", 1, 0, MAY) + "\n" + deals("bob", 0, 1, MAY)
    forecasts = "ann,2026-04-01,2026-03-31,9000\nbob,2026-04-01,2026-03-31,9000"
    answers = small(tmp_path, opportunities=rows, reps=reps("ann m1", "bob m2"), forecasts=forecasts)
    assert answers.value("forecast_accuracy", "m1") == 0
    assert answers.verdict("forecast_accuracy", "m2") == (None, "zero_denominator")


def test_engagement_is_never_shown_for_a_rep_nor_for_fewer_than_five(tmp_path: Path) -> None:
    staff = {
        "reps": reps(*(f"r{n} m1" for n in range(10))),
        "employment": "\n".join(f"r{number},2020-01-01,," for number in range(10)),
    }
    five = [("m1", score) for score in (9, 10, 7, 6, 3)]
    for name in ("five", "nine"):
        (tmp_path / name).mkdir()
    answers = small(tmp_path / "five", surveys=answered(five), **staff)
    assert answers.value("engagement", "m1") == 7
    assert answers.value("enps", "m1") == 0
    assert answers.value("response_rate", "m1") == 0.5
    asked = {"engagement", "enps", "response_rate"}
    levels = {row["level"] for row in answers.result["observations"] if row["kpi"] in asked}
    assert levels == {"manager", "region", "organisation"}
    answers = small(tmp_path / "nine", surveys=answered([*five, *[("m3", 10)] * 4]), **staff)
    assert answers.verdict("engagement", "m3") == (None, "suppressed")
    assert answers.verdict("engagement", "m1") == (None, "suppressed")  # the whole less m1 would tell of m3


def answered(scores: list[tuple[str, int]]) -> str:
    return "\n".join(f"p{number},{team},{MAY},{score}" for number, (team, score) in enumerate(scores))


def test_coaching_counts_reps_without_any_as_zero_and_fortnights_from_the_calendar(tmp_path: Path) -> None:
    activities = f"a1,ann,coaching,{MAY},6.5\na2,ann,deal_review,{MAY},9"
    employment = "ann,2020-01-01,,\nbob,2020-01-01,,"
    answers = small(
        tmp_path, activities=activities, employment=employment, reps=reps("ann m1", "bob m1")
    )  # 91 days are six and a half fortnights
    assert answers.value("coaching_hours", "ann") == pytest.approx(1)
    assert answers.value("coaching_hours", "bob") == 0
    assert answers.value("coaching_hours", "m1") == pytest.approx(0.5)


def test_a_rep_is_coached_only_with_a_session_in_every_fortnight(tmp_path: Path) -> None:
    steady = ["2026-04-14", "2026-04-15", "2026-05-12", "2026-05-13", "2026-06-09", "2026-06-10"]  # both ends of each
    bunched = [
        "2026-04-01",
        "2026-04-02",
        "2026-04-20",
        "2026-05-05",
        "2026-05-20",
        "2026-06-02",
        "2026-06-24",
        "2026-06-30",
    ]
    days = [("ann", day) for day in steady] + [("bob", day) for day in bunched] + [("new", day) for day in steady]
    activities = "\n".join(f"a{number},{rep},coaching,{day},1" for number, (rep, day) in enumerate(days))
    employment = "ann,2020-01-01,,\nbob,2020-01-01,,\nnew,2026-04-02,,\nidle,2020-01-01,,"
    roster = reps("ann m1", "bob m1", "new m1", "idle m1")
    row = small(tmp_path, activities=activities, employment=employment, reps=roster)("reps_coached", "m1")
    assert (row["value"], row["members_counted"], row["members_missing"]) == (pytest.approx(1 / 3), 3, 1)


def test_a_managers_own_hours_are_split_between_coaching_and_meetings(tmp_path: Path) -> None:
    hours = f"m1,coaching,{MAY},3\nm1,internal_meeting,{MAY},9\nm1,deal_review,{MAY},50\nm2,deal_review,{MAY},5"
    answers = small(tmp_path, manager_hours=hours, reps=reps("ann m1"))
    assert answers.value("coaching_share", "m1") == 0.25
    assert answers.verdict("coaching_share", "m2") == (None, "zero_denominator")


def test_retention_is_of_those_who_were_there_at_the_start(tmp_path: Path) -> None:
    employment = (
        "ann,2020-01-01,,\nbob,2020-01-01,2026-05-01,true\ncat,2020-01-01,2026-06-30,false\ndan,2020-01-01,2026-07-01,true\n"
        "joiner,2026-04-02,,\nbrief,2026-04-02,2026-06-01,true\ngone,2020-01-01,2026-03-31,true\nmoved,2020-01-01,,"
    )
    names = ["ann", "bob", "cat", "dan", "joiner", "brief", "gone"]
    roster = reps(*(f"{name} m1" for name in names), "moved m1 2020-01-01 2026-04-30", "moved m2 2026-05-01")
    answers = small(tmp_path, employment=employment, reps=roster)
    # ann, bob, cat, dan and moved were there; bob left, cat on the last day; dan leaves in the next quarter
    assert answers.value("retention", "m1") == pytest.approx(3 / 5)
    assert answers.value("retention") == pytest.approx(3 / 5)
    assert answers.value("regretted_attrition", "m1") == pytest.approx(1 / 5)
    assert answers.verdict("retention", "m2") == (None, "no_data")


def test_goals_and_quotas_are_different_things(tmp_path: Path) -> None:
    rows = deals("star", 20, 0, MAY) + "\n" + deals("ann", 1, 9, MAY) + "\n" + deals("bob", 1, 9, MAY)
    quotas = "\n".join(f"{rep},2026-04-01,2026-06-30,7000" for rep in ("star", "ann", "bob"))
    answers = small(
        tmp_path,
        opportunities=rows,
        reps=reps("star m1", "ann m1", "bob m1"),
        quotas=quotas,
        goals="m1,2026-04-01,20000\nm3,2026-04-01,1000",
    )
    assert answers.value("goal_attainment", "m1") == pytest.approx(1.1)
    assert answers.value("quota_attainment", "m1") == pytest.approx(1 / 3)
    assert answers.verdict("goal_attainment", "m3") == (0, None)
    assert answers.value("goals_met") == 0.5
    assert answers.value("goals_met", "north") == 1


def test_pace_is_measured_against_the_share_of_the_quarter_that_is_gone(tmp_path: Path) -> None:
    answers = small(
        tmp_path,
        opportunities=deals("ann", 5, 0, "2026-04-20"),
        reps=reps("ann m1"),
        goals="m1,2026-04-01,10000",
        settings="as_of: 2026-05-16",
    )  # 46 of 91 days
    assert answers.value("goal_attainment", "m1") == 0.5
    assert answers.value("pace", "m1") == pytest.approx(0.5 / (46 / 91))


def test_a_half_empty_competitor_column_shows_how_complete_it_is(tmp_path: Path) -> None:
    found = [("won", "x"), ("lost", "y"), ("won", ""), ("lost", ""), ("open", "x")]
    rows = "\n".join(
        f"d{number},ann,{stage},1000,{MAY},{MAY},new,false,{competitor},,acme"
        for number, (stage, competitor) in enumerate(found)
    )
    answers = small(tmp_path, opportunities=rows, reps=reps("ann m1"))
    assert answers.value("competitor_known", "ann") == 0.5
    assert answers.verdict("competitive_wins", "ann") == (0.5, "insufficient_sample")
    source = next(source for source in answers.result["sources"] if source["name"] == "opportunities")
    assert next(column for column in source["columns"] if column["name"] == "competitor")["missing"] == 2


def test_an_objective_without_a_value_is_in_neither_half(tmp_path: Path) -> None:
    rows = "\n".join(f"{cross},ann,won,1000,{MAY},{MAY},existing,{cross},,400,acme" for cross in ("true", "false"))
    answers = small(tmp_path, opportunities=rows, reps=reps("ann m1"))
    # cross-selling 50 % (met, 3), large new clients 0 % (3), no known competitor, margin 40 % (met, 2)
    assert answers.value("objectives_met", "m1") == pytest.approx(5 / 8)


def test_kpis_without_their_sources_are_not_measured_and_say_what_they_need(tmp_path: Path) -> None:
    answers = small(tmp_path, opportunities=deals("ann", 10, 10, MAY), reps=reps("ann m1"))
    kpis = {kpi["name"]: kpi for kpi in answers.result["kpis"]}
    assert kpis["win_rate"]["measured"]
    assert not kpis["quota_attainment"]["measured"]
    assert {(gap["source"], *gap["columns"]) for gap in kpis["quota_attainment"]["missing"]} == {
        ("quotas", "period_end", "period_start", "quota", "rep")
    }
    assert not any(row["kpi"] == "quota_attainment" for row in answers.result["observations"])

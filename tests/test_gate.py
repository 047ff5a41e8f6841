"""What closes a gate, and what doesn't: each condition, and what a regression is."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gates import gate_of, gated
from kpieval import folders
from kpieval.evaluate.statistics import define
from kpieval.gate.conditions import FIXED, UnknownConditionError, conditions
from kpieval.gate.regression import by_chance
from sample_result import result

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]


@pytest.fixture(scope="module")
def small() -> Json:
    return result(reps=8)


def changed(given: Json, change: Callable[[Json], None]) -> Json:
    copied = copy.deepcopy(given)
    change(copied)
    return copied


def now(given: Json, kpi: str, level: str = "organisation") -> Json:
    """The observation of a KPI in the reported period, for the first member of a level."""
    rows = (row for row in given["observations"] if row["period"] == given["period"])
    found: Json = next(row for row in rows if row["kpi"] == kpi and row["level"] == level)
    return found


def test_the_gate_is_as_the_schema_says(small: Json) -> None:
    schema = json.loads((folders.schemas() / "result.schema.json").read_text("utf-8"))
    told = gated(small, "poor", "no_data", "finding:note", "problem:note", "benchmark-expired", "stale")
    assert told["gate"]["closed"]
    assert list(Draft202012Validator(schema).iter_errors(told)) == []


def test_statuses_and_reasons_are_those_of_the_reported_period(small: Json) -> None:
    found = gate_of(small, "poor", "no_data")
    expected = [
        (row["kpi"], row["level"], row["member"])
        for row in small["observations"]
        if row["period"] == small["period"] and {row["status"], row["reason"]} & {"poor", "no_data"}
    ]
    failures = [(each.name, each.level, each.member) for each in found.failures if each.kind == "observation"]
    assert sorted(failures) == sorted((*key,) for key in expected)
    assert {each.period for each in found.failures} == {small["period"]}
    scores = [s for card in small["scorecards"] for s in card["scores"] if s["period"] == small["period"]]
    closed = [s for s in scores if {s["status"], s["reason"]} & {"poor", "no_data"}]
    assert len(closed) == sum(each.kind == "score" for each in found.failures) > 0


def test_each_failure_says_where_it_is_defined(small: Json) -> None:
    places = {kpi["name"]: kpi["place"] for kpi in small["kpis"]}
    found = [each for each in gate_of(small, "poor").failures if each.kind == "observation"]
    assert found
    assert all(each.place == places[each.name] for each in found)


def test_the_worst_comes_first(small: Json) -> None:
    failures = gate_of(small, "poor", "finding:note", "problem:note").failures
    severities = [("error", "warning", "note").index(each.severity) for each in failures]
    assert severities == sorted(severities)
    coarsest_first = [level["name"] for level in reversed(small["levels"])]
    levels = [coarsest_first.index(each.level) for each in failures if each.kind == "observation" and each.level]
    assert levels == sorted(levels)


def test_a_severity_takes_the_worse_ones_in(small: Json) -> None:
    by_severity = {
        severity: len(gate_of(small, f"finding:{severity}").failures) for severity in ("error", "warning", "note")
    }
    told = [each["severity"] for each in small["findings"]]
    assert by_severity["error"] == told.count("error") > 0
    assert by_severity["warning"] == told.count("error") + told.count("warning")
    assert by_severity["note"] == len(told) > by_severity["warning"] > by_severity["error"]
    severities = [each["severity"] for each in small["problems"]]
    assert len(gate_of(small, "problem:warning").failures) == len(severities) - severities.count("note") > 0


def test_a_benchmark_that_has_expired_closes_it(small: Json) -> None:
    assert [each.name for each in gate_of(small, "benchmark-expired").failures] == [
        each["name"] for each in small["benchmarks"] if each["expired"]
    ]
    fresh = [{**each, "expired": False} for each in small["benchmarks"]]
    assert not gate_of({**small, "benchmarks": fresh}, "benchmark-expired").closed


@pytest.mark.parametrize(
    ("last", "used", "stale"),
    [("2026-06-30", 10, True), ("2026-07-01", 10, False), ("2026-06-30", None, False), (None, 10, False)],
)
def test_data_are_stale_without_a_row_since_the_period_began(
    small: Json,
    last: str | None,
    used: int | None,
    stale: bool,  # noqa: FBT001 -- a parameter of the test
) -> None:
    def set_source(it: Json) -> None:
        it["sources"] = [{**it["sources"][0], "last": last, "rows_used": used}]
        it["problems"] = []

    assert small["periods"][-1]["start"] == "2026-07-01"
    assert gate_of(changed(small, set_source), "stale").closed is stale


@pytest.mark.parametrize("code", ["data-end-early", "members-without-rows"])
def test_data_that_are_not_all_there_are_stale(small: Json, code: str) -> None:
    early = {
        "severity": "warning", "code": code, "message": "The newest row is of 2026-09-02.",
        "file": None, "line": None, "column": None, "hint": None,
    }  # fmt: skip
    (failure,) = gate_of({**small, "sources": [], "problems": [early]}, "stale").failures
    assert failure.sentence == "The newest row is of 2026-09-02"


def test_a_status_that_is_called_like_a_condition_is_meant(small: Json) -> None:
    def rename(it: Json) -> None:
        it["kpis"][0]["bands"][-1]["name"] = "stale"

    asked = conditions(changed(small, rename), ["stale"])
    assert asked.statuses == {"stale"}
    assert not asked.stale


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("por", "`poor`"),
        ("finding:eror", "`finding:error`"),
        ("regresion", "`regression`"),
        ("xyz", "`xyz`. There are: .*watch, .*stale.$"),
    ],
)
def test_a_name_that_nothing_has_is_refused(small: Json, name: str, hint: str) -> None:
    with pytest.raises(UnknownConditionError, match=hint):
        conditions(small, [name])


def test_every_fixed_condition_is_known_and_passes_where_nothing_meets_it(small: Json) -> None:
    lists = ("observations", "scorecards", "findings", "problems", "benchmarks", "sources")
    empty = {**small, **{name: [] for name in lists}}
    found = gate_of(empty, *FIXED)
    assert not found.closed
    assert found.sentence.startswith("Gate passed for 2026-Q3")


# Regressions. In all of these the baseline is the result itself, with one thing changed.


def of_kpi(before: Json, after: Json, tolerance: float = 0.0) -> list[tuple[str, str | None, str]]:
    found = gate_of(after, "regression", baseline=before, tolerance=tolerance).failures
    return [(each.name, each.level, each.sentence) for each in found]


def test_nothing_is_worse_than_itself(small: Json) -> None:
    found = gate_of(small, "regression", baseline=small)
    assert (found.failures, found.notes) == ((), ())
    assert found.baseline == {"name": "main", "period": "2026-Q3", "tolerance": 0.0}


@pytest.mark.parametrize(
    ("kpi", "factor", "worse"),
    [("revenue", 1.05, True), ("revenue", 0.95, False), ("deal_cycle", 0.95, True), ("deal_cycle", 1.05, False)],
)
def test_worse_is_the_wrong_way(small: Json, kpi: str, factor: float, worse: bool) -> None:  # noqa: FBT001
    def move(it: Json) -> None:
        now(it, kpi)["value"] *= factor

    before = changed(small, move)
    assert [name for name, _, _ in of_kpi(before, small)] == ([kpi] if worse else [])
    assert of_kpi(before, small, tolerance=0.06) == []


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_of_what_is_only_counted_neither_way_is_worse(small: Json, factor: float) -> None:
    counted = [{**kpi, "direction": "neutral"} if kpi["name"] == "revenue" else kpi for kpi in small["kpis"]]
    after = {**small, "kpis": counted}
    before = changed(after, lambda it: now(it, "revenue").update(value=now(it, "revenue")["value"] * factor))
    assert of_kpi(before, after) == []


def at(given: Json, kpi: str, value: float) -> Json:
    return changed(given, lambda it: now(it, kpi).update(value=value))


def test_outside_a_range_is_worse_whichever_side(small: Json) -> None:
    row = now(small, "forecast_bias")
    low, high = row["target_range"]
    for inside, outside in ((high, high + 0.1), (low, low - 0.1)):
        before, after = at(small, "forecast_bias", inside), at(small, "forecast_bias", outside)
        assert [name for name, _, _ in of_kpi(before, after)] == ["forecast_bias"]
        assert of_kpi(after, before) == []


def test_a_worse_status_is_a_regression(small: Json) -> None:
    before = changed(small, lambda it: now(it, "revenue").update(status="good"))
    after = changed(small, lambda it: now(it, "revenue").update(status="poor"))
    ((name, level, sentence),) = of_kpi(before, after, tolerance=1.0)
    assert (name, level) == ("revenue", "organisation")
    assert "poor, and good in the baseline" in sentence
    assert of_kpi(after, before) == []


def test_a_status_is_not_compared_where_the_target_is_another_one(small: Json) -> None:
    def relaxed(it: Json) -> None:
        now(it, "revenue").update(status="good")
        kpi = next(kpi for kpi in it["kpis"] if kpi["name"] == "revenue")
        kpi["targets"][0]["value"] = 1.0
        kpi["fingerprint"]["judgement"] = "another"

    after = changed(small, lambda it: now(it, "revenue").update(status="poor"))
    assert of_kpi(changed(small, relaxed), after) == []


def earlier(given: Json) -> Json:
    """The result as one of the period before: all that is known of the reported period is said to be of that one."""

    def shift(it: Json) -> None:
        last, before = it["periods"][-1]["label"], it["periods"][-2]["label"]
        it["period"] = before
        it["periods"] = it["periods"][:-1]
        rows = (*it["observations"], *(score for card in it["scorecards"] for score in card["scores"]))
        for row in rows:
            row["period"] = {last: before, before: "long ago"}.get(row["period"], row["period"])

    return changed(given, shift)


def share(value: float, half: float, *, uncertain: bool = False, status: str = "good") -> Json:
    return {"value": value, "interval": [value - half, value + half], "uncertain": uncertain, "status": status}


@pytest.mark.parametrize(("half", "worse"), [(0.01, True), (0.2, False)])
def test_between_periods_chance_is_no_regression(small: Json, half: float, worse: bool) -> None:  # noqa: FBT001
    before = changed(small, lambda it: now(it, "win_rate").update(share(0.5, half)))
    after = changed(small, lambda it: now(it, "win_rate").update(share(0.4, half)))
    assert bool(of_kpi(earlier(before), after)) is worse
    assert of_kpi(before, after), "of the same cases, any difference is one"


@pytest.mark.parametrize("uncertain", [True, False])
def test_between_periods_an_uncertain_status_is_no_regression(small: Json, uncertain: bool) -> None:  # noqa: FBT001
    before = changed(small, lambda it: now(it, "win_rate").update(share(0.4, 0.3, uncertain=uncertain)))
    after = changed(small, lambda it: now(it, "win_rate").update(share(0.4, 0.3, status="poor")))
    assert bool(of_kpi(earlier(before), after)) is not uncertain
    assert of_kpi(before, after)


def test_too_few_cases_are_no_regression(small: Json) -> None:
    before = changed(small, lambda it: now(it, "revenue").update(value=1e9))
    after = changed(small, lambda it: now(it, "revenue").update(status=None, reason="insufficient_sample"))
    assert of_kpi(before, after) == []


def test_who_is_only_in_one_of_them_is_not_compared(small: Json) -> None:
    before = changed(small, lambda it: now(it, "revenue", "rep").update(value=1e9, member="left"))
    assert of_kpi(before, small) == []


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (lambda kpi: kpi.update(measured=False), "was not measured in the baseline"),
        (lambda kpi: kpi.update(name="turnover"), "is not in the baseline"),
        (lambda kpi: kpi.update(title="Turnover", description="Another.", tags=["x"]), None),
    ],
)
def test_what_is_not_compared_is_said(small: Json, change: Callable[[Json], None], note: str | None) -> None:
    def before(it: Json) -> None:
        now(it, "revenue").update(value=1e9)
        change(next(kpi for kpi in it["kpis"] if kpi["name"] == "revenue"))

    found = gate_of(small, "regression", baseline=changed(small, before))
    told = [f"The KPI revenue {note}."] if note else []
    assert [each for each in found.notes if "revenue" in each] == told
    if note is None:
        assert [each.name for each in found.failures] == ["revenue"]


def test_a_formula_of_the_same_meaning_is_compared(small: Json) -> None:
    def before(it: Json) -> None:
        now(it, "revenue").update(value=1e9)
        of(it, "revenue").update(formula="( revenue )", sql="c7 as revenue")

    found = gate_of(small, "regression", baseline=changed(small, before))
    assert [each.name for each in found.failures] == ["revenue"]
    assert found.changes == ()


def of(given: Json, kpi: str) -> Json:
    found: Json = next(each for each in given["kpis"] if each["name"] == kpi)
    return found


def defined_otherwise(kpi: Json, **fields: object) -> None:
    kpi.update(fields)
    kpi["fingerprint"]["definition"] = "another"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"formula": "sum(amount)"}, "(formula)"),
        ({"measures": [], "min_sample": 7}, "(min_sample, measure revenue)"),
        ({}, "(what it is counted from)"),
    ],
)
def test_what_a_formula_does_is_told_and_no_regression(small: Json, fields: Json, said: str) -> None:
    measure = {"name": "revenue", "source": "deals", "expression": "sum(amount)", "description": None}

    def before(it: Json) -> None:
        now(it, "revenue").update(value=123_456.0, status="good")
        now(it, "revenue", "region").update(value=-1.0, status="good")
        defined_otherwise(of(it, "revenue"), **fields)

    def after(it: Json) -> None:
        of(it, "revenue")["measures"] = [measure]
        now(it, "revenue").update(value=100_000.0, status="poor")
        now(it, "revenue", "region").update(status="good")

    then = changed(changed(small, lambda it: of(it, "revenue").update(measures=[measure])), before)
    found = gate_of(changed(small, after), "regression", baseline=then)
    assert not found.closed
    (change,) = [each for each in found.changes if each.kind == "kpi"]
    others = len(change.values) - 1
    assert change.sentence == (
        f"The KPI revenue is defined otherwise than in the baseline {said}, so what that did is not judged as a "
        "regression. The organisation: €100,000 (poor), and €123,456 (good) in the baseline. "
        f"Of {others} others: 1 higher."
    )
    assert found.notes[0] == change.sentence
    assert change.place == of(small, "revenue")["place"]
    whole = change.values[0]
    assert (whole["level"], whole["value"], whole["before"]) == ("organisation", 100_000.0, 123_456.0)
    assert (whole["status"], whole["status_before"]) == ("poor", "good")
    rows = [r for r in small["observations"] if (r["kpi"], r["period"]) == ("revenue", small["period"])]
    assert len(change.values) == len(rows)


def test_what_a_target_does_is_told_and_values_are_compared_all_the_same(small: Json) -> None:
    def before(it: Json) -> None:
        now(it, "revenue").update(status="good")
        of(it, "revenue")["targets"][0]["value"] = 1.0
        of(it, "revenue")["fingerprint"]["judgement"] = "another"
        now(it, "revenue", "region").update(value=1e9)

    after = changed(small, lambda it: now(it, "revenue").update(status="poor"))
    found = gate_of(after, "regression", baseline=changed(small, before))
    assert [(each.name, each.level) for each in found.failures] == [("revenue", "region")]
    (change,) = [each for each in found.changes if each.kind == "kpi"]
    assert change.changed == ("target",)
    assert "is judged otherwise than in the baseline (target), so another status is not judged" in change.sentence


def test_where_a_new_formula_moves_nothing_that_is_told(small: Json) -> None:
    before = changed(small, lambda it: defined_otherwise(of(it, "revenue"), formula="1 * revenue"))
    found = gate_of(small, "regression", baseline=before)
    (change,) = [each for each in found.changes if each.kind == "kpi"]
    assert change.sentence.endswith(f"No value or status moved, of {len(change.values)}.")


def test_values_in_another_unit_are_not_put_in_order(small: Json) -> None:
    def before(it: Json) -> None:
        of(it, "win_rate")["unit"] = {"kind": "number", "decimals": 2, "suffix": None}
        now(it, "win_rate").update(value=40.0, status="good", reason=None)
        now(it, "win_rate", "region").update(value=40.0)

    after = changed(small, lambda it: now(it, "win_rate").update(value=0.4, status="good", reason=None))
    found = gate_of(after, "regression", baseline=changed(small, before))
    (change,) = [each for each in found.changes if each.name == "win_rate"]
    assert "(unit)" in change.sentence
    assert "The organisation: 40% (good), and 40.00 (good) in the baseline." in change.sentence
    assert "1 with another value" in change.sentence


def test_a_score_of_a_kpi_that_is_defined_otherwise_is_told_and_no_regression(small: Json) -> None:
    card = small["scorecards"][0]
    part = card["kpis"][0]["kpi"]

    def before(it: Json) -> None:
        defined_otherwise(of(it, part), formula="another")
        rows = it["scorecards"][0]["scores"]
        next(s for s in rows if s["period"] == it["period"] and s["score"] is not None)["score"] += 10

    found = gate_of(small, "regression", baseline=changed(small, before))
    assert not found.closed
    (change,) = [each for each in found.changes if each.name == card["name"]]
    assert change.changed == (f"KPI {part}",)
    scored = sum(s["period"] == small["period"] for s in card["scores"])
    assert f"Of {scored} members: 1 lower." in change.sentence


def test_a_score_that_fell_is_a_regression(small: Json) -> None:
    def raised(it: Json) -> None:
        card = it["scorecards"][0]
        next(s for s in card["scores"] if s["period"] == it["period"] and s["score"] is not None)["score"] += 10

    (failure,) = gate_of(small, "regression", baseline=changed(small, raised)).failures
    assert (failure.kind, failure.name) == ("score", small["scorecards"][0]["name"])
    assert gate_of(small, "regression", baseline=changed(small, raised), tolerance=0.9).failures == ()


counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(deadline=None)
@given(counts, counts)
def test_chance_is_newcombe_s_interval(one: tuple[int, int], other: tuple[int, int]) -> None:
    """Of shares of counts, it is the interval that the engine gives a trend."""
    with duckdb.connect() as connection:
        define(connection, means=False)
        sql = "select wilson_low({0}, {1}), wilson_high({0}, {1})"
        intervals = [connection.sql(sql.format(float(k), float(n))).fetchall()[0] for k, n in (one, other)]
        change = "select newcombe_low({0}, {1}, {2}, {3}), newcombe_high({0}, {1}, {2}, {3})"
        low, high = connection.sql(change.format(*map(float, (*one, *other)))).fetchall()[0]
    rows = [
        {"value": k / n, "interval": list(interval)} for (k, n), interval in zip((one, other), intervals, strict=True)
    ]
    if min(abs(low), abs(high)) > 1e-9:
        assert by_chance(*rows) == (low <= 0 <= high)

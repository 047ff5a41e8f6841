"""The strip of a large level: everybody has a place, on the right side of the target, in a small picture."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from kpieval.api import load
from kpieval.render import charts, render
from kpieval.render.charts import Point, Strip
from kpieval.render.html import site
from kpieval.render.views import strip_plots
from kpieval.render.views.report import Views
from reading.strips import PITCH, stacks
from sample_result import QUARTERS, result

if TYPE_CHECKING:
    from kpieval.render.views.kpi_view import StripPlot

Json = dict[str, Any]
EXAMPLES = Path(__file__).parent.parent / "examples"
LARGEST = 6_000
"""Bytes of a strip as it stands in the page."""
LOOKS = {"good": "green", "fair": "amber", "poor": "red", "none": "grey"}
Spots = dict[str, list[tuple[float, float]]]


def points(values: list[float], target: float = 0.3, *, less: bool = False) -> list[Point]:
    """Members with a verdict: good from the target on, fair a sixth below it, else poor."""
    found = []
    for value in values:
        over = (target / value if value else 2.0) if less else value / target
        tone = "good" if over >= 1 else "fair" if over >= 5 / 6 else "poor"
        found.append(Point(value, target, None, tone, LOOKS[tone]))
    return found


def drawn(members: list[Point], target: float = 0.3, whole: float | None = None, *, less: bool = False) -> Strip:
    values = [point.value for point in members if point.value is not None]
    scale, along = charts.strip_scale(values, [target])
    total = None if whole is None else (whole, "all")
    words = {mark: f"{mark:g}" for mark in along}
    return charts.strip(members, scale, words, ((target,), "target"), total, "median", "words", descending=less)


def marks(strip: Strip) -> Spots:
    """The middle of each mark that is seen, by the name of its shape."""
    found: Spots = {}
    for swarm in strip.swarms:
        for x, y, number in stacks(swarm.path):
            low = y - (0 if swarm.tone in {"good", "none"} else 2)
            found.setdefault(swarm.tone, []).extend((x, low - PITCH * row) for row in range(number))
    return found


def test_each_of_few_members_has_a_mark_of_its_status_close_to_its_value() -> None:
    dice = random.Random(1)
    members = points([dice.gauss(0.28, 0.05) for _ in range(60)])
    strip = drawn(members)
    scale, _ = charts.strip_scale([point.value or 0.0 for point in members], [0.3])
    assert strip.each == 1
    for tone in ("good", "fair", "poor"):
        held = sorted(scale.at(point.value or 0.0) for point in members if point.tone == tone)
        pairs = zip(sorted(x for x, _ in marks(strip)[tone]), held, strict=True)
        assert max(abs(x - at) for x, at in pairs) <= charts.strips.PITCH / 2 + 0.1


def test_marks_lie_above_the_foot_and_over_no_other() -> None:
    dice = random.Random(2)
    strip = drawn(points([dice.gauss(0.28, 0.05) for _ in range(900)]))
    spots = [spot for found in marks(strip).values() for spot in found]
    assert len(spots) > 100
    assert len({(round(x), round(y)) for x, y in spots}) == len(spots)
    assert all(charts.strips.TOP < y < float(strip.foot) and 0 < x < 400 for x, y in spots)


@pytest.mark.parametrize("less", [False, True])
def test_who_has_just_reached_the_target_stands_on_its_good_side(*, less: bool) -> None:
    dice = random.Random(3)
    members = points([0.3, *(dice.uniform(0.2, 0.4) for _ in range(50))], less=less)
    strip = drawn(members, less=less)
    assert strip.target is not None
    line, found = float(strip.target.x), marks(strip)
    better, worse = found["good"], found["fair"] + found["poor"]
    assert len(better) == sum(point.tone == "good" for point in members)
    assert all((x < line) == less for x, _ in better)
    assert all((x > line) == less for x, _ in worse)


def normal(dice: random.Random) -> float:
    return dice.gauss(0.28, 0.05)


def flat(dice: random.Random) -> float:
    return dice.uniform(0.25, 0.3)


def long_tail(dice: random.Random) -> float:
    return dice.lognormvariate(-1.5, 1.0)


def counts(dice: random.Random) -> float:
    return float(dice.randint(0, 3))


def same(dice: random.Random) -> float:
    del dice
    return 0.2


@pytest.mark.parametrize("number", [2, 20, 333, 2_000, 50_000])
@pytest.mark.parametrize("shape", [normal, flat, long_tail, counts, same])
def test_a_picture_of_any_number_is_small_and_hides_nobody(shape: Any, number: int) -> None:  # noqa: ANN401 - a function
    dice = random.Random(number)
    members = points([shape(dice) for _ in range(number)])
    strip = drawn(members)
    found, held = marks(strip), Counter(point.tone for point in members)
    assert sum(len(swarm.path) for swarm in strip.swarms) < LARGEST - 800
    assert strip.height < 200
    assert found.keys() == held.keys()
    for tone, count in held.items():
        assert count / strip.each <= len(found[tone]) <= count / strip.each + 78
    assert strip.each == 1 or number > charts.strips.ROWS


def test_the_columns_of_many_are_as_high_as_their_counts() -> None:
    strip = drawn(points([0.2] * 200 + [0.4] * 100))
    heights = Counter(round(x) for found in marks(strip).values() for x, _ in found)
    assert sorted(heights.values()) == [math.ceil(100 / strip.each), math.ceil(200 / strip.each)]
    assert strip.each > 1


def test_one_odd_value_does_not_press_the_others_into_a_corner() -> None:
    values = [0.2 + number / 1000 for number in range(50)]
    scale, along = charts.strip_scale([*values, 90.0])
    assert scale.high < 1
    assert scale.at(0.249) - scale.at(0.2) > 150
    assert charts.strip_scale([0.0] * 50 + [4.0])[0].high == 4.0  # where all have the same, nothing is odd
    assert charts.strip_scale(values, [3.0])[0].high >= 3.0
    assert along == sorted(along)


def test_quartiles_are_those_of_the_engine() -> None:
    dice = random.Random(5)
    for number in (2, 3, 20, 41):
        values = [dice.uniform(0, 1) for _ in range(number)]
        row = duckdb.execute("select list_aggregate(?, 'quantile_cont', [0.25, 0.5, 0.75])", [values]).fetchall()[0]
        assert charts.quartiles(values) == pytest.approx(row[0])


def test_words_stand_inside_and_apart_from_the_other_line() -> None:
    members = points([number / 1000 for number in range(200, 400)])
    for whole in (0.21, 0.29, 0.31, 0.39):
        strip = drawn(members, whole=whole)
        assert strip.target is not None
        assert strip.whole is not None
        low, high = sorted((strip.target, strip.whole), key=lambda word: float(word.x))
        assert low.below == ("left" if float(low.x) > 40 else "")
        assert high.below == ""
    assert drawn(members, whole=12.0).whole is None  # a sum of all is nowhere among them


@pytest.fixture(scope="module")
def hospitals() -> Json:
    with load(EXAMPLES / "hospital-waiting-times").evaluate() as made:
        return made.to_dict()


def strips(made: Json, kpi: str) -> tuple[StripPlot, ...]:
    return Views(made).kpi(kpi).strips


def test_the_median_is_the_one_of_the_peers(hospitals: Json) -> None:
    (plot,) = strips(hospitals, "four_hour_share")
    peers = [
        row["peers"]
        for row in hospitals["observations"]
        if row["level"] == "provider"
        and row["peers"]
        and (row["period"], row["kpi"]) == (hospitals["period"], "four_hour_share")
    ]
    assert {each["median"] for each in peers} == {peers[0]["median"]}
    assert f"median {peers[0]['median']:.1%}," in plot.words[0]
    assert plot.words[0].startswith(f"{peers[0]['count']} providers: ")


@pytest.fixture
def made() -> Json:
    return result()


def now(made: Json, kpi: str, level: str) -> list[Json]:
    return [
        row for row in made["observations"] if (row["kpi"], row["level"], row["period"]) == (kpi, level, QUARTERS[-1])
    ]


def test_it_says_what_it_shows_and_who_is_not_in_it(made: Json) -> None:
    rows = now(made, "win_rate", "rep")
    for row in rows[:3]:
        row |= {"value": None, "status": None, "reason": "suppressed"}
    (plot,) = strips(made, "win_rate")
    held, silent = Counter(row["status"] for row in rows), Counter(row["reason"] for row in rows)
    judged = len(rows) - held[None]
    assert plot.title == "Where all reps stand"
    assert plot.words[0].startswith(f"{judged} reps: median ")
    assert plot.words[1:] == ("Each mark is one.", f"{held[None]} more have no figure to compare, and are not drawn.")
    told = {row.status.word: row.count for row in plot.rows}
    assert list(told)[:3] == ["Poor", "Watch", "Good"]
    assert told == {
        "Poor": str(held["poor"]), "Watch": str(held["watch"]), "Good": str(held["good"]),
        "Too few to judge": str(silent["insufficient_sample"]), "No data": str(silent["no_data"]),
        "Hidden to protect people": str(silent["suppressed"]),
    }  # fmt: skip
    assert silent["suppressed"] == 3
    for said in (
        plot.words[0],
        *(f"{word}: {count}" for word, count in told.items()),
        "target 30%",
        "Organisation 27%",
    ):
        assert said in plot.chart.text
    assert {tone: len(found) for tone, found in marks(plot.chart).items()} == {
        "poor": held["poor"], "fair": held["watch"], "good": held["good"],
    }  # fmt: skip


def test_targets_that_differ_are_not_drawn_and_values_without_one_are_grey(made: Json) -> None:
    rows = now(made, "win_rate", "rep")
    for row in rows:
        if row["value"] is not None and row["reason"] is None:
            row["target"] = 0.2 if row["member"] < "r10" else 0.3
    (plot,) = strips(made, "win_rate")
    assert plot.chart.target is None
    assert "Their targets differ, so none is drawn." in plot.words
    for row in rows:
        if row["reason"] is None:
            row |= {"status": None, "reason": "no_target", "target": None, "target_range": None}
    (plot,) = strips(made, "win_rate")
    assert plot.chart.target is None
    assert "Their targets differ, so none is drawn." not in plot.words
    assert {swarm.tone for swarm in plot.chart.swarms} == {"none"}
    assert plot.rows[0].status.word == "No target"


def test_who_is_beyond_the_scale_is_counted(made: Json) -> None:
    first = next(row for row in now(made, "attainment_ratio", "rep") if row["status"])
    first["value"] = 400.0
    (plot,) = strips(made, "attainment_ratio")
    assert "1 lies beyond the scale and is drawn at its end." in plot.words


def test_a_target_range_is_a_stretch(made: Json) -> None:
    (plot,) = strips(made, "coaching_hours")
    chart = plot.chart
    assert chart.aim is not None
    assert chart.target is not None
    assert chart.target.text == "target 2.0 to 4.0 hours"
    assert float(chart.target.x) == float(chart.aim[0])
    inside = (float(chart.aim[0]) - 0.1, float(chart.aim[0]) + float(chart.aim[1]) + 5)
    assert all(inside[0] <= x <= inside[1] for x, _ in marks(chart)["good"])


def test_a_level_has_one_from_so_many_values_on(made: Json) -> None:
    rows = now(made, "coaching_hours", "rep")
    for row in rows[strip_plots.FEWEST :]:
        row |= {"value": None, "status": None, "reason": "no_data"}
    assert len(strips(made, "coaching_hours")) == 1
    rows[0] |= {"value": None, "status": None, "reason": "no_data"}
    assert strips(made, "coaching_hours") == ()


@pytest.mark.parametrize("reps", [50, 2_000])
def test_the_page_draws_it_small_with_its_figures_behind(reps: int) -> None:
    made = result(reps=reps)
    page = dict(site(made))["kpi-win-rate.html"]
    (drawn_,) = re.findall(r'<svg class="strip".*?</svg>', page, re.DOTALL)
    assert len(drawn_.encode()) < LARGEST
    (plot,) = strips(made, "win_rate")
    assert all(
        f'd="{swarm.path}"' in drawn_ and f'class="m-{swarm.tone} {swarm.color}"' in drawn_
        for swarm in plot.chart.swarms
    )
    assert page.index('class="strip"') < page.index('<table class="members')
    for row in plot.rows:
        assert f"<td>{row.count}</td><td>{row.share}</td><td>{row.values}</td>" in page


def test_markdown_says_it_in_a_line(made: Json) -> None:
    (plot,) = strips(made, "win_rate")
    assert f"- {plot.words[0]}" in render(made, "md").replace("\\", "")

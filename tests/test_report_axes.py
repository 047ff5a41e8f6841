"""The numbers along an axis are round, span what is drawn, and counts have no halves."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpieval.render import render
from kpieval.render.charts.scale import ticks
from sample_result import result

NUMBERS = st.floats(-1e9, 1e9)


@pytest.mark.parametrize(
    ("low", "high", "least", "found"),
    [
        (0, 2, 0.0, [0, 1, 2]),
        (3, 4, 0.0, [3, 3.5, 4]),
        (3, 4, 1.0, [3, 4]),
        (0, 7, 0.0, [0, 2.5, 5, 7.5]),
        (0, 7, 1.0, [0, 3, 6, 9]),
        (5, 5, 1.0, [4, 6]),
        (0.2, 0.6, 0.0, [0.2, 0.4, 0.6]),
    ],
)
def test_numbers_are_round(low: float, high: float, least: float, found: list[float]) -> None:
    assert ticks(low, high, least=least) == found


@given(NUMBERS, NUMBERS, st.sampled_from([0.0, 1.0]), st.integers(2, 4))
def test_they_span_what_is_drawn_in_equal_steps(one: float, other: float, least: float, count: int) -> None:
    low, high = sorted((one, other))
    found = ticks(low, high, count, least)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert found[0] <= low + slack
    assert found[-1] >= high - slack
    assert len(found) <= 4 * count + 2
    steps = [after - before for before, after in pairwise(found)]
    assert max(steps) - min(steps) <= slack


def test_the_axis_of_a_count_has_whole_numbers() -> None:
    made = result(reps=4)
    kpi = next(each for each in made["kpis"] if each["name"] == "win_rate")
    kpi["unit"] = {"kind": "number", "decimals": None, "suffix": None}
    for place, row in enumerate(row for row in made["observations"] if row["kpi"] == "win_rate"):
        row |= {"value": float(1 + place % 2), "target": 1.0, "edges": None, "interval": None, "process": None}
    page = render(made, "html")
    trend = re.search(
        r'<article[^>]*id="kpi-win-rate".*?<svg class="trend".*?<g class="num">(.*?)</g>', page, re.DOTALL
    )
    assert trend is not None
    assert re.findall(r"<text[^>]*>([^<]*)</text>", trend[1]) == ["1", "2"]

"""Laws of points and scores: over made-up edges and values in bulk, and over whole runs of made-up projects."""

from __future__ import annotations

import datetime as dt
import math
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import kpieval
from kpieval.evaluate import statistics
from kpieval.judge.points import points_sql
from test_laws import FEW, GENERATED, Deal, sound, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

MOST = 4
EDGES = st.lists(st.integers(-1000, 1000), min_size=1, max_size=MOST, unique=True).map(sorted)
VALUES = st.lists(st.integers(-2500, 2500), min_size=2, max_size=40, unique=True).map(sorted)


def points(direction: int, edges: Sequence[float], highs: Sequence[float], values: Sequence[float]) -> list[float]:
    """The points that the engine gives to values among these edges, the best first."""
    columns = [f"edge_{i} double, high_{i} double" for i in range(1, MOST + 1)]
    lows, ends = ([*each, *[None] * (MOST - len(each))] for each in (edges, highs))
    row = [number for pair in zip(lows, ends, strict=True) for number in pair]
    with duckdb.connect() as connection:
        statistics.define(connection, means=False)
        connection.execute(f"create temp table o (value double, status integer, {', '.join(columns)})")
        connection.execute(f"create temp table m as select {direction} as direction, {len(edges)} as edges")
        marks = ", ".join("?" * (2 * MOST + 2))
        connection.executemany(f"insert into o values ({marks})", [[value, 1, *row] for value in values])
        connection.execute(f"insert into o values (null, null{', null' * 2 * MOST})")
        found = connection.execute(f"select value, {points_sql(MOST)} from o, m order by value nulls last").fetchall()
    assert found.pop() == (None, None)
    return [float(given_) for _, given_ in found]


def directly(value: float, edges: Sequence[float]) -> float:
    """The points where higher is better, as the definition says: i-th edge 100 * (k + 1 - i) / k, linear in between."""
    k = len(edges)
    worth = [100 * (k + 1 - i) / k for i in range(1, k + 1)]
    if value >= edges[0]:
        return 100
    if k == 1:
        return 0
    for i in range(1, k):
        if value >= edges[i]:
            return worth[i] + (worth[i - 1] - worth[i]) * (value - edges[i]) / (edges[i - 1] - edges[i])
    return max(0, worth[-1] * (1 - (edges[-1] - value) / (edges[-2] - edges[-1])))


@settings(max_examples=60, deadline=None)
@given(edges=EDGES, values=VALUES)
def test_points_are_what_their_definition_says_and_a_better_value_never_has_fewer(
    edges: list[int], values: list[int]
) -> None:
    falling = edges[::-1]
    up = points(1, falling, [], values)
    assert all(0 <= each <= 100 for each in up)
    assert all(worse <= better for worse, better in pairwise(up))
    assert all(math.isclose(f, directly(v, falling), abs_tol=1e-9) for f, v in zip(up, values, strict=True))
    down = points(-1, edges, [], values)
    assert all(better >= worse for better, worse in pairwise(down))
    mirrored = points(1, [-edge for edge in edges], [], sorted(-value for value in values))
    assert down == mirrored[::-1]


@settings(max_examples=30, deadline=None)
@given(edges=EDGES, values=VALUES, width=st.integers(0, 500))
def test_around_a_range_points_fall_to_both_sides_as_they_do_to_one(
    edges: list[int], values: list[int], width: int
) -> None:
    lows = edges[::-1]
    highs = [lows[0] + width + 2 * (lows[0] - low) for low in lows]  # twice as wide above as below
    found = dict(zip(values, points(0, lows, highs, values), strict=True))
    below = [value for value in values if value <= lows[0]]
    above = [value for value in values if value >= highs[0]]
    if below:
        assert [found[value] for value in below] == points(1, lows, [], below)
    if above:
        assert [found[value] for value in above] == points(-1, highs, [], above)
    assert all(found[value] == 100 for value in values if lows[0] <= value <= highs[0])


def scored(kpis: dict[str, Any], cards: dict[str, Any], deals: Sequence[Deal]) -> dict[str, Any]:
    """The scores of each card by account, of a run whose members are accounts."""
    with TemporaryDirectory() as name:
        folder = write(Path(name) / "project", kpis, [deals], cards)
        written = yaml.safe_load((folder / "kpieval.yaml").read_text(encoding="utf-8"))
        written["dimensions"]["account"] = {}
        (folder / "kpieval.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")
        with kpieval.load(folder).evaluate("2026-04", 1, dt.date(2026, 5, 5)) as found:
            result = sound(found.to_dict())
    return {
        card["name"]: {row["member"]: row for row in card["scores"] if row["period"] == "2026-04"}
        for card in result["scorecards"]
    }


AMOUNTS = st.lists(st.decimals(-50, 50, places=2), min_size=2, max_size=25, unique=True).map(sorted)
POLICIES: dict[str, dict[str, Any]] = {
    "linear": {},
    "by_status": {"points": {"one": 100, "two": 70, "good": 100, "watch": 60, "poor": 0}},
    "zero": {"on_missing": "zero"},
    "covered": {"min_coverage": 0.3},
    "fail": {"on_missing": "fail"},
    "gated": {"kpis": {"up": {"weight": 2, "gate": True}, "steady": 3, "rare": 1}},
}


@FEW
@given(values=AMOUNTS, edges=st.lists(st.integers(-60, 60), min_size=2, max_size=2, unique=True).map(sorted))
def test_a_better_value_never_has_a_worse_score_or_status_and_all_parts_add_up(
    values: list[Decimal], edges: list[int]
) -> None:
    """The accounts differ in `up` alone: `steady` is the same for all, `rare` has a verdict for nobody."""
    level = {"source": "deals", "levels": ["account", "organisation"]}
    kpis: dict[str, dict[str, Any]] = {
        "up": {**level, "value": "sum(amount)", "bands": {"one": edges[1], "two": edges[0]}},
        "steady": {**level, "value": "count(*)", "bands": {"good": 4, "watch": 0}},
        "rare": {**level, "value": "count(*)", "min_sample": 1000, "bands": {"good": 4, "watch": 0}},
    }
    base: dict[str, Any] = {"level": "account", "kpis": {"up": 2, "steady": 3, "rare": 1}}
    cards: dict[str, dict[str, Any]] = {name: base | policy for name, policy in POLICIES.items()}
    cards["of_cards"] = {"level": "account", "scorecards": {"linear": 1, "by_status": 2}, "kpis": {"steady": 1}}
    deals = [Deal("r1", "won", f"a{at:02}", value, None, dt.date(2026, 4, 1)) for at, value in enumerate(values)]
    ranks = {"good": 2, "watch": 1, "poor": 0, None: -1}
    for name, rows in scored(kpis, cards, deals).items():
        ordered = [rows[f"a{at:02}"] for at in range(len(values))]
        assert all(row["reason"] == ("incomplete" if name == "fail" else None) for row in ordered), name
        for worse, better in pairwise(ordered):
            assert ranks[worse["status"]] <= ranks[better["status"]], name
            if better["score"] is not None:
                assert worse["score"] <= better["score"] + 1e-12, name
        for row in ordered:
            if row["score"] is None:
                assert all(part["contribution"] is part["loss"] is None for part in row["parts"])
                continue
            gives = math.fsum(part["contribution"] or 0 for part in row["parts"])
            lacks = math.fsum(part["loss"] or 0 for part in row["parts"])
            assert math.isclose(gives, row["score"], abs_tol=1e-9), name
            assert math.isclose(gives + lacks, 100, abs_tol=1e-9), name
            losses = {part["name"]: part["loss"] or 0 for part in row["parts"]}
            gain = row["largest_gain"]
            assert max(losses.values()) - losses.get(gain, 0) < 1e-8, name


@settings(max_examples=4, deadline=None, phases=GENERATED)
@given(
    values=AMOUNTS,
    weights=st.lists(st.sampled_from([0.1, 0.3, 1, 2, 2.5, 7, 40, 1000]), min_size=2, max_size=5, unique=True),
)
def test_raising_a_weight_moves_the_score_towards_the_points_of_that_kpi(
    values: list[Decimal], weights: list[float]
) -> None:
    level = {"source": "deals", "levels": ["account", "organisation"]}
    kpis: dict[str, dict[str, Any]] = {
        "up": {**level, "value": "sum(amount)", "bands": {"good": 20, "watch": -20}},
        "down": {
            **level, "value": "sum(amount) * sum(amount)", "direction": "lower_is_better",
            "bands": {"good": 100, "watch": 900},
        },
        "rare": {**level, "value": "count(*)", "min_sample": 1000, "bands": {"good": 4, "watch": 0}},
    }  # fmt: skip
    cards = {
        f"{policy}_{at}": {"level": "account", "kpis": {"up": weight, "down": 1.7, "rare": 0.4}, "on_missing": policy}
        for policy in ("renormalise", "zero")
        for at, weight in enumerate(sorted(weights))
    }
    deals = [Deal("r1", "won", f"a{at:02}", value, None, dt.date(2026, 4, 1)) for at, value in enumerate(values)]
    found = scored(kpis, cards, deals)
    for policy in ("renormalise", "zero"):
        for member in found[f"{policy}_0"]:
            rows = [found[f"{policy}_{at}"][member] for at in range(len(weights))]
            aim = rows[0]["parts"][0]["points"]
            away = [abs(row["score"] - aim) for row in rows]
            assert all(after <= before + 1e-9 for before, after in pairwise(away)), (policy, member)

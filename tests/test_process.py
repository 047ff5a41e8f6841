"""Limits and patterns over time against a plain reading of the rules, for many series at once."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import yaml

import kpieval

if TYPE_CHECKING:
    from pathlib import Path

    Series = list[int | None]

MONTHS = [f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]
KPI: dict[str, Any] = {"value": "total", "process": True, "levels": ["rep"]}
PROJECT: dict[str, Any] = {
    "project": "processes",
    "period": "month",
    "sources": {
        "counts": {
            "file": "counts.csv",
            "time": "day",
            "columns": {"rep": "text", "n": "number", "day": "date"},
            "measures": {"total": "sum(n)"},
        },
        "reps": {"file": "reps.csv", "key": "rep", "columns": {"rep": "text"}},
    },
    "dimensions": {"rep": {"source": "reps"}},
}


def series(dice: random.Random) -> Series:
    """Steady, drifting or moved, with whole numbers so that there are ties, and at times a month without a value."""
    drift, step = dice.choice((0, 0, 0, 0.4, -2)), dice.choice((0, 0, 0, 6))
    moved, noise = dice.randrange(len(MONTHS)), dice.choice((1, 3))
    holes = dice.choice((0, 0, 0.1, 0.5))
    return [
        None if dice.random() < holes else round(50 + drift * at + (step if at >= moved else 0) + dice.gauss(0, noise))
        for at in range(len(MONTHS))
    ]


def expected(values: Series) -> list[list[str] | None]:
    """Which rules hold at each point, as NHS England's guides say it; None where there is no point or no limit."""
    known = [value for value in values if value is not None]
    ranges = [abs(b - a) for a, b in pairwise(values) if a is not None and b is not None]
    if len(known) < 8 or not ranges:
        return [None] * len(values)
    mean, reach = sum(known) / len(known), 2.66 * sum(ranges) / len(ranges)
    found: list[list[str] | None] = []
    for at, value in enumerate(values):
        if value is None:
            found.append(None)
            continue
        rules = ["outside"] if abs(value - mean) > reach + 1e-9 else []
        if any(one_side(values[start : start + 7], mean) for start in windows(values, at, 7)):
            rules.append("shift")
        if any(one_way(values[start : start + 7]) for start in windows(values, at, 7)):
            rules.append("trend")
        if outer(value, mean, reach) and any(
            one_side(values[start : start + 3], mean)
            and sum(outer(each, mean, reach) for each in values[start : start + 3]) >= 2
            for start in windows(values, at, 3)
        ):
            rules.append("two_of_three")
        found.append(rules)
    return found


def windows(values: Series, at: int, size: int) -> list[int]:
    """Where a run of so many points begins that the point belongs to."""
    return [start for start in range(at - size + 1, at + 1) if start >= 0 and start + size <= len(values)]


def one_side(part: Series, mean: float) -> bool:
    known = [value - mean for value in part if value is not None]
    return len(known) == len(part) and (min(known) > 1e-9 or max(known) < -1e-9)


def one_way(part: Series) -> bool:
    if None in part:
        return False
    steps = [b - a for a, b in pairwise(part) if a is not None and b is not None]
    return min(steps) > 0 or max(steps) < 0


def outer(value: int | None, mean: float, reach: float) -> bool:
    return value is not None and reach * 2 / 3 + 1e-9 < abs(value - mean) <= reach + 1e-9


@pytest.fixture(scope="module")
def many() -> dict[str, Series]:
    dice = random.Random(11)
    return {f"r{number:03}": series(dice) for number in range(400)}


@pytest.fixture(scope="module")
def found(many: dict[str, Series], tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], Any]:
    folder: Path = tmp_path_factory.mktemp("processes")
    (folder / "kpis").mkdir()
    (folder / "kpieval.yaml").write_text(yaml.safe_dump(PROJECT), encoding="utf-8")
    kpis: dict[str, dict[str, Any]] = {
        "up": {"target": 50},
        "down": {"direction": "lower_is_better", "target": 60},
        "around": {"direction": "target_range", "target": {"between": [40, 60]}},
    }
    for name, more in kpis.items():
        (folder / "kpis" / f"{name}.yaml").write_text(yaml.safe_dump({"kpi": name, **KPI, **more}), encoding="utf-8")
    rows = [
        f"{rep},{value},{month}-03"
        for rep, values in many.items()
        for month, value in zip(MONTHS, values, strict=True)
        if value is not None
    ]
    (folder / "counts.csv").write_text("\n".join(["rep,n,day", *rows, ""]), encoding="utf-8")
    (folder / "reps.csv").write_text("\n".join(["rep", *many, ""]), encoding="utf-8")
    with kpieval.load(folder).evaluate("2025-12", len(MONTHS)) as result:
        observations = result.to_dict()["observations"]
    return {(o["kpi"], o["member"], o["period"]): o["process"] for o in observations}


def test_the_rules_hold_where_a_plain_reading_says(
    many: dict[str, Series], found: dict[tuple[str, str, str], Any]
) -> None:
    seen: set[str] = set()
    for rep, values in many.items():
        for month, rules in zip(MONTHS, expected(values), strict=True):
            assert found["up", rep, month]["rules"] == rules, (rep, month, values)
            seen.update(rules or ())
    assert seen == {"outside", "shift", "trend", "two_of_three"}  # or the series show nothing


def test_what_is_improvement_one_way_is_concern_the_other(found: dict[tuple[str, str, str], Any]) -> None:
    other = {"improvement": "concern", "concern": "improvement", "common_cause": "common_cause", None: None}
    for (kpi, rep, month), process in found.items():
        if kpi == "up":
            down, around = found["down", rep, month], found["around", rep, month]
            assert down["variation"] == other[process["variation"]]
            special = process["variation"] in {"improvement", "concern"}
            assert around["variation"] == ("special_cause" if special else process["variation"])


def test_assurance_is_where_the_limits_lie(found: dict[tuple[str, str, str], Any]) -> None:
    seen: set[str] = set()
    for (kpi, _, _), process in found.items():
        if process["limits"] is None:
            assert process["assurance"] is None
            continue
        low, high = process["limits"]
        reached = {"up": (low >= 50, high < 50), "down": (high <= 60, low > 60),
                   "around": (low >= 40 and high <= 60, high < 40 or low > 60)}[kpi]  # fmt: skip
        expected_ = "passing" if reached[0] else "failing" if reached[1] else "hit_and_miss"
        assert process["assurance"] == expected_
        seen.add(expected_)
    assert seen == {"passing", "failing", "hit_and_miss"}

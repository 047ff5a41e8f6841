"""The measured correlation of an arrow between two KPIs, against least squares and quantiles of numpy and scipy."""

from __future__ import annotations

import datetime as dt
import random
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml
from scipy import stats

import kpieval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MONTHS = 8
Values = dict[tuple[str, int], float | None]
"""By member and month, from 0."""


def measured(
    folder: Path,
    x: Values,
    y: Values,
    *,
    of_x: Mapping[str, Any] | None = None,
    of_y: Mapping[str, Any] | None = None,
    shuffle: int | None = None,
) -> dict[str, Any]:
    """What the run says of the arrow from x to y."""
    folder.mkdir(exist_ok=True)
    project = {
        "project": "drivers", "period": "month",
        "sources": {"work": {
            "file": "work.csv", "time": "day", "measures": {"mean_x": "avg(x)", "mean_y": "avg(y)"},
            "columns": {"rep": "text", "day": "date", "x": "number", "y": "number"},
        }},
        "dimensions": {"rep": {}},
    }  # fmt: skip
    kpis: dict[str, dict[str, Any]] = {
        "lead": {"value": "mean_x", "interval": "none", "drives": ["lag"], **(of_x or {})},
        "lag": {"value": "mean_y", "interval": "none", **(of_y or {})},
    }
    (folder / "kpieval.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
    (folder / "kpis").mkdir(exist_ok=True)
    for name, kpi in kpis.items():
        (folder / "kpis" / f"{name}.yaml").write_text(yaml.safe_dump({"kpi": name, **kpi}), encoding="utf-8")
    rows = [
        f"{member},2026-{month + 1:02}-03,{_cell(x.get((member, month)))},{_cell(y.get((member, month)))}"
        for member, month in sorted({*x, *y})
    ]
    if shuffle is not None:
        random.Random(shuffle).shuffle(rows)
    (folder / "work.csv").write_text("\n".join(["rep,day,x,y", *rows, ""]), encoding="utf-8")
    with kpieval.load(folder).evaluate(f"2026-{MONTHS:02}", MONTHS, dt.date(2026, 12, 31)) as result:
        (found,) = result.to_dict()["drivers"]
    driver: dict[str, Any] = found
    return driver


def _cell(value: float | None) -> str:
    return "" if value is None else repr(value)


def expected(
    x: Values, y: Values, good_x: Callable[[float], float], good_y: Callable[[float], float]
) -> dict[str, Any]:
    """The same by numpy: residuals of a regression on one dummy for each member, correlated; Fisher's z by scipy."""
    tried = {}
    members = sorted({member for member, _ in (*x, *y)})
    for lag in range(5):
        pairs: list[tuple[str, float, float]] = []
        for member in members:
            own = [
                (member, good_x(before), good_y(after))
                for month in range(MONTHS)
                if (before := x.get((member, month))) is not None
                and (after := y.get((member, month + lag))) is not None
            ]
            pairs += own if len(own) > 1 else []
        left = sorted({member for member, _, _ in pairs})
        count, free = len(pairs), len(pairs) - len(left) - 2
        if len(left) < 3 or free < 1:
            continue
        dummies = np.array([[float(member == other) for other in left] for member, _, _ in pairs])
        xs, ys = np.array([p[1] for p in pairs]), np.array([p[2] for p in pairs])
        dx = xs - dummies @ np.linalg.lstsq(dummies, xs, rcond=None)[0]
        dy = ys - dummies @ np.linalg.lstsq(dummies, ys, rcond=None)[0]
        tried[lag] = (float(dx @ dy / np.sqrt((dx @ dx) * (dy @ dy))), count, free)
    lag, (r, count, free) = max(tried.items(), key=lambda item: abs(item[1][0]))
    reach = stats.norm.ppf(1 - 0.05 / (2 * len(tried))) / np.sqrt(free)
    low, high = float(np.tanh(np.arctanh(r) - reach)), float(np.tanh(np.arctanh(r) + reach))
    return {"lag": lag, "correlation": r, "interval": [low, high], "pairs": count, "evidence": low > 0}


def noise(
    seed: int, members: int, *, gaps: float = 0.0, after: int = 2, strength: float = 1.0
) -> tuple[Values, Values]:
    """Members who differ always; y follows x so many months later."""
    dice = random.Random(seed)
    x: Values = {}
    y: Values = {}
    for number in range(members):
        member, base = f"r{number:02}", dice.uniform(-50, 50)
        for month in range(MONTHS):
            x[member, month] = round(base + dice.gauss(0, 1), 3)
        for month in range(MONTHS):
            before = x.get((member, month - after))
            y[member, month] = round(-2 * base + dice.gauss(0, 1) + strength * ((before or base) - base), 3)
    for values in (x, y):
        for key in values:
            if dice.random() < gaps:
                values[key] = None
    return x, y


def same(value: float) -> float:
    return value


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("members", "gaps"), [(3, 0.0), (6, 0.3), (20, 0.1)])
def test_equals_a_regression_on_dummies(tmp_path: Path, seed: int, members: int, gaps: float) -> None:
    x, y = noise(seed, members, gaps=gaps)
    found, wanted = measured(tmp_path, x, y), expected(x, y, same, same)
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, rel=1e-9), name
    assert found["level"] == "rep"


def test_what_follows_two_months_later_is_found_there(tmp_path: Path) -> None:
    found = measured(tmp_path, *noise(1, 12, strength=2.0))
    assert (found["lag"], found["evidence"], found["periods"]) == (2, True, 8)
    assert found["pairs"] == 12 * 6
    assert found["interval"][0] > 0.5


def test_members_who_always_differ_are_no_evidence(tmp_path: Path) -> None:
    """Pooled, x and y of these members go together almost perfectly; within each of them they are chance."""
    x, y = noise(5, 12, strength=0.0)
    y = {key: None if value is None else -value for key, value in y.items()}
    pooled = np.corrcoef([v for _, v in sorted(x.items()) if v], [v for _, v in sorted(y.items()) if v])[0, 1]
    assert pooled > 0.99
    assert measured(tmp_path, x, y)["evidence"] is False


def test_better_leads_to_better_whatever_the_directions_are(tmp_path: Path) -> None:
    x, y = noise(3, 10, strength=2.0)
    plain = measured(tmp_path / "a", x, y)
    lower = {"direction": "lower_is_better"}
    one = measured(tmp_path / "b", x, y, of_x=lower)
    both = measured(tmp_path / "c", x, y, of_x=lower, of_y=lower)
    assert one["correlation"] == pytest.approx(-plain["correlation"], rel=1e-9)
    assert (one["evidence"], one["interval"][1] < 0) == (False, True)
    assert both["correlation"] == pytest.approx(plain["correlation"], rel=1e-9)
    assert both["evidence"] is plain["evidence"] is True


def test_for_a_range_it_is_the_distance_that_counts(tmp_path: Path) -> None:
    dice = random.Random(2)
    x: Values = {(f"r{n}", month): round(dice.uniform(0, 10), 3) for n in range(6) for month in range(MONTHS)}
    y: Values = {key: round(-abs((value or 0) - 5) + dice.gauss(0, 0.5), 3) for key, value in x.items()}
    found = measured(tmp_path, x, y, of_x={"direction": "target_range", "target": {"between": [4, 6]}})
    wanted = expected(x, y, lambda value: -max(4 - value, value - 6, 0), same)
    assert found["correlation"] == pytest.approx(wanted["correlation"], rel=1e-9)
    assert (found["lag"], found["evidence"]) == (0, True)


def test_values_on_too_few_cases_are_left_out(tmp_path: Path) -> None:
    found = measured(tmp_path, *noise(1, 12, strength=2.0), of_x={"min_sample": 2, "sample": "mean_x * 0"})
    assert (found["level"], found["pairs"], found["periods"]) == (None, 0, 0)


@pytest.mark.parametrize("members", [0, 2])
def test_fewer_than_three_members_say_nothing(tmp_path: Path, members: int) -> None:
    x, y = noise(1, members)
    found = measured(tmp_path, x or {("r00", 0): 1.0}, y)
    assert found == {
        "driver": "lead", "driven": "lag", "level": None, "lag": None, "correlation": None, "interval": None,
        "pairs": 0, "periods": 0, "evidence": False,
    }  # fmt: skip


def test_what_never_changes_says_nothing(tmp_path: Path) -> None:
    x, _ = noise(1, 5)
    found = measured(tmp_path, x, {key: 0.1 + 0.2 * int(key[0][1:]) for key in x})
    assert (found["level"], found["correlation"], found["evidence"]) == ("rep", None, False)
    assert (found["pairs"], found["periods"]) == (0, 8)


def test_a_perfect_correlation_is_a_finite_interval(tmp_path: Path) -> None:
    x, _ = noise(1, 5)
    found = measured(tmp_path, x, {key: None if value is None else 2 * value for key, value in x.items()})
    assert found["correlation"] == pytest.approx(1)
    assert 0.99 < found["interval"][0] <= found["interval"][1] <= 1
    assert found["lag"] == 0


def test_the_order_of_the_rows_changes_no_digit(tmp_path: Path) -> None:
    x, y = noise(9, 25, gaps=0.2)
    found = [measured(tmp_path / str(seed), x, y, shuffle=seed) for seed in range(4)]
    assert found[1:] == found[:-1]


def test_chance_alone_is_seldom_taken_for_evidence(tmp_path: Path) -> None:
    """Of 20 arrows between unrelated KPIs 2.5 %, or none, should be proven: the interval is meant to err so often."""
    proven = sum(measured(tmp_path / str(seed), *noise(seed, 8, strength=0.0))["evidence"] for seed in range(100, 120))
    assert proven <= 2

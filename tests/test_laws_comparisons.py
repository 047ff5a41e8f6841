"""Laws of targets that are one's own past or one's peers, over data made up by hypothesis."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import kpieval
from test_laws import FEW, Deal, evaluate, quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal
    from pathlib import Path

AMOUNTS = st.decimals(-20, 20, places=1)
REPS = ("r1", "r2", "r3", "r4")
MONTHS = range(1, 5)

# Comparisons are those that plain Python makes.

STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "median": statistics.median,
    "mean": statistics.fmean,
    "best": max,
}
PERCENTILES = (1, 25, 50, 75, 90, 99)


def rows(amounts: dict[tuple[str, int], Decimal | None]) -> list[Deal]:
    return [
        Deal(rep, "won", None, amount, None, dt.date(2026, month, 10))
        for (rep, month), amount in amounts.items()
        if amount is not None
    ]


@FEW
@given(
    amounts=st.fixed_dictionaries({(rep, month): st.none() | AMOUNTS for rep in REPS for month in MONTHS}).filter(
        lambda found: any(value is not None for value in found.values())
    ),
    least=st.integers(1, 3),
)
def test_a_comparison_is_the_one_that_plain_python_makes(
    amounts: dict[tuple[str, int], Decimal | None], least: int
) -> None:
    value = {"source": "deals", "value": "sum(amount)", "levels": ["rep"]}
    kpis: dict[str, dict[str, Any]] = {}
    for name in STATISTICS:
        peers = {"peers": name, "min_peers": least}
        kpis[f"others_{name}"] = {**value, "target": peers}
        kpis[f"all_{name}"] = {**value, "target": {**peers, "exclude_self": False}}
        kpis[f"past_{name}"] = {**value, "target": {"trailing": 3, "statistic": name, "min_periods": least}}
    for percent in PERCENTILES:
        kpis[f"p_{percent}"] = {**value, "target": {"peers": f"p{percent}", "min_peers": least}}
        kpis[f"low_{percent}"] = {**kpis[f"p_{percent}"], "direction": "lower_is_better"}
    result = evaluate(kpis, [rows(amounts)], periods=2)
    known = {key: float(amount) for key, amount in amounts.items() if amount is not None}
    for row in result["observations"]:
        month = int(row["period"][-2:])
        others = sorted(known[rep, month] for rep in REPS if rep != row["member"] and (rep, month) in known)
        everybody = sorted(known[rep, month] for rep in REPS if (rep, month) in known)
        past = [known[row["member"], at] for at in range(month - 3, month) if (row["member"], at) in known]
        kind, name = row["kpi"].split("_")
        seen = {"others": others, "all": everybody, "past": past}.get(kind, others)
        expected = None
        if len(seen) >= least and kind in {"p", "low"}:
            expected = quantile(seen, int(name) / 100 if kind == "p" else 1 - int(name) / 100)
        elif len(seen) >= least:
            expected = STATISTICS[name](seen)
        found = row["target"]
        same = found == expected if found is None or expected is None else math.isclose(
            found, expected, rel_tol=1e-12, abs_tol=1e-12
        )  # fmt: skip
        assert same, (row["kpi"], row["member"], month, found, expected)
        missing = "no_baseline" if kind == "past" else "no_target"
        assert row["reason"] == ("no_data" if row["value"] is None else missing if expected is None else None)


def test_a_mean_of_equals_is_reached_by_each_of_them(tmp_path: Path) -> None:
    project = {
        "project": "equals", "period": "month", "dimensions": {"rep": {}},
        "sources": {"deals": {
            "file": "deals.csv", "time": "day", "columns": {"rep": "text", "amount": "number", "day": "date"},
            "measures": {"amount_of_all": "sum(amount)"},
        }},
    }  # fmt: skip
    (tmp_path / "kpis").mkdir()
    (tmp_path / "kpieval.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
    for name, target in {"others": {"peers": "mean"}, "all": {"peers": "mean", "exclude_self": False}}.items():
        for direction in ("higher_is_better", "lower_is_better"):
            kpi = {
                "kpi": f"{name}_{direction}", "value": "amount_of_all", "levels": ["rep"], "target": target,
                "direction": direction,
            }  # fmt: skip
            (tmp_path / "kpis" / f"{name}_{direction}.yaml").write_text(yaml.safe_dump(kpi), encoding="utf-8")
    lines = [f"r{number},0.1,2026-04-01" for number in range(2000)]
    (tmp_path / "deals.csv").write_text("\n".join(["rep,amount,day", *lines, ""]), encoding="utf-8")
    with kpieval.load(tmp_path).evaluate("2026-04", 1, dt.date(2026, 5, 5)) as result:
        found = result.observations.aggregate("kpi, status, count(*)").order("kpi").fetchall()
    names = ("all_higher_is_better", "all_lower_is_better", "others_higher_is_better", "others_lower_is_better")
    assert found == [(name, "good", 2000) for name in names]


@pytest.mark.parametrize("amount", [0.1, 0.3, 0.795, 1.1, 16.35])
def test_a_mean_of_equal_members_on_an_edge_is_on_the_edge_in_whatever_order_they_come(
    tmp_path: Path, amount: float
) -> None:
    members = 2000
    values = {
        "mean": {"value": "amount_of_all", "rollup": "mean_of_members"},
        "mean_per": {"value": "avg(amount_of_all)", "per": "rep"},
        "total": {"value": "amount_of_all", "rollup": "sum"},
        "total_per": {"value": "sum(amount_of_all)", "per": "rep"},
        "mean_of_two": {"value": "avg(amount_of_all + one_more)", "per": "rep"},
    }
    one_more = [amount / 3, -amount / 3]  # of which as many are added as taken away
    edges = {name: amount * members if name.startswith("total") else amount for name in values}
    project = {
        "project": "equals", "period": "month", "dimensions": {"rep": {}},
        "sources": {"deals": {
            "file": "deals.csv", "time": "day",
            "columns": {"rep": "text", "amount": "number", "more": "number", "day": "date"},
            "measures": {"amount_of_all": "sum(amount)", "one_more": "sum(more)"},
        }},
    }  # fmt: skip
    (tmp_path / "kpis").mkdir()
    (tmp_path / "kpieval.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
    for name, value in values.items():
        for direction in ("higher_is_better", "lower_is_better"):
            kpi = {"kpi": f"{name}_{direction}", **value, "direction": direction, "interval": "none",
                   "levels": ["organisation"] if "per" in value else ["rep", "organisation"],
                   "target": edges[name], "bands": {"good": "100%"}}  # fmt: skip
            (tmp_path / "kpis" / f"{kpi['kpi']}.yaml").write_text(yaml.safe_dump(kpi), encoding="utf-8")
    lines = [f"r{number},{amount},{one_more[number % 2]!r},2026-04-01" for number in range(members)]
    found = []
    for order in (lines, lines[::-1], lines[1::2] + lines[::2]):
        (tmp_path / "deals.csv").write_text("\n".join(["rep,amount,more,day", *order, ""]), encoding="utf-8")
        with kpieval.load(tmp_path).evaluate("2026-04", 1, dt.date(2026, 5, 5)) as result:
            rows = result.observations.filter("level = 'organisation'").project("kpi::varchar, value, status::varchar")
            found.append({kpi: (value, status) for kpi, value, status in rows.fetchall()})
    assert found[0] == found[1] == found[2]
    assert {status for _, status in found[0].values()} == {"good"}
    for name in ("mean", "mean_per", "total", "total_per"):
        assert found[0][f"{name}_higher_is_better"][0] == edges[name]


# A better value never has a worse status, if what it is compared with stays as it is.

OWN = st.lists(AMOUNTS, min_size=8, max_size=8, unique=True)
COMPARED: tuple[dict[str, Any], ...] = (
    {"peers": "p75", "min_peers": 1},
    {"peers": "mean", "min_peers": 1, "improve_by": "5%"},
    {"peers": "best", "min_peers": 1, "improve_by": 3},
    {"prior": "period", "improve_by": "10%"},
    {"trailing": 3, "min_periods": 1},
)


@FEW
@given(
    own=OWN,
    others=st.fixed_dictionaries(dict.fromkeys(REPS[1:], AMOUNTS)),
    past=st.fixed_dictionaries(dict.fromkeys(MONTHS[:-1], AMOUNTS)),
)
def test_a_better_value_never_has_a_worse_status(
    own: list[Decimal], others: dict[str, Decimal], past: dict[int, Decimal]
) -> None:
    """Each KPI sees another value of r1, the row with its number, and the same of everybody else."""
    deals = [Deal("r1", "won", None, amount, float(at), dt.date(2026, 4, 1)) for at, amount in enumerate(own)]
    deals += [Deal(rep, "lost", None, amount, None, dt.date(2026, 4, 1)) for rep, amount in others.items()]
    deals += [Deal("r1", "lost", None, amount, None, dt.date(2026, month, 1)) for month, amount in past.items()]
    bands = {
        "higher_is_better": {"great": "120%", "good": "100%", "watch": "85%"},
        "lower_is_better": {"great": "80%", "good": "100%", "watch": "115%"},
    }
    kpis = {
        f"{direction}_{kind}_{at}": {
            "source": "deals", "value": f"sum(amount) filter (where stage = 'lost' or hours = {at})",
            "levels": ["rep"], "direction": direction, "target": target, "bands": bands[direction],
        }
        for direction in bands for kind, target in enumerate(COMPARED) for at in range(len(own))
    }  # fmt: skip
    result = evaluate(kpis, [deals], periods=1)
    found = {row["kpi"]: row for row in result["observations"] if row["member"] == "r1"}
    ranks = {name: rank for rank, name in enumerate(("great", "good", "watch", "poor"))}
    for direction in bands:
        sign = -1 if direction == "lower_is_better" else 1
        for kind, _ in enumerate(COMPARED):
            mine = [found[f"{direction}_{kind}_{at}"] for at in range(len(own))]
            assert all(math.isclose(row["target"], mine[0]["target"], rel_tol=1e-15, abs_tol=1e-15) for row in mine)
            ordered = sorted(mine, key=lambda row: -sign * row["value"])
            assert all(ranks[one["status"]] <= ranks[next_["status"]] for one, next_ in pairwise(ordered))

"""Laws of the engine, over data and definitions made up by hypothesis."""

from __future__ import annotations

import datetime as dt
import json
import math
import statistics
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
import jsonschema
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import kpieval
from kpieval.folders import schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from decimal import Decimal
    from random import Random

    import pytest

SCHEMA = json.loads((schemas() / "result.schema.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

TEAMS = {"r1": "t1", "r2": "t1", "r3": "t2", "r4": "t2"}
STAGES = ("won", "lost", "open", None)
PROJECT: dict[str, Any] = {
    "project": "laws",
    "period": "month",
    "sources": {
        "deals": {
            "file": "deals*.csv",
            "time": "day",
            "columns": {
                "rep": "text", "stage": "text", "account": "text", "amount": "decimal", "hours": "number", "day": "date"
            },
        },
        "reps": {"file": "reps.csv", "key": "rep_id", "columns": {"rep_id": "text", "team": "text"}},
    },
    "dimensions": {"rep": {"source": "reps", "parent": "team"}, "team": {}},
}  # fmt: skip


@dataclass(frozen=True)
class Deal:
    """A row of the source."""

    rep: str | None
    stage: str | None
    account: str | None
    amount: Decimal | None
    hours: float | None
    day: dt.date | None

    def line(self) -> str:
        """As CSV."""
        cells = (self.rep, self.stage, self.account, self.amount, self.hours, self.day)
        return ",".join("" if cell is None else str(cell) for cell in cells)


DEALS = st.lists(
    st.builds(
        Deal,
        rep=st.sampled_from([*TEAMS, *TEAMS, None, "stranger"]),
        stage=st.sampled_from(STAGES),
        account=st.sampled_from(["x", "y", "z", None]),
        amount=st.none() | st.decimals(-100, 100, places=2),
        hours=st.none() | st.integers(0, 1000).map(lambda n: n / 8) | st.sampled_from([0.1, 0.2, 0.3]),
        day=st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2026, 4, 30)),
    ),
    min_size=1,
    max_size=40,
)
GENERATED = (Phase.explicit, Phase.reuse, Phase.generate)  # an example takes a moment: shrinking one would take minutes
FEW = settings(max_examples=6, deadline=None, phases=GENERATED)


def write(
    folder: Path,
    kpis: dict[str, dict[str, Any]],
    files: Sequence[Sequence[Deal]],
    scorecards: dict[str, dict[str, Any]] | None = None,
) -> Path:
    for kind, definitions in (("kpi", kpis), ("scorecard", scorecards or {})):
        (folder / f"{kind}s").mkdir(parents=True)
        for name, definition in definitions.items():
            written = yaml.safe_dump({kind: name, **definition}, sort_keys=False)
            (folder / f"{kind}s" / f"{name}.yaml").write_text(written, encoding="utf-8")
    (folder / "kpieval.yaml").write_text(yaml.safe_dump(PROJECT), encoding="utf-8")
    for number, deals in enumerate(files):
        lines = ["rep,stage,account,amount,hours,day", *(deal.line() for deal in deals), ""]
        (folder / f"deals{number}.csv").write_text("\n".join(lines), encoding="utf-8")
    reps = ["rep_id,team", *(f"{rep},{team}" for rep, team in TEAMS.items()), ""]
    (folder / "reps.csv").write_text("\n".join(reps), encoding="utf-8")
    return folder


def evaluate(
    kpis: dict[str, dict[str, Any]],
    files: Sequence[Sequence[Deal]],
    period: str = "2026-04",
    periods: int = 3,
    scorecards: dict[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The result of the project, which is sound as JSON and by its schema."""
    with TemporaryDirectory() as name:
        folder = write(Path(name), kpis, files, scorecards)
        with kpieval.load(folder).evaluate(period, periods, dt.date(2026, 5, 5)) as result:
            found = result.to_dict()
    return sound(found)


def sound(result: dict[str, Any]) -> dict[str, Any]:
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    VALIDATOR.validate(result)
    return result


def as_bytes(result: dict[str, Any]) -> bytes:
    return json.dumps(result, allow_nan=False).encode()


# A roll-up by partial aggregates equals the direct computation.

FILTERS: dict[str, Callable[[Deal], bool]] = {
    "": lambda _: True,
    "stage = 'won'": lambda deal: deal.stage == "won",
    "stage <> 'won'": lambda deal: deal.stage not in {"won", None},
    "not (stage = 'open')": lambda deal: deal.stage not in {"open", None},
    "stage in ('won', 'lost') and amount < 50":
        lambda deal: deal.stage in {"won", "lost"} and deal.amount is not None and deal.amount < 50,
    "stage is null or amount is null": lambda deal: deal.stage is None or deal.amount is None,
    "stage = 'lost' or account = 'x'": lambda deal: deal.stage == "lost" or deal.account == "x",
    "coalesce(amount, 0) >= 10 and not (account = 'y')":
        lambda deal: (deal.amount or 0) >= 10 and deal.account not in {"y", None},
}  # fmt: skip


def amounts(deals: Sequence[Deal]) -> list[float]:
    return sorted(float(deal.amount) for deal in deals if deal.amount is not None)


def hours(deals: Sequence[Deal]) -> list[float]:
    return sorted(deal.hours for deal in deals if deal.hours is not None)


def quantile(values: list[float], share: float) -> float:
    rank = share * (len(values) - 1)
    low, high = values[math.floor(rank)], values[math.ceil(rank)]
    return low + (high - low) * (rank - math.floor(rank))


AGGREGATES: dict[str, Callable[[Sequence[Deal]], float | None]] = {
    "count(*)": len,
    "count(amount)": lambda deals: len(amounts(deals)),
    "count(distinct account)": lambda deals: len({deal.account for deal in deals} - {None}),
    "sum(amount)": lambda deals: math.fsum(amounts(deals)),
    "sum(hours)": lambda deals: math.fsum(hours(deals)),
    "avg(amount)": lambda deals: statistics.fmean(amounts(deals)) if amounts(deals) else None,
    "avg(hours)": lambda deals: statistics.fmean(hours(deals)) if hours(deals) else None,
    "min(amount)": lambda deals: min(amounts(deals), default=None),
    "max(hours)": lambda deals: max(hours(deals), default=None),
    "median(amount)": lambda deals: statistics.median(amounts(deals)) if amounts(deals) else None,
    "quantile(amount, 0.3)": lambda deals: quantile(amounts(deals), 0.3) if amounts(deals) else None,
    "stddev(amount)": lambda deals: statistics.stdev(amounts(deals)) if len(amounts(deals)) > 1 else None,
}
WINDOWS: dict[str, Callable[[int], range]] = {
    "{}": lambda month: range(month, month + 1),
    "prior({})": lambda month: range(month - 1, month),
    "prior({}, 2)": lambda month: range(month - 2, month - 1),
    "trailing({}, 2)": lambda month: range(month - 1, month + 1),
    "to_date({}, 'quarter')": lambda month: range((month - 1) // 3 * 3 + 1, month + 1),
    "prior(trailing({}, 2))": lambda month: range(month - 2, month),
}
TERMS = st.tuples(
    st.sampled_from(sorted(AGGREGATES)), st.sampled_from(sorted(FILTERS)), st.sampled_from(sorted(WINDOWS))
)
COUNTED = ("count", "sum")


def spelled(term: tuple[str, str, str]) -> str:
    aggregate, condition, window = term
    return window.format(f"{aggregate} filter (where {condition})" if condition else aggregate)


def groups(deals: Sequence[Deal]) -> Iterator[tuple[str, str, list[Deal]]]:
    yield "organisation", "organisation", list(deals)
    for team in sorted(set(TEAMS.values())):
        yield "team", team, [deal for deal in deals if TEAMS.get(deal.rep or "") == team]
    for rep in TEAMS:
        yield "rep", rep, [deal for deal in deals if deal.rep == rep]


def directly(term: tuple[str, str, str], own: Sequence[Deal], everybody: Sequence[Deal], month: int) -> float | None:
    """The value in plain Python: none without a row of one's own, or with half a run before the data begin."""
    aggregate, condition, window = term
    months = WINDOWS[window](month)
    known = [deal.day.month for deal in everybody if deal.day]
    seen = [deal for deal in own if deal.day and deal.day.month in months]
    looks_back = window.startswith("prior")
    if not seen and not looks_back:
        return None
    if "trailing" in window and months[0] < min(known, default=13):
        return None
    if not any(each in months for each in known):
        return None
    if not seen and not aggregate.startswith(COUNTED):
        return None
    return AGGREGATES[aggregate]([deal for deal in seen if FILTERS[condition](deal)])


@FEW
@given(deals=DEALS, terms=st.lists(TERMS, min_size=8, max_size=12, unique=True))
def test_a_roll_up_by_parts_equals_the_direct_computation(deals: list[Deal], terms: list[tuple[str, str, str]]) -> None:
    kpis = {f"k{at}": {"source": "deals", "value": spelled(term)} for at, term in enumerate(terms)}
    result = evaluate(kpis, [deals])
    found = {(o["kpi"], o["level"], o["member"], o["period"]): o for o in result["observations"]}
    for at, term in enumerate(terms):
        for level, member, own in groups(deals):
            for month in (2, 3, 4):
                row = found[f"k{at}", level, member, f"2026-{month:02}"]
                expected = directly(term, own, deals, month)
                same = row["value"] == expected if expected is None or row["value"] is None else math.isclose(
                    row["value"], expected, rel_tol=1e-12, abs_tol=1e-9
                )  # fmt: skip
                assert same, (spelled(term), level, member, month, row["value"], expected)


# Order, files, threads and the number of periods don't matter.

WATCHED: dict[str, Any] = {"peers": {"within": "team", "min_peers": 2}, "process": {"min_periods": 3}}
MIXED: dict[str, dict[str, Any]] = {
    "win_rate": {
        "source": "deals",
        "value": "count(*) filter (where stage = 'won') / count(*)",
        "target": 0.5,
        **WATCHED,
    },
    "revenue": {"source": "deals", "value": "sum(amount)", **WATCHED},
    "hours": {"source": "deals", "value": "avg(hours)", "target": 10, "direction": "lower_is_better", "peers": True},
    "middle": {"source": "deals", "value": "median(hours)"},
    "spread": {"source": "deals", "value": "stddev(hours)"},
    "accounts": {"source": "deals", "value": "trailing(count(distinct account), 2)"},
    "mean_hours": {"per": "rep", "value": "avg(hours)"},
    "weak": {"per": "rep", "value": "share(win_rate < 0.5)", "min_sample": 2},
    "growth": {"value": "win_rate - prior(win_rate)", "bands": {"good": 0.1, "watch": 0}},
    "against_past": {
        "source": "deals",
        "value": "sum(hours)",
        "target": {"trailing": 3, "statistic": "mean", "min_periods": 1},
    },
    "against_peers": {"source": "deals", "value": "sum(hours)", "target": {"peers": "mean", "min_peers": 1}},
    "weak_before": {"value": "prior(weak, 2)", "direction": "lower_is_better", "target": {"prior": "period"}},
}
CARDS: dict[str, dict[str, Any]] = {
    "rep_card": {"level": "rep", "kpis": {"win_rate": 0.3, "hours": 0.2, "growth": 0.1}, "peers": {"within": "team"}},
    "team_card": {
        "level": "team", "kpis": {"win_rate": {"weight": 0, "gate": True}, "hours": 2}, "scorecards": {"rep_card": 1},
        "on_missing": "zero", "peers": {"min_peers": 1},
    },
    "whole": {"level": "organisation", "kpis": {"win_rate": 3, "growth": 1}, "scorecards": {"team_card": 1}},
}  # fmt: skip


@FEW
@given(deals=DEALS, random=st.randoms(use_true_random=False))
def test_the_order_of_rows_and_files_does_not_matter(deals: list[Deal], random: Random) -> None:
    first = evaluate(MIXED, [deals], scorecards=CARDS)
    shuffled = random.sample(deals, len(deals))
    half = len(deals) // 2
    files = [part for part in (shuffled[half:], shuffled[:half]) if part]
    second = evaluate(MIXED, files, scorecards=CARDS)
    for result in (first, second):
        for source in result["sources"]:
            del source["location"], source["sql"]  # they name the files
    assert as_bytes(first) == as_bytes(second)


@settings(max_examples=4, deadline=None, phases=GENERATED)
@given(deals=DEALS)
def test_a_period_has_the_same_observations_however_many_are_asked_for(deals: list[Deal]) -> None:
    one, three = (evaluate(MIXED, [deals], periods=periods, scorecards=CARDS) for periods in (1, 3))
    for each in (*one["observations"], *three["observations"]):  # these two look back over as many periods as there are
        each["process"] = None
        each["trend"] = {**(each["trend"] or {}), "streak": None, "at_least": None}
    assert one["observations"] == [each for each in three["observations"] if each["period"] == "2026-04"]
    for few, many in zip(one["scorecards"], three["scorecards"], strict=True):
        assert few["scores"] == [each for each in many["scores"] if each["period"] == "2026-04"]


def test_the_number_of_threads_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write(tmp_path / "project", MIXED, [], CARDS)
    settings_ = yaml.safe_load((project / "kpieval.yaml").read_text(encoding="utf-8"))
    settings_["sources"]["deals"]["file"] = "deals.parquet"
    settings_["dimensions"]["account"] = {}  # a hundred peers
    (project / "kpieval.yaml").write_text(yaml.safe_dump(settings_), encoding="utf-8")
    with duckdb.connect() as connection:
        connection.execute("select setseed(0.5)")
        connection.execute(
            "copy (select 'r' || (1 + i % 4) as rep, case when random() < 0.4 then 'won' else 'lost' end as stage, "
            "'a' || (i % 97) as account, cast(random() * 1000 as decimal(18, 2)) as amount, random() * 10 as hours, "
            "date '2026-01-01' + cast(i % 120 as integer) as day from range(60000) as t(i)) "
            f"to '{project / 'deals.parquet'}' (format parquet, row_group_size 2048)"
        )
    connect = duckdb.connect
    found = []
    for threads in (1, 4, 4):

        def limited(database: str = ":memory:", threads: int = threads) -> duckdb.DuckDBPyConnection:
            connection = connect(database)
            connection.execute(f"set threads = {threads}")
            return connection

        monkeypatch.setattr(duckdb, "connect", limited)
        with kpieval.load(project).evaluate("2026-04", 3, dt.date(2026, 5, 5)) as result:
            found.append(as_bytes(sound(result.to_dict())))
    assert found[0] == found[1] == found[2]


# A better value never has a worse status, and never a lower score.

SHARES = st.lists(st.integers(1, 300), min_size=1, max_size=4, unique=True).map(sorted)
VALUES = st.lists(st.decimals(-100, 100, places=2), min_size=2, max_size=30, unique=True)


@FEW
@given(values=VALUES, target=st.integers(-100, 100).filter(bool), shares=SHARES, edges=SHARES)
def test_a_better_value_never_has_a_worse_status(
    values: list[Decimal], target: int, shares: list[int], edges: list[int]
) -> None:
    names = ["one", "two", "three", "four"]
    falling = dict(zip(names, (f"{share}%" for share in reversed(shares)), strict=False))
    rising = dict(zip(names, (f"{share}%" for share in shares), strict=False))
    value = {"source": "deals", "value": "sum(amount)", "levels": ["account", "organisation"]}
    kpis: dict[str, dict[str, Any]] = {
        "up": {**value, "target": target, "bands": falling},
        "down": {**value, "target": target, "direction": "lower_is_better", "bands": rising},
        "up_by_value": {**value, "bands": dict(zip(names, (edge - 150 for edge in reversed(edges)), strict=False))},
        "down_by_value": {
            **value, "direction": "lower_is_better",
            "bands": dict(zip(names, (edge - 150 for edge in edges), strict=False)),
        },
        "inside": {
            **value, "direction": "target_range", "target": {"between": [target, target + 20]},
            "bands": {"one": "100%", "two": "60%"},
        },
    }  # fmt: skip
    deals = [Deal("r1", "won", f"a{at}", value, None, dt.date(2026, 4, 1)) for at, value in enumerate(values)]
    with TemporaryDirectory() as name:
        folder = write(Path(name) / "project", kpis, [deals])
        written = yaml.safe_load((folder / "kpieval.yaml").read_text(encoding="utf-8"))
        written["dimensions"]["account"] = {}
        (folder / "kpieval.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")
        with kpieval.load(folder).evaluate("2026-04", 1, dt.date(2026, 5, 5)) as found:
            result = sound(found.to_dict())
    centre = target + 10
    better = {"up": 1, "up_by_value": 1, "down": -1, "down_by_value": -1}
    for kpi in result["kpis"]:
        ranks = {band["name"]: rank for rank, band in enumerate(kpi["bands"])}
        rows = [o for o in result["observations"] if o["kpi"] == kpi["name"] and o["level"] == "account"]
        assert len(rows) == len(values)
        if kpi["name"] == "inside":
            for side in (-1, 1):
                part = sorted(
                    (abs(o["value"] - centre), ranks[o["status"]], o["score"])
                    for o in rows
                    if side * (o["value"] - centre) >= 0
                )
                assert all(near[1] <= far[1] and near[2] >= far[2] for near, far in pairwise(part))
            continue
        ordered = sorted(rows, key=lambda o: -better[kpi["name"]] * o["value"])
        assert all(ranks[good["status"]] <= ranks[bad["status"]] for good, bad in pairwise(ordered)), kpi["name"]
        assert all(good["score"] >= bad["score"] for good, bad in pairwise(ordered)), kpi["name"]
        for row in rows:
            assert (row["status"] == kpi["bands"][-1]["name"]) == (
                better[kpi["name"]] * row["value"] < better[kpi["name"]] * row["edges"][-1] - 1e-9
            )

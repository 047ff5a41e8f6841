"""Ranks against a count of all pairs, limits of a funnel against the exact binomial test, drawn values by formula."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from kpieval.evaluate import statistics
from kpieval.judge import funnel, peer_groups, peers, shrinkage

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = dict[str, Any]
ROUNDING = (0.3, 0.1 + 0.2, 0.7, 0.1 * 7, 1.1 * 3, 3.3)


@dataclass(frozen=True)
class Peer:
    """A value whose better is more, and its interval; without a width it is exact."""

    merit: float
    worst: float
    best: float

    @property
    def exact(self) -> bool:
        return self.worst == self.best


def exact(value: float) -> Peer:
    return Peer(value, value, value)


def interval(ends: tuple[int, int, int]) -> Peer:
    worst, merit, best = sorted(ends)
    return Peer(merit, worst, best)


VALUES = st.integers(0, 6).map(float) | st.sampled_from(ROUNDING)
EXACT = st.lists(VALUES.map(exact), min_size=1, max_size=12)
SPANS = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)).map(interval)
MIXED = st.lists(SPANS | VALUES.map(exact), min_size=1, max_size=12)
FEW = settings(deadline=None, max_examples=12, phases=(Phase.explicit, Phase.reuse, Phase.generate))


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        statistics.define(made, means=False)
        made.execute("create type kpi_name as enum ('a'); create type level_name as enum ('b')")
        made.execute(funnel._MACROS)
        yield made


def table(connection: duckdb.DuckDBPyConnection, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
    name = columns.split(maxsplit=1)[0]
    connection.execute(f"drop table if exists {name}; create temp table {columns}")
    if rows:
        connection.executemany(f"insert into {name} values ({', '.join('?' * len(rows[0]))})", rows)


GROUPS = (
    "peer_groups (number bigint, kpi kpi_name, level level_name, period bigint, circle bigint, min_peers integer, "
    "at_target boolean, direction integer, evidence integer, members bigint, median double, best double, pooled double)"
)


def ranked(connection: duckdb.DuckDBPyConnection, groups: Sequence[Sequence[Peer]], evidence: int) -> list[list[Row]]:
    """What the statements make of groups."""
    listed = [(at, "a", "b", at, 0, 1, False, 1, evidence, len(group), 0, 0, None) for at, group in enumerate(groups)]
    table(connection, GROUPS, listed)
    values = "number bigint, mid integer, merit double, worst double, best double, exact boolean, evidence integer"
    rows = [
        (at, mid, one.merit, one.worst, one.best, one.exact, evidence)
        for at, group in enumerate(groups)
        for mid, one in enumerate(group)
    ]
    table(connection, f"peer_values ({values})", rows)
    table(connection, "shrunken (number bigint, mid integer, shrunken double)", [])
    table(connection, peers.PEERS.declaration(), [])
    connection.execute("drop table if exists peer_spans")
    for statement in (peer_groups._EQUAL, peers._SPANS, peers._PEERS):
        connection.execute(statement)
    cursor = connection.execute("from peers order by period, mid")
    names = [column[0] for column in cursor.description or ()]
    found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [[row for row in found if row["period"] == at] for at in range(len(groups))]


def above(a: float, b: float) -> bool:
    """Whether a is above b by more than rounding."""
    return a > b and not math.isclose(a, b, rel_tol=4e-15, abs_tol=1e-15)


@FEW
@given(groups=st.lists(EXACT, min_size=10, max_size=30))
def test_exact_values_have_the_places_of_a_race(
    connection: duckdb.DuckDBPyConnection, groups: list[list[Peer]]
) -> None:
    for members, rows in zip(groups, ranked(connection, groups, 0), strict=True):
        for own, row in zip(members, rows, strict=True):
            better = sum(above(other.merit, own.merit) for other in members)
            worse = sum(above(own.merit, other.merit) for other in members)
            assert row["rank"] == row["ranks_low"] == row["ranks_high"] == 1 + better
            assert row["withheld"] is None
            equal = len(members) - better - worse - 1
            assert row["percentile"] == (None if len(members) == 1 else (worse + equal / 2) / (len(members) - 1))


@FEW
@given(groups=st.lists(MIXED, min_size=10, max_size=30))
def test_ranks_run_as_a_count_of_all_pairs_says(
    connection: duckdb.DuckDBPyConnection, groups: list[list[Peer]]
) -> None:
    for members, rows in zip(groups, ranked(connection, groups, 3), strict=True):
        for own, row in zip(members, rows, strict=True):
            low = 1 + sum(above(other.worst, own.best) for other in members)
            high = len(members) - sum(above(own.worst, other.best) for other in members)
            if own.exact:  # the others that are equal for certain share the place
                high -= sum(other.exact and not above(other.merit, own.merit) and not above(own.merit, other.merit)
                            for other in members) - 1  # fmt: skip
            assert (row["ranks_low"], row["ranks_high"]) == (low, high)
            assert row["rank"] == (low if low == high else None)
            assert row["withheld"] == (None if low == high else "intervals_overlap")


@FEW
@given(groups=st.lists(MIXED, min_size=10, max_size=30))
def test_who_is_better_in_everything_never_has_a_worse_place(
    connection: duckdb.DuckDBPyConnection, groups: list[list[Peer]]
) -> None:
    for members, rows in zip(groups, ranked(connection, groups, 3), strict=True):
        for (own, mine), (other, theirs) in product(zip(members, rows, strict=True), repeat=2):
            if own.merit >= other.merit:
                assert (mine["percentile"] or 0) >= (theirs["percentile"] or 0)
            if own.worst >= other.worst and own.best >= other.best and own.exact == other.exact:
                assert mine["ranks_low"] <= theirs["ranks_low"]
                assert mine["ranks_high"] <= theirs["ranks_high"]


# A funnel never calls good or bad what the exact binomial test lets pass.

TAILS = {"inner": (funnel.INNER, 0.025), "outer": (funnel.OUTER, 0.001)}
SIZES = [*range(1, 60), 80, 120, 200, 500, 2000, 10000]
CENTRES = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9, 0.97)


@pytest.mark.parametrize("limit", TAILS)
def test_what_is_beyond_a_limit_is_so_by_the_exact_binomial_test(
    connection: duckdb.DuckDBPyConnection, limit: str
) -> None:
    z, tail = TAILS[limit]
    table(connection, "cases (n double, c double)", [(n, c) for n in SIZES for c in CENTRES])
    found = connection.execute(
        f"select n, c, funnel_low(c, n, 1, {z}), funnel_high(c, n, 1, {z}) from cases"
    ).fetchall()
    late = 0
    for n, centre, low, high in found:
        counts = np.arange(n + 1)
        shares = counts / n
        assert np.all(binom.cdf(counts, n, centre)[shares < low - 1e-12] < tail), (n, centre)
        assert np.all(binom.sf(counts - 1, n, centre)[shares > high + 1e-12] < tail), (n, centre)
        # .. and lets pass no more than one count that it doesn't, so that it hardly misses anything.
        missed = (shares >= low) & (binom.cdf(counts, n, centre) < tail)
        missed |= (shares <= high) & (binom.sf(counts - 1, n, centre) < tail)
        late += int(missed.sum())
        assert missed.sum() <= 2, (n, centre)
    assert late / (2 * len(found)) < 0.17


def test_limits_of_large_numbers_are_those_of_the_normal_distribution(connection: duckdb.DuckDBPyConnection) -> None:
    low, high = connection.execute(
        f"select funnel_low(0.3, 1e8, 1, {funnel.INNER}), funnel_high(0.3, 1e8, 4, {funnel.OUTER})"
    ).fetchall()[0]
    error = math.sqrt(0.3 * 0.7 / 1e8)
    assert low == pytest.approx(0.3 - 1.959964 * error, abs=1e-8)
    assert high == pytest.approx(0.3 + 2 * 3.090232 * error, abs=2e-8)


# Drawn values.

BCG = (
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
    (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600),
    (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
)  # fmt: skip
"""Tuberculosis after vaccination and without, in 13 trials: G. A. Colditz and others (1994), JAMA 271, 698-702."""


def test_means_are_drawn_as_the_published_analysis_of_thirteen_trials_says(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """By DerSimonian and Laird the variance between is 0.3088, the mean -0.7141 (dat.bcg in the R package metafor)."""
    values = [math.log(a / (a + b) / (c / (c + d))) for a, b, c, d in BCG]
    variances = [1 / a - 1 / (a + b) + 1 / c - 1 / (c + d) for a, b, c, d in BCG]
    trials = enumerate(zip(values, variances, strict=True))
    columns = "number bigint, mid integer, value double, error double, evidence integer, exact boolean"
    rows = [(1, mid, value, math.sqrt(v), 3, False) for mid, (value, v) in trials]
    table(connection, f"peer_values ({columns})", rows)
    table(connection, "shrunken (number bigint, mid integer, shrunken double)", [])
    connection.execute(shrinkage._MEANS)
    drawn = [row[0] for row in connection.execute("select shrunken from shrunken order by mid").fetchall()]
    for value, v, found in zip(values, variances, drawn, strict=True):
        assert found == pytest.approx(-0.7141 + 0.3088 / (0.3088 + v) * (value + 0.7141), abs=1e-4)


COUNTS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)).map(sorted), min_size=2, max_size=12)


@settings(deadline=None, max_examples=40)
@given(counts=COUNTS.filter(lambda found: all(n for _, n in found)))
def test_shares_are_drawn_by_the_moments_of_a_beta_binomial(
    connection: duckdb.DuckDBPyConnection, counts: list[list[int]]
) -> None:
    """Against Kleinman's formula in numpy, written in another way."""
    k, n = np.array(counts, dtype=float).T
    pooled = k.sum() / n.sum()
    table(connection, GROUPS, [(1, "a", "b", 1, 0, 1, False, 1, 1, len(counts), 0, 0, pooled)])
    columns = "number bigint, mid integer, numerator double, denominator double, evidence integer"
    table(connection, f"peer_values ({columns})", [(1, mid, *pair, 1) for mid, pair in enumerate(counts)])
    table(connection, "shrunken (number bigint, mid integer, shrunken double)", [])
    connection.execute(shrinkage._SHARES)
    drawn = [row[0] for row in connection.execute("select shrunken from shrunken order by mid").fetchall()]
    if pooled in {0.0, 1.0}:
        assert drawn == pytest.approx([pooled] * len(counts))
        return
    if n.max() == 1:
        assert drawn == []
        return
    weights = n / n.sum()
    spread = (n * (k / n - pooled) ** 2).sum() / (pooled * (1 - pooled))
    chance = (1 - weights).sum()
    correlation = min(1.0, max(0.0, (spread - chance) / ((n * (1 - weights)).sum() - chance)))
    if correlation:
        prior = 1 / correlation - 1  # so many cases the prior is worth
        expected = (k + prior * pooled) / (n + prior)
    else:
        expected = np.full(len(counts), pooled)
    assert drawn == pytest.approx(list(expected), abs=1e-12)

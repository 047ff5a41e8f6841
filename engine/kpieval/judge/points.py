"""A verdict as points from 0 to 100: what a KPI adds to a scorecard, and the `score` of an observation."""

from __future__ import annotations


def points_sql(edges: int) -> str:
    """SQL of the points of a row `o` of `judged`, whose KPI's row of `meta` is `m`; `edges` as in `verdict.edge_count`.

    Of k edges from the best down, the i-th is worth 100 (k + 1 - i) / k points. In between they are linear; above the
    best edge there are 100; below the last they fall to 0 over the width of the band above it. With one edge they are
    100 or 0. In a range the edges are those of the side that the value is on. Null without a verdict.
    """
    cases = "".join(f" when {status} then {_below(status, edges)}" for status in range(2, edges + 2))
    return f"(case o.status when 1 then 100.0{cases} end)" if cases else "cast(null as double)"


def _below(status: int, edges: int) -> str:
    """The points of a status that isn't the best: what is left of those at the edge above it, as far as that has gone.

    Without a band above that has a width, all of them have gone: `least` passes over a null.
    """
    above = _edge(status - 1)
    width = f"abs({above} - {_edge(status)})" if status <= edges else "null"
    if status - 1 > 1:
        width = f"case when m.edges = {status - 1} then abs({_edge(status - 2)} - {above}) else {width} end"
    return f"100.0 / m.edges * (m.edges + 2 - {status} - least(1, abs({above} - o.value) / nullif({width}, 0)))"


def _edge(number: int) -> str:
    """An edge on the side of the value: what is above the lower end of a range's best band is on the upper side."""
    return f"(case when m.direction = 0 and o.value > o.edge_1 then o.high_{number} else o.edge_{number} end)"

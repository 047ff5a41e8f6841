"""Where a value lies among its bands -> 0 to 100 points, as an SQL expression.

With k edges from the best to the worst, the i-th is worth 100 * (k + 1 - i) / k points: of two edges 100 and 50, of
three 100, 66.7 and 33.3. Between two edges points are linear, at the best edge and beyond they are 100, and below the
last one they fall to 0 over the distance that the last band is wide. With one edge there are 100 or 0. Around a target
range what counts are the edges on the side where the value lies.
"""

from __future__ import annotations


def points_sql(edges: int, *, ranges: bool = True) -> str:
    """The points of a row `o` of `judged` with its row `m` of `meta`; null without a verdict.

    `edges` is how many edges the KPI with the most bands has; without `ranges` none has upper edges, too. Edges
    are compared by `reaches`, like the statuses.
    """
    if edges == 0:
        return "cast(null as double)"
    way = {i: _way(i, ranges=ranges) for i in range(2, edges + 1)}
    reached = {i: _reached(i, ranges=ranges) for i in range(1, edges + 1)}
    between = [
        f"when {reached[i]} then 100.0 * (m.edges + {1 - i} + {_inside(way[i])}) / m.edges" for i in range(2, edges + 1)
    ]
    below = [f"when {k} then 100.0 * {_beyond(way[k])} / {k}" for k in range(2, edges + 1)]
    last = f"case m.edges {' '.join(below)} else 0.0 end" if below else "0.0"
    found = f"case when o.status is null then null when {reached[1]} then 100.0 {' '.join(between)} else {last} end"
    return f"cast({found} as double)"  # with one edge there are but literals, which are decimals


def _inside(way: str) -> str:
    """How far a value is on the way from an edge to the next better one, from 0 to 1."""
    return f"least(1, greatest(0, coalesce({way}, 0)))"


def _beyond(way: str) -> str:
    """How far a value below the last edge is from falling out of points, from 1 to 0."""
    return f"greatest(0, 1 + least(0, coalesce({way}, -1)))"


def _way(i: int, *, ranges: bool) -> str:
    """The way of a value from the edge i, in widths of the band above it; null where that is empty."""
    edge, better = _edge(i, ranges=ranges), _edge(i - 1, ranges=ranges)
    return f"(o.value - {edge}) / nullif({better} - {edge}, 0)"


def _edge(i: int, *, ranges: bool) -> str:
    """An edge; of a range that on the side of the value."""
    if not ranges:
        return f"o.edge_{i}"
    return f"(case when m.direction = 0 and o.value > o.high_1 then o.high_{i} else o.edge_{i} end)"


def _reached(i: int, *, ranges: bool) -> str:
    inside = f"else reaches(o.value, o.edge_{i}) and reaches(o.high_{i}, o.value)" if ranges else ""
    up, down = f"reaches(o.value, o.edge_{i})", f"reaches(o.edge_{i}, o.value)"
    return f"(case m.direction when 1 then {up} when -1 then {down} {inside} end)"

"""The shades of a bullet graph follow the bands, from poor (0, the darkest) to good, whatever is in view."""

from __future__ import annotations

import pytest

from kpieval.render.charts import Point, bullet


def shades(value: float, edges: list[float], *, descending: bool) -> list[int]:
    found = bullet(Point(value, edges[0], None, "fair", "amber"), edges, (), "", descending=descending)
    assert found is not None
    return [each.shade for each in found.ranges]


@pytest.mark.parametrize(
    ("value", "edges", "descending", "found"),
    [
        (0.5, [0.8, 0.6], True, [0, 1, 2]),
        (0.0, [20.0, 0.0], True, [1, 2]),  # poor is below 0, and out of view
        (-5.0, [20.0, 0.0], True, [0, 1, 2]),
        (3.0, [5.0, 8.0], False, [2, 1, 0]),
        (-3.0, [-8.0, 0.0], False, [2, 1, 0]),
        (1.0, [2.0], True, [0, 1]),
    ],
)
def test_a_band_has_its_shade_whether_the_worse_ones_are_in_view_or_not(
    value: float,
    edges: list[float],
    descending: bool,  # noqa: FBT001 - a case
    found: list[int],
) -> None:
    assert shades(value, edges, descending=descending) == found

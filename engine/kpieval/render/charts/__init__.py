"""Numbers become geometry: small frozen charts in the units of their view box, which the macros of `charts.html` draw.

Coordinates are strings with at most one decimal, so that a page stays small. Each kind of chart is a file here and a
macro there.
"""

from __future__ import annotations

from kpieval.render.charts.bullets import Bullet, bullet
from kpieval.render.charts.dots import Dot, dot, member_scale
from kpieval.render.charts.funnels import Funnel, Place, funnel
from kpieval.render.charts.parts import Label, Mark, Point, Range
from kpieval.render.charts.scale import Scale
from kpieval.render.charts.sparks import Spark, spark
from kpieval.render.charts.strips import Strip, Swarm, quartiles, strip, strip_scale
from kpieval.render.charts.trends import Trend, axis, trend

__all__ = [
    "Bullet", "Dot", "Funnel", "Label", "Mark", "Place", "Point", "Range", "Scale", "Spark", "Strip",
    "Swarm", "Trend", "axis", "bullet", "dot", "funnel", "member_scale", "quartiles", "spark", "strip", "strip_scale",
    "trend",
]  # fmt: skip

"""What a template sees of one member: its scores, each KPI in a line, who is above and below it, and its findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpieval.render.charts import Bullet, Spark
    from kpieval.render.views.findings import Group
    from kpieval.render.views.score_view import MemberScore
    from kpieval.render.views.view import Link, Reading, SeriesTable


@dataclass(frozen=True, slots=True)
class Line:
    """A KPI of a member against its target, its peers (`rank`, their `median`), and its own `course`.

    `gap` says how far it is from its target, where it is poor.
    """

    kpi: Link
    reading: Reading
    gap: str
    rank: str
    median: str
    course: str
    spark: Spark | None
    bullet: Bullet | None


@dataclass(frozen=True, slots=True)
class Lines:
    """KPIs that belong together, under a heading; `columns` have anything in them."""

    title: str
    rows: tuple[Line, ...]
    columns: tuple[str, ...]
    series: SeriesTable


@dataclass(frozen=True, slots=True)
class Below:
    """Those directly below a member. `more` are not named."""

    title: str
    members: tuple[Link, ...]
    more: str


@dataclass(frozen=True, slots=True)
class Member:
    """One member. `above` are those it belongs to, from the top of the tree down."""

    slug: str
    label: str
    level: str
    above: tuple[Link, ...]
    below: tuple[Below, ...]
    scores: tuple[MemberScore, ...]
    findings: tuple[Group, ...]
    lines: tuple[Lines, ...]

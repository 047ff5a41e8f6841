"""What a template sees of one KPI: words and charts, as in `view`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

    from kpieval.render.charts import Bullet, Dot, Funnel, Strip, Trend
    from kpieval.render.views.view import Link, Reading
    from kpieval.render.words import Status


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member's figure, and its place on the scale of the table. `sort` has value and change as plain numbers."""

    label: str
    above: str
    reading: Reading
    sort: tuple[str, str]
    rank: str
    course: str
    dot: Dot | None


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a KPI, the worst first. `more` says how many are not shown; `notes`, who has no verdict and why."""

    title: str
    one: str
    rows: tuple[MemberRow, ...]
    more: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Members:
    """All who have a figure in a KPI, on one scale with the ends `scale`; `columns` have anything in them."""

    levels: tuple[Level, ...]
    unit: str
    scale: tuple[str, str]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Behind:
    """Who a share over members is made of: the worst of each group, in one line per group."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """A member of a funnel plot in figures: its share, its cases, and where it stands among the limits."""

    label: str
    value: str
    cases: str
    inner: str
    outer: str
    position: str


@dataclass(frozen=True, slots=True)
class FunnelPlot:
    """A level of a KPI among the limits of chance; `words` say how the limits are made and who is outside."""

    title: str
    chart: Funnel
    words: tuple[str, ...]
    rows: tuple[FunnelRow, ...]
    more: str


@dataclass(frozen=True, slots=True)
class StripRow:
    """How many of a level have a status, or have none and why; `values` from the lowest to the highest of them."""

    status: Status
    count: str
    share: str
    values: str


@dataclass(frozen=True, slots=True)
class StripPlot:
    """A large level of a KPI on one line; `words` say where its middle is, what a mark is, and who isn't drawn."""

    title: str
    chart: Strip
    words: tuple[str, ...]
    rows: tuple[StripRow, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """A period of a KPI's history; `course` says what its process makes of it."""

    period: str
    reading: Reading
    course: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A published benchmark: its figures, of whom and what they are, and who says so. `url` is of the web, or empty."""

    title: str
    figures: str
    population: str
    definition: str
    source: str
    url: str
    expired: str


@dataclass(frozen=True, slots=True)
class Measure:
    """What the data are counted by."""

    name: str
    source: str
    expression: str
    description: str


@dataclass(frozen=True, slots=True)
class Kpi:
    """Everything about one KPI.

    `notes` are the annotations in its chart, by number. `sql_of` is the KPI that has the same query, where one before
    it has.
    """

    slug: str
    title: str
    name: str
    question: str
    description: Markup
    meaning: str
    reading: Reading
    sentences: tuple[str, ...]
    bullet: Bullet | None
    benchmarks: tuple[Citation, ...]
    figures: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    bands: tuple[tuple[Status, str], ...]
    formula: str
    measures: tuple[Measure, ...]
    drives: tuple[Link, ...]
    guarded_by: tuple[Link, ...]
    sql: Markup
    sql_of: Link | None
    trend: Trend | None
    notes: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    history: tuple[Moment, ...]
    strips: tuple[StripPlot, ...]
    members: Members | None
    funnels: tuple[FunnelPlot, ...]
    behind: tuple[Behind, ...]

"""What a template sees, and nothing else: small frozen objects that hold words, not numbers.

Every text is final: formatted in the project's locale, but not escaped; escaping belongs to the format. `slug`s are
safe as anchors and file names. Only `Markup` is HTML: descriptions, cleaned by `prose`, and queries, escaped by
`verbatim`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

    from kpieval.render.charts import Bullet, Label, Spark
    from kpieval.render.views import drivers as driver_views
    from kpieval.render.views import findings as finding_views
    from kpieval.render.views.kpi_view import Kpi
    from kpieval.render.views.restated import Restated
    from kpieval.render.views.score_view import Scorecard
    from kpieval.render.words import Status


@dataclass(frozen=True, slots=True)
class Change:
    """The difference from the period before. `arrow` is up, down or flat; `sense` better, worse or empty.

    `word` says the sense in the language of the report.
    """

    text: str
    brief: str
    arrow: str
    sense: str
    word: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One observation in words; `doubt` is the word for an uncertain verdict."""

    value: str
    brief: str
    status: Status
    uncertain: bool
    reason: str
    target: str
    change: Change | None
    cases: str
    interval: str
    guard: str = ""
    doubt: str = ""

    @property
    def verdict(self) -> str:
        """The status, or the reason why there is none; and what got worse while this got better."""
        word = self.reason or self.status.word
        word = f"{word}, {self.doubt}" if self.doubt else word
        return f"{word}; {self.guard}" if self.guard else word


@dataclass(frozen=True, slots=True)
class Link:
    """Something to go to; `href` is empty where the report has no place for it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Tile:
    """How many KPIs have a status."""

    count: str
    status: Status


@dataclass(frozen=True, slots=True)
class Attention:
    """A KPI that is poor: where, and by how much."""

    kpi: Link
    reading: Reading
    sentences: tuple[str, ...]
    bullet: Bullet | None


@dataclass(frozen=True, slots=True)
class Glance:
    """A KPI in a line."""

    kpi: Link
    question: str
    reading: Reading
    spark: Spark | None
    bullet: Bullet | None
    note: str


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """The figures that a sparkline is drawn from, one for each period; `unit` is the word for what they count."""

    title: str
    unit: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeriesTable:
    """The figures behind the sparklines of a table, period by period."""

    title: str
    periods: tuple[str, ...]
    rows: tuple[SeriesRow, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """KPIs that belong together, under a heading."""

    title: str
    rows: tuple[Glance, ...]
    series: SeriesTable


@dataclass(frozen=True, slots=True)
class Head:
    """A heading over so many columns."""

    text: str
    span: int


@dataclass(frozen=True, slots=True)
class GridRow:
    """A KPI across the members; None where a member has no observation."""

    kpi: Link
    unit: str
    cells: tuple[Reading | None, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Members side by side. Column 0 is the whole; `heads` are the members above, over their columns."""

    title: str
    heads: tuple[Head, ...]
    columns: tuple[str, ...]
    rows: tuple[GridRow, ...]


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """A KPI that the data can't answer, and the columns of which sources it waits for."""

    slug: str
    title: str
    question: str
    needs: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where figures come from, what was used of it, and what was odd about it."""

    name: str
    location: str
    rows: str
    used: str
    dates: str
    remarks: tuple[str, ...]
    sql: Markup


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem that the run reported."""

    severity: str
    code: str
    message: str
    place: str
    hint: str


@dataclass(frozen=True, slots=True)
class Brand:
    """Who publishes the report, and who may see it. The logo is a data URI; what isn't set is empty."""

    name: str
    logo: str
    footer: str
    classification: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pages have around them. `home` leads to the overview from elsewhere; `contents` are its parts."""

    language: str
    direction: str
    title: str
    heading: str
    project: str
    period: str
    dates: str
    caution: str
    brand: Brand
    axis: tuple[Label, ...]
    home: str
    contents: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """What comes first: the verdict, findings, what needs attention, scorecards, every KPI, members side by side."""

    before: str
    verdict: str
    tiles: tuple[Tile, ...]
    findings: tuple[finding_views.Group, ...]
    findings_summary: str
    attention: tuple[Attention, ...]
    hidden: tuple[Attention, ...]
    hidden_more: str
    scorecards: tuple[Scorecard, ...]
    everybody: Link
    groups: tuple[Group, ...]
    drivers: tuple[driver_views.Driver, ...]
    grids: tuple[Grid, ...]
    grid_more: str


@dataclass(frozen=True, slots=True)
class Methods:
    """Where the figures come from, what was odd, what isn't measured."""

    unmeasured: tuple[Unmeasured, ...]
    unevaluated: tuple[finding_views.Unevaluated, ...]
    sources: tuple[Source, ...]
    troubles: tuple[Trouble, ...]
    restated: Restated | None
    about: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """What was found of the conditions after `--fail-on`, in sentences."""

    closed: bool
    sentence: str
    failures: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole document."""

    frame: Frame
    gate: Gate | None
    overview: Overview
    kpis: tuple[Kpi, ...]
    methods: Methods

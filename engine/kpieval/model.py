"""What the author meant: frozen, complete, and free of files. `build` makes it, `plan` and everything after read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    from kpieval.expressions import Expression
    from kpieval.problems import Place

Type = Literal["text", "integer", "decimal", "number", "boolean", "date", "timestamp"]
Grain = Literal["day", "week", "month", "quarter", "year"]
Direction = Literal["higher_is_better", "lower_is_better", "target_range"]
Rollup = Literal["pooled", "mean_of_members", "median_of_members", "worst", "sum"]

ORGANISATION = "organisation"
"""The level above all others. It has one member, of the same name, and needs no declaration."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """How days become periods. Months count from 1, weekdays from 1 = Monday, as in ISO 8601."""

    fiscal_year_starts: int = 1
    week_starts: int = 1
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Connection:
    """A database behind a URL. The URL holds secrets and is never printed."""

    name: str
    url: str
    place: Place


@dataclass(frozen=True, slots=True)
class Column:
    """A column by the project's own name.

    `origin` is its name in the file or table (equal to `name` where not said). A column with a `value` is computed from
    the others. `values` maps what the data say to what the project says; `other` is the project's word for all that
    `values` doesn't list (None: keep the value as it is, and report it). `format` is a strptime pattern of dates.
    """

    name: str
    type: Type
    origin: str
    place: Place
    format: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    other: str | None = None
    value: Expression | None = None
    required: bool = False
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Time:
    """When a row counts: on the date in `start`; or, with `end`, from `start` to `end`, a null end being open.

    `inclusive` tells whether the day in `end` still belongs to the row (`to:`) or not (`until:`).
    """

    start: str
    end: str | None = None
    inclusive: bool = True


@dataclass(frozen=True, slots=True)
class FileOptions:
    """How to read a text file or a sheet, where it is not what one expects."""

    format: Literal["csv", "tsv", "json", "ndjson", "parquet", "xlsx"]
    delimiter: str | None = None
    encoding: str = "utf-8"
    decimal: str = "."
    thousands: str | None = None
    nulls: tuple[str, ...] = ("",)
    sheet: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one shape, in files or in a table.

    Exactly one of `files` (absolute path patterns) and `table` is set, or neither: then the source is not mapped, and
    what needs it is "not measured". `dimensions` says which column holds the key of which level. `key` is checked to be
    unique after `where`; with `latest`, of the rows of one key only that with the greatest `latest` counts.
    """

    name: str
    place: Place
    columns: Mapping[str, Column]
    dimensions: Mapping[str, str]
    files: tuple[str, ...] = ()
    options: FileOptions | None = None
    table: str | None = None
    connection: str | None = None
    key: tuple[str, ...] = ()
    latest: str | None = None
    time: Time | None = None
    where: Expression | None = None
    on_error: Literal["fail", "quarantine"] = "fail"
    max_quarantined: float = 0.01
    description: str | None = None

    @property
    def mapped(self) -> bool:
        """Whether the project says where the rows are."""
        return bool(self.files or self.table)


@dataclass(frozen=True, slots=True)
class Measure:
    """Arithmetic over aggregates of one source's rows. `time` overrides the source's date, for cohorts."""

    name: str
    source: str
    expression: Expression
    place: Place
    time: Time | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A dimension: a kind of member, and the level above it.

    With a `source`, its rows list all members; without, the members are the values seen in the levels below and in the
    facts. `parent_column` is the column of `source` that holds the key of the member above. `valid` bounds a row in
    time.
    """

    name: str
    place: Place
    title: str
    parent: str = ORGANISATION
    source: str | None = None
    key: str | None = None
    label: str | None = None
    parent_column: str | None = None
    attributes: tuple[str, ...] = ()
    valid: Time | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """How a value is shown. A percent is kept as a fraction, points as a difference of fractions."""

    kind: Literal["percent", "number", "currency", "hours", "days", "points", "ratio", "suffix"] = "number"
    decimals: int | None = None
    suffix: str | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A status and where it begins, counted from the best one down; the worst has no edge.

    `percent` is a share of the target (1.0 = the target itself), `edge` a value of the KPI itself; one of them is set.
    """

    name: str
    label: str
    icon: str
    color: str
    percent: float | None = None
    edge: float | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a KPI should reach, for whom and when: a `value`, a `measure` of the data, or the range `low` to `high`.

    `start` and `end` (exclusive) are dates; `level` and `where` (over the member's attributes) narrow it.
    """

    place: Place
    value: float | None = None
    measure: Expression | None = None
    low: float | None = None
    high: float | None = None
    start: dt.date | None = None
    end: dt.date | None = None
    level: str | None = None
    where: Expression | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI. `value` is over measures, KPIs and aggregates of `source`; with `per`, over the members of that level."""

    name: str
    title: str
    place: Place
    value: Expression
    levels: tuple[str, ...]
    unit: Unit
    direction: Direction
    bands: tuple[Band, ...]
    targets: tuple[Target, ...] = ()
    source: str | None = None
    per: str | None = None
    rollup: Rollup = "pooled"
    min_sample: int | None = None
    sample: Expression | None = None
    interval: Literal["auto", "wilson", "t", "none"] = "auto"
    confidence: Literal["show", "require"] = "show"
    applies_to: Expression | None = None
    question: str | None = None
    description: str | None = None
    owner: str | None = None
    benchmarks: tuple[str, ...] = ()
    drives: tuple[str, ...] = ()
    guarded_by: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use: bytes of memory, seconds of time, rows that a source may give back."""

    memory: int = 4 * 1024**3
    seconds: int = 600
    rows: int = 50_000_000


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that an organisation declared, its packs included. `levels` runs from the finest to the coarsest."""

    name: str
    title: str
    root: Path
    calendar: Calendar
    grain: Grain
    history: int
    locale: str
    currency: str | None
    sources: Mapping[str, Source]
    measures: Mapping[str, Measure]
    levels: Mapping[str, Level]
    kpis: Mapping[str, Kpi]
    connections: Mapping[str, Connection]
    limits: Limits
    min_group: int | None = None
    secrets: tuple[str, ...] = ()
    as_of: dt.date | None = None

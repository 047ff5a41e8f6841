"""Where rows are and what is counted in them: calendars, connections, sources, measures, levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.expressions import Expression
    from kpieval.problems import Place

Type = Literal["text", "integer", "decimal", "number", "boolean", "date", "timestamp"]
Grain = Literal["day", "week", "month", "quarter", "year"]

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
    facts. `parent_column` is the column of `source` that holds the key of the member above; with `tree` that one is
    of the same level, which makes the level a tree of any depth. `valid` bounds a row in time.
    """

    name: str
    place: Place
    title: str
    parent: str = ORGANISATION
    source: str | None = None
    key: str | None = None
    label: str | None = None
    parent_column: str | None = None
    tree: bool = False
    attributes: tuple[str, ...] = ()
    valid: Time | None = None

"""What a template sees of scorecards: words and charts, as in `view`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.translation import begun

if TYPE_CHECKING:
    from markupsafe import Markup

    from kpieval.render.charts import Bullet, Spark
    from kpieval.render.views.view import Change, Link, SeriesTable
    from kpieval.render.words import Status


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a score: what it weighs, its verdict, its points, what it gives to the score and what it could add."""

    part: Link
    weight: str
    gate: bool
    status: Status
    reason: str
    points: str
    gives: str
    adds: str

    @property
    def verdict(self) -> str:
        """The status, or the reason why there is none."""
        return self.reason or self.status.word


@dataclass(frozen=True, slots=True)
class Standing:
    """The score of a member. `gate` says that `closed_by` closed it, `gain` which part would change most."""

    member: Link
    score: str
    status: Status
    reason: str
    change: Change | None
    rank: str
    coverage: str
    gate: str
    closed_by: str
    gain: str
    bullet: Bullet | None
    shares: tuple[Share, ...]

    @property
    def verdict(self) -> str:
        """The status, or the reason why there is none; both, where a gate is closed and there is no score."""
        if self.status.tone == "none":
            return self.reason
        return f"{self.status.word}, {begun(self.reason)}" if self.reason else self.status.word


@dataclass(frozen=True, slots=True)
class Group:
    """Members that are ranked among each other, the best first; by name where no rank is given, as `note` says."""

    title: str
    note: str
    rows: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A scorecard with its members. `columns` have anything in them; `rules` say how the score is made."""

    slug: str
    title: str
    name: str
    description: Markup
    meaning: str
    one: str
    many: str
    groups: tuple[Group, ...]
    columns: tuple[str, ...]
    more: str
    rules: tuple[str, ...]
    bands: tuple[tuple[Status, str], ...]

    @property
    def rows(self) -> tuple[Standing, ...]:
        """The members of all groups."""
        return tuple(row for group in self.groups for row in group.rows)


@dataclass(frozen=True, slots=True)
class RollRow:
    """A member in a line, with its score in each of the scorecards of its level."""

    member: Link
    above: str
    scores: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Roll:
    """Everybody of a level who has a score, by name. `one` is what a member is called, `cards` are the scorecards."""

    one: str
    many: str
    cards: tuple[str, ...]
    rows: tuple[RollRow, ...]


@dataclass(frozen=True, slots=True)
class MemberScore:
    """The score of one member on the page about it: its history, the bands, and how the score is made."""

    card: Link
    standing: Standing
    spark: Spark | None
    series: SeriesTable
    bands: tuple[tuple[Status, str], ...]
    rules: tuple[str, ...]

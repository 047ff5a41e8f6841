"""What is made of judged KPIs: scorecards, and the sentences that rules say about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.expressions import Expression
    from kpieval.model.targets import Band, Peers
    from kpieval.problems import Place

Severity = Literal["note", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Part:
    """How much a KPI, or another scorecard, counts; a `gate` that is in its worst band drags the whole down with it."""

    weight: float
    gate: bool = False


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Weighted KPIs of the members of one level, as 0 to 100 points.

    `points` gives each status its points, or None: linear between the bands' edges. Parts without a verdict are left
    out (`renormalise`), count as zero, or leave the whole without a score (`fail`); below `min_coverage` of the
    weights there is none either. `bands` have points as their edges. `scorecards` are others that count: of the same
    level with their score, of a finer one with the mean score of the members below.
    """

    name: str
    title: str
    place: Place
    level: str
    kpis: Mapping[str, Part]
    bands: tuple[Band, ...]
    scorecards: Mapping[str, Part] = field(default_factory=dict)
    points: Mapping[str, float] | None = None
    on_missing: Literal["renormalise", "zero", "fail"] = "renormalise"
    min_coverage: float = 0.0
    peers: Peers | None = None
    description: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hole:
    """What a message fills in: `member`, `level` or `period`, or a field of a KPI or scorecard.

    With `size` it is how large a number is, whatever its sign.
    """

    name: str
    field: str | None = None
    size: bool = False


Message = tuple[str | Hole, ...]
"""A text in pieces, some of which are filled in for each finding."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A finding where `when` holds: a condition over fields of KPIs and scorecards, such as `win_rate.change < 0`.

    In its tree a field is a column of that name whose table is the KPI; `prior(field, n)` looks n periods back.
    `looks_back` is how many periods before the one that is judged it needs to know.
    """

    name: str
    title: str
    place: Place
    level: str
    when: Expression
    message: Message
    looks_back: int = 0
    severity: Severity = "warning"
    action: Message = ()
    owner: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()

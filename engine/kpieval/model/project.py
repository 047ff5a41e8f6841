"""All that an organisation declared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kpieval.model.presentation import Theme

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    from kpieval.model.judgement import Rule, Scorecard
    from kpieval.model.kpis import Kpi
    from kpieval.model.notify import Webhook
    from kpieval.model.presentation import Annotation
    from kpieval.model.sources import Calendar, Connection, Grain, Level, Measure, Source
    from kpieval.model.targets import Benchmark
    from kpieval.problems import Place


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use: bytes of memory, seconds of time, rows that a source may give back."""

    memory: int = 4 * 1024**3
    seconds: int = 600
    rows: int = 50_000_000


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that a project uses, itself or through another one: places call its files `pack:NAME/kpis/win_rate.yaml`.

    `folder` leads there from the project's own folder; None for what ships with kpieval. `place` is in the project's
    own file: where it names the pack, or the one that brought it.
    """

    name: str
    folder: str | None
    place: Place


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
    benchmarks: Mapping[str, Benchmark] = field(default_factory=dict)
    scorecards: Mapping[str, Scorecard] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    theme: Theme = field(default_factory=Theme)
    annotations: tuple[Annotation, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    packs: tuple[Pack, ...] = ()

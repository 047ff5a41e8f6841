"""What a KPI means -> two short hashes: of all that makes its value, and of what the value is held against.

They are hashes of the definitions' meaning: comments, order, formatting, places, titles and where the data are don't
count. So they differ between two runs exactly where somebody has changed what is computed, or how it is judged.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpieval.expressions import Expression, columns_used, names_used
from kpieval.model import ORGANISATION
from kpieval.plan import path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.model import Kpi, Project, Source, Time

_VALUE = (
    "value", "source", "per", "rollup", "levels", "min_sample", "sample", "applies_to", "min_group",
)  # fmt: skip
"""What of a KPI makes its value, and the values of KPIs that are over its members."""

_JUDGEMENT = ("direction", "bands", "targets", "min_sample", "sample", "interval", "confidence")

_WORDS = frozenset(
    {"place", "expires_place", "expires", "title", "description", "note", "definition"}
    | {"label", "labelled", "icon", "color"}
    | {"population", "basis", "parent_column", "attributes"}
)
"""Fields that are only said; the last two count as columns of the source."""

_LENGTH = 16


def fingerprint(project: Project, kpi: Kpi) -> dict[str, str]:
    """The hashes of a KPI: `definition` of its value, `judgement` of its verdict beyond the value."""
    value = _Closure(project)
    value.kpi(kpi)
    aims = _Closure(project)
    for target in kpi.targets:
        if target.measure is not None:
            aims.names(target.measure, None)
    benchmarks = [project.benchmarks[each.benchmark.name] for each in kpi.targets if each.benchmark]
    judgement = [_part(kpi, _JUDGEMENT), aims.found() if aims.measures or aims.kpis else None, _canonical(benchmarks)]
    return {"definition": _hash(value.found()), "judgement": _hash(judgement)}


@dataclass(slots=True)
class _Closure:
    """All that a value rests on, each thing once by its name; of sources only the columns that are read."""

    project: Project
    kpis: dict[str, Any] = field(default_factory=dict)
    measures: dict[str, Any] = field(default_factory=dict)
    levels: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def kpi(self, kpi: Kpi) -> None:
        """A KPI, and what its expressions name."""
        if kpi.name in self.kpis:
            return
        self.kpis[kpi.name] = _part(kpi, _VALUE)
        if kpi.rollup == "worst":
            self.kpis[kpi.name]["direction"] = kpi.direction
        for level in {*kpi.levels, *([kpi.per] if kpi.per else [])} - {ORGANISATION}:
            self.level(level)
        for expression in (kpi.value, kpi.sample):
            if expression is not None:
                self.names(expression, kpi.source)

    def names(self, expression: Expression, source: str | None) -> None:
        """The measures and KPIs that an expression names, and the columns of `source` that it reads."""
        if source is not None:
            self.rows(source, columns_used(expression.tree), None)
        for name in sorted(names_used(expression.tree)):
            if name in self.project.kpis:
                self.kpi(self.project.kpis[name])
            elif name in self.project.measures:
                measure = self.project.measures[name]
                self.measures[name] = _canonical(measure)
                self.rows(measure.source, columns_used(measure.expression.tree), measure.time)

    def level(self, name: str) -> None:
        """A level and those above it, with the list of its members."""
        for step in path(name, self.project)[:-1]:
            if step in self.levels:
                continue
            level = self.project.levels[step]
            self.levels[step] = _canonical(level)
            if level.source is not None:
                own = [level.key, level.parent_column, *level.attributes]
                self.rows(level.source, {each for each in own if each is not None}, level.valid)

    def rows(self, name: str, columns: Iterable[str], time: Time | None) -> None:
        """Rows of a source: what picks and dates them, and these columns."""
        source = self.project.sources[name]
        read = {*columns, *source.key, *([source.latest] if source.latest else [])}
        for each in (time, source.time):
            read |= {day for day in (each.start, each.end) if day} if each else set()
        read |= columns_used(source.where.tree) if source.where else set()
        self.columns[name] |= read & source.columns.keys()

    def found(self) -> Any:  # noqa: ANN401 -- any JSON
        """All of it, ready to be hashed."""
        sources = {name: self._source(self.project.sources[name], read) for name, read in self.columns.items()}
        calendar = [_canonical(self.project.calendar), self.project.grain]
        return [self.kpis, self.measures, self.levels, sources, calendar]

    def _source(self, source: Source, read: set[str]) -> Mapping[str, Any]:
        """A source as far as its rows and these columns go, those included that they are computed from."""
        dimensions = {level: column for level, column in source.dimensions.items() if self._reaches(level)}
        waiting, columns = sorted({*read, *(each for each in dimensions.values() if each in source.columns)}), {}
        while waiting:
            name = waiting.pop()
            if name in columns or name not in source.columns:
                continue
            column = source.columns[name]
            columns[name] = _canonical(column)
            waiting += sorted(columns_used(column.value.tree)) if column.value else []
        options = source.options
        return {
            **_part(source, ("key", "latest", "time", "where")),
            "columns": columns,
            "dimensions": dimensions,
            "options": [options.decimal, options.thousands, list(options.nulls)] if options else None,
        }

    def _reaches(self, level: str) -> bool:
        return not self.levels.keys().isdisjoint(path(level, self.project))


def _part(thing: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: _canonical(getattr(thing, name)) for name in names}


def _canonical(thing: object) -> Any:  # noqa: ANN401 -- any JSON
    """Part of the model as JSON: expressions as regenerated text, without what is only said."""
    if isinstance(thing, Expression):
        return thing.tree.sql()
    if is_dataclass(thing):
        names = (each.name for each in fields(thing))
        return {name: _canonical(getattr(thing, name)) for name in names if name not in _WORDS}
    if isinstance(thing, dict):
        return {str(key): _canonical(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_canonical(each) for each in thing]
    if isinstance(thing, int | float | Decimal) and not isinstance(thing, bool):
        return f"{Decimal(str(thing)).normalize():f}"  # 50% and 0.50 are the same
    return thing.isoformat() if isinstance(thing, dt.date) else thing


def _hash(found: object) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:_LENGTH]

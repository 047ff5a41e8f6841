"""What a run needs: which KPIs the mapped data can answer, and for those which inputs at which levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.collect import trees
from kpieval.collect.cells import Wanted, entries_by_source
from kpieval.model import ORGANISATION
from kpieval.plan import path
from kpieval.plan.inputs import Aggregate, Days, Measured, Over, Referred
from kpieval.plan.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpieval.model import Target
    from kpieval.plan import Plan, Planned, Tree
    from kpieval.plan.formula import Formula


def sources(plan: Plan) -> list[str]:
    """The mapped sources that KPIs, their targets or levels read."""
    project = plan.project
    found = {source for planned in plan.kpis.values() for source in plan.sources(planned)}
    aims = [tree for planned in plan.kpis.values() for _, tree in planned.targets]
    inputs = [plan.inputs[column] for column in _columns(*aims)]
    found |= {item.aggregate.source for item in inputs if isinstance(item, Measured)}
    found |= {level.source for level in project.levels.values() if level.source}
    return [name for name in project.sources if name in found and project.sources[name].mapped]


def missing(plan: Plan, planned: Planned, absent: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    """What a KPI lacks: the columns that it needs of sources that aren't mapped, or that the data don't have."""
    found = {}
    for source, columns in sorted(plan.sources(planned).items()):
        if not plan.project.sources[source].mapped:
            found[source] = sorted(columns)
        elif columns & absent.get(source, frozenset()):
            found[source] = sorted(columns & absent[source])
    return found


def formula_columns(formula: Formula) -> set[str]:
    """The inputs of a formula at its own level."""
    evidence = formula.evidence
    trees: list[Tree | None] = [formula.value, formula.sample]
    for ratio in (evidence.ratio, evidence.share, *(evidence.change or ())):
        trees += [ratio.numerator, ratio.denominator] if ratio else []
    if evidence.mean:
        trees += [evidence.mean.mean, evidence.mean.deviation, evidence.mean.count]
    return {*formula.rows, *formula.rows_earlier, *_columns(*trees)}


def population_columns(formula: Formula) -> set[str]:
    """The inputs that the members of a `per` formula need at their level."""
    population = formula.population
    if population is None:
        return set()
    terms = _columns(*population.terms, *(tree for tree, _ in population.minima))
    return {*population.rows, *terms}


@dataclass(slots=True)
class Needs:
    """The measured KPIs and, for every level, the inputs that they and their targets need."""

    plan: Plan
    absent: Mapping[str, frozenset[str]]
    measured: list[str] = field(default_factory=list)
    columns: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan, absent: Mapping[str, frozenset[str]]) -> Needs:
        """Work out what can be measured, and what that needs."""
        found = cls(plan, absent)
        found.measured = [name for name, planned in plan.kpis.items() if not missing(plan, planned, absent)]
        for name in found.measured:
            for level in found.kpi_levels(name):
                formula = plan.kpis[name].at(level)
                found.columns.setdefault(level, set()).update(found.direct_columns(name, level))
                if formula.population is not None:
                    found.columns.setdefault(formula.population.level, set()).update(population_columns(formula))
        return found

    @property
    def levels(self) -> list[str]:
        """The levels that need a grid, the finest first."""
        return [level for level in (*self.plan.project.levels, ORGANISATION) if level in self.columns]

    def columns_at(self, level: str) -> set[str]:
        """The inputs at a level that need no other KPI and no other members."""
        return {column for column in self.columns[level] if isinstance(self.plan.inputs[column], Measured | Days)}

    @property
    def items(self) -> Iterator[tuple[Measured, str]]:
        """Every measured input with a level that needs it."""
        for level, columns in self.columns.items():
            for column in sorted(columns):
                item = self.plan.inputs[column]
                if isinstance(item, Measured):
                    for place in trees.places(self.plan.project, level, item.above):
                        yield item, place
                        if item.aggregate.function == "rows":
                            yield item, ORGANISATION
                    yield from self._rows_of(item)

    def _rows_of(self, item: Measured) -> Iterator[tuple[Measured, str]]:
        """Whether a source has rows at all is told by their number in the organisation."""
        rows = Aggregate(item.aggregate.source, item.aggregate.time, "rows")
        yield Measured(rows, Window(point=item.window.point)), ORGANISATION

    @property
    def wanted(self) -> list[Wanted]:
        """The measured inputs, each with all its levels."""
        levels: dict[Measured, set[str]] = {}
        for item, level in self.items:
            levels.setdefault(item, set()).add(level)
        return [Wanted(item, frozenset(found)) for item, found in levels.items()]

    @property
    def entries(self) -> set[str | None]:
        """The levels whose keys the sources hold, as far as they are needed."""
        project = self.plan.project
        return {entry for found in entries_by_source(self.wanted, project).values() for entry in found.values()}

    @property
    def windows(self) -> list[Window]:
        """Every window of the inputs."""
        found = {Window(): None}
        for columns in self.columns.values():
            for column in sorted(columns):
                item = self.plan.inputs[column]
                if isinstance(item, Measured | Days | Referred):
                    found[item.window] = None
        found |= {Window(point=window.point): None for window in found}
        return list(found)

    def kpi_levels(self, kpi: str) -> list[str]:
        """The levels at which a KPI is evaluated."""
        return list(self.plan.kpis[kpi].kpi.levels)

    def direct_columns(self, kpi: str, level: str) -> set[str]:
        """The inputs that a KPI and its targets need at a level."""
        planned = self.plan.kpis[kpi]
        found = formula_columns(planned.at(level))
        for _, tree in planned.targets:
            if tree is not None and self.usable(tree):
                found |= _columns(tree)
        return found

    def fits(self, target: Target, tree: Tree | None, level: str) -> bool:
        """Whether the data have what a target needs, and members of the level what sets its peers apart."""
        if target.peers is not None:
            own = [level] if trees.is_tree(self.plan.project, level) else []
            above = [*own, *path(level, self.plan.project)[1:]]
            if level == ORGANISATION or target.peers.group.within not in {None, *above}:
                return False
        return tree is None or self.usable(tree)

    def usable(self, tree: Tree) -> bool:
        """Whether the data have what a target's tree needs."""
        return not any(self._lacking(column) for column in _columns(tree))

    def _lacking(self, column: str) -> bool:
        item = self.plan.inputs[column]
        if isinstance(item, Referred):
            return item.kpi not in self.measured
        if not isinstance(item, Measured):
            return False
        source = self.plan.project.sources[item.aggregate.source]
        trees = [tree for tree in (item.aggregate.argument, item.aggregate.filter) if tree is not None]
        return not source.mapped or bool(_columns(*trees) & self.absent.get(source.name, frozenset()))


def _columns(*trees: Tree | None) -> set[str]:
    return {column.name for tree in trees if tree is not None for column in tree.find_all(exp.Column)}


__all__ = ["Needs", "Over", "formula_columns", "missing", "population_columns", "sources"]

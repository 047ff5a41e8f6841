"""Which aggregates of which sources answer the KPIs, and how: formulas over inputs, before any data are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.model import ORGANISATION
from kpieval.plan import formula as formulas
from kpieval.plan.inputs import Inputs, Measured, Over, Referred

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kpieval.model import Kpi, Project, Target
    from kpieval.plan.formula import Formula

Tree = exp.Expr


@dataclass(frozen=True, slots=True)
class Planned:
    """How one KPI is computed: by `formula`; above its lowest level by `over_members`, where a roll-up is declared."""

    kpi: Kpi
    formula: Formula
    over_members: Formula | None
    targets: tuple[tuple[Target, Tree | None], ...]

    def at(self, level: str) -> Formula:
        """The formula that holds at a level."""
        return self.formula if self.over_members is None or level == self.kpi.levels[0] else self.over_members


@dataclass(frozen=True, slots=True)
class Plan:
    """The formulas of all KPIs over one set of inputs."""

    project: Project
    kpis: Mapping[str, Planned]
    inputs: Inputs = field(default_factory=Inputs)

    def needs(self, planned: Planned) -> set[str]:
        """The inputs that a KPI's value needs, those of the KPIs it refers to included."""
        found: set[str] = set()
        waiting = [*_formula_columns(planned.formula)]
        if planned.over_members is not None:
            waiting += _formula_columns(planned.over_members)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            item = self.inputs[name]
            if isinstance(item, Referred):
                other = self.kpis[item.kpi]
                waiting += _formula_columns(other.formula)
                waiting += _formula_columns(other.over_members) if other.over_members else []
            elif isinstance(item, Over) and item.term is not None:
                waiting += _columns(item.term)
        return found

    def sources(self, planned: Planned) -> dict[str, set[str]]:
        """The sources that a KPI's value needs, with the columns it groups by, dates by and computes with."""
        found: dict[str, set[str]] = {}
        for name in self.needs(planned):
            item = self.inputs[name]
            if isinstance(item, Measured):
                aggregate, source = item.aggregate, self.project.sources[item.aggregate.source]
                trees = [tree for tree in (aggregate.argument, aggregate.filter) if tree is not None]
                columns = {column for tree in trees for column in _columns(tree)}
                columns |= {aggregate.time.start, *([aggregate.time.end] if aggregate.time.end else [])}
                found.setdefault(source.name, set()).update(columns & set(source.columns))
        for name, columns in found.items():
            levels = self.project.sources[name].dimensions
            columns |= {column for level, column in levels.items() if level in self.project.levels}
        return found

    def waves(self, names: Iterable[str]) -> list[list[str]]:
        """The KPIs in the order in which they can be evaluated: each after those that it refers to."""
        depth: dict[str, int] = {}

        def depth_of(name: str) -> int:
            if name not in depth:
                items = (self.inputs[column] for column in self.needs(self.kpis[name]))
                depth[name] = 1 + max((depth_of(item.kpi) for item in items if isinstance(item, Referred)), default=-1)
            return depth[name]

        ordered: list[list[str]] = []
        for name in names:
            while len(ordered) <= depth_of(name):
                ordered.append([])
            ordered[depth_of(name)].append(name)
        return ordered


def plan(project: Project) -> Plan:
    """Work out the formulas of every KPI of the project."""
    inputs = Inputs()
    kpis = {name: _planned(kpi, project, inputs) for name, kpi in project.kpis.items()}
    return Plan(project, kpis, inputs)


def _planned(kpi: Kpi, project: Project, inputs: Inputs) -> Planned:
    main = formulas.formula(kpi, project, inputs)
    above = None
    if kpi.rollup != "pooled":
        above = formulas.over_members(kpi, project, inputs, kpi.levels[0])
    targets = tuple(
        (target, formulas.follow(target.measure.tree, kpi, project, inputs) if target.measure else None)
        for target in kpi.targets
    )
    return Planned(kpi, main, above, targets)


def parent_of(level: str, project: Project) -> str | None:
    """The level above; None above the organisation."""
    return None if level == ORGANISATION else project.levels[level].parent


def path(level: str, project: Project) -> list[str]:
    """The level and all levels above it, the organisation last."""
    found = [level]
    while (above := parent_of(found[-1], project)) is not None:
        found.append(above)
    return found


def _formula_columns(found: Formula) -> Iterator[str]:
    trees: list[Tree | None] = [found.value, found.sample, *(tree for tree, _ in found.minima)]
    evidence = found.evidence
    for ratio in (evidence.ratio, evidence.share, *(evidence.change or ())):
        trees += [ratio.numerator, ratio.denominator] if ratio else []
    if evidence.mean:
        trees += [evidence.mean.mean, evidence.mean.deviation, evidence.mean.count]
    if found.population:
        trees += [*found.population.terms, *(tree for tree, _ in found.population.minima)]
        yield from found.population.rows
    yield from found.rows
    yield from found.rows_earlier
    for tree in trees:
        if tree is not None:
            yield from _columns(tree)


def _columns(tree: Tree) -> set[str]:
    return {column.name for column in tree.find_all(exp.Column)}


__all__ = ["Plan", "Planned", "parent_of", "path", "plan"]

"""Definitions -> Project, or everything that keeps them from being one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpieval.build import references
from kpieval.build.askable import Owners
from kpieval.build.bands import check_default
from kpieval.build.benchmarks import benchmark, check_benchmarks, warn_expired
from kpieval.build.catalogue import Catalogue
from kpieval.build.comparison import Comparison, comparison
from kpieval.build.found import Found
from kpieval.build.kpis import Defaults, kpi
from kpieval.build.levels import dimensions, hierarchy
from kpieval.build.measures import measures
from kpieval.build.mistaken import no_measures
from kpieval.build.names import PERIOD_LENGTHS, check_names
from kpieval.build.neutral import check_neutral
from kpieval.build.node import Node
from kpieval.build.notify import webhooks
from kpieval.build.overlays import check_overlays
from kpieval.build.presentation import annotations_of, theme
from kpieval.build.privacy import check_private, min_group
from kpieval.build.reach import Reach
from kpieval.build.rules import rules
from kpieval.build.scorecards import scorecards
from kpieval.build.settings import settings
from kpieval.build.sources import source
from kpieval.build.values import check_values, draft
from kpieval.model import Project

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from kpieval.build.settings import Settings
    from kpieval.model import Kpi, Type
    from kpieval.problems import Problem
    from kpieval.read import Definition, Definitions


def build(definitions: Definitions, now: dt.datetime | None = None) -> tuple[Project | None, tuple[Problem, ...]]:
    """Make the project that the definitions mean. There is one if none of the problems is an error.

    What is wrong only from some day on is told if it is known what time it is, `now`: a run has a day of its own.
    """
    found = Found(definitions)
    project = Node(definitions.project, found, definitions.project.data)
    kpi_nodes = _nodes(definitions.kpis, found)
    check_overlays(project)
    head = settings(project)
    benchmark_nodes = _nodes(definitions.benchmarks, found)
    catalogue = _catalogue(project, definitions, head, kpi_nodes, benchmark_nodes)
    kpis = _kpis(kpi_nodes, catalogue, project, head.min_group)
    references.check_kpis(kpi_nodes, benchmark_nodes)
    check_neutral(kpi_nodes)
    check_benchmarks(benchmark_nodes, kpi_nodes, kpis, catalogue)
    card_nodes = _nodes(definitions.scorecards, found)
    scorecards_ = scorecards(card_nodes, kpi_nodes, kpis, catalogue)
    theme_, annotations_ = theme(project, definitions.root), annotations_of(project, kpi_nodes)
    owners = Owners(kpi_nodes, kpis, card_nodes, scorecards_)
    rules_ = rules(_nodes(definitions.rules, found), owners, catalogue.hierarchy)
    webhooks_ = webhooks(project, catalogue.hierarchy, {name: each for name, each in kpis.items() if each is not None})
    if now is not None:
        day = head.as_of or now.astimezone(ZoneInfo(head.calendar.timezone)).date()
        warn_expired(benchmark_nodes, catalogue.benchmarks.values(), day)
    problems = found.all()
    if any(problem.severity == "error" for problem in problems):
        return None, problems
    made = Project(
        name=head.name,
        title=head.title,
        root=definitions.root,
        calendar=head.calendar,
        grain=head.grain,
        history=head.history,
        locale=head.locale,
        currency=head.currency,
        sources=catalogue.sources,
        measures=catalogue.measures,
        levels=catalogue.hierarchy.levels,
        kpis=kpis,
        connections=head.connections,
        limits=head.limits,
        min_group=head.min_group,
        secrets=definitions.secrets,
        as_of=head.as_of,
        rules=rules_,
        benchmarks={name: each for name, each in catalogue.benchmarks.items() if each is not None},
        scorecards=scorecards_,
        theme=theme_,
        annotations=annotations_,
        webhooks=webhooks_,
        packs=definitions.packs,
    )
    return made, problems


def _nodes(definitions: Mapping[str, Definition], found: Found) -> dict[str, Node]:
    return {name: Node(definition, found, definition.data) for name, definition in definitions.items()}


def _catalogue(
    project: Node,
    definitions: Definitions,
    head: Settings,
    kpis: Mapping[str, Node],
    benchmarks: Mapping[str, Node],
) -> Catalogue:
    """The sources, levels, measures and benchmarks, in the order in which they need each other."""
    nodes = dict(project.items("sources"))
    sources = {name: source(node, definitions.root, head.connections) for name, node in nodes.items()}
    levels = hierarchy(project, sources)
    everywhere = frozenset(levels)
    reached: dict[str, frozenset[str]] = {}
    for name, made in sources.items():
        before = len(project.found.problems)
        sources[name] = replace(made, dimensions=dimensions(nodes[name], made, levels))
        # Which levels a source reaches is not held against anybody where that is wrong already.
        sure = levels.sure and len(project.found.problems) == before
        reached[name] = levels.reached(sources[name]) if sure else everywhere
    declared = [
        (name, source_name, measure)
        for source_name, node in nodes.items()
        for name, measure in measures(node, sources[source_name])
    ]
    check_names(
        [("level", name, node) for name, node in project.items("dimensions", bare=True)]
        + [("measure", name, child) for node in nodes.values() for name, child in node.items("measures")]
        + [("KPI", name, node.get("kpi") or node) for name, node in kpis.items()]
    )
    # A measure that is wrong has been told of; where it is used, it is taken for a number.
    types: dict[str, Type] = {name: measure.expression.type if measure else "number" for name, _, measure in declared}
    lengths: dict[str, Type] = dict.fromkeys(PERIOD_LENGTHS, "integer")
    return Catalogue(
        sources=sources,
        hierarchy=levels,
        measures={name: measure for name, _, measure in declared if measure is not None},
        measure_sources={name: source_name for name, source_name, _ in declared},
        measure_types=types,
        names={**dict.fromkeys(kpis, "number"), **types, **lengths},
        no_measures=no_measures(project, sources),
        reached=reached,
        currency=head.currency,
        benchmarks={name: benchmark(node) for name, node in benchmarks.items()},
    )


def _kpis(nodes: Mapping[str, Node], catalogue: Catalogue, project: Node, smallest: int | None) -> dict[str, Kpi]:
    bands = project.get("bands")
    if bands is not None:
        check_default(bands)
    compared = comparison(project, catalogue.hierarchy, catalogue.hierarchy, Comparison())
    defaults = Defaults(bands, compared, smallest)
    drafts = {name: draft(node, catalogue) for name, node in nodes.items()}
    reach = Reach(drafts, catalogue, check_values(drafts, catalogue))
    made = {name: kpi(draft_, catalogue, reach, defaults) for name, draft_ in drafts.items()}
    check_private(drafts, {name: min_group(draft_.node, smallest) for name, draft_ in drafts.items()}, catalogue)
    return {name: whole for name, whole in made.items() if whole is not None}

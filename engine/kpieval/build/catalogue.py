"""What the definitions of a project may refer to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.build.levels import Hierarchy
    from kpieval.model import Benchmark, Measure, Source, Type


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sources, levels, measures and benchmarks, and the names of all KPIs.

    `measures` has those that are right; `measure_sources` and `names` also know the others, so a mistake is told once.
    `no_measures` are names that one might take for measures, each with a hint.
    A benchmark whose value is wrong is None.
    """

    sources: Mapping[str, Source]
    hierarchy: Hierarchy
    measures: Mapping[str, Measure]
    measure_sources: Mapping[str, str]
    measure_types: Mapping[str, Type]
    names: Mapping[str, Type]
    no_measures: Mapping[str, str]
    reached: Mapping[str, frozenset[str]]
    currency: str | None
    benchmarks: Mapping[str, Benchmark | None]

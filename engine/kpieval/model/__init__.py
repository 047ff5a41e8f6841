"""What the author meant: frozen, complete, and free of files. `build` makes it, `plan` and everything after read it.

sources       where rows are and what is counted in them
kpis          what is judged
targets       what it is held against
judgement     what is made of it: scorecards and rules
presentation  how the report looks, and what its charts should tell of
notify        who is told of it
project       all of it
"""

from kpieval.model.judgement import Hole, Message, Part, Rule, Scorecard, Severity
from kpieval.model.kpis import REASONS, Direction, Kpi, Process, Reason, Rollup, Unit
from kpieval.model.presentation import Annotation, Theme
from kpieval.model.project import Limits, Pack, Project
from kpieval.model.sources import (
    ORGANISATION,
    Calendar,
    Column,
    Connection,
    FileOptions,
    Grain,
    Level,
    Measure,
    Source,
    Time,
    Type,
)
from kpieval.model.targets import (
    Band,
    Benchmark,
    BenchmarkTarget,
    Improvement,
    PastTarget,
    Peers,
    PeerTarget,
    Statistic,
    Target,
)

__all__ = [
    "ORGANISATION",
    "REASONS",
    "Annotation",
    "Band",
    "Benchmark",
    "BenchmarkTarget",
    "Calendar",
    "Column",
    "Connection",
    "Direction",
    "FileOptions",
    "Grain",
    "Hole",
    "Improvement",
    "Kpi",
    "Level",
    "Limits",
    "Measure",
    "Message",
    "Pack",
    "Part",
    "PastTarget",
    "PeerTarget",
    "Peers",
    "Process",
    "Project",
    "Reason",
    "Rollup",
    "Rule",
    "Scorecard",
    "Severity",
    "Source",
    "Statistic",
    "Target",
    "Theme",
    "Time",
    "Type",
    "Unit",
]

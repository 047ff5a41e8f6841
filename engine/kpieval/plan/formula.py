"""A KPI's expression becomes a formula over inputs: names are followed to aggregates, calls to windows.

The formula also knows what a verdict rests on: its divisors, the rows behind it, its sample size, and, where its shape
tells, the share, mean or change of shares whose interval it carries (`plan.shape`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, cast

from sqlglot import exp

from kpieval.plan import shape
from kpieval.plan.inputs import Aggregate, Days, Inputs, Measured, Over, Referred
from kpieval.plan.window import Step, Window

if TYPE_CHECKING:
    from kpieval.model import Grain, Kpi, Measure, Project, Time
    from kpieval.plan.inputs import AggregateFunction, Input, MemberFunction

Tree = exp.Expr

_AGGREGATES: dict[type[exp.Expr], AggregateFunction] = {
    exp.Count: "count", exp.Sum: "sum", exp.Avg: "avg", exp.Min: "min", exp.Max: "max",
    exp.Median: "median", exp.Quantile: "quantile", exp.Stddev: "stddev",
}  # fmt: skip
_WINDOWS = frozenset({"prior", "year_ago", "trailing", "to_date", "at_start", "at_end", "of_parent"})


@dataclass(frozen=True, slots=True)
class Population:
    """The members that a `per` formula counts: it applies to them, with rows, no missing term, samples large enough."""

    level: str
    terms: tuple[Tree, ...]
    rows: tuple[str, ...]
    minima: tuple[tuple[Tree, int], ...]
    conditions: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Formula:
    """A value over input columns, and what its verdict rests on; `.._earlier` belongs to what it looks back to.

    With `is_share` the value lies between 0 and 1.
    """

    value: Tree
    rows: tuple[str, ...]
    rows_earlier: tuple[str, ...]
    divisors: tuple[Tree, ...]
    divisors_earlier: tuple[Tree, ...]
    minima: tuple[tuple[Tree, int], ...]
    population: Population | None
    sample: Tree | None
    evidence: shape.Evidence
    is_share: bool


def stands_alone(kpi: Kpi) -> bool:
    """Whether other KPIs take the value of this one as it is, instead of computing it from its inputs."""
    return kpi.per is not None or kpi.rollup != "pooled"


def formula(kpi: Kpi, project: Project, inputs: Inputs) -> Formula:
    """The formula of a KPI; its inputs are added to `inputs`."""
    found = _Found()
    value = _Follow(project, kpi, inputs, found).tree(kpi.value.tree, Window(), 0)
    return _finish(kpi, project, inputs, found, value)


def over_members(kpi: Kpi, project: Project, inputs: Inputs, level: str) -> Formula:
    """The formula of a KPI whose roll-up is declared, above its lowest level: an aggregate of its members' values."""
    functions: dict[str, MemberFunction] = {
        "mean_of_members": "avg", "median_of_members": "median", "sum": "sum",
        "worst": "max" if kpi.direction == "lower_is_better" else "min",
    }  # fmt: skip
    found = _Found()
    inner = _Found()
    term = _Follow(project, kpi, inputs, inner).tree(kpi.value.tree, Window(), 0)
    if kpi.min_sample is not None:
        inner.minima.append((_sample(kpi, project, inputs, term), kpi.min_sample))
    if kpi.applies_to is not None:
        inner.conditions.append(kpi.applies_to.tree)
    found.population(level, term, inner)
    value = exp.column(inputs.name(Over(kpi.name, functions[kpi.rollup], term)))
    return _finish(kpi, project, inputs, found, value)


def _finish(kpi: Kpi, project: Project, inputs: Inputs, found: _Found, value: Tree) -> Formula:
    divisors = [_divisor(node) for node in value.find_all(exp.Div, exp.Mod)]
    earlier = [d for d in divisors if _earlier(d, inputs)]
    sample = _sample(kpi, project, inputs, value)
    evidence = shape.evidence(value, kpi.interval, inputs)
    return Formula(
        value=value,
        rows=tuple(sorted(found.rows)),
        rows_earlier=tuple(sorted(found.rows_earlier)),
        divisors=tuple(d for d in divisors if d not in earlier),
        divisors_earlier=tuple(earlier),
        minima=found.known_minima,
        population=found.members,
        sample=sample,
        evidence=evidence,
        is_share=shape.is_share(value, kpi.interval, inputs),
    )


def _sample(
    kpi: Kpi, project: Project, inputs: Inputs, value: Tree, window: Window | None = None, above: int = 0
) -> Tree | None:
    """The sample of a KPI whose value is this tree: the declared one, or what its shape tells."""
    if kpi.sample is not None:
        return _Follow(project, kpi, inputs, _Found()).tree(kpi.sample.tree, window or Window(), above)
    on_word = shape.sample_of_word(value) if kpi.interval == "wilson" else None
    return on_word.copy() if on_word is not None else shape.sample(value, inputs)


def _divisor(node: Tree) -> Tree:
    """What a division divides by; `nullif(x, 0)` is the author's own guard around x."""
    divisor: Tree = node.expression.unnest()
    return divisor.this if isinstance(divisor, exp.Nullif) else divisor


def _earlier(tree: Tree, inputs: Inputs) -> bool:
    """Whether all that a tree is computed from lies before the period."""
    items = [inputs[column.name] for column in tree.find_all(exp.Column)]
    windows = [item.window for item in items if isinstance(item, Measured | Referred | Days)]
    return bool(windows) and all(window.earlier for window in windows)


@dataclass(slots=True)
class _Found:
    """What turns up on the way through an expression."""

    rows: set[str] = field(default_factory=set)
    rows_earlier: set[str] = field(default_factory=set)
    minima: list[tuple[Tree | None, int]] = field(default_factory=list)
    conditions: list[Tree] = field(default_factory=list)
    members: Population | None = None

    @property
    def known_minima(self) -> tuple[tuple[Tree, int], ...]:
        """The samples that must reach a size, as far as there is a sample."""
        return tuple((tree, least) for tree, least in self.minima if tree is not None)

    @property
    def all_rows(self) -> set[str]:
        """The rows of all windows."""
        return self.rows | self.rows_earlier

    def population(self, level: str, term: Tree | None, inner: _Found) -> None:
        """Add one more term that every member of the population must have."""
        before = self.members or Population(level, (), (), (), ())
        self.members = Population(
            level,
            (*before.terms, *([term] if term is not None else [])),
            tuple(sorted({*before.rows, *inner.all_rows})),
            (*before.minima, *inner.known_minima),
            (*before.conditions, *inner.conditions),
        )


@dataclass(frozen=True, slots=True)
class _Follow:
    """Follows the names of one expression of `kpi`; `inside` is the level of the members whose terms are followed."""

    project: Project
    kpi: Kpi
    inputs: Inputs
    found: _Found
    inside: bool = False

    def tree(self, node: Tree, window: Window, above: int) -> Tree:
        """The node with every name and aggregate replaced by an input's column."""
        if isinstance(node, exp.Anonymous) and node.name.lower() in _WINDOWS:
            return self._call(node, window, above)
        if self.kpi.per and not self.inside and (call := member_call(node)):
            return self._member_call(*call, window, above)
        if aggregate := self._aggregate(node, self.kpi.source):
            return self._measured(aggregate, window, above)
        if isinstance(node, exp.Column):
            return self._name(node.name, window, above)
        copy = node.copy()
        for child in list(copy.iter_expressions()):
            child.replace(self.tree(child, window, above))
        return copy

    def _name(self, name: str, window: Window, above: int) -> Tree:
        if name in {"period_days", "elapsed_days"}:
            return self._column(Days(window, elapsed=name == "elapsed_days"))
        measure = self.project.measures.get(name)
        if measure is not None:
            return exp.paren(self._of_measure(measure, measure.expression.tree, window, above), copy=False)
        kpi = self.project.kpis[name]
        if stands_alone(kpi):
            return self._column(Referred(name, window, above))
        follow = _Follow(self.project, kpi, self.inputs, self.found, self.inside)
        value = follow.tree(kpi.value.tree, window, above)
        if kpi.min_sample is not None:
            sample = _sample(kpi, self.project, self.inputs, value, window, above)
            self.found.minima.append((sample, kpi.min_sample))
        if kpi.applies_to is not None:
            self.found.conditions.append(kpi.applies_to.tree)
        return exp.paren(value, copy=False)

    def _of_measure(self, measure: Measure, node: Tree, window: Window, above: int) -> Tree:
        time = measure.time or self.project.sources[measure.source].time
        if aggregate := self._aggregate(node, measure.source, time):
            return self._measured(aggregate, window, above)
        copy = node.copy()
        for child in list(copy.iter_expressions()):
            child.replace(self._of_measure(measure, child, window, above))
        return copy

    def _aggregate(self, node: Tree, source: str | None, time: Time | None = None) -> Aggregate | None:
        condition = None
        if isinstance(node, exp.Filter):
            condition = node.expression.this
            node = node.this
        function = _AGGREGATES.get(type(node))
        if function is None or source is None:
            return None
        time = time or self.project.sources[source].time
        if time is None:  # build refuses measures of a source without a date
            message = f"source {source} has no time"
            raise LookupError(message)
        argument = node.this
        if isinstance(argument, exp.Distinct):
            return Aggregate(source, time, "count_distinct", argument.expressions[0], condition)
        parameter = float(node.args["quantile"].name) if function == "quantile" else None
        return Aggregate(
            source, time, function, None if isinstance(argument, exp.Star) else argument, condition, parameter
        )

    def _measured(self, aggregate: Aggregate, window: Window, above: int) -> Tree:
        rows = Aggregate(aggregate.source, aggregate.time, "rows")
        (self.found.rows_earlier if window.earlier else self.found.rows).add(
            self.inputs.name(Measured(rows, window, above))
        )
        return self._column(Measured(aggregate, window, above))

    def _call(self, node: exp.Anonymous, window: Window, above: int) -> Tree:
        inner, *rest = node.expressions
        match node.name.lower():
            case "of_parent":
                tree = self.tree(inner, window, above + 1)
            case "at_start":
                tree = self.tree(inner, window.at("start"), above)
            case "at_end":
                tree = self.tree(inner, window.at("end"), above)
            case "to_date":
                tree = self.tree(inner, window.within(Step("to_date", unit=cast("Grain", rest[0].name))), above)
            case "year_ago":
                tree = self.tree(inner, window.within(Step("year_ago")), above)
            case name:
                count = int(rest[0].name) if rest else 1
                # the guard of expressions lets no other name of a step through
                tree = self.tree(inner, window.within(Step(name, count)), above)  # type: ignore[arg-type]
        return exp.paren(tree, copy=False)

    def _member_call(
        self, function: MemberFunction, term: Tree | None, parameter: float | None, window: Window, above: int
    ) -> Tree:
        inner = _Found()
        follow = _Follow(self.project, self.kpi, self.inputs, inner, inside=True)
        compiled = follow.tree(term, window, above) if term is not None else None
        self.found.population(self.kpi.per or "", compiled, inner)
        return self._column(Over(self.kpi.name, function, compiled, parameter))

    def _column(self, item: Input) -> Tree:
        return exp.column(self.inputs.name(item))


def member_call(node: Tree) -> tuple[MemberFunction, Tree | None, float | None] | None:
    """The aggregate over members that a node of a `per` expression is: its function, its term and its parameter."""
    if isinstance(node, exp.Anonymous) and node.name.lower() == "share":
        return "share", node.expressions[0], None
    function = _AGGREGATES.get(type(node))
    if function is None:
        return None
    term = None if node.this is None or isinstance(node.this, exp.Star) else node.this
    parameter = float(node.args["quantile"].name) if function == "quantile" else None
    return cast("MemberFunction", function), term, parameter


def follow(tree: Tree, kpi: Kpi, project: Project, inputs: Inputs) -> Tree:
    """A tree over measures, such as a target's, followed to inputs; null without a row behind it: no quota isn't 0."""
    found = _Found()
    value = _Follow(project, kpi, inputs, found).tree(tree, Window(), 0)
    rows: list[Tree] = [
        exp.Coalesce(this=exp.column(name), expressions=[exp.Literal.number(0)]) for name in sorted(found.all_rows)
    ]
    if not rows:
        return value
    total = reduce(lambda one, other: exp.Add(this=one, expression=other), rows)
    return exp.Case().when(exp.GT(this=total, expression=exp.Literal.number(0)), value)

"""The SQL tree of a source's scan: one select per branch over the relation `rows`, united where there are several.

Every select gives `branch`, `member` (text; null where the rows have none), `period` (index; null for a row without a
date, CROSSING for a span over several periods) and `segment` (see `Dates`), then its own keys and columns, named by
branch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from kpieval.model import ORGANISATION
from kpieval.plan import filters
from kpieval.plan.dates import CROSSING
from kpieval.plan.inputs import Aggregate
from kpieval.plan.lookups import LINES, PERIODS, TREES, WINDOWS, line_column, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpieval.model import Source, Time
    from kpieval.plan.dates import Dates
    from kpieval.plan.scans import Branch, Part

Tree = exp.Expr

POINTS = "kpi_points"
_BOUNDS = ("period_start", "period_end")
_FIXED = 4  # branch, member, period, segment come first
_AGGREGATES = {"count": exp.Count, "sum": exp.Sum, "min": exp.Min, "max": exp.Max}


def query(branches: Sequence[Branch], source: Source, dates: Dates) -> Tree:
    """The one query that answers all branches of a source."""
    if len(branches) == 1 and branches[0].grouping.point is None:
        return _Select(branches[0], source, dates, "rows").tree(branches)
    shared = exp.select(*(exp.column(name) for name in used_columns(branches, source))).from_("rows")
    union: exp.Query | None = None
    for branch in branches:
        select = _Select(branch, source, dates, "used").tree(branches)
        union = select if union is None else exp.union(union, select, distinct=False)
    if union is None:
        message = "a scan needs a branch"
        raise LookupError(message)
    return union.with_("used", as_=shared, materialized=True)


def used_columns(branches: Sequence[Branch], source: Source) -> list[str]:
    """The columns of the source that its branches read."""
    trees: list[Tree | None] = []
    names: set[str] = set()
    for branch in branches:
        time = branch.grouping.time
        names |= {time.start, *([time.end] if time.end else [])}
        if branch.grouping.entry is not None:
            names.add(source.dimensions[branch.grouping.entry])
        trees += branch.keys.values()
        for part in branch.columns:
            trees += [part.argument, part.condition]
        for aggregate in branch.holistic:
            trees += [aggregate.argument, aggregate.filter]
    names |= {column.name for tree in trees if tree is not None for column in tree.find_all(exp.Column)}
    return sorted(names & set(source.columns))


class _Select:
    """The select of one branch."""

    def __init__(self, branch: Branch, source: Source, dates: Dates, relation: str) -> None:
        self.branch, self.source, self.dates, self.relation = branch, source, dates, relation
        self.time: Time = branch.grouping.time

    def tree(self, branches: Sequence[Branch]) -> exp.Select:
        """The select, with an empty place for each column of the other branches."""
        select = exp.select(
            exp.alias_(exp.Literal.number(self.branch.number), "branch"),
            exp.alias_(self._member(), "member"), exp.alias_(self._period(), "period"),
            exp.alias_(self._segment(), "segment"),
        ).from_(self.relation)  # fmt: skip
        for branch in branches:
            columns = self._columns() if branch is self.branch else self._empty(branch)
            for name, tree in columns.items():
                select = select.select(exp.alias_(tree, name), copy=False)
        select = self._grouped(self._joined(select))
        for column in select.find_all(exp.Column):
            if not column.table:
                column.set("table", exp.to_identifier(self.relation))
        return select

    def _grouped(self, select: exp.Select) -> exp.Select:
        places = [
            place for place, column in enumerate(select.expressions, 1)
            if column.alias in self.branch.keys or (place > 1 and place <= _FIXED and not _is_null(column.this))
        ]  # fmt: skip
        return select.group_by(*map(exp.Literal.number, places), copy=False) if places else select

    def _columns(self) -> dict[str, Tree]:
        """Keys, parts and holistic aggregates by the name of their column."""
        return {
            **{name: self._own(tree) for name, tree in self.branch.keys.items()},
            **{name: self._part(part) for part, name in self.branch.columns.items()},
            **{name: self._holistic(aggregate) for aggregate, name in self.branch.holistic.items()},
        }

    def _empty(self, other: Branch) -> dict[str, Tree]:
        """Another branch's columns without a value, of the same types: its own aggregates over no rows at all."""
        keys = {name: _null(filters.kind(tree)) for name, tree in other.keys.items()}
        never: dict[str, Tree] = {}
        for part, name in other.columns.items():
            never[name] = (
                _null("bigint")
                if part.function == "count"
                else _AGGREGATES[part.function](this=self._never(part.argument))
            )
        for aggregate, name in other.holistic.items():
            never[name] = (
                _null("bigint")
                if aggregate.function == "count_distinct"
                else _holistic(aggregate, self._never(aggregate.argument))
            )
        return {**keys, **never}

    def _never(self, argument: Tree | None) -> Tree:
        # only `count(*)` has no argument, and that is no holistic aggregate
        unbound = argument.copy().transform(lambda node: _null("date") if _is_bound(node, self.source) else node)  # type: ignore[union-attr]
        return exp.Case().when(exp.false(), unbound)

    def _day(self) -> Tree:
        return _as_day(self.time.start, self.source)

    def _last_day(self) -> Tree:
        day = _as_day(self.time.end or self.time.start, self.source)
        return day if self.time.inclusive else exp.paren(exp.Sub(this=day, expression=exp.Literal.number(1)))

    def _member(self) -> Tree:
        grouping = self.branch.grouping
        if grouping.tree:
            return exp.column("ancestor", table=TREES)
        if grouping.level is not None and grouping.level != grouping.entry:
            return (
                exp.column(line_column(grouping.level), table=LINES)
                if grouping.level != ORGANISATION
                else _null("text")
            )
        if grouping.entry is None:
            return _null("text")
        name = self.source.dimensions[grouping.entry]
        column = exp.column(name)
        return column if self.source.columns[name].type == "text" else exp.cast(column, "text")

    def _period(self) -> Tree:
        grouping = self.branch.grouping
        if grouping.window is not None:
            return exp.column("period_index", table=WINDOWS)
        if grouping.point is not None:
            return exp.column("period_index", table=PERIODS if self.time.end else POINTS)
        index = exp.cast(self.dates.index(self._day()), "bigint")
        if self.time.end is None:
            return index
        same = exp.EQ(this=index.copy(), expression=exp.cast(self.dates.index(self._last_day()), "bigint"))
        crossing = exp.Case().when(same, index.copy()).else_(exp.Literal.number(CROSSING))
        return exp.Case().when(exp.Not(this=exp.Is(this=self._day(), expression=exp.Null())), crossing)

    def _segment(self) -> Tree:
        grouping = self.branch.grouping
        segment = None
        if grouping.entry is not None and grouping.level is None:
            segment = self.dates.segment(self._probe() if grouping.point and self.time.end else self._day())
        return exp.cast(segment, "bigint") if segment is not None else _null("bigint")

    def _probe(self) -> Tree:
        """The one day of a period on which a span must be live."""
        return exp.column("period_start" if self.branch.grouping.point == "start" else "period_last", table=PERIODS)

    def _joined(self, select: exp.Select) -> exp.Select:
        """The lookups that the branch needs, and the days that it reads."""
        grouping = self.branch.grouping
        day = self._day()
        inside = self.dates.within(day)
        if grouping.point is not None and self.time.end is not None:
            probe = self._probe()
            open_ended = exp.Is(this=_as_day(self.time.end, self.source), expression=exp.Null())
            live = exp.and_(
                exp.LTE(this=day, expression=probe),
                exp.or_(open_ended, exp.GTE(this=self._last_day(), expression=probe.copy())),
            )
            return self._placed(select.join(PERIODS, on=live, join_type="inner", copy=False), probe)
        if grouping.point is not None:
            extreme = (exp.Min if grouping.point == "start" else exp.Max)(this=day.copy())
            index = exp.cast(self.dates.index(day), "bigint")
            points = exp.select(exp.alias_(index, "period_index"), exp.alias_(extreme, "point_day")).from_(
                self.relation
            )
            points = points.where(inside.copy()).group_by(index.copy())
            match = exp.EQ(this=day.copy(), expression=exp.column("point_day", table=POINTS))
            select = self._placed(select.join(points.subquery(POINTS), on=match, join_type="inner", copy=False), day)
            return self._bounded(select, day) if self._reads_bounds() else select
        undated = exp.Is(this=day.copy(), expression=exp.Null())
        select = self._placed(select, day)
        if grouping.window is not None:
            select = self._windowed(select, day)
        if self._reads_bounds():
            select = self._bounded(select, day)
        return select.where(exp.or_(inside, undated) if grouping.window is None else inside, copy=False)

    def _windowed(self, select: exp.Select, day: Tree) -> exp.Select:
        index = self.dates.index(day)
        window = exp.and_(
            exp.EQ(this=exp.column("branch", table=WINDOWS), expression=exp.Literal.number(self.branch.number)),
            exp.GTE(this=index, expression=exp.column("first_index", table=WINDOWS)),
            exp.LTE(this=index.copy(), expression=exp.column("last_index", table=WINDOWS)),
        )
        return select.join(WINDOWS, on=window, join_type="inner", copy=False)

    def _bounded(self, select: exp.Select, day: Tree) -> exp.Select:
        """The bounds of the period that a day lies in."""
        on = exp.EQ(this=self.dates.index(day), expression=exp.column("period_index", table=PERIODS))
        return select.join(PERIODS, on=on, join_type="left", copy=False)

    def _placed(self, select: exp.Select, day: Tree) -> exp.Select:
        """Who the member belongs to on a day, for an aggregate that is asked for at a higher level."""
        grouping = self.branch.grouping
        if grouping.level in {None, ORGANISATION}:
            return select
        member = exp.cast(exp.column(self.source.dimensions[grouping.entry or ""]), "text")
        return placed(select, grouping, member, day)

    def _reads_bounds(self) -> bool:
        columns: list[Part | Aggregate] = [*self.branch.columns, *self.branch.holistic]
        trees = [tree for one in columns for tree in (one.argument, _condition(one)) if tree is not None]
        trees += self.branch.keys.values()
        return any(_is_bound(node, self.source) for tree in trees for node in tree.walk())

    def _own(self, tree: Tree) -> Tree:
        """A tree of the author's, with the bounds of the period taken from the lookup."""
        return tree.copy().transform(
            lambda node: exp.column(node.name, table=PERIODS) if _is_bound(node, self.source) else node
        )

    def _part(self, part: Part) -> Tree:
        argument = exp.Literal.number(1) if part.argument is None else self._own(part.argument)
        if part.condition is not None:
            argument = exp.Case().when(self._own(part.condition), argument)
        elif part.argument is None:
            argument = exp.Star()
        return _AGGREGATES[part.function](this=argument)

    def _holistic(self, aggregate: Aggregate) -> Tree:
        argument = self._own(aggregate.argument)  # type: ignore[arg-type]  # a holistic aggregate has one
        if aggregate.filter is not None:
            argument = exp.Case().when(self._own(aggregate.filter), argument)
        return _holistic(aggregate, argument)


def _as_day(name: str, source: Source) -> Tree:
    column = exp.column(name)
    return exp.cast(column, "date") if source.columns[name].type == "timestamp" else column


def _null(kind: str) -> Tree:
    return exp.cast(exp.Null(), kind)


def _condition(one: Part | Aggregate) -> Tree | None:
    return one.filter if isinstance(one, Aggregate) else one.condition


def _is_null(tree: Tree) -> bool:
    return isinstance(tree, exp.Cast) and isinstance(tree.this, exp.Null)


def _is_bound(node: Tree, source: Source) -> bool:
    return isinstance(node, exp.Column) and not node.table and node.name in _BOUNDS and node.name not in source.columns


def _holistic(aggregate: Aggregate, argument: Tree) -> Tree:
    if aggregate.function == "count_distinct":
        return exp.Count(this=exp.Distinct(expressions=[argument]))
    if aggregate.function == "median":
        return exp.Median(this=argument)
    if aggregate.function == "stddev":
        return exp.Stddev(this=argument)
    return exp.Quantile(this=argument, quantile=exp.Literal.number(aggregate.parameter))

"""KPIs of one scorecard -> the measures that it counts twice, because two of its KPIs have them above their line.

Two KPIs with the same numerator rise and fall together: whoever weighs both weighs one thing twice. What a KPI counts
is said only where its form leaves no doubt. Of a difference or a change nothing is, for it moves apart from what it
is made of: a win rate and its improvement are two things.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from kpieval import expressions
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlglot import exp

    from kpieval.build.node import Node
    from kpieval.model import Kpi, Part


def check_double_count(
    scorecard: Node,
    parts: Mapping[str, Part],
    total: float,
    kpis: Mapping[str, Kpi],
    measures: Collection[str],
    *,
    whole: bool,
) -> None:
    """Warn of each measure that two KPIs of weight count; one that `double_count` lists is only noted.

    `parts` are the KPIs of the scorecard, `total` what everything in it weighs together. Where these aren't the
    `whole`, for something in them is wrong, what is counted only once now may be counted twice when that is mended.
    """
    weighing = [name for name, part in parts.items() if part.weight > 0 and name in kpis]
    counted = {name: counts(name, kpis, measures) for name in weighing}
    accepted = {str(element.value): element for element in scorecard.elements("double_count")}
    twice: set[str] = set()
    for first, second in combinations(weighing, 2):
        for measure in sorted(counted[first] & counted[second]):
            twice.add(measure)
            both = parts[first].weight + parts[second].weight
            head = f"`{first}` and `{second}` both count `{measure}`, so it weighs twice"
            if measure in accepted:
                scorecard.note("double-count", f"{head}, as accepted: {both:g} of {total:g}.", "kpis", second, key=True)
                continue
            hint = f"Leave one of them out, or accept it: `double_count: [{measure}]`."
            scorecard.warn("double-count", f"{head}: {both:g} of {total:g}.", "kpis", second, hint=hint, key=True)
    for measure, element in accepted.items():
        if measure not in measures:
            nearest = did_you_mean(measure, measures)
            element.error("unknown-measure", f"There is no measure `{measure}`.", hint=nearest)
        elif whole and measure not in twice:
            element.warn(
                "counted-once",
                f"`{measure}` isn't counted twice in this scorecard, so there is nothing to accept.",
                hint="Take it out of the list.",
            )


def counts(name: str, kpis: Mapping[str, Kpi], measures: Collection[str]) -> frozenset[str]:
    """The measures that a KPI counts: of one division those in its left side, of a share over members those compared.

    A plain measure counts itself. A KPI that is another one under a second name counts what that one does.
    """
    from sqlglot import exp  # noqa: PLC0415 - a KPI is there, so sqlglot is loaded

    seen: set[str] = set()
    while name in kpis and name not in seen:
        seen.add(name)
        tree = _bare(kpis[name].value.tree)
        if isinstance(tree, exp.Div):
            return frozenset(expressions.names_used(tree.this) & set(measures))
        if isinstance(tree, exp.Anonymous) and tree.name == "share":
            compared = (expressions.names_used(side) for term in tree.expressions for side in _left_sides(term))
            return frozenset(set().union(*compared) & set(measures))
        if not isinstance(tree, exp.Column):
            return frozenset()
        name = tree.name
        if name in measures:
            return frozenset({name})
    return frozenset()


def _left_sides(condition: exp.Expression) -> Iterator[exp.Expression]:
    """What a condition compares with something: the left side of each of its comparisons."""
    from sqlglot import exp  # noqa: PLC0415 - as above

    node = _bare(condition)
    if isinstance(node, exp.Connector):
        yield from _left_sides(node.this)
        yield from _left_sides(node.args["expression"])
    elif isinstance(node, exp.Not):
        yield from _left_sides(node.this)
    elif isinstance(node, exp.Case):  # its conditions only say for whom the question is asked
        for outcome in (*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")):
            if outcome is not None:
                yield from _left_sides(outcome)
    elif isinstance(node, exp.Predicate):
        yield node.this


def _bare(tree: exp.Expression) -> exp.Expression:
    """The tree without brackets around it."""
    from sqlglot import exp  # noqa: PLC0415 - as above

    while isinstance(tree, exp.Paren):
        tree = tree.this
    return tree

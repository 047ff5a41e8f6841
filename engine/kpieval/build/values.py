"""`value:` of each KPI -> its expression and the names that it needs, free of circles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from kpieval import expressions
from kpieval.build.columns import types
from kpieval.build.cycles import cycles
from kpieval.build.mistaken import over_names
from kpieval.build.uses import counts_rows, uses
from kpieval.model import ORGANISATION
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.build.catalogue import Catalogue
    from kpieval.build.node import Node
    from kpieval.build.uses import Uses
    from kpieval.expressions import Expression
    from kpieval.model import Type


@dataclass(frozen=True, slots=True)
class Draft:
    """A KPI as far as it can be read alone: `uses` are the measures and KPIs in its value and its sample.

    `listed` are the levels that it names; `unsure` says that its value is wrong, or what it is of.
    """

    node: Node
    value: Expression | None
    sample: Expression | None
    source: str | None
    per: str | None
    pooled: bool
    uses: Uses
    listed: frozenset[str]
    unsure: bool

    @property
    def name(self) -> str:
        """The KPI's name."""
        return self.node.definition.name

    @property
    def needs(self) -> frozenset[str]:
        """All names that have to be known first."""
        return frozenset(use.name for use in self.uses)

    @property
    def over_members(self) -> bool:
        """Whether the value is made of those of members, so that others take it as it is."""
        return self.per is not None or not self.pooled

    @property
    def rolled_up(self) -> bool:
        """Whether the values of the finest level are aggregated for those above it."""
        return self.per is None and not self.pooled

    @property
    def from_rows(self) -> bool:
        """Whether the value can be aggregated from rows again, over other dates."""
        return not self.over_members and not any(use.windows for use in self.uses)


def draft(node: Node, catalogue: Catalogue) -> Draft:
    """Read the value of one KPI."""
    per = _per(node, catalogue)
    source = _source(node, catalogue)
    columns = types(catalogue.sources[source].columns) if source else None
    value, sample = None, None
    if node.get("source") is None or source is not None:
        value = _expression(node, "value", catalogue, columns, per=node.get("per") is not None)
        sample = _expression(node, "sample", catalogue, columns, per=False)
    used = uses(value.tree) if value is not None else frozenset()
    if (
        value is not None
        and per is None
        and not (used or expressions.columns_used(value.tree) or counts_rows(value.tree))
    ):
        node.error(
            "constant-value",
            "Nothing that is measured is in it, so it would always be the same.",
            "value",
            hint="Name a measure.",
        )
    sampled = uses(sample.tree) if sample is not None else frozenset()
    pooled = (node.text("rollup") or "pooled") == "pooled"
    if not pooled:  # the value is of the members, their sample is theirs and that of the whole
        used = frozenset(replace(use, of_members=True) for use in used | sampled)
    wrong = (node.get("per") is not None and per is None) or (node.get("source") is not None and source is None)
    return Draft(
        node=node,
        value=value,
        sample=sample,
        source=source,
        per=per,
        pooled=pooled,
        uses=used | sampled,
        listed=frozenset(node.texts("levels")),
        unsure=value is None or wrong,
    )


def check_values(drafts: Mapping[str, Draft], catalogue: Catalogue) -> set[str]:
    """Note circles, and windows over what they can't look at. Gives the KPIs whose levels can't be told."""
    leads_to = {name: sorted(draft.needs) for name, draft in drafts.items()}
    circles = cycles(leads_to)
    for round_ in circles:
        drafts[round_[0]].node.error(
            "kpi-cycle",
            f"The value needs itself: {' -> '.join(round_)}.",
            "value",
            hint="Break the circle in one of them.",
        )
    in_circle = {name for round_ in circles for name in round_}
    rows = _from_rows(drafts, in_circle)
    for name, draft_ in drafts.items():
        if name not in in_circle:
            _check_windows(draft_, drafts, rows, catalogue)
    return in_circle | {name for name, draft_ in drafts.items() if draft_.unsure}


def _per(node: Node, catalogue: Catalogue) -> str | None:
    per = node.text("per")
    if per is None or per in catalogue.hierarchy.levels:
        return per
    if per == ORGANISATION:
        node.error("per-organisation", "There is only one organisation, so there is nothing to aggregate over.", "per")
    else:
        hint = catalogue.hierarchy.nearest(per, organisation=False)
        node.error("unknown-level", f"There is no level `{per}`.", "per", hint=hint)
    return None


def _source(node: Node, catalogue: Catalogue) -> str | None:
    source = node.text("source")
    if source is None:
        return None
    if node.get("per") is not None:
        node.error(
            "source-with-per",
            "With `per` the value is over members, not over the rows of a source.",
            "source",
            key=True,
            hint="Declare a measure in the source, and use its name in the value.",
        )
        return None
    if source in catalogue.sources:
        return source
    node.error(
        "unknown-source", f"There is no source `{source}`.", "source", hint=did_you_mean(source, catalogue.sources)
    )
    return None


def _expression(
    node: Node, key: str, catalogue: Catalogue, columns: Mapping[str, Type] | None, *, per: bool
) -> Expression | None:
    child = node.get(key)
    if child is None:
        if key == "value":
            node.misshapen("a value")
        return None
    parse = partial(expressions.value, names=catalogue.names, columns=columns, per=per)
    return over_names(child, parse, catalogue.no_measures)


def _from_rows(drafts: Mapping[str, Draft], in_circle: set[str]) -> dict[str, bool]:
    """Whether each KPI can be aggregated from rows, with all that it uses."""
    rows: dict[str, bool] = dict.fromkeys(in_circle, True)

    def settle(start: str) -> None:
        open_ = [start]
        while open_:
            name = open_[-1]
            needed = [other for other in drafts[name].needs if other in drafts and other not in rows]
            if needed:
                open_ += needed
                continue
            open_.pop()
            rows[name] = drafts[name].from_rows and all(rows.get(other, True) for other in drafts[name].needs)

    for name in drafts:
        if name not in rows:
            settle(name)
    return rows


def _check_windows(draft_: Draft, drafts: Mapping[str, Draft], rows: Mapping[str, bool], catalogue: Catalogue) -> None:
    for name, windows in sorted({(use.name, tuple(sorted(use.windows))) for use in draft_.uses}):
        if name not in drafts or name in catalogue.measure_sources:
            continue
        for window in windows:
            if window in {"to_date", "trailing"} and not rows[name]:
                draft_.node.error(
                    "not-from-rows",
                    f"`{window}` aggregates rows again, but the value of `{name}` isn't aggregated from rows alone.",
                    "value",
                    hint=f"Use `{window}` over measures, or over a KPI without `per`, `rollup` and windows of its own.",
                )
            if window in {"at_start", "at_end"}:
                draft_.node.error(
                    "snapshot-of-kpi",
                    f"`{window}` takes a measure, but `{name}` is a KPI.",
                    "value",
                    hint=f"Use it over the measures of `{name}`.",
                )

"""`private:` -> the smallest group that a KPI shows, and whether anything else gives the smaller ones away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpieval.build.cycles import reached

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.build.catalogue import Catalogue
    from kpieval.build.node import Node
    from kpieval.build.values import Draft

MIN_GROUP = 5
"""Unless the project says otherwise: what most surveys of employees promise."""

_OVER_TIME = frozenset({"prior", "year_ago", "trailing", "to_date"})


def min_group(kpi: Node, project: int | None) -> int | None:
    """The smallest group that the KPI shows; None where it shows all."""
    node = kpi.get("private")
    if node is None or node.value is False:
        return None
    own = node.whole("min_group") if isinstance(node.value, dict) else None
    return own or project or MIN_GROUP


def check_private(drafts: Mapping[str, Draft], groups: Mapping[str, int | None], catalogue: Catalogue) -> None:
    """Note a private KPI that looks at other periods, and a KPI that shows the rows that a private one hides."""
    needs = {name: draft.needs for name, draft in drafts.items()}
    sources: dict[str, set[str]] = {}
    for name, draft in drafts.items():
        used = reached(name, needs)
        sources[name] = {catalogue.measure_sources[each] for each in used if each in catalogue.measure_sources}
        sources[name] |= {draft.source} if draft.source is not None else set()
        if groups.get(name) is None:
            continue
        windows = {window for each in (name, *used) if each in drafts for use in drafts[each].uses
                   for window in use.windows & _OVER_TIME}  # fmt: skip
        if windows:
            draft.node.error(
                "private-over-time",
                f"`{min(windows)}` puts periods together, so two reports would tell what one small group said.",
                "private",
                hint="Make the KPI of one period private, and leave this one out.",
            )
    for name, draft in drafts.items():
        hiding = [other for other, group in groups.items() if group is not None and sources[other] & sources[name]]
        if draft.node.get("private") is None and hiding:
            draft.node.warn(
                "privacy-leak",
                f"`{hiding[0]}` hides small groups, and `{name}` shows the same rows of "
                f"`{min(sources[hiding[0]] & sources[name])}`.",
                "value",
                hint="Say `private: true` here as well, or `private: false` if that is meant.",
            )

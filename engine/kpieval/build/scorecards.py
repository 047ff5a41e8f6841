"""`scorecards/*.yaml` -> scorecards: every part has a verdict at the level, each status its points, and a weight."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal, cast

from kpieval.build.bands import score_bands
from kpieval.build.cycles import cycles
from kpieval.build.double_count import check_double_count
from kpieval.build.references import known, known_level
from kpieval.build.units import number
from kpieval.model import ORGANISATION, Part, Peers, Scorecard
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpieval.build.catalogue import Catalogue
    from kpieval.build.levels import Hierarchy
    from kpieval.build.node import Node
    from kpieval.model import Kpi

Missing = Literal["renormalise", "zero", "fail"]
ON_MISSING: tuple[Missing, ...] = ("renormalise", "zero", "fail")


def scorecards(
    nodes: Mapping[str, Node], kpi_nodes: Mapping[str, Node], kpis: Mapping[str, Kpi], catalogue: Catalogue
) -> dict[str, Scorecard]:
    """All scorecards; `kpis` are those KPIs of `kpi_nodes` that are right."""
    made = {}
    for name, node in nodes.items():
        _check_name(node, kpi_nodes)
        found = _scorecard(node, nodes, kpi_nodes, kpis, catalogue)
        if found is not None:
            made[name] = found
    for round_ in cycles({name: [other for other, _ in node.items("scorecards")] for name, node in nodes.items()}):
        nodes[round_[0]].error(
            "scorecard-cycle",
            f"The score needs itself: {' -> '.join(round_)}.",
            "scorecards",
            round_[1],
            key=True,
            hint="Break the circle in one of them.",
        )
    return made


def _scorecard(
    node: Node, nodes: Mapping[str, Node], kpi_nodes: Mapping[str, Node], kpis: Mapping[str, Kpi], catalogue: Catalogue
) -> Scorecard | None:
    level = known_level(node, "level", catalogue.hierarchy)
    parts = dict(_kpis(node, level, kpi_nodes, kpis))
    others = dict(_others(node, level, nodes, catalogue.hierarchy))
    points = _points(node, [kpis[name] for name in parts if name in kpis])
    bands = score_bands(node)
    peers = _peers(node, level, catalogue.hierarchy)
    total = sum(part.weight for part in (*parts.values(), *others.values()))
    whole = len(kpis) == len(kpi_nodes) and len(parts) == len(list(node.items("kpis")))
    check_double_count(node, parts, total, kpis, catalogue.measure_sources, whole=whole)
    if level is None:
        return None
    if not parts and others and not any(level in kpi.levels for kpi in kpis.values()):
        node.error("level-not-shown", f"No KPI has a value at {level}, so nobody would get a score.", "level")
    written = [*node.items("kpis"), *node.items("scorecards")]
    if parts and total == 0 and len(written) == len(parts) + len(others):
        node.error("weight-not-positive", "Nothing weighs more than 0, so there would be no score.", "kpis", key=True)
    coverage = number(node.get("min_coverage"))
    return Scorecard(
        name=node.definition.name,
        title=node.text("title") or node.definition.name.replace("_", " ").capitalize(),
        place=node.definition.place("scorecard"),
        level=level,
        kpis=parts,
        bands=bands,
        scorecards=others,
        points=points,
        on_missing=cast("Missing", node.choice("on_missing", ON_MISSING) or "renormalise"),
        min_coverage=coverage.value if coverage else 0.0,
        peers=peers,
        description=node.text("description"),
        owner=node.text("owner"),
        tags=node.texts("tags"),
    )


def _check_name(node: Node, kpis: Mapping[str, Node]) -> None:
    """A rule says `name.score` of a scorecard and `name.value` of a KPI: the name has to be enough."""
    name = node.definition.name
    taken = next((kpi for kpi in kpis if kpi.casefold() == name.casefold()), None)
    if taken is not None:
        place = kpis[taken].definition.place("kpi")
        node.error(
            "name-taken",
            f"`{name}` is already the name of a KPI, in {place.file}:{place.line}.",
            "scorecard",
            hint="Give one of them another name: in a rule a name means one thing.",
        )


def _kpis(
    node: Node, level: str | None, nodes: Mapping[str, Node], kpis: Mapping[str, Kpi]
) -> Iterator[tuple[str, Part]]:
    """The KPIs that count, each of which has a status at the level."""
    for name, child in node.items("kpis"):
        if not known(child, name, nodes, "KPI", key=True):
            continue
        gate = isinstance(child.value, dict) and child.flag("gate")
        kpi = kpis.get(name)
        if kpi is not None and level is not None and level not in kpi.levels:
            child.error(
                "level-not-shown",
                f"`{name}` has no value at {level}, so it would always be missing.",
                key=True,
                hint=f"It has one at {', '.join(kpi.levels)}.",
            )
        written = any(nodes[name].get(key) is not None for key in ("target", "bands"))  # what is wrong there is told
        if kpi is not None and not kpi.bands and not written and node.found.sound(nodes[name].definition):
            child.error(
                "kpi-without-status",
                f"`{name}` has neither bands nor a target, so it has no status "
                f"{'that could close the gate' if gate else 'and gives no points'}.",
                key=True,
                hint="Leave it out: its direction is neutral."
                if kpi.direction == "neutral"
                else "Give it a target or bands, or leave it out.",
            )
        weight = _weight(child, gate=gate)
        if weight is not None:
            yield name, Part(weight, gate)


def _others(
    node: Node, level: str | None, nodes: Mapping[str, Node], hierarchy: Hierarchy
) -> Iterator[tuple[str, Part]]:
    """The scorecards that count: of the same level, or of one below it."""
    for name, child in node.items("scorecards"):
        if not known(child, name, nodes, "scorecard", key=True):
            continue
        of = nodes[name].text("level")
        if not hierarchy.sure or level is None or of not in hierarchy:
            pass  # what is above what is told elsewhere
        elif of != level and level not in hierarchy.above(of or ""):
            child.error(
                "scorecard-not-below",
                f"`{name}` scores each {of}, which {'is above' if of in hierarchy.above(level) else 'is not below'} "
                f"{level}: there is no score of it for each {level}.",
                key=True,
                hint=f"Only scorecards of {level}, or of a level below it, can count.",
            )
        weight = _weight(child, gate=False)
        if weight is not None:
            yield name, Part(weight)


def _weight(child: Node, *, gate: bool) -> float | None:
    """The weight of a part; only a gate, which counts in another way, may weigh nothing."""
    weight = child.get("weight") if isinstance(child.value, dict) else child
    if weight is None:
        child.error(
            "missing-key", f"`weight` is missing; `{child.name}` needs it.", key=True, hint="Add `weight: ...`."
        )
        return None
    if not isinstance(weight.value, int | float) or isinstance(weight.value, bool) or weight.value < 0:
        weight.misshapen("a weight")
        return None
    if weight.value == 0 and not gate:
        weight.error(
            "weight-not-positive",
            f"The weight of `{child.name}` is {weight.value}, so it would not count.",
            hint=None if child.path[0] == "scorecards" else "A gate may weigh nothing: `{weight: 0, gate: true}`.",
        )
        return None
    return float(weight.value)


def _points(node: Node, kpis: list[Kpi]) -> dict[str, float] | None:
    """The points of each status; None where they are linear between the edges of the bands."""
    child = node.get("points")
    if child is None or not isinstance(child.value, dict):
        return None
    points = {name: points for name, _ in child.items() if (points := child.number(name)) is not None}
    statuses = {band.name: None for kpi in kpis for band in kpi.bands}
    for name, each in child.items():
        if name not in statuses and statuses:
            hint = did_you_mean(name, statuses) or f"They have {', '.join(statuses)}."
            each.error("unknown-status", f"No KPI of this scorecard has the status `{name}`.", key=True, hint=hint)
    for kpi in kpis:
        names = [band.name for band in kpi.bands]
        lacking = [name for name in names if name not in points]
        if lacking:
            child.error(
                "missing-points",
                f"`points` doesn't say what `{lacking[0]}` is worth, a status of `{kpi.name}`.",
                key=True,
                hint=f"Add `{lacking[0]}: ...`.",
            )
            break
        worse = next(((better, name) for better, name in pairwise(names) if points[better] < points[name]), None)
        if worse is not None:
            child.error(
                "points-out-of-order",
                f"`{worse[1]}` is worth more than `{worse[0]}`, which is the better status of `{kpi.name}`.",
                worse[1],
            )
            break
    return points


def _peers(node: Node, level: str | None, hierarchy: Hierarchy) -> Peers | None:
    child = node.get("peers")
    if child is None:
        return None
    within = known_level(child, "within", hierarchy)
    if level == ORGANISATION:
        child.error("organisation-without-peers", "There is only one organisation, so it has no peers.", key=True)
    elif hierarchy.sure and level is not None and within is not None and within not in hierarchy.above(level):
        child.error("level-not-above", f"Members at {level} have no {within} in common.", "within")
    least = child.whole("min_peers")
    return Peers(within=within, min_peers=least) if least is not None else Peers(within=within)

"""Benchmark files -> published values with their citation, each held against the definition of its KPI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from kpieval.build.basis import basis
from kpieval.build.units import check_scale, number
from kpieval.model import Benchmark
from kpieval.nearest import did_you_mean
from kpieval.problems import Problem

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from kpieval.build.catalogue import Catalogue
    from kpieval.build.node import Node
    from kpieval.model import Kpi

QUANTILES = ("p10", "p25", "p50", "p75", "p90")
_CITATION = ("title", "url", "publisher", "year", "grade")
_BASES = ("count", "amount")
_IS_DONE = {"count": "counts", "amount": "adds up amounts"}


def share(quantile: str) -> float:
    """The share that `p75` means."""
    return int(quantile.removeprefix("p")) / 100


def benchmark(node: Node) -> Benchmark | None:
    """One benchmark; None where its value can't be read."""
    values = _values(node)
    if values is None:
        return None
    value, quantiles = values
    expires = node.date("expires")
    return Benchmark(
        name=node.name,
        kpi=node.text("kpi") or "",
        place=node.definition.place("benchmark"),
        title=node.text("title") or node.name.replace("_", " ").capitalize(),
        source=_citation(node),
        value=value,
        quantiles=quantiles,
        population=node.text("population"),
        definition=node.text("definition"),
        basis=cast("Literal['count', 'amount'] | None", node.choice("basis", _BASES)),
        expires=expires,
        expires_place=node.definition.place("expires") if expires is not None else None,
    )


def _values(node: Node) -> tuple[float | None, dict[float, float] | None] | None:
    """The one value, or the quantiles in rising order."""
    child = node.get("value")
    if child is None:
        return None
    if not isinstance(child.value, dict):
        written = number(child)
        return None if written is None else (written.value, None)
    found = {name: number(child.get(name)) for name in QUANTILES if child.get(name) is not None}
    known = {name: written.value for name, written in found.items() if written is not None}
    if not known or len(known) < len(found):
        return None
    return None, {share(name): value for name, value in known.items()}


def _citation(node: Node) -> dict[str, str | int]:
    source = node.get("source")
    if source is None:
        return {}
    found = {key: source.whole(key) if key == "year" else source.text(key) for key in _CITATION}
    return {key: value for key, value in found.items() if value is not None}


def check_benchmarks(
    nodes: Mapping[str, Node], kpi_nodes: Mapping[str, Node], kpis: Mapping[str, Kpi], catalogue: Catalogue
) -> None:
    """That each belongs to a KPI, is written in its unit, and comes about as its value does.

    `kpis` are those KPIs of `kpi_nodes` that are right.
    """
    for node in nodes.values():
        name = node.text("kpi")
        if name is not None and name not in kpi_nodes:
            node.error("unknown-kpi", f"There is no KPI `{name}`.", "kpi", hint=did_you_mean(name, kpi_nodes))
        _rising(node)
        kpi = kpis.get(name or "")
        if kpi is not None:
            _in_unit(node, kpi, kpi_nodes[kpi.name])
            _same_basis(node, kpi, kpis, catalogue)


def _rising(node: Node) -> None:
    """Quantiles rise with the share of those that they leave below."""
    before: tuple[str, float] | None = None
    value = node.get("value")
    if value is None or not isinstance(value.value, dict):
        return
    for quantile in QUANTILES:
        written = number(value.get(quantile))
        if written is None:
            continue
        if before is not None and written.value < before[1]:
            value.error(
                "quantiles-not-rising",
                f"`{quantile}` is {written.value:g}, less than `{before[0]}`, which is {before[1]:g}.",
                quantile,
                hint="Quantiles are those of the values, from the smallest to the largest, whichever way is better.",
            )
            return
        before = quantile, written.value


def _in_unit(node: Node, kpi: Kpi, of: Node) -> None:
    """What is wrong with the unit is told where the KPI says it, or of its own target."""
    value = node.get("value")
    if value is None or not of.found.sound(of.definition) or of.found.says("percent-", of.definition):
        return
    for child in dict(value.items()).values() if isinstance(value.value, dict) else (value,):
        written = number(child)
        if written is not None:
            check_scale(child, written, kpi.unit)


def _same_basis(node: Node, kpi: Kpi, kpis: Mapping[str, Kpi], catalogue: Catalogue) -> None:
    """A win rate by count and one by value are two figures, however alike their names are."""
    published = node.choice("basis", _BASES)
    own = basis(kpi, kpis, catalogue)
    if published is not None and own is not None and published != own:
        node.error(
            "benchmark-basis",
            f"`{node.name}` {_IS_DONE[published]}, but `{kpi.name}` {_IS_DONE[own]}: they can't be compared.",
            "basis",
            hint="Name the KPI that is computed as the publisher does, or mend `basis`.",
        )


def warn_expired(nodes: Mapping[str, Node], benchmarks: Iterable[Benchmark | None], day: dt.date) -> None:
    """Note the benchmarks that are too old on a day."""
    for each in benchmarks:
        if each is not None and each.expired(day):
            nodes[each.name].warn("benchmark-expired", _too_old(each), "expires", hint=_NEWER)


def expiries(benchmarks: Iterable[Benchmark], day: dt.date) -> tuple[Problem, ...]:
    """The same warnings for a run on a day."""
    return tuple(
        Problem("warning", "benchmark-expired", _too_old(each), each.expires_place, _NEWER)
        for each in benchmarks
        if each.expired(day)
    )


def _too_old(benchmark: Benchmark) -> str:
    return f"`{benchmark.name}` should not be used after {benchmark.expires}."


_NEWER = "Look for a newer figure; if this one still holds, say until when."

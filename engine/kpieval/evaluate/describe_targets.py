"""How the result tells what values are held against: each target in plain words, and the ledger of benchmarks."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpieval.model import Benchmark, Improvement, Kpi, PastTarget, PeerTarget, Project, Target
    from kpieval.problems import Place


def describe_target(target: Target, kpi: Kpi, project: Project) -> dict[str, Any]:
    """A target as its author declared it, and as a reader would say it."""
    kind, words = _said(target, kpi, project)
    return {
        "kind": kind, "text": words + _improved(target.improvement, kpi, project),
        "value": target.value, "range": None if target.low is None else [target.low, target.high],
        "benchmark": target.benchmark.name if target.benchmark else None,
        "level": target.level, "where": target.where.text.strip() if target.where else None,
        "from": target.start.isoformat() if target.start else None,
        "to": (target.end - dt.timedelta(days=1)).isoformat() if target.end else None,
        "note": target.note, "place": describe_place(target.place),
    }  # fmt: skip


def describe_benchmark(benchmark: Benchmark, day: dt.date) -> dict[str, Any]:
    """A benchmark with what is needed to weigh it; `expired` is whether it was on the day of the run."""
    quantiles = benchmark.quantiles
    return {
        "name": benchmark.name, "title": benchmark.title, "kpi": benchmark.kpi, "value": benchmark.value,
        "quantiles": {percentile(share): value for share, value in quantiles.items()} if quantiles else None,
        "population": benchmark.population, "definition": benchmark.definition, "basis": benchmark.basis,
        "source": {key: benchmark.source.get(key) for key in ("title", "url", "publisher", "year", "grade")},
        "expires": benchmark.expires.isoformat() if benchmark.expires else None,
        "expired": benchmark.expired(day), "place": describe_place(benchmark.place),
    }  # fmt: skip


def describe_place(place: Place) -> dict[str, Any]:
    """Where something is written."""
    return {"file": place.file, "line": place.line, "column": place.column}


def percentile(share: float) -> str:
    """What a share is called: 0.75 is `p75`."""
    return f"p{round(share * 100)}"


def _said(target: Target, kpi: Kpi, project: Project) -> tuple[str, str]:
    """The kind of a target, and its words."""
    if target.past is not None:
        return target.past.of, _of_past(target.past)
    if target.peers is not None:
        return "peers", _of_peers(target.peers, target.level or (kpi.levels[0] if len(kpi.levels) == 1 else None))
    if target.benchmark is not None:
        share = target.benchmark.quantile
        title = project.benchmarks[target.benchmark.name].title
        return "benchmark", f"the benchmark “{title}”" + (f", {percentile(share)}" if share is not None else "")
    if target.measure is not None:
        return "measure", f"{' '.join(target.measure.text.split())}, from the data"
    return ("range", "a fixed range") if target.low is not None else ("value", "a fixed value")


def _of_past(past: PastTarget) -> str:
    if past.of != "trailing":
        return "its value a year before" if past.of == "year" else "its value in the period before"
    needed = "all" if past.min_periods == past.periods else f"at least {past.min_periods}"
    return f"the {past.statistic} of its {past.periods} periods before ({needed} with a value)"


def _of_peers(peers: PeerTarget, level: str | None) -> str:
    whom = "the others" if peers.exclude_self else "all"
    where = f"at {_plain(level)} level" if level else "at the same level"
    within = f" in the same {_plain(peers.group.within)}" if peers.group.within else ""
    statistic = f"the {peers.statistic} of"
    if peers.quantile is not None:
        statistic = f"as good as the best {100 - round(peers.quantile * 100)} % of"
    return f"{statistic} {whom} {where}{within} (at least {peers.group.min_peers})"


def _plain(level: str) -> str:
    return level.replace("_", " ")


def _improved(improvement: Improvement | None, kpi: Kpi, project: Project) -> str:
    if improvement is None:
        return ""
    if improvement.relative is not None:
        return f", improved by {improvement.relative * 100:.12g} %"
    amount = improvement.absolute or 0.0
    if kpi.unit.kind in {"percent", "points"}:
        points = f"{amount * 100:.12g}"
        return f", improved by {points} point{'' if points == '1' else 's'}"
    unit = {"currency": project.currency, "hours": "hours", "days": "days"}.get(kpi.unit.kind, kpi.unit.suffix)
    return f", improved by {amount:.12g}" + (f" {unit}" if unit else "")

"""How the result tells what values are held against: each target in plain words, and the ledger of benchmarks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpieval.translation import marked, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from kpieval.model import Benchmark, Improvement, Kpi, PastTarget, PeerTarget, Project, Target
    from kpieval.problems import Place

_OF_PAST = {
    ("mean", True): marked("the mean of its {periods} periods before (all with a value)"),
    ("median", True): marked("the median of its {periods} periods before (all with a value)"),
    ("best", True): marked("the best of its {periods} periods before (all with a value)"),
    ("mean", False): marked("the mean of its {periods} periods before (at least {least} with a value)"),
    ("median", False): marked("the median of its {periods} periods before (at least {least} with a value)"),
    ("best", False): marked("the best of its {periods} periods before (at least {least} with a value)"),
}
"""By the statistic, and whether all periods are asked for."""

_OF_PEERS = {
    ("mean", True): marked("the mean of the others {where} (at least {least})"),
    ("median", True): marked("the median of the others {where} (at least {least})"),
    ("best", True): marked("the best of the others {where} (at least {least})"),
    (None, True): marked("as good as the best {share}% of the others {where} (at least {least})"),
    ("mean", False): marked("the mean of all {where} (at least {least})"),
    ("median", False): marked("the median of all {where} (at least {least})"),
    ("best", False): marked("the best of all {where} (at least {least})"),
    (None, False): marked("as good as the best {share}% of all {where} (at least {least})"),
}
"""By the statistic, none for a share of the best, and whether a member is left out of its own peers."""


def describe_target(target: Target, kpi: Kpi, project: Project) -> dict[str, Any]:
    """A target as its author declared it, and as a reader would say it."""
    kind, said = _said(target, kpi, project)
    return {
        "kind": kind, "text": _improved(said, target.improvement, kpi, project),
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
    say = words(project.locale).say
    if target.past is not None:
        return target.past.of, _of_past(target.past, say)
    if target.peers is not None:
        level = target.level or (kpi.levels[0] if len(kpi.levels) == 1 else None)
        return "peers", _of_peers(target.peers, level, say)
    if target.benchmark is not None:
        share, title = target.benchmark.quantile, project.benchmarks[target.benchmark.name].title
        if share is None:
            return "benchmark", say("the benchmark “{title}”", title=title)
        return "benchmark", say("the benchmark “{title}”, {share}", title=title, share=percentile(share))
    if target.measure is not None:
        return "measure", say("{measure}, from the data", measure=" ".join(target.measure.text.split()))
    return ("range", say("a fixed range")) if target.low is not None else ("value", say("a fixed value"))


def _of_past(past: PastTarget, say: Callable[..., str]) -> str:
    if past.of != "trailing":
        return say("its value a year before") if past.of == "year" else say("its value in the period before")
    message = _OF_PAST[past.statistic, past.min_periods == past.periods]
    return say(message, periods=past.periods, least=past.min_periods)


def _of_peers(peers: PeerTarget, level: str | None, say: Callable[..., str]) -> str:
    """What is taken of whom, where they are, and of how many at least."""
    share = None if peers.quantile is None else 100 - round(peers.quantile * 100)
    message = _OF_PEERS[peers.statistic if share is None else None, peers.exclude_self]
    return say(message, share=share, where=_where(peers.group.within, level, say), least=peers.group.min_peers)


def _where(within: str | None, level: str | None, say: Callable[..., str]) -> str:
    """Where the peers are: at which level, and below the same member of which one."""
    if level and within:
        return say("at {level} level in the same {group}", level=_plain(level), group=_plain(within))
    if level:
        return say("at {level} level", level=_plain(level))
    if within:
        return say("at the same level in the same {group}", group=_plain(within))
    return say("at the same level")


def _plain(level: str) -> str:
    return level.replace("_", " ")


def _number(number: float, project: Project) -> str:
    """A number with the digits that its author wrote."""
    from babel.numbers import format_decimal  # noqa: PLC0415 - few targets need it

    return format_decimal(Decimal(f"{number:.12g}"), "#,##0.############", project.locale.replace("-", "_"))


def _improved(said: str, improvement: Improvement | None, kpi: Kpi, project: Project) -> str:
    """The words of a target that an improvement is put on."""
    own = words(project.locale)
    if improvement is None:
        return said
    if improvement.relative is not None:
        share = _number(improvement.relative * 100, project)
        return own.say("{target}, improved by {share}%", target=said, share=share)
    amount = improvement.absolute or 0.0
    if kpi.unit.kind in {"percent", "points"}:
        points = _number(amount * 100, project)
        return own.counted(
            1 if points == "1" else 2,
            "{target}, improved by {points} point",
            "{target}, improved by {points} points",
            target=said,
            points=points,
        )
    units = {"currency": project.currency, "hours": own.say("hours"), "days": own.say("days")}
    unit = units.get(kpi.unit.kind, kpi.unit.suffix)
    number = _number(amount, project)
    return own.say("{target}, improved by {amount}", target=said, amount=f"{number} {unit}" if unit else number)

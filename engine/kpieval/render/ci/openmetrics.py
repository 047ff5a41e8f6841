"""A result as OpenMetrics 1.0 text, for Prometheus: gauges of the reported period, and of the gate before them.

Every family is a gauge, also the status, so that readers of the older text format of Prometheus take it as well.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from kpieval.render.prose import clean
from kpieval.rows import rows_of, scores_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Json = dict[str, Any]
Sample = tuple[dict[str, str], float | None]

_SEVERITIES = ("error", "warning", "note")


def text(result: Mapping[str, Any]) -> str:
    """The exposition, with the mark of its end."""
    return "".join(f"{line}\n" for line in _lines(dict(result))) + "# EOF\n"


def _lines(result: Json) -> Iterator[str]:
    gate, project = result["gate"], {"project": result["project"]}
    if gate:
        yield from _family("kpieval_gate_closed", gate["sentence"], [(project, int(gate["closed"]))])
        counts = dict.fromkeys(gate["conditions"], 0)
        for failure in gate["failures"]:
            counts[failure["condition"]] += 1
        failed = [({**project, "condition": name}, count) for name, count in counts.items()]
        yield from _family("kpieval_gate_failures", "What breaks each condition of the gate.", failed)
    now = next(period for period in result["periods"] if period["label"] == result["period"])
    end = dt.datetime.fromisoformat(now["end"]).replace(tzinfo=dt.UTC).timestamp()
    name = "kpieval_period_end_timestamp_seconds"
    yield from _family(name, "When the reported period ends.", [({**project, "period": now["label"]}, end)], "seconds")
    units = {kpi["name"]: kpi["unit"]["kind"] for kpi in result["kpis"]}
    rows = [
        ({**project, "kpi": row["kpi"], **_who(row, row["level"]), "unit": units[row["kpi"]]}, row)
        for row in rows_of(result).reported()
    ]
    for field, words in (
        ("value", "The value of a KPI; a percent is a fraction."),
        ("target", "What the value is held against."),
    ):
        yield from _family(f"kpieval_{field}", words, ((labels, row[field]) for labels, row in rows))
    for end_, place in (("low", 0), ("high", 1)):
        limits = ((labels, row["interval"][place]) for labels, row in rows if row["interval"])
        yield from _family(f"kpieval_interval_{end_}", "An end of the 95 % interval of a value.", limits)
    verdicts = (({**labels, "status": row["status"]}, 1) for labels, row in rows if row["status"])
    yield from _family("kpieval_status", "1, with the status of a KPI as a label.", verdicts)
    scores = [
        ({**project, "scorecard": card["name"], **_who(row, card["level"])}, row["score"])
        for card in result["scorecards"]
        for row in scores_of(result, card).now
    ]
    yield from _family("kpieval_score", "The score of a scorecard, 0 to 100.", scores)
    found = [each["severity"] for each in result["findings"]]
    findings = [({**project, "severity": severity}, found.count(severity)) for severity in _SEVERITIES]
    yield from _family("kpieval_findings", "What the rules found.", findings)


def _who(row: Json, level: str) -> dict[str, str]:
    return {"level": level, "member": row["member"], "label": row["label"], "period": row["period"]}


def _family(name: str, words: str, samples: Iterable[Sample], unit: str = "") -> Iterator[str]:
    """A gauge, if it has any sample; one without a value is left out."""
    lines = [f"{name}{{{_labels(labels)}}} {number!r}" for labels, number in samples if number is not None]
    if lines:
        yield f"# TYPE {name} gauge"
        if unit:
            yield f"# UNIT {name} {unit}"
        yield f"# HELP {name} {_escaped(words)}"
        yield from lines


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    """A text in the quotes of a label, or as help."""
    return clean(value).replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')

"""A result as SARIF 2.1.0 (OASIS Standard, 2020): definitions are its rules; failures, findings, problems its results.

`partialFingerprints` are the same from run to run, so that a service knows an alert again when its values have moved.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kpieval.render.ci.marks import marks_of
from kpieval.render.prose import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.render.ci.marks import Mark

Json = dict[str, Any]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST = 5000
"""GitHub shows so many results of a run, and those that come first here are the worst."""

_HOME = "https://pypi.org/project/kpieval/"
_DEFINED = (("kpi", "kpis", "question"), ("scorecard", "scorecards", "description"), ("rule", "rules", "description"))


def text(result: Mapping[str, Any]) -> str:
    """The log."""
    marks = marks_of(result)
    more = len(marks) - MOST
    defined = _defined(result)
    rules = [*defined.values(), *(_rule(mark.code, mark.title) for mark in _others(marks, defined).values())]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    gate = result["gate"]
    invocation: Json = {"executionSuccessful": True}
    if gate:
        invocation |= {"exitCode": int(gate["closed"]), "exitCodeDescription": clean(gate["sentence"])}
    if more > 0:
        message = {"text": f"{more} more results are left out: at most {MOST} are shown."}
        invocation["toolExecutionNotifications"] = [{"level": "warning", "message": message}]
    driver = {"name": "kpieval", "semanticVersion": result["kpieval"], "informationUri": _HOME, "rules": rules}
    run = {
        "invocations": [invocation],
        "tool": {"driver": driver},
        "automationDetails": {"id": f"kpieval/{clean(result['project'])}/"},
        "columnKind": "unicodeCodePoints",
        "results": [_result(mark, index) for mark in marks[:MOST]],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _defined(result: Mapping[str, Any]) -> dict[str, Json]:
    """The rules that definitions are."""
    return {
        f"{kind}/{each['name']}": _rule(f"{kind}/{each['name']}", each["title"], each[words])
        for kind, listed, words in _DEFINED
        for each in result[listed]
    }


def _others(marks: list[Mark], defined: Mapping[str, Json]) -> dict[str, Mark]:
    """The rules that nobody defined, each by the first mark of it: the gate, problems, benchmarks."""
    found: dict[str, Mark] = {}
    for mark in marks:
        if mark.code not in defined:
            found.setdefault(mark.code, mark)
    return found


def _rule(code: str, title: str, words: str | None = None) -> Json:
    rule: Json = {"id": code, "shortDescription": {"text": clean(title) or code}}
    return {**rule, "fullDescription": {"text": clean(words)}} if words else rule


def _result(mark: Mark, index: Mapping[str, int]) -> Json:
    found: Json = {
        "ruleId": mark.code,
        "ruleIndex": index[mark.code],
        "level": mark.level,
        "message": {"text": mark.message},
        "partialFingerprints": {"kpieval/v1": mark.fingerprint},
    }
    region = {"startLine": mark.line or 1, "startColumn": mark.column or 1}
    where = {"artifactLocation": {"uri": quote(mark.file or "kpieval.yaml")}, "region": region}
    return {**found, "locations": [{"physicalLocation": where}]}

"""A result as JUnit XML: a suite for the gate, then one for each KPI and scorecard with a case for each member.

It keeps to what the schemas of Ant (windyroad/JUnit-Schema) and of Jenkins have in common. Only what closes the gate
is a failure: without a gate every case passes. What has no verdict is skipped, with the reason. What was not compared
with a baseline is the output of the gate's suite.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from kpieval.model import ORGANISATION
from kpieval.rows import rows_of, scores_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]
Case = tuple[str, str, str]
"""Name, the text of a failure or empty, and the reason for which it is skipped or empty."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(result: Mapping[str, Any]) -> str:
    """The document. Its time is the day of the run where that was given, else the end of the period: no clock."""
    now = next(period for period in result["periods"] if period["label"] == result["period"])
    stamp = f"{result['as_of'] or now['end']}T00:00:00"
    root = ET.Element("testsuites")
    for number, (package, name, cases) in enumerate(_suites(dict(result))):
        suite = ET.SubElement(root, "testsuite", _counted(number, package, name, stamp, cases))
        properties = ET.SubElement(suite, "properties")
        ET.SubElement(properties, "property", {"name": "period", "value": _xml(result["period"])})
        for case in cases:
            _add(suite, f"kpieval.{package}.{name}", case)
        told = result["gate"]["notes"] if package == "gate" else ()
        ET.SubElement(suite, "system-out").text = _xml("\n".join(told)) or None
        ET.SubElement(suite, "system-err")
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suites(result: Json) -> Iterator[tuple[str, str, list[Case]]]:
    failures: dict[tuple[str, ...], list[str]] = defaultdict(list)
    gate = result["gate"]
    for failure in gate["failures"] if gate else ():
        at = failure["place"]
        where = f"\n{at['file']}:{at['line']}:{at['column']}" if at else ""
        told = f"{failure['condition']}: {failure['sentence']}{where}"
        failures[failure["kind"], failure["name"], str(failure["level"]), str(failure["member"])].append(told)
    if gate:
        yield "gate", "gate", list(_conditions(gate))
    rows = defaultdict(list)
    for row in rows_of(result).reported():
        rows[row["kpi"]].append(row)
    for kpi in result["kpis"]:
        cases = [
            (_who(row, row["level"]),
             "\n".join(failures["observation", kpi["name"], row["level"], row["member"]]),
             "" if row["status"] else str(row["reason"] or "no_target"))
            for row in rows[kpi["name"]]
        ]  # fmt: skip
        yield "kpi", kpi["name"], cases or [("organisation", "", "not_measured")]
    for card in result["scorecards"]:
        now = scores_of(result, card).now
        cases = [
            (_who(row, card["level"]),
             "\n".join(failures["score", card["name"], card["level"], row["member"]]),
             "" if row["status"] else str(row["reason"]))
            for row in now
        ]  # fmt: skip
        yield "scorecard", card["name"], cases or [(card["level"], "", "not_measured")]


def _conditions(gate: Json) -> Iterator[Case]:
    """A case for each condition, the broken ones first; the first of all says why the run is red."""
    broken: dict[str, list[str]] = {}
    for failure in gate["failures"]:
        broken.setdefault(failure["condition"], []).append(failure["sentence"])
    for number, (name, sentences) in enumerate(broken.items()):
        yield name, "\n".join([*([] if number else [gate["sentence"]]), *sentences]), ""
    for name in gate["conditions"]:
        if name not in broken:
            yield name, "", ""


def _who(row: Json, level: str) -> str:
    """The name of a case, without its values, or a case would be another one after each change."""
    if level == ORGANISATION:
        return level
    key = "" if row["label"] == row["member"] else f" ({row['member']})"
    return f"{level} {row['label']}{key}"


def _counted(number: int, package: str, name: str, stamp: str, cases: list[Case]) -> dict[str, str]:
    """The attributes of a suite. How many are skipped is left to be counted: Ant's older schema has no place for it."""
    failures = sum(bool(failed) for _, failed, _ in cases)
    return {
        "id": str(number), "package": f"kpieval.{package}", "name": _xml(name), "timestamp": stamp,
        "hostname": "localhost", "tests": str(len(cases)), "failures": str(failures), "errors": "0",
        "time": "0",
    }  # fmt: skip


def _add(suite: ET.Element, class_name: str, case: Case) -> None:
    name, failed, skipped = case
    element = ET.SubElement(suite, "testcase", {"name": _xml(name), "classname": _xml(class_name), "time": "0"})
    if failed:
        first = failed.partition("\n")[0]
        attributes = {"type": "kpieval", "message": _xml(first)}
        ET.SubElement(element, "failure", attributes).text = _xml(failed)
    elif skipped:
        ET.SubElement(element, "skipped").text = _xml(skipped)


def _xml(text_: str) -> str:
    """The text without what XML 1.0 can't hold, not even as a reference."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text_)

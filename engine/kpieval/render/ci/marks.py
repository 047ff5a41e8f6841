"""What a pipeline marks in a change: why the gate is closed, then everything that was found, each with its place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.render.prose import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Json = dict[str, Any]

GATE = "gate"
LEVELS = ("error", "warning", "note")
_KINDS = {"observation": "kpi", "score": "scorecard", "finding": "rule"}


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark. Errors are what closes the gate; what was found besides is a warning or a note.

    `code` tells what it is about, `kpi/win_rate`; `identity` is the same from run to run as long as it is about the
    same thing and member, whatever the values are.
    """

    level: str
    code: str
    title: str
    message: str
    identity: tuple[str, ...]
    file: str | None = None
    line: int | None = None
    column: int | None = None

    @property
    def fingerprint(self) -> str:
        """The identity as a hash."""
        return hashlib.sha256("\0".join(self.identity).encode("utf-8", "replace")).hexdigest()


def marks_of(result: Mapping[str, Any]) -> list[Mark]:
    """All of a result: the sentence of a closed gate and its failures, what is defined otherwise, then all else."""
    gate = result["gate"]
    failures = gate["failures"] if gate else []
    found = [_headline(result)] if failures else []
    found += [_failure(each) for each in failures]
    told = {(each["kind"], each["sentence"], each["level"], each["member"]) for each in failures}
    changes = [_change(each) for each in gate.get("changes", ())] if gate else []
    others = [_finding(each) for each in result["findings"] if ("finding", *_as_failure(each)) not in told]
    others += [_problem(each) for each in result["problems"] if ("problem", _as_problem(each), None, None) not in told]
    return found + changes + sorted(others, key=lambda each: LEVELS.index(each.level))


def capped(marks: Sequence[Mark], most: int, level: str) -> list[Mark]:
    """Those of a level, `most` at most: the last one says how many more there are."""
    mine = [mark for mark in marks if mark.level == level]
    if len(mine) <= most:
        return mine
    more = len(mine) - most + 1
    message = f"{more} more {level}s are not shown here: only {most} are. The other outputs have them all."
    return [*mine[: most - 1], Mark(level, "more", f"{more} more", message, ("more", level))]


def _headline(result: Mapping[str, Any]) -> Mark:
    """Why the run is red, at what is worst."""
    gate = result["gate"]
    return Mark("error", GATE, "Gate failed", clean(gate["sentence"]), (GATE,), **_spot(gate["failures"][0]["place"]))


def _failure(failure: Json) -> Mark:
    kind = _KINDS.get(failure["kind"], failure["kind"])
    identity = [failure["condition"], failure["kind"], failure["name"], failure["level"], failure["member"]]
    return Mark(
        "error", f"{kind}/{failure['name']}", f"{failure['condition']}: {failure['name']}",
        clean(failure["sentence"]), tuple(map(str, identity)), **_spot(failure["place"]),
    )  # fmt: skip


def _change(change: Json) -> Mark:
    """A warning: here the gate has not looked."""
    code, title = f"{change['kind']}/{change['name']}", f"changed: {change['name']}"
    identity = ("change", change["kind"], change["name"])
    return Mark("warning", code, title, clean(change["sentence"]), identity, **_spot(change["place"]))


def _as_failure(finding: Json) -> tuple[str, str, str]:
    """A finding as the gate says it."""
    sentence = f"{finding['severity']} {finding['rule'] or finding['kind']}: {finding['message']}"
    return sentence, finding["level"], finding["member"]


def _finding(finding: Json) -> Mark:
    name = finding["rule"] or f"guard-of-{finding['kpis'][0]}"
    return Mark(
        _mild(finding["severity"]), f"rule/{name}", clean(finding["title"]),
        clean(" ".join(filter(None, (finding["message"], finding["action"])))),
        ("finding", name, finding["level"], finding["member"]), **_spot(finding["place"]),
    )  # fmt: skip


def _as_problem(problem: Json) -> str:
    return f"{problem['severity']} [{problem['code']}] {problem['message']}"


def _problem(problem: Json) -> Mark:
    message = clean(" ".join(filter(None, (problem["message"], problem["hint"]))))
    spot = _spot(problem if problem["file"] is not None else None)
    identity = ("problem", problem["code"], str(problem["file"]), problem["message"])
    return Mark(_mild(problem["severity"]), f"problem/{problem['code']}", problem["code"], message, identity, **spot)


def _mild(severity: str) -> str:
    """A finding that the gate lets pass is no error, or a green run would look red."""
    return "note" if severity == "note" else "warning"


def _spot(place: Json | None) -> dict[str, Any]:
    return {"file": clean(place["file"]), "line": place["line"], "column": place["column"]} if place else {}

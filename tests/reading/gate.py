"""What may stand in a closed gate: figures of the run, those of its baseline, and how many moved in which way."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from reading.known import NOTHING, plain
from reading.tongue import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reading.known import Claim, Json, Known
    from reading.tongue import Figure
    from reading.tree import Element

SHOWN = 10
"""So many failures are listed, and it is told how many more there are."""


def gate(known: Known, then: Known | None, node: Element) -> Iterator[Claim]:
    """The section of the gate; `then` is the baseline."""
    told = known.result["gate"]
    numbers = Counter(each["condition"] for each in told["failures"])
    said: list[Any] = [
        (f"{{count}} {name}", {"count": Place("failures", plain(number))}) for name, number in numbers.items()
    ]
    yield node.own("p")[0], Place("gate", texts=[known.period], said=said)
    failures = {each["sentence"]: each for each in told["failures"]}
    for item in node.all("li"):
        if item.text in failures:
            yield item, _failure(known, then, failures[item.text])
        elif then:
            yield item, _moved(known, then, item.text)
    for fold in node.all("summary"):
        yield fold, Place("more failures", plain(len(told["failures"]) - SHOWN))


def _failure(known: Known, then: Known | None, failure: Json) -> Place:
    """The figures of whom a failure is about, now and in the baseline."""
    name, member = failure["name"], failure["member"]
    if failure["kind"] == "finding":
        return Place("finding that closes", texts=[each["message"] for each in known.result["findings"]])
    if failure["kind"] == "score":
        now, was, beside = _score(known, name, member), _score(then, name, member), plain(100)
        target = NOTHING
    else:
        row = known.rows[name, failure["level"], member, known.period]
        now, was, beside = [*known.value(row).figures], _before(known, then, row), []
        target = known.target(row)
    told = Place(f"{failure['kind']} that closes", [*now, *beside], texts=[failure["label"]])
    holes = {
        "now": told,
        "was": Place(f"{failure['kind']} of the baseline", was),
        "target": target,
    }
    compared = ("{now}, and {was} in the baseline", "{now}, and {was}, in the baseline", "{now} from {was}")
    said = [(message, holes) for message in (*compared, "{now} against {target}")]
    return replace(told, said=said)


def _score(known: Known | None, name: str, member: str) -> list[Figure]:
    if known is None:
        return []
    card = next(card for card in known.result["scorecards"] if card["name"] == name)
    row = known.score(card, member)
    return plain(row["score"]) if row else []


def _before(known: Known, then: Known | None, row: Json) -> list[Figure]:
    """A value of the baseline."""
    old = then.rows.get((row["kpi"], row["level"], row["member"], then.period)) if then else None
    return known.of(row["kpi"], old["value"]) if old else []


def _moved(known: Known, then: Known, text: str) -> Place:
    """What another definition did: to the organisation, and to how many others."""
    found = re.match(r"The (KPI|scorecard) (\w+) (?:is|rests on) \w+ .*than in the baseline \(", text)
    if not found:
        return Place("note of the gate")
    of_kpi = found[1] == "KPI"
    pairs = list((_pairs if of_kpi else _scored)(known, then, found[2]))
    ways: Counter[str] = Counter()
    whole: tuple[float | None, float | None] = (None, None)
    for level, row, old in pairs:
        now, was = (each["value" if of_kpi else "score"] for each in (row, old))
        if level == "organisation":
            whole = (now, was)
            continue
        if None not in (now, was) and not math.isclose(now, was, rel_tol=1e-9):
            ways["higher" if now > was else "lower"] += 1
        ways["with another status"] += None not in (row["status"], old["status"]) and row["status"] != old["status"]
    said: list[Any] = [
        (f"{{count}} {way}", {"count": Place("members that moved", plain(number))}) for way, number in ways.items()
    ]
    others = plain(sum(level != "organisation" for level, *_ in pairs))
    said += [(f"Of {{count}} {who}:", {"count": Place("others", others)}) for who in ("others", "members")]
    now, was = (known.of(found[2], number) if of_kpi else plain(number) for number in whole)
    holes = {"now": Place("organisation now", now), "was": Place("organisation in the baseline", was)}
    said.append(("The organisation: {now}, and {was} in the baseline.", holes))
    return Place("definition that changed", said=said)


def _pairs(known: Known, then: Known, name: str) -> Iterator[tuple[str, Json, Json]]:
    """The observations of a KPI now and in the baseline, with their levels."""
    for (kpi, level, member, period), row in known.rows.items():
        old = then.rows.get((kpi, level, member, then.period))
        if (kpi, period) == (name, known.period) and old:
            yield level, row, old


def _scored(known: Known, then: Known, name: str) -> Iterator[tuple[str, Json, Json]]:
    """The scores of a scorecard now and in the baseline, with their level."""
    card, before = (next(c for c in each.result["scorecards"] if c["name"] == name) for each in (known, then))
    for row in card["scores"]:
        old = then.score(before, row["member"])
        if row["period"] == known.period and old:
            yield card["level"], row, old

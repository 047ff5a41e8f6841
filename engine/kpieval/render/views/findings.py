"""The findings of a result, rule by rule: whom each is about and since when, what to do, and who answers for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from kpieval.render.words import Status
from kpieval.translation import marked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index
    from kpieval.render.views.view import Link

Json = dict[str, Any]

SHOWN = 6
"""So many findings of one rule are told in full."""

LOOKS: Mapping[str, Status] = {
    "error": Status("error", marked("Error"), "poor", "cross", "red"),
    "warning": Status("warning", marked("Warning"), "fair", "alert", "amber"),
    "note": Status("note", marked("Note"), "none", "dot", "blue"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """One finding: the sentence, since when it holds, and what to do where that isn't the same for all of its rule."""

    message: str
    since: str
    action: str


@dataclass(frozen=True, slots=True)
class Group:
    """What one rule, or the guards, found."""

    title: str
    severity: Status
    said: tuple[Said, ...]
    more: str
    action: str
    owner: str
    kpis: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Unevaluated:
    """A rule that asks for what isn't measured."""

    title: str
    needs: tuple[str, ...]


def groups(index: Index, formats: Formats, found: Iterable[Json]) -> tuple[Group, ...]:
    """The findings that were `found`, those of one rule together, in the order of the result."""
    by_rule = groupby(found, lambda each: (each["severity"], each["rule"], each["title"]))
    return tuple(_group(list(findings), index, formats) for _, findings in by_rule)


def summary(findings: Sequence[Json], formats: Formats) -> str:
    """How many findings of each severity there are: `2 errors, 1 warning`."""
    numbers = Counter(finding["severity"] for finding in findings)
    errors, warnings, notes = (numbers[severity] for severity in LOOKS)
    parts = [
        *([formats.counted(errors, "{count} error", "{count} errors")] if errors else []),
        *([formats.counted(warnings, "{count} warning", "{count} warnings")] if warnings else []),
        *([formats.counted(notes, "{count} note", "{count} notes")] if notes else []),
    ]
    return f"{formats.listed(parts)}." if parts else ""


def unevaluated(rules: Iterable[Json]) -> tuple[Unevaluated, ...]:
    """The rules that were not evaluated, with what they lack."""
    return tuple(Unevaluated(rule["title"], tuple(rule["missing"])) for rule in rules if not rule["measured"])


def since(finding: Json, index: Index, formats: Formats) -> str:
    """Since when a finding holds, as far as the result tells."""
    label = finding["since"]
    if label == finding["period"] or label not in index.periods:
        return formats.say("new")
    period = formats.period(label, index.periods[label]["start"])
    if label == next(iter(index.periods)):
        return formats.say("at least since {period}", period=period)
    return formats.say("since {period}", period=period)


def _group(findings: list[Json], index: Index, formats: Formats) -> Group:
    first = findings[0]
    same = len({finding["action"] for finding in findings}) == 1
    rest = [finding["label"] for finding in findings[SHOWN:]]
    look = LOOKS[first["severity"]]
    return Group(
        title=first["title"],
        severity=replace(look, word=formats.say(look.word)),
        said=tuple(
            Said(finding["message"], since(finding, index, formats), "" if same else finding["action"] or "")
            for finding in findings[:SHOWN]
        ),
        more=formats.say("Also for {names}.", names=formats.named(rest, SHOWN)) if rest else "",
        action=(first["action"] or "") if same else "",
        owner=first["owner"] or "",
        kpis=tuple(
            index.link(name) for name in dict.fromkeys(name for finding in findings for name in finding["kpis"])
        ),
    )

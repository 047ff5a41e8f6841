"""`--fail-on poor,finding:error`: what of the reported period closes a gate: observations, scores and findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from kpieval.model import REASONS, Severity
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.cli.console import Console

OF_SCORES = ("incomplete", "insufficient_coverage")
"""Why a scorecard has no score, beside the reasons of KPIs."""

SHOWN = 5

SEVERITIES: tuple[str, ...] = get_args(Severity)
"""From the one that matters least."""

FINDINGS: Mapping[str, frozenset[str]] = {
    f"finding:{severity}": frozenset(SEVERITIES[place:]) for place, severity in enumerate(SEVERITIES)
}
"""What --fail-on calls findings of a severity or a worse one; no status has a colon in its name."""


def wanted(result: Mapping[str, Any], fail_on: Iterable[str]) -> frozenset[str]:
    """What --fail-on names: statuses, reasons, findings; a status that nothing can have is wrong usage."""
    names = frozenset(name for listed in fail_on for name in listed.split(","))
    judged = [*result["kpis"], *result["scorecards"]]
    known = {band["name"] for each in judged for band in each["bands"] or ()} | {*REASONS, *OF_SCORES, *FINDINGS}
    for name in sorted(names - known):
        hint = did_you_mean(name, known) or ""
        what = "there are no findings" if name.startswith("finding") else "nothing can have the status"
        raise click.BadParameter(f"{what} `{name}`. {hint}".rstrip(), param_hint="--fail-on")
    return names


def closed(result: Mapping[str, Any], names: frozenset[str], console: Console) -> bool:
    """Whether the reported period has any of what is named; the first ones are said."""
    period, statuses = result["period"], names - FINDINGS.keys()
    observations = [
        f"{each['kpi']} of {each['level']} {each['label']}: {each['status'] or each['reason']}"
        for each in result["observations"]
        if each["period"] == period and {each["status"], each["reason"]} & statuses
    ]
    scores = [
        f"scorecard {card['name']} of {card['level']} {each['label']}: {_verdict(each)}"
        for card in result["scorecards"]
        for each in card["scores"]
        if each["period"] == period and {each["status"], each["reason"]} & statuses
    ]
    mildest = next((name for name in FINDINGS if name in names), None)
    findings = [
        f"{each['severity']} {each['rule'] or each['kind']}: {each['message']}"
        for each in result["findings"]
        if mildest and each["severity"] in FINDINGS[mildest]
    ]
    _say([(observations, "observation"), (scores, "score")], f"{period} with {' or '.join(sorted(statuses))}", console)
    _say([(findings, "finding")], f"{period} for {mildest}", console)
    return bool(observations or scores or findings)


def _say(kinds: list[tuple[list[str], str]], what: str, console: Console) -> None:
    """Tell of the first of each kind, if there are any."""
    counts = [f"{len(said)} {kind}{'s' if len(said) > 1 else ''}" for said, kind in kinds if said]
    if not counts:
        return
    console.error(f"Gate failed: {' and '.join(counts)} of {what}:")
    for said, kind in kinds:
        for each in said[:SHOWN]:
            console.error(f"  {each}")
        if len(said) > SHOWN:
            console.error(f"  ... and {len(said) - SHOWN} more {kind}s")


def _verdict(score: Mapping[str, Any]) -> str:
    """The status or the reason of a score, and the KPI that closed the scorecard's own gate."""
    words = ", ".join(word for word in (score["status"], score["reason"]) if word)
    return f"{words}, by its gate {score['gated_by']}" if score["gated_by"] else words

"""`--fail-on poor`: the observations and the scores of the reported period that close a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.cli.console import Console

REASONS = (
    "no_data",
    "zero_denominator",
    "insufficient_sample",
    "not_applicable",
    "no_target",
    "no_baseline",
    "suppressed",
    "incomplete",
    "insufficient_coverage",
)
"""Why an observation has no status, and a scorecard no score."""

SHOWN = 5


def wanted(result: Mapping[str, Any], fail_on: Iterable[str]) -> frozenset[str]:
    """The statuses and reasons that --fail-on names; one that no KPI and no scorecard can have is wrong usage."""
    names = frozenset(name for listed in fail_on for name in listed.split(","))
    judged = [*result["kpis"], *result["scorecards"]]
    known = {band["name"] for each in judged for band in each["bands"] or ()} | set(REASONS)
    for name in sorted(names - known):
        raise click.BadParameter(
            f"nothing can have the status `{name}`. {did_you_mean(name, known) or ''}".rstrip(), param_hint="--fail-on"
        )
    return names


def closed(result: Mapping[str, Any], names: frozenset[str], console: Console) -> bool:
    """Whether something in the reported period has one of these statuses or reasons; the first ones are said."""
    observations = [
        f"{each['kpi']} of {each['level']} {each['label']}: {each['status'] or each['reason']}"
        for each in result["observations"]
        if each["period"] == result["period"] and {each["status"], each["reason"]} & names
    ]
    scores = [
        f"scorecard {card['name']} of {card['level']} {each['label']}: {_verdict(each)}"
        for card in result["scorecards"]
        for each in card["scores"]
        if each["period"] == result["period"] and {each["status"], each["reason"]} & names
    ]
    if not observations and not scores:
        return False
    kinds = [(observations, "observation"), (scores, "score")]
    counts = [f"{len(said)} {kind}{'s' if len(said) > 1 else ''}" for said, kind in kinds if said]
    console.error(f"Gate failed: {' and '.join(counts)} of {result['period']} with {' or '.join(sorted(names))}:")
    for said, kind in kinds:
        for each in said[:SHOWN]:
            console.error(f"  {each}")
        if len(said) > SHOWN:
            console.error(f"  ... and {len(said) - SHOWN} more {kind}s")
    return True


def _verdict(score: Mapping[str, Any]) -> str:
    """The status or the reason of a score, and the KPI that closed the scorecard's own gate."""
    words = ", ".join(word for word in (score["status"], score["reason"]) if word)
    return f"{words}, by its gate {score['gated_by']}" if score["gated_by"] else words

"""`--fail-on poor,finding:error`: the observations and findings of the reported period that close a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from kpieval.model import REASONS, Severity
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.cli.console import Console

SHOWN = 5

SEVERITIES: tuple[str, ...] = get_args(Severity)
"""From the one that matters least."""

FINDINGS: Mapping[str, frozenset[str]] = {
    f"finding:{severity}": frozenset(SEVERITIES[place:]) for place, severity in enumerate(SEVERITIES)
}
"""What --fail-on calls findings of a severity or a worse one; no status has a colon in its name."""


def wanted(result: Mapping[str, Any], fail_on: Iterable[str]) -> frozenset[str]:
    """What --fail-on names: statuses, reasons, findings; a status that no KPI can have is wrong usage."""
    names = frozenset(name for listed in fail_on for name in listed.split(","))
    known = {band["name"] for kpi in result["kpis"] for band in kpi["bands"] or ()} | {*REASONS, *FINDINGS}
    for name in sorted(names - known):
        hint = did_you_mean(name, known) or ""
        what = "there are no findings" if name.startswith("finding") else "no KPI can have the status"
        raise click.BadParameter(f"{what} `{name}`. {hint}".rstrip(), param_hint="--fail-on")
    return names


def closed(result: Mapping[str, Any], names: frozenset[str], console: Console) -> bool:
    """Whether the reported period has any of what is named; the first ones are said."""
    statuses = names - FINDINGS.keys()
    observations = [
        f"{each['kpi']} of {each['level']} {each['label']}: {each['status'] or each['reason']}"
        for each in result["observations"]
        if each["period"] == result["period"] and {each["status"], each["reason"]} & statuses
    ]
    mildest = next((name for name in FINDINGS if name in names), None)
    findings = [
        f"{each['severity']} {each['rule'] or each['kind']}: {each['message']}"
        for each in result["findings"]
        if mildest and each["severity"] in FINDINGS[mildest]
    ]
    _say(observations, "observation", f"with {' or '.join(sorted(statuses))}", result["period"], console)
    _say(findings, "finding", f"for {mildest}", result["period"], console)
    return bool(observations or findings)


def _say(failing: list[str], one: str, why: str, period: str, console: Console) -> None:
    if not failing:
        return
    number = f"1 {one}" if len(failing) == 1 else f"{len(failing)} {one}s"
    console.error(f"Gate failed: {number} of {period} {why}:")
    for each in failing[:SHOWN]:
        console.error(f"  {each}")
    if len(failing) > SHOWN:
        console.error(f"  ... and {len(failing) - SHOWN} more")

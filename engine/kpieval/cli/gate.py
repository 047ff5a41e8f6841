"""`--fail-on poor`: the observations of the reported period that close a gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from kpieval.model import REASONS
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.cli.console import Console

SHOWN = 5


def wanted(result: Mapping[str, Any], fail_on: Iterable[str]) -> frozenset[str]:
    """The statuses and reasons that --fail-on names; one that no KPI can have is wrong usage."""
    names = frozenset(name for listed in fail_on for name in listed.split(","))
    known = {band["name"] for kpi in result["kpis"] for band in kpi["bands"] or ()} | set(REASONS)
    for name in sorted(names - known):
        raise click.BadParameter(
            f"no KPI can have the status `{name}`. {did_you_mean(name, known) or ''}".rstrip(), param_hint="--fail-on"
        )
    return names


def closed(result: Mapping[str, Any], names: frozenset[str], console: Console) -> bool:
    """Whether an observation of the reported period has one of these statuses or reasons; the first ones are said."""
    failing = [
        observation
        for observation in result["observations"]
        if observation["period"] == result["period"] and {observation["status"], observation["reason"]} & names
    ]
    if not failing:
        return False
    number = "1 observation" if len(failing) == 1 else f"{len(failing)} observations"
    console.error(f"Gate failed: {number} of {result['period']} with {' or '.join(sorted(names))}:")
    for each in failing[:SHOWN]:
        console.error(f"  {each['kpi']} of {each['level']} {each['label']}: {each['status'] or each['reason']}")
    if len(failing) > SHOWN:
        console.error(f"  ... and {len(failing) - SHOWN} more")
    return True

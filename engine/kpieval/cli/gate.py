"""`--fail-on poor`: the observations of the reported period that close a gate."""

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
)
"""Why an observation has no status."""

SHOWN = 5


def fails(result: Mapping[str, Any], fail_on: Iterable[str], console: Console) -> int:
    """The exit code: 1 when an observation of the reported period has one of these statuses or reasons, else 0."""
    wanted = {name for names in fail_on for name in names.split(",")}
    known = {band["name"] for kpi in result["kpis"] for band in kpi["bands"] or ()} | set(REASONS)
    for name in sorted(wanted - known):
        raise click.BadParameter(
            f"no KPI can have the status `{name}`. {did_you_mean(name, known) or ''}".rstrip(), param_hint="--fail-on"
        )
    failing = [
        observation
        for observation in result["observations"]
        if observation["period"] == result["period"]
        and (observation["status"] in wanted or observation["reason"] in wanted)
    ]
    if not failing:
        return 0
    console.error(f"Gate failed: {len(failing)} of the observations of {result['period']} should not be as they are:")
    for each in failing[:SHOWN]:
        console.error(f"  {each['kpi']} of {each['level']} {each['label']}: {each['status'] or each['reason']}")
    if len(failing) > SHOWN:
        console.error(f"  ... and {len(failing) - SHOWN} more")
    return 1

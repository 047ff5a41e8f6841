"""Dagster: the result of the KPIs as an asset, its gate as a check, its report in the asset's metadata."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import dagster as dg

PROJECT = os.environ.get("KPI_PATH", "metrics/acme")
OUTPUT = Path(os.environ.get("KPI_OUTPUT", "kpieval-out"))
FAIL_ON = os.environ.get("KPI_FAIL_ON", "finding:error,stale")
GATE_FAILED = 1


@dg.asset(group_name="kpis", check_specs=[dg.AssetCheckSpec("gate", asset="kpis")])
def kpis() -> dg.MaterializeResult:
    """The KPIs of the last complete period. A closed gate fails the check; the asset and its report are there."""
    command = ["kpieval", "evaluate", f"--fail-on={FAIL_ON}", f"--output={OUTPUT}/", f"--output={OUTPUT}/report.html"]
    done = subprocess.run([*command, "--", PROJECT], check=False)
    if done.returncode != GATE_FAILED:
        done.check_returncode()
    result = json.loads((OUTPUT / "result.json").read_text("utf-8"))
    gate = result["gate"]
    failures = {each["sentence"]: each["condition"] for each in gate["failures"][:50]}
    return dg.MaterializeResult(
        metadata={
            "period": result["period"],
            "observations": len(result["observations"]),
            "report": dg.MetadataValue.path(str((OUTPUT / "report.html").resolve())),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="gate",
                passed=not gate["closed"],
                description=gate["sentence"],
                metadata={"failures": dg.MetadataValue.json(failures)},
            )
        ],
    )


daily = dg.ScheduleDefinition(name="kpis_daily", target=[kpis], cron_schedule="0 6 * * *")
defs = dg.Definitions(assets=[kpis], schedules=[daily])

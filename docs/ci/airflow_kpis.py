"""Airflow: evaluate the KPIs each morning, keep the outputs, and fail the task with the words of the gate."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException

PROJECT = os.environ.get("KPI_PATH", "/opt/metrics/acme")
OUTPUT = os.environ.get("KPI_OUTPUT", "/var/lib/kpieval")
FAIL_ON = os.environ.get("KPI_FAIL_ON", "finding:error,stale")
GATE_FAILED = 1


@dag(schedule="0 6 * * *", start_date=datetime(2026, 1, 1, tzinfo=UTC), catchup=False, tags=["kpieval"])
def kpis() -> None:
    """One task; a closed gate is final, anything else that goes wrong is tried again."""

    @task(retries=2, retry_delay=timedelta(minutes=10))
    def evaluate(day: str) -> str:
        """Evaluate as of the run's own day, so that a run that is cleared gives the same. Returns the folder."""
        folder = Path(OUTPUT) / day
        command = ["kpieval", "evaluate", f"--as-of={day}", f"--fail-on={FAIL_ON}", f"--output={folder}/"]
        command += [f"--output={folder}/report.html", f"--output=openmetrics:{OUTPUT}/kpis.prom", "--", PROJECT]
        done = subprocess.run(command, check=False)  # its messages go to the task's log
        if done.returncode == GATE_FAILED:
            gate = json.loads((folder / "result.json").read_text("utf-8"))["gate"]
            raise AirflowFailException(gate["sentence"])
        done.check_returncode()
        return str(folder)

    evaluate("{{ (dag_run.logical_date or dag_run.run_after) | ds }}")  # a run by hand may have no logical date


kpis()

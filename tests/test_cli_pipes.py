"""A reader that goes away, as `head` does, stops a command quietly: whatever it was writing, to stdout or to stderr."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kpieval.cli import PIPE_CLOSED

KPI = "kpi: win_rate\nvalue: won / (won + losst)\ntarget: 30\n"
COMMANDS = {
    "help": ["--help"],
    "help of a command": ["evaluate", "--help"],
    "version": ["--version"],
    "no command": [],
    "unknown command": ["evaluat"],
    "wrong usage": ["evaluate", "--format", "pdf"],
    "no project": ["report", "nowhere"],
    "wrong definitions": ["report", "wrong"],
    "problems": ["validate", "wrong"],
    "warnings": ["evaluate", "warned", "--as-of", "2026-10-05"],
    "a gate": ["evaluate", "warned", "--as-of", "2026-10-05", "--fail-on", "good,watch,poor"],
    "listing": ["list", "warned"],
    "begun": ["init", "-o", "begun"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pipes")
    for name, kpi in {"wrong": KPI, "warned": KPI.replace("losst", "lost") + "unit: percent\n"}.items():
        subprocess.run([sys.executable, "-m", "kpieval", "init", "-q", "-o", name], cwd=folder, check=True)
        (folder / name / "kpis" / "win_rate.yaml").write_text(kpi)
    return folder


@pytest.mark.parametrize("closed", ["stdout", "stderr", "stdout and stderr"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_pipe_is_no_failure(command: str, closed: str, folder: Path, tmp_path: Path) -> None:
    program = [sys.executable, "-m", "kpieval"]
    heard = subprocess.run([*program, *COMMANDS[command]], cwd=folder, capture_output=True, check=False)
    shutil.rmtree(folder / "begun", ignore_errors=True)
    unheard = (heard.stdout if "stdout" in closed else b"") + (heard.stderr if "stderr" in closed else b"")
    reader, writer = os.pipe()
    os.close(reader)
    with (tmp_path / "seen").open("w+b") as seen:
        done = subprocess.run(
            [*program, *COMMANDS[command]],
            cwd=folder,
            stdout=writer if "stdout" in closed else seen,
            stderr=writer if "stderr" in closed else seen,
            check=False,
        )
        os.close(writer)
        seen.seek(0)
        said = seen.read()
    shutil.rmtree(folder / "begun", ignore_errors=True)
    assert said in heard.stdout + heard.stderr, "nothing is said of the pipe"
    assert done.returncode == (PIPE_CLOSED if unheard else heard.returncode)

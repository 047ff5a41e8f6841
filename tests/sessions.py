"""Commands that a user could paste, run as a user's shell would run them, with the `kpieval` under test."""

import os
import stat
import subprocess
import sys
from pathlib import Path

ERROR = "2> "
KEPT = ("COVERAGE_", "TMP", "PYTHONPATH")


def install(folder: Path, name: str = "kpieval") -> None:
    """Put the command into a folder."""
    command = folder / name
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m kpieval "$@"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)


def play(command: str, folder: Path, commands: Path) -> list[str]:
    """What a command shows: stdout, then stderr behind its mark, then the exit code unless it is 0."""
    environment = {
        **{name: value for name, value in os.environ.items() if name.startswith(KEPT)},
        "PATH": f"{commands}:{os.environ['PATH']}",
        "HOME": str(folder),
        "COLUMNS": "100",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONWARNINGS": "error",
    }
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, timeout=300, check=False
    )
    out, err = (stream.decode().replace(str(folder), "<here>").splitlines() for stream in (done.stdout, done.stderr))
    err = [
        line.replace(" -h' for help.", " --help' for help.") for line in err
    ]  # click before 8.4 names the shorter one
    return [*out, *((ERROR + line).rstrip() for line in err), *([f"[{done.returncode}]"] if done.returncode else [])]

"""The same input gives the same bytes, wherever and whenever it runs."""

import os
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[1] / "examples" / "sales-leadership"

PLACES = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8", "COLUMNS": "80"},
    {"PYTHONHASHSEED": "2", "TZ": "Pacific/Auckland", "LC_ALL": "C", "COLUMNS": "200"},
    {"PYTHONHASHSEED": "3", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
)


def output(arguments: list[str], place: dict[str, str]) -> bytes:
    command = [sys.executable, "-m", "kpieval", *arguments]
    return subprocess.run(command, env={**os.environ, **place}, capture_output=True, check=True).stdout


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    results = [output(["evaluate", str(EXAMPLE), "--format", "json"], place) for place in PLACES]
    assert results[0] == results[1] == results[2]
    result = tmp_path / "result.json"
    result.write_bytes(results[0])
    for format_ in ("html", "md"):
        pages = {output(["report", str(result), "--format", format_, "-o", "-"], place) for place in PLACES}
        assert len(pages) == 1

"""The same input gives the same bytes, wherever and whenever it runs."""

import os
import subprocess
import sys
from pathlib import Path

import yaml

import kpieval

EXAMPLE = Path(__file__).parents[1] / "examples" / "sales-leadership"

PLACES = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8", "COLUMNS": "80"},
    {"PYTHONHASHSEED": "2", "TZ": "Pacific/Auckland", "LC_ALL": "C", "COLUMNS": "200"},
    {"PYTHONHASHSEED": "3", "TZ": "America/St_Johns", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"},
)


MEMBERS = 2_000


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


def test_the_same_input_gives_the_same_parquet(tmp_path: Path) -> None:
    files = [tmp_path / f"{number}.parquet" for number, _ in enumerate(PLACES)]
    for file, place in zip(files, PLACES, strict=True):
        output(["evaluate", str(EXAMPLE), "-o", str(file)], place)
    assert files[0].read_bytes() == files[1].read_bytes() == files[2].read_bytes()


def test_parquet_of_several_row_groups_is_the_same_whichever_thread_is_faster(tmp_path: Path) -> None:
    columns = {"rep": "text", "day": "date", "amount": "integer"}
    project = {
        "project": "many", "period": "month",
        "sources": {
            "deals": {"file": "deals.csv", "time": "day", "columns": columns, "measures": {"sold": "sum(amount)"}},
            "reps": {"file": "reps.csv", "key": "rep_id", "columns": {"rep_id": "text"}},
        },
        "dimensions": {"rep": {"source": "reps"}},
    }  # fmt: skip
    (tmp_path / "kpieval.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
    (tmp_path / "kpis").mkdir()
    for number in range(12):
        said = {"kpi": f"kpi_{number}", "value": f"sold + {number}", **({"target": 90} if number % 3 else {})}
        (tmp_path / "kpis" / f"{number}.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    reps = [f"r{number}" for number in range(MEMBERS)]
    (tmp_path / "reps.csv").write_text("\n".join(["rep_id", *reps, ""]), encoding="utf-8")
    rows = [f"{rep},2026-{month:02}-03,{number % 97}" for month in range(1, 9) for number, rep in enumerate(reps)]
    (tmp_path / "deals.csv").write_text("\n".join(["rep,day,amount", *rows, ""]), encoding="utf-8")
    with kpieval.load(tmp_path).evaluate("2026-08", 8) as result:
        files = [tmp_path / f"{number}.parquet" for number in range(8)]
        for file in files:
            result.write_parquet(file)
    assert len({file.read_bytes() for file in files}) == 1

"""What `kpieval init` proposes can be evaluated as it is, and gives the numbers that are in the file."""

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

import workbook
from kpieval.api import load
from kpieval.cli import run

DATA = Path(os.environ.get("KPIEVAL_CRM_DATA", Path(__file__).parents[2] / "shared" / "data" / "crm"))


def begun(data: Path, folder: Path) -> list[dict[str, Any]]:
    """The observations of the project that is proposed for a file."""
    assert run(["init", str(data), "--output", str(folder), "--quiet"]) == 0
    assert run(["validate", str(folder)]) == 0
    with load(folder).evaluate(periods=24) as result:
        observations: list[dict[str, Any]] = result.to_dict()["observations"]
    return observations


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no CRM data in {DATA}")
def test_a_real_export_gives_its_win_rate(tmp_path: Path) -> None:
    observations = begun(DATA / "sales_pipeline.csv", tmp_path / "crm")
    whole = [each for each in observations if each["level"] == "organisation" and each["kpi"] == "win_rate"]
    assert sum(each["numerator"] or 0 for each in whole) == 4238
    assert sum(each["denominator"] or 0 for each in whole) == 6711
    assert len({each["member"] for each in observations if each["level"] == "sales_agent"}) == 30


ROWS = """
    select 'd' || i as deal_id, case when i % 3 = 0 then 'Won' else 'Lost' end as stage,
        date '2026-01-01' + (i * 3)::int as closed, (i * 1.5)::decimal(9, 2) as amount, i % 7 = 0 as urgent, [i] as many
    from range(60) as t(i)
"""


def test_a_typed_file_keeps_its_types(tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute(f"copy ({ROWS}) to '{tmp_path}/deals.parquet'")
    connection.close()
    observations = begun(tmp_path / "deals.parquet", tmp_path / "deals")
    assert sum(each["numerator"] or 0 for each in observations) == 20
    text = (tmp_path / "deals" / "kpieval.yaml").read_text("utf-8")
    assert [line.strip() for line in text.partition("columns:")[2].splitlines()[1:6]] == [
        "deal_id: text",
        "stage: {values: {lost: [Lost], won: [Won]}}",
        "closed: date",
        "amount: decimal",
        "urgent: boolean",
    ]


def test_a_sheet_is_looked_at(tmp_path: Path) -> None:
    rows: list[list[workbook.Cell]] = [[f"d{i}", ("date", 46054 + i), i * 0.5] for i in range(30)]
    workbook.write(tmp_path / "hours.xlsx", {"Deals": [["id", "day", "hours"], *rows]})
    observations = begun(tmp_path / "hours.xlsx", tmp_path / "hours")
    assert sum(each["value"] or 0 for each in observations) == sum(i * 0.5 for i in range(30))


@pytest.mark.parametrize(
    ("header", "names"),
    [
        ("Deal ID,Closed On,Amount (EUR),select,Größe", ["deal_id", "closed_on", "amount_eur", "select_", "grosse"]),
        ("2026,day,Day,day_,日", ["c_2026", "day", "day_2", "day_3", "field"]),
    ],
)
def test_headers_become_names(tmp_path: Path, header: str, names: list[str]) -> None:
    (tmp_path / "rows.csv").write_text(f"{header}\na,2026-01-02,3,4,5\nb,2026-01-05,3,2026-02-01,5\n", "utf-8")
    begun(tmp_path / "rows.csv", tmp_path / "made")
    text = (tmp_path / "made" / "kpieval.yaml").read_text("utf-8")
    lines = text.partition("columns:")[2].partition("    measures:")[0].splitlines()[1:]
    assert [line.partition(":")[0].strip() for line in lines] == names

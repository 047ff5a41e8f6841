"""A result that is too large for objects of Python stays in its database, and says the same."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kpieval import queried, result
from kpieval.api import load
from kpieval.collect.timeline import Request
from kpieval.evaluate import evaluate
from kpieval.judge import judge
from kpieval.queried import QueriedRows
from kpieval.render import document, render
from kpieval.render.html import site

if TYPE_CHECKING:
    import duckdb

EXAMPLE = Path(__file__).parent.parent / "examples" / "sales-leadership"

PROJECT = """
project: acme
period: month
sources:
  reported: {file: deals.csv, time: day, columns: {rep: text, day: date}, measures: {won: count(*)}}
  series: {file: reps.csv, columns: {rep_id: text}}
dimensions: {rep: {source: series, key: rep_id}}
"""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are many, so that each question crosses the ends of what is read and kept."""
    monkeypatch.setattr(result, "LISTED", 0)
    monkeypatch.setattr(queried, "KEPT", 20)
    monkeypatch.setattr(queried, "ANSWERS_KEPT", 1)
    monkeypatch.setattr(queried, "ABREAST", 3)


def test_a_report_from_the_database_is_that_from_objects() -> None:
    with load(EXAMPLE).evaluate() as run:
        listed, kept = run.to_dict(), run.for_report()
        assert isinstance(kept["observations"], QueriedRows)
        assert list(kept["observations"]) == listed["observations"]
        apart = dict.fromkeys(("observations", "scorecards"))
        assert {**kept, **apart} == {**listed, **apart}
        assert dict(site(kept)) == dict(site(listed))
        for format_ in ("md", "json", "csv", "csv-scores", "junit", "openmetrics"):
            assert render(kept, format_) == render(listed, format_)
        assert document(kept, "xlsx") == document(listed, "xlsx")


def test_sources_may_be_called_as_the_tables_of_a_report_are(tmp_path: Path) -> None:
    (tmp_path / "kpieval.yaml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "kpis").mkdir()
    (tmp_path / "kpis/deals_won.yaml").write_text("kpi: deals_won\ntitle: Deals\nvalue: won\n", encoding="utf-8")
    (tmp_path / "deals.csv").write_text("rep,day\nann,2026-08-31\nann,2026-09-02\n", encoding="utf-8")
    (tmp_path / "reps.csv").write_text("rep_id\nann\n", encoding="utf-8")
    with load(tmp_path).evaluate("2026-09") as run:
        listed = run.to_dict()["observations"]
        assert [row["value"] for row in listed if row["period"] == "2026-09"] == [1.0, 1.0]
        assert list(run.for_report()["observations"]) == listed
        assert run.to_dict()["observations"] == listed


def test_judging_leaves_nothing_of_the_size_of_the_observations_but_what_it_found(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "kpieval.yaml").open("a", encoding="utf-8") as file:
        file.write("\nprocess: true\n")
    run = evaluate(load(tmp_path).model, Request())
    with run.resources:
        before = sizes(run.connection)
        found = judge(run)
        left = {name: rows for name, rows in sizes(run.connection).items() if name not in before}
    assert found >= {"peers", "funnel", "process", "trend", "next", "drivers", "findings", "scores"}
    most = before["people"] * before["moments"]
    assert {name for name, rows in left.items() if rows > most} <= found


def sizes(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    return dict(connection.execute("select table_name, estimated_size from duckdb_tables()").fetchall())


def test_who_reads_all_may_ask_for_some_meanwhile() -> None:
    with load(EXAMPLE).evaluate() as run:
        rows = run.for_report()["observations"]
        reading = iter(rows)
        first = next(reading)
        assert rows.history(first["kpi"], (first["level"], first["member"]))[first["period"]] == first
        assert [first, *reading] == list(rows)


def test_who_isn_t_there_has_nothing() -> None:
    with load(EXAMPLE).evaluate() as run:
        rows = run.for_report()["observations"]
        assert rows.of_member(("rep", "nobody")) == {}
        assert rows.of_member(("rep", "zzz")) == {}
        assert rows.now("win_rate", "nowhere") == {}
        assert rows.history("win_rate", ("rep", "nobody")) == {}
        assert rows.now_of([("win_rate", ("rep", "nobody")), ("nothing", ("nowhere", "nobody"))]) == {}
        assert rows.now_of([]) == {}
        assert rows.values("nothing") == []

"""The limits of a run hold after the sources are closed, too: while it is judged, and while its result is read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

import kpieval
from kpieval.judge import trend
from kpieval.problems import DataError
from kpieval.sources.watch import Watch

if TYPE_CHECKING:
    from pathlib import Path

    from kpieval.evaluate import Evaluated

PROJECT = """\
project: limited
period: month
sources:
  deals: {file: deals.csv, time: day, columns: {rep: text, day: date, amount: integer}, measures: {sold: sum(amount)}}
dimensions: {rep: {}}
"""
ENDLESS = "select sum(a.range * b.range) from range(1000000) as a, range(1000000) as b"
WRONG = "select cast('x' as integer)"
TOO_LONG = "error [time-limit] The run took longer than 2 seconds and was stopped."
FAILED = "error [engine-error] DuckDB says: Could not convert string 'x' to INT32"


def project(folder: Path, more: str = "") -> kpieval.Project:
    (folder / "kpieval.yaml").write_text(PROJECT + more, encoding="utf-8")
    (folder / "deals.csv").write_text("rep,day,amount\nann,2026-01-05,3\nann,2026-02-05,4\n", encoding="utf-8")
    (folder / "kpis").mkdir()
    (folder / "kpis" / "sales.yaml").write_text("kpi: sales\nvalue: sold\ntarget: 4\n", encoding="utf-8")
    return kpieval.load(folder)


class Judging:
    """What takes the place of a part of the judgement: it runs a statement, and keeps what it was given."""

    def __init__(self, statement: str) -> None:
        self.statement = statement
        self.runs: list[Evaluated] = []

    def __call__(self, run: Evaluated) -> None:
        self.runs.append(run)
        run.connection.execute(self.statement)


@pytest.mark.parametrize(("statement", "said"), [(ENDLESS, TOO_LONG), (WRONG, FAILED)])
def test_what_fails_while_a_run_is_judged_is_told_as_elsewhere_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, said: str
) -> None:
    loaded, judging = project(tmp_path, "limits: {seconds: 2}"), Judging(statement)
    monkeypatch.setattr(trend, "make", judging)
    began = time.monotonic()
    with pytest.raises(DataError) as caught:
        loaded.evaluate("2026-02")
    assert time.monotonic() - began < 6
    assert str(caught.value) == said
    assert not judging.runs[0].folder.exists()


def test_the_judgement_has_what_is_left_of_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded, judging = project(tmp_path, "limits: {seconds: 2}"), Judging("select 1")
    monkeypatch.setattr(trend, "make", judging)
    bounded = Watch.limited

    def late(watch: Watch) -> object:
        time.sleep(2)
        return bounded(watch)

    monkeypatch.setattr(Watch, "limited", late)
    with pytest.raises(DataError) as caught:
        loaded.evaluate("2026-02")
    assert str(caught.value) == TOO_LONG
    assert not judging.runs


@pytest.mark.parametrize(("statement", "said"), [(ENDLESS, TOO_LONG), (WRONG, FAILED)])
def test_what_fails_while_a_result_is_read_is_told_as_elsewhere(tmp_path: Path, statement: str, said: str) -> None:
    result = project(tmp_path, "limits: {seconds: 2}").evaluate("2026-02")
    view = f"create or replace temp view observations as from observations_ where value <> ({statement})"
    columns = result.observations.columns
    result._connection.execute("create temp table observations_ as from observations")
    result._connection.execute(view)
    for read in (result.to_dict, lambda: result.write_parquet(tmp_path / "out.parquet")):
        with pytest.raises(DataError) as caught:
            read()
        assert str(caught.value) == said
    assert result.observations.columns == columns
    assert not (tmp_path / "out.parquet").exists()


def test_a_result_that_is_kept_can_be_read_long_after_the_time_of_its_run(tmp_path: Path) -> None:
    with project(tmp_path, "limits: {seconds: 1}").evaluate("2026-02") as result:
        time.sleep(1.1)
        assert len(result.to_dict()["observations"]) == 4
        result.write_parquet(tmp_path / "out.parquet")

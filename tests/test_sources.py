"""Sessions: what is opened, what is locked, what is bounded, which day a timestamp belongs to."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import duckdb
import pytest
import sqlglot

import workbook
from asking import ask, project, reported, rows
from kpieval.problems import DataError
from kpieval.sources import Lookup, Scan, open_session

if TYPE_CHECKING:
    from pathlib import Path

    from kpieval.model import Project

SIMPLE = "deals: {file: deals.csv, time: closed, columns: {id: text, amount: decimal, closed: date}}"
CSV = "id,amount,closed\na,1.10,2026-01-31\nb,2.20,2026-03-01\n"


@pytest.fixture
def simple(tmp_path: Path) -> Project:
    return project(tmp_path, SIMPLE, {"deals.csv": CSV})


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('{csv}')",
        "select * from read_text('/etc/hostname')",
        "select * from '{csv}'",
        "copy (select 1) to '{csv}'",
        "attach '{csv}.db'",
        "install httpfs",
        "load httpfs",
        "set threads = 1",
        "set enable_external_access = true",
        "reset lock_configuration",
        "select * from secret_python_variable",
    ],
)
def test_after_opening_nothing_reaches_outside(tmp_path: Path, simple: Project, statement: str) -> None:
    secret_python_variable = duckdb.connect().sql("select 1 as x")
    with open_session(simple) as session, pytest.raises(duckdb.Error):
        session.connection.execute(statement.format(csv=tmp_path / "deals.csv"))
    assert secret_python_variable
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deals.csv", "kpieval.yaml"]


def test_arrow_can_still_be_registered(simple: Project) -> None:
    with open_session(simple) as session, duckdb.connect() as other:
        session.connection.register("members", other.sql("select 'a' as id, 'Ann' as label").__arrow_c_stream__())
        answer = session.connection.execute("select label from members").fetchall()
        session.connection.unregister("members")
    assert answer == [("Ann",)]


def test_a_connection_of_the_callers_stays_open(simple: Project) -> None:
    with duckdb.connect() as connection:
        with open_session(simple, connection) as session:
            rows(session, "select count(*) as n from rows")
        assert connection.execute("select n from answer").fetchall() == [(2,)]


def test_no_extension_is_fetched(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path; from asking import loaded, ask\n"
        "ask(loaded(Path(sys.argv[1])), 'select count(*) from rows')"
    )
    project(tmp_path, "deals: {file: deals.json, columns: {id: text}}", {"deals.json": '[{"id": "a"}]'})
    home = tmp_path / "home"
    home.mkdir()
    environment = {**os.environ, "HOME": str(home)}
    here = os.path.dirname(__file__)  # noqa: PTH120
    subprocess.run([sys.executable, "-c", code, str(tmp_path), here], check=True, env=environment)
    assert list(home.iterdir()) == []


def test_all_problems_of_all_sources_are_told_at_once(tmp_path: Path) -> None:
    sources = """
    first: {file: first.csv, columns: {id: integer}}
    second: {file: second.csv, columns: {id: integer}}
    """
    made = project(tmp_path, sources, {"first.csv": "id\nx\n"})
    with pytest.raises(DataError) as caught, open_session(made):
        pass
    assert [each.code for each in caught.value.problems] == ["unreadable-value", "no-file"]


def test_only_the_named_sources_are_opened(tmp_path: Path) -> None:
    sources = """
    deals: {file: deals.csv, columns: {id: text}}
    broken: {file: nowhere.csv, columns: {id: text}}
    """
    made = project(tmp_path, sources, {"deals.csv": "id\na\n"})
    with open_session(made, sources=["deals"]) as session:
        assert rows(session, "select id from rows") == [("a",)]


def test_lookups_join(simple: Project) -> None:
    lookup = Lookup(
        "periods", {"first": "date", "index": "integer"}, [(dt.date(2026, 1, 1), 1), (dt.date(2026, 2, 1), 2)]
    )
    empty = Lookup("nobody", {"member": "text"}, [])
    query = sqlglot.parse_one("select index, count(*) as n from rows join periods on closed >= first group by index")
    with open_session(simple) as session:
        session.scan(Scan(session.project.sources["deals"], ("closed",), query, (lookup, empty)), "answer")
        assert session.connection.execute("select * from answer order by all").fetchall() == [(1, 2), (2, 1)]
        assert session.connection.execute("show tables").fetchall() == [("answer",)]


def test_extent_and_report(simple: Project) -> None:
    with open_session(simple) as session:
        assert session.extent("deals", "closed") == (dt.date(2026, 1, 31), dt.date(2026, 3, 1))
    report = reported(simple)
    assert (report.location, report.rows) == ("deals.csv", 2)
    assert report.missing == {"amount": 0, "closed": 0, "id": 0}
    assert (report.first, report.last) == (dt.date(2026, 1, 31), dt.date(2026, 3, 1))


def test_a_fraction_after_thirty_thousand_whole_numbers_is_found(tmp_path: Path) -> None:
    content = "id,count\n" + "".join(f"r{number},1\n" for number in range(30_000)) + "last,2.75\n"
    made = project(tmp_path, "deals: {file: deals.csv, columns: {id: text, count: integer}}", {"deals.csv": content})
    with pytest.raises(DataError) as caught:
        ask(made, "select sum(count) from rows")
    place = caught.value.problems[0].place
    assert place is not None
    assert place.line == 30_002


@pytest.mark.parametrize("machine", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_the_project_rules_which_day_it_is(tmp_path: Path, machine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", machine)
    time.tzset()
    content = (
        "id,at\n"
        "a,2026-01-31T23:30:00Z\n"  # February in Prague
        "b,2026-01-31T23:30:00+01:00\n"
        "c,2026-01-31 23:30:00\n"  # no offset: the clock on the wall in Prague
        "d,2026-07-31T22:30:00Z\n"  # summer time: two hours ahead
        "e,2026-03-29T00:59:59Z\n"  # the last second of winter
        "f,2026-03-29T01:00:00Z\n"
        "g,2026-10-25T00:30:00Z\n"  # half past two, the first time
        "h,2026-10-25T01:30:00Z\n"  # half past two, the second time
    )
    made = project(
        tmp_path,
        "deals: {file: deals.csv, columns: {id: text, at: timestamp, day: {from: at, type: date}}}",
        {"deals.csv": content},
        "calendar: {timezone: Europe/Prague}",
    )
    found = {key: (str(at), str(day)) for key, at, day in ask(made, "select id, at, day from rows")}
    assert found == {
        "a": ("2026-02-01 00:30:00", "2026-02-01"),
        "b": ("2026-01-31 23:30:00", "2026-01-31"),
        "c": ("2026-01-31 23:30:00", "2026-01-31"),
        "d": ("2026-08-01 00:30:00", "2026-08-01"),
        "e": ("2026-03-29 01:59:59", "2026-03-29"),
        "f": ("2026-03-29 03:00:00", "2026-03-29"),
        "g": ("2026-10-25 02:30:00", "2026-10-25"),
        "h": ("2026-10-25 02:30:00", "2026-10-25"),
    }


def test_a_run_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    made = project(tmp_path, SIMPLE, {"deals.csv": CSV}, "limits: {seconds: 1}")
    with pytest.raises(DataError) as caught:
        ask(made, "select sum(a.range * b.range) from rows, range(1000000) as a, range(1000000) as b")
    assert [each.code for each in caught.value.problems] == ["time-limit"]


def test_a_source_gives_back_no_more_rows_than_allowed(tmp_path: Path) -> None:
    made = project(tmp_path, SIMPLE, {"deals.csv": CSV}, "limits: {rows: 1}")
    with pytest.raises(DataError) as caught:
        ask(made, "select id from rows")
    assert [each.code for each in caught.value.problems] == ["row-limit"]


def test_an_optional_column_of_a_pack_may_be_absent(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "kpieval.yaml").write_text(
        "project: pack\nsources:\n  deals:\n    columns: {id: {type: text, required: true}, margin: decimal, "
        "double: {value: margin * 2}}\n"
    )
    made = project(tmp_path, "deals: {file: deals.csv}", {"deals.csv": "id\na\n"}, "uses: [./pack]")
    with open_session(made) as session:
        assert session.absent("deals") == {"margin", "double"}
        assert rows(session, "select id from rows", columns=("id",)) == [("a",)]


def excel() -> None:
    pytest.importorskip("fastexcel", reason="the extra kpieval[excel] is not installed")
    if duckdb.__version__ < "2":
        pytest.skip("the extra kpieval[excel] needs DuckDB 2")


def sheet(folder: Path, rows_: list[list[workbook.Cell]], declaration: str) -> Project:
    workbook.write(folder / "deals.xlsx", {"Notes": [["nothing"]], "Deals": rows_})
    return project(folder, f"deals: {{file: deals.xlsx, sheet: Deals, {declaration}}}")


def test_a_sheet_is_read(tmp_path: Path) -> None:
    excel()
    content: list[list[workbook.Cell]] = [
        ["id", "amount", "closed", "flag"],
        ["007", 1.5, ("date", 46053), True],
        [None, None, None, None],
        [8, 2, "2026-02-01", None],
    ]
    made = sheet(tmp_path, content, "columns: {id: text, amount: decimal, closed: date, flag: boolean}")
    found = ask(made, "select id, cast(amount as double) as amount, closed, flag from rows")
    assert found == [("007", 1.5, dt.date(2026, 1, 31), True), ("8", 2.0, dt.date(2026, 2, 1), None)]


@pytest.mark.parametrize(
    ("content", "place", "said"),
    [
        ([["id"], [1], [None], [2.75]], 4, "[unreadable-value] `2.75` in `id` is not a whole number."),
        (
            [["id"], [1], [("error", "#DIV/0!")]],
            3,
            "[error-cell] Cell A3 of the sheet `Deals` holds an error like #N/A or #DIV/0!.",
        ),
        ([["id"]], 1, "[no-rows] `deals.xlsx` has no rows."),
        ([], 1, "[empty-data] The sheet `Deals` is empty."),
        ([["id", "id"], [1, 2]], 1, "[duplicate-header] The header names `id` 2 times."),
    ],
)
def test_a_wrong_sheet_is_refused(tmp_path: Path, content: list[list[workbook.Cell]], place: int, said: str) -> None:
    excel()
    with pytest.raises(DataError) as caught:
        ask(sheet(tmp_path, content, "columns: {id: integer}"), "select * from rows")
    assert str(caught.value) == f"deals.xlsx:{place}:1: error {said}"


def test_an_unknown_sheet_gets_the_nearest_name(tmp_path: Path) -> None:
    excel()
    workbook.write(tmp_path / "deals.xlsx", {"Deals": [["id"], ["a"]]})
    made = project(tmp_path, "deals: {file: deals.xlsx, sheet: Deal, columns: {id: text}}")
    with pytest.raises(DataError) as caught:
        ask(made, "select id from rows")
    assert caught.value.problems[0].hint == "Did you mean `Deals`?"


def test_without_the_extra_a_sentence_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook.write(tmp_path / "deals.xlsx", {"Deals": [["id"], ["a"]]})
    monkeypatch.setitem(sys.modules, "fastexcel", None)
    made = project(tmp_path, "deals: {file: deals.xlsx, columns: {id: text}}")
    with pytest.raises(DataError, match="needs the package fastexcel"):
        ask(made, "select id from rows")


def test_a_failing_run_leaves_the_quarantine_of_the_last_good_one(tmp_path: Path) -> None:
    declaration = "deals: {file: deals.csv, on_error: quarantine, max_quarantined: 60%, columns: {id: integer}}"
    made = project(tmp_path, declaration, {"deals.csv": "id\n1\nx\n"})
    aside = tmp_path / "aside"
    with open_session(made, quarantine_dir=aside) as session:
        report = session.report("deals")
        assert not aside.exists()
    assert (report.quarantined, report.quarantine_file) == (1, aside / "deals.csv")
    written = (aside / "deals.csv").read_text()
    (tmp_path / "deals.csv").write_text("id\nx\nx\n1\nx\n")
    with pytest.raises(DataError), open_session(made, quarantine_dir=aside):
        pass
    assert (aside / "deals.csv").read_text() == written
    (tmp_path / "deals.csv").write_text("id\n1\n")
    with open_session(made, quarantine_dir=aside):
        pass
    assert list(aside.iterdir()) == []

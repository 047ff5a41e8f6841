"""Parquet is read in place where its types allow it, and never loses a value where they don't."""

from __future__ import annotations

import datetime as dt
import zlib
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from asking import ask, project, reported, rows
from kpieval.problems import DataError
from kpieval.sources import open_session

if TYPE_CHECKING:
    from kpieval.model import Project


def parquet(path: Path, select: str, options: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"set timezone = 'UTC'; copy ({select}) to '{path}' (format parquet {options})")


def cell(tmp_path: Path, value: str, type_: str) -> tuple[Any, str]:
    """What a value in a file becomes under a declared type, and the type of the local DuckDB."""
    parquet(tmp_path / "deals.parquet", f"select {value} as x")
    made = project(
        tmp_path,
        f"deals: {{file: deals.parquet, columns: {{x: {type_}}}}}",
        more="calendar: {timezone: Europe/Prague}",
    )
    with open_session(made) as session:
        found = rows(session, "select x from rows")[0][0]
        return found, session.connection.execute("describe answer").fetchall()[0][1]


@pytest.mark.parametrize(
    ("value", "type_", "expected"),
    [
        ("'a'", "text", ("a", "VARCHAR")),
        ("7::integer", "text", ("7", "VARCHAR")),
        ("7::integer", "integer", (7, "BIGINT")),
        ("7::double", "integer", (7, "BIGINT")),
        ("7::ubigint", "integer", (7, "BIGINT")),
        ("'7.0'", "integer", (7, "BIGINT")),
        ("7.25::decimal(9,2)", "decimal", (Decimal("7.25"), "DECIMAL(9,2)")),
        ("7::integer", "decimal", (Decimal(7), "DECIMAL(19,0)")),
        ("0.1::double", "decimal", (Decimal("0.1"), "DECIMAL(18,4)")),
        ("0.12345::double", "decimal", (Decimal("0.12345"), "DECIMAL(38,10)")),
        ("0.1::float", "decimal", (Decimal("0.1"), "DECIMAL(18,4)")),
        ("'7.25'", "decimal", (Decimal("7.25"), "DECIMAL(18,4)")),
        ("0.1::double", "number", (0.1, "DOUBLE")),
        ("7.5::decimal(9,2)", "number", (7.5, "DOUBLE")),
        ("true", "boolean", (True, "BOOLEAN")),
        ("'yes'", "boolean", (True, "BOOLEAN")),
        ("date '2026-01-31'", "date", (dt.date(2026, 1, 31), "DATE")),
        ("'2026-01-31'", "date", (dt.date(2026, 1, 31), "DATE")),
        ("timestamp '2026-01-31 23:30:00'", "date", (dt.date(2026, 1, 31), "DATE")),
        ("timestamptz '2026-01-31 23:30:00+00'", "date", (dt.date(2026, 2, 1), "DATE")),
        ("timestamptz '2026-07-31 22:30:00+00'", "timestamp", (dt.datetime(2026, 8, 1, 0, 30), "TIMESTAMP")),  # noqa: DTZ001
    ],
)
def test_values_become_what_is_declared(tmp_path: Path, value: str, type_: str, expected: tuple[Any, str]) -> None:
    assert cell(tmp_path, value, type_) == expected


@pytest.mark.parametrize(
    ("value", "type_", "said"),
    [
        ("2.75::double", "integer", "`2.75` in `x` is not a whole number."),
        ("2.75::decimal(9,2)", "integer", "`2.75` in `x` is not a whole number."),
        ("1e30::double", "integer", "`1e+30` in `x` is not a whole number."),
        ("18446744073709551615::ubigint", "integer", "`18446744073709551615` in `x` is not a whole number."),
        ("'nan'::double", "decimal", "`nan` in `x` is not a decimal number."),
        ("(0.1::double + 0.2)", "decimal", "`0.30000000000000004` in `x` is not a decimal number."),
        ("'infinity'::double", "number", "`inf` in `x` is not a number."),
        ("'1,5'", "decimal", "`1,5` in `x` is not a decimal number."),
        ("1.5::double", "text", "`x` is DOUBLE in the file, but `x` is declared as text."),
        ("7", "date", "`x` is INTEGER in the file, but `x` is declared as date."),
        ("[1]", "text", "`x` is INTEGER[] in the file, but `x` is declared as text."),
        ("true", "integer", "`x` is BOOLEAN in the file, but `x` is declared as integer."),
    ],
)
def test_a_value_that_would_be_changed_is_refused(tmp_path: Path, value: str, type_: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        cell(tmp_path, value, type_)
    assert [each.message for each in caught.value.problems] == [said]


def test_values_are_mapped_and_the_others_counted(tmp_path: Path) -> None:
    parquet(tmp_path / "deals.parquet", "select unnest(['Closed Won', 'Draft', 'Draft', null]) as stage")
    made = project(tmp_path, "deals: {file: deals.parquet, columns: {stage: {values: {won: [Closed Won]}}}}")
    assert ask(made, "select stage, count(*) as n from rows group by all order by all") == [
        ("Draft", 2),
        ("won", 1),
        (None, 1),
    ]
    report = reported(made)
    assert [(each.value, each.rows) for each in report.unmapped] == [("Draft", 2)]
    assert report.missing == {"stage": 1}


def test_a_scan_reads_in_place(tmp_path: Path) -> None:
    parquet(tmp_path / "deals.parquet", "select range as id, 1.5::decimal(9,2) as amount from range(10)")
    made = project(tmp_path, "deals: {file: deals.parquet, columns: {id: integer, amount: decimal}}")
    with open_session(made) as session:
        rows(session, "select sum(amount) from rows")
        assert session.connection.execute("from duckdb_tables() where schema_name = 'sources'").fetchall() == []
        assert "read_parquet" in session.report("deals").sql


def test_hive_folders_give_columns(tmp_path: Path) -> None:
    for year in (2025, 2026):
        parquet(tmp_path / f"deals/year={year}/day={year}-01-31/part.parquet", "select 1::decimal(9,2) as amount")
    made = project(
        tmp_path,
        "deals: {file: 'deals/*/*/*.parquet', columns: {year: integer, day: date, amount: decimal}}",
    )
    assert ask(made, "select year, day, amount from rows order by year") == [
        (2025, dt.date(2025, 1, 31), Decimal(1)),
        (2026, dt.date(2026, 1, 31), Decimal(1)),
    ]


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("select 1.5 as amount, 'b' as id", None),
        ("select 'b' as id", "`part-2.parquet` has no column `amount`."),
        ("select 'b' as id, 'x' as amount", "`amount` is VARCHAR here, but DECIMAL(2,1) in `part-1.parquet`."),
    ],
)
def test_all_files_must_have_the_declared_columns(tmp_path: Path, second: str, said: str | None) -> None:
    parquet(tmp_path / "part-1.parquet", "select 'a' as id, 1.5 as amount")
    parquet(tmp_path / "part-2.parquet", second)
    made = project(tmp_path, "deals: {file: 'part-*.parquet', columns: {id: text, amount: decimal}}")
    if said is None:
        assert ask(made, "select sum(amount) as total from rows") == [(Decimal(3),)]
        return
    with pytest.raises(DataError) as caught:
        ask(made, "select sum(amount) from rows")
    assert [each.message for each in caught.value.problems] == [said]


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    parquet(tmp_path / "whole.parquet", "select range as id from range(10000)")
    whole = (tmp_path / "whole.parquet").read_bytes()
    made = project(
        tmp_path, "deals: {file: deals.parquet, columns: {id: integer}}", {"deals.parquet": whole[: len(whole) // 2]}
    )
    with pytest.raises(DataError, match="no Parquet, or is damaged"):
        ask(made, "select count(*) from rows")


def test_damage_inside_a_file_is_no_traceback(tmp_path: Path) -> None:
    parquet(tmp_path / "deals.parquet", "select md5(range::text) as id from range(10000)", ", compression zstd")
    whole = bytearray((tmp_path / "deals.parquet").read_bytes())
    whole[4:500] = bytes(496)  # where its first page begins
    (tmp_path / "deals.parquet").write_bytes(whole)
    made = project(tmp_path, "deals: {file: deals.parquet, columns: {id: text}}")
    with pytest.raises(DataError) as caught:
        ask(made, "select max(id || 'x') from rows")
    assert [each.code for each in caught.value.problems] == ["engine-error"]


def test_quarantine_reads_doubtful_columns_as_texts(tmp_path: Path) -> None:
    parquet(tmp_path / "deals.parquet", "select unnest([1.0, 2.75, 3.0])::double as x")
    made = project(
        tmp_path,
        "deals: {file: deals.parquet, on_error: quarantine, max_quarantined: 50%, columns: {x: integer}}",
    )
    with open_session(made, quarantine_dir=tmp_path / "aside") as session:
        assert rows(session, "select sum(x) as total from rows") == [(4,)]
    assert (
        tmp_path / "aside/deals.csv"
    ).read_text() == "file,line,reason,x\ndeals.parquet,2,x: not a whole number,2.75\n"


def test_the_key_is_checked(tmp_path: Path) -> None:
    parquet(tmp_path / "deals.parquet", "select unnest(['a', 'b', 'a', 'b', 'c']) as id")
    made = project(tmp_path, "deals: {file: deals.parquet, key: id, columns: {id: text}}")
    with pytest.raises(DataError) as caught:
        ask(made, "select count(*) from rows")
    said = "2 keys of `deals` occur more than once (`id`): `a` (2 rows), `b` (2 rows)."
    assert [each.message for each in caught.value.problems] == [said]


WRITERS = sorted((Path(__file__).parent / "cases" / "parquet").glob("*.parquet"))
"""One table, written by Arrow on request and by Spark by itself with checksums for their pages."""
DEALS = "deals: {file: deals.parquet, columns: {id: text, amount: decimal, closed: date}}"


def place_of(file: Path, column: str, part: float) -> int:
    """A byte in the midst of a column."""
    begin, size = duckdb.execute(
        "select coalesce(dictionary_page_offset, data_page_offset), total_compressed_size "
        f"from parquet_metadata('{file}') where path_in_schema = '{column}'"
    ).fetchall()[0]
    return int(begin + size * part)


def damaged(folder: Path, writer: Path, column: str, part: float, bytes_: int = 8) -> Project:
    """The project with some bytes of a column inverted."""
    content = bytearray(writer.read_bytes())
    at = place_of(writer, column, part)
    content[at : at + bytes_] = bytes(255 - byte for byte in content[at : at + bytes_])
    return project(folder, DEALS, {"deals.parquet": bytes(content)})


@pytest.mark.parametrize("writer", WRITERS, ids=lambda path: path.stem)
def test_checksums_of_a_whole_file_are_right(tmp_path: Path, writer: Path) -> None:
    made = project(tmp_path, DEALS, {"deals.parquet": writer.read_bytes()})
    found = ask(made, "select count(*) as n, sum(amount) as total, min(closed) as first, max(id) as last from rows")
    assert found == [(1000, Decimal("47087.87"), dt.date(2026, 1, 1), "deal 00999")]


@pytest.mark.parametrize("part", [0.3, 0.9])
@pytest.mark.parametrize("column", ["id", "amount", "closed"])
@pytest.mark.parametrize("writer", WRITERS, ids=lambda path: path.stem)
def test_flipped_bytes_are_noticed(tmp_path: Path, writer: Path, column: str, part: float) -> None:
    with pytest.raises(DataError) as caught:
        ask(damaged(tmp_path, writer, column, part), "select count(id), sum(amount), max(closed) from rows")
    said = f"The column `{column}` is damaged: its values are not those that the checksum is of."
    assert [str(each) for each in caught.value.problems] == [f"deals.parquet:1:1: error [damaged-file] {said}"]


def test_damage_in_the_header_of_a_page_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"\[damaged-file\] The column `id`"):
        ask(damaged(tmp_path, WRITERS[0], "id", 0), "select count(id) from rows")


def test_columns_that_are_read_as_texts_are_verified_too(tmp_path: Path) -> None:
    damaged(tmp_path, WRITERS[0], "closed", 0.9)
    made = project(
        tmp_path, "deals: {file: deals.parquet, columns: {id: text, day: {from: id, type: date}, closed: date}}"
    )
    with pytest.raises(DataError, match=r"\[damaged-file\] The column `closed`"):
        ask(made, "select count(*) from rows")


def test_columns_that_are_not_read_are_not_looked_at(tmp_path: Path) -> None:
    made = damaged(tmp_path, WRITERS[0], "amount", 0.5)
    assert ask(made, "select count(id) as n from rows", columns=("id",)) == [(1000,)]


def test_a_writer_whose_checksums_are_never_right_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project(tmp_path, DEALS, {"deals.parquet": WRITERS[0].read_bytes()})
    monkeypatch.setattr(zlib, "crc32", lambda _piece, _before: 0)
    assert ask(made, "select count(id) as n from rows") == [(1000,)]

"""Tables behind a Postgres URL: read-only, aggregated there, exact, and with messages that keep secrets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
import sqlglot

from asking import project, reported, rows
from kpieval.problems import DataError
from kpieval.sources import Lookup, Scan, open_session
from postgres import PASSWORD, Server
from postgres import server as server  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from pathlib import Path

    from kpieval.model import Project

TABLE = """
create schema sales;
create table sales.deal (
    id text not null, stage text, amount numeric(12, 2), closed date, at timestamptz, hours real, count_ int,
    flag boolean, us_date text, amount_text varchar(20), padded char(5)
);
insert into sales.deal values
    ('a', 'Closed Won', 10.10, '2026-01-31', '2026-01-31 23:30Z', 1.5, 3, true, '1/31/2026', '1.25', 'x'),
    ('b', 'Closed Won', 20.20, '2026-02-01', '2026-02-01 12:00Z', 0.1, null, false, '2/1/2026', '2', 'x'),
    ('c', 'Closed Lost', 0.01, '2026-03-01', null, null, 1, null, '3/1/2026', '3.5', null),
    ('d', 'Draft', null, null, null, null, 7, null, null, null, null)
"""
DEALS = """
    deals:
      table: sales.deal
      connection: warehouse
      key: id
      time: closed
      columns:
        id: text
        stage: {values: {won: [Closed Won], lost: [Closed Lost]}}
        amount: decimal
        closed: date
        at: timestamp
        hours: number
        count: {from: count_, type: integer}
        flag: boolean
        us_date: {type: date, format: "%m/%d/%Y"}
        amount_text: decimal
        padded: text
        twice: {value: amount * 2}
"""


@pytest.fixture(scope="module")
def table(server: Server) -> Server:
    server.run(TABLE)
    return server


def made(folder: Path, server: Server, sources: str = DEALS, **changes: str) -> Project:
    url = changes.get("url", server.url)
    more = f"connections: {{warehouse: {{url: '{url}'}}}}\ncalendar: {{timezone: Europe/Prague}}\n"
    return project(folder, sources, more=more)


def test_columns_have_their_declared_types(tmp_path: Path, table: Server) -> None:
    with open_session(made(tmp_path, table)) as session:
        found = rows(session, "select * from rows order by id")
        names = [each[0] for each in session.connection.execute("describe answer").fetchall()]
    first = dict(zip(names, found[0], strict=True))
    assert first == {
        "id": "a",
        "stage": "won",
        "amount": Decimal("10.10"),
        "closed": dt.date(2026, 1, 31),
        "at": dt.datetime(2026, 2, 1, 0, 30),  # noqa: DTZ001 - the wall clock in Prague
        "hours": 1.5,
        "count": 3,
        "flag": True,
        "us_date": dt.date(2026, 1, 31),
        "amount_text": Decimal("1.25"),
        "padded": "x",
        "twice": Decimal("20.20"),
    }


def test_sums_are_exact(tmp_path: Path, table: Server) -> None:
    with open_session(made(tmp_path, table)) as session:
        found = rows(session, "select sum(amount) as total, count(*) as n from rows")
    assert found == [(Decimal("30.31"), 4)]


def test_one_statement_reads_the_table(tmp_path: Path, table: Server) -> None:
    before = len(table.statements())
    report = reported(made(tmp_path, table))
    read = [each for each in table.statements()[before:] if 'from "sales"."deal"' in each.lower()]
    assert len(read) == 1
    assert report.rows == 4
    assert report.missing is not None
    assert report.missing["amount"] == 1
    assert [(each.column, each.value, each.rows) for each in report.unmapped] == [("stage", "Draft", 1)]
    assert (report.first, report.last) == (dt.date(2026, 1, 31), dt.date(2026, 3, 1))
    assert 'from "sales"."deal"' in report.sql


def test_lookups_travel_with_the_statement(tmp_path: Path, table: Server) -> None:
    lookup = Lookup("periods", {"first": "date", "label": "text"}, [(dt.date(2026, 1, 1), "O'K"), (None, "x")])
    empty = Lookup("nobody", {"member": "text"}, [])
    query = sqlglot.parse_one("select label, count(*) as n from rows join periods on closed >= first group by label")
    with open_session(made(tmp_path, table)) as session:
        session.scan(Scan(session.project.sources["deals"], ("closed",), query, (lookup, empty)), "answer")
        assert session.connection.execute("select * from answer").fetchall() == [("O'K", 3)]


def test_no_row_gives_an_empty_table(tmp_path: Path, table: Server) -> None:
    with open_session(made(tmp_path, table)) as session:
        assert rows(session, "select id, amount from rows where id = 'nobody'") == []


def test_extent(tmp_path: Path, table: Server) -> None:
    with open_session(made(tmp_path, table)) as session:
        assert session.extent("deals", "closed") == (dt.date(2026, 1, 31), dt.date(2026, 3, 1))


def test_the_session_is_read_only(tmp_path: Path, table: Server) -> None:
    url = f"{table.url}?options=-c%20default_transaction_read_only=off"
    with open_session(made(tmp_path, table, url=url)) as session:
        database = session._engines["deals"]._database  # type: ignore[attr-defined]
        with pytest.raises(DataError, match="read-only"):
            database.rows(session.connection, "insert into sales.deal (id) values ('z') returning id")


def test_a_duplicate_key_is_named(tmp_path: Path, server: Server) -> None:
    server.run("create table twice (id text, amount int);\ninsert into twice values ('a', 1), ('a', 2), ('b', 3)")
    sources = "deals: {table: twice, connection: warehouse, key: id, columns: {id: text, amount: integer}}"
    with open_session(made(tmp_path, server, sources)) as session, pytest.raises(DataError) as caught:
        rows(session, "select sum(amount) from rows")
    problem = caught.value.problems[0]
    assert problem.code == "key-not-unique"
    assert problem.message == "1 key of `deals` occurs more than once (`id`): `a` (2 rows)."


def test_the_database_may_keep_the_key_unique_itself(tmp_path: Path, server: Server) -> None:
    server.run("create table keyed (id text primary key, amount int);\ninsert into keyed values ('a', 1), ('b', 3)")
    sources = "deals: {table: keyed, connection: warehouse, key: id, columns: {id: text, amount: integer}}"
    before = len(server.statements())
    with open_session(made(tmp_path, server, sources)) as session:
        assert rows(session, "select sum(amount) as total from rows") == [(4,)]
    assert not [each for each in server.statements()[before:] if "count(distinct" in each]


def test_the_latest_row_of_a_key_counts(tmp_path: Path, server: Server) -> None:
    server.run(
        "create table versions (id text, at date, amount int);\n"
        "insert into versions values ('a', '2026-01-01', 1), ('a', '2026-01-02', 5), ('b', '2026-01-01', 3)"
    )
    sources = (
        "deals: {table: versions, connection: warehouse, key: id, latest: at,"
        " columns: {id: text, at: date, amount: integer}}"
    )
    with open_session(made(tmp_path, server, sources)) as session:
        assert rows(session, "select sum(amount) as total from rows") == [(8,)]


@pytest.mark.parametrize(
    ("type_", "value", "declared", "said"),
    [
        ("text", "'1,5'", "decimal", "`1,5` in `x` is not a decimal number."),
        ("text", "'2.75'", "integer", "`2.75` in `x` is not a whole number."),
        ("text", "'17'", "date", "`17` in `x` is not a date."),
        ("numeric", "'NaN'", "decimal", "`NaN` in `x` is not a decimal number."),
        ("double precision", "'Infinity'", "number", "`Infinity` in `x` is not a number."),
        ("numeric", "2.75", "integer", "`2.75` in `x` is not a whole number."),
        ("date", "'infinity'", "date", "`infinity` in `x` is not a date."),
    ],
)
def test_a_wrong_value_is_named(
    tmp_path: Path, server: Server, type_: str, value: str, declared: str, said: str
) -> None:
    server.run(f"drop table if exists wrong;\ncreate table wrong (x {type_});\ninsert into wrong values ({value})")
    sources = f"deals: {{table: wrong, connection: warehouse, columns: {{x: {declared}}}}}"
    with open_session(made(tmp_path, server, sources)) as session, pytest.raises(DataError) as caught:
        rows(session, "select x from rows")
    assert [each.message for each in caught.value.problems] == [said]


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ("deals: {table: sales.deals, connection: warehouse, columns: {id: text}}", "Did you mean `sales.deal`?"),
        (
            "deals: {table: sales.deal, connection: warehouse, columns: {stages: text}}",
            "Did you mean `stage`? Write `stages: {from: stage}`.",
        ),
    ],
)
def test_wrong_names_get_the_nearest_right_one(tmp_path: Path, table: Server, sources: str, said: str) -> None:
    with pytest.raises(DataError) as caught, open_session(made(tmp_path, table, sources)):
        pass
    assert [each.hint for each in caught.value.problems] == [said]


def test_a_type_that_cannot_be_is_refused_before_any_row_is_read(tmp_path: Path, table: Server) -> None:
    sources = "deals: {table: sales.deal, connection: warehouse, columns: {amount: date}}"
    said = "`amount` is numeric in the table, but `amount` is declared as date"
    with pytest.raises(DataError, match=said), open_session(made(tmp_path, table, sources)):
        pass


@pytest.mark.parametrize(
    "change", [("/postgres", "/nowhere"), ("tester:", "stranger:"), ("@127.0.0.1:", "@127.0.0.1:1")]
)
def test_an_unreachable_database_is_told_without_secrets(
    tmp_path: Path, server: Server, change: tuple[str, str]
) -> None:
    with pytest.raises(DataError) as caught, open_session(made(tmp_path, server, url=server.url.replace(*change, 1))):
        pass
    assert [each.code for each in caught.value.problems] == ["no-connection"]
    assert PASSWORD not in str(caught.value)


def test_a_url_that_is_none_is_not_repeated(tmp_path: Path, server: Server) -> None:
    with pytest.raises(DataError) as caught, open_session(made(tmp_path, server, url=f"nonsense{PASSWORD}")):
        pass
    assert PASSWORD not in str(caught.value)


def test_a_query_that_takes_too_long_is_stopped(tmp_path: Path, server: Server) -> None:
    server.run("create view slow as select 1 as x from pg_sleep(20)")
    sources = "deals: {table: slow, connection: warehouse, columns: {x: integer}}"
    more = f"connections: {{warehouse: {{url: '{server.url}'}}}}\nlimits: {{seconds: 1}}\n"
    with pytest.raises(DataError) as caught, open_session(project(tmp_path, sources, more=more)) as session:
        rows(session, "select x from rows")
    assert [each.code for each in caught.value.problems] == ["time-limit"]

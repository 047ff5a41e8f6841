"""Each example of the language reference gives what the reference says, on DuckDB and on Postgres."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from kpieval import expressions
from kpieval.expressions.catalogue import FUNCTIONS
from kpieval.problems import Place
from postgres import server as server  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kpieval.expressions import Engine, Expression
    from kpieval.model import Type
    from postgres import Server

REFERENCE = Path(__file__).parent.parent / "docs" / "expressions.md"
PLACE = Place("example")
COLUMNS: Mapping[str, Type] = {
    "rep": "text", "stage": "text", "amount": "decimal", "hours": "number", "closed_on": "date"
}  # fmt: skip
NAMES: Mapping[str, Type] = {
    "won": "integer", "lost": "integer", "revenue": "decimal", "goal": "decimal", "win_rate": "number"
}  # fmt: skip
ROWS = """(values
    (cast('ann' as text), 'won', cast(100.50 as decimal(38, 10)), cast(0.1 as {double}), date '2026-01-31'),
    ('Bob', 'won', 50, 0.2, date '2026-02-28'),
    ('ann', 'lost', 20, null, date '2026-02-28'),
    (null, 'open', null, 0.7, null)
) as rows (rep, stage, amount, hours, closed_on)"""


def tables() -> Iterator[list[list[str]]]:
    """The tables of the reference, with the code in their cells bare."""
    for block in re.findall(r"(?:^\|.*\n)+", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\|)\|(?!\|)", line)[1:-1]] for line in block.splitlines()]
        yield [rows[0], *rows[2:]]


def examples(*header: str) -> list[list[str]]:
    found = [[cell.strip("`") for cell in row] for table in tables() if table[0] == list(header) for row in table[1:]]
    assert found
    return found


FIVE = ("function", "gives", "meaning", "example", "result")
ON_ROWS = [row for row in examples(*FIVE) if "aggregate" in FUNCTIONS[row[0].partition("(")[0]].uses]
ON_VALUES = [row[3:] for row in examples(*FIVE) if row not in ON_ROWS] + examples("written", "gives")


def ask_duckdb(sql: str) -> Any:  # noqa: ANN401
    with duckdb.connect() as connection:
        rows = connection.execute(sql).fetchall()
        return rows[0][0]


@pytest.fixture(scope="session")
def ask_postgres(server: Server) -> Iterator[Callable[[str], Any]]:
    """A question answered by Postgres, through the same driver as the product's."""
    adbc_driver_manager = pytest.importorskip(
        "adbc_driver_manager", reason="the extra kpieval[postgres] is not installed"
    )
    adbc_driver_postgresql = pytest.importorskip(
        "adbc_driver_postgresql", reason="the extra kpieval[postgres] is not installed"
    )

    with (
        adbc_driver_postgresql.connect(server.url) as database,
        adbc_driver_manager.AdbcConnection(database) as connection,
        duckdb.connect() as local,
    ):

        def ask(sql: str) -> Any:  # noqa: ANN401
            with adbc_driver_manager.AdbcStatement(connection) as statement:
                statement.set_sql_query(sql)
                stream, _ = statement.execute_query()
                local.register("answer", stream)
                rows = local.execute("select * from answer").fetchall()
                local.unregister("answer")
                return rows[0][0]

        yield ask


def question(expression: Expression, engine: Engine, relation: str = "") -> str:
    """The expression as a query, its value in a type that both drivers give back alike."""
    double = "double" if engine == "duckdb" else "double precision"
    shown = {"integer": double, "decimal": double, "number": double, "boolean": "boolean"}.get(expression.type, "text")
    sql = f"select cast({expressions.render(expression.tree, engine)} as {shown})"
    return f"{sql} from {relation.format(double=double)}" if relation else sql


def wanted(text: str, kind: Type) -> object:
    if text == "null":
        return None
    if kind == "boolean":
        return text == "true"
    if kind in {"integer", "decimal", "number"}:
        return pytest.approx(float(text), rel=1e-15, abs=0)
    return text


@pytest.mark.parametrize(("text", "result"), ON_VALUES, ids=[example for example, _ in ON_VALUES])
def test_examples_of_values(text: str, result: str, ask_postgres: Callable[[str], Any]) -> None:
    expression = expressions.row(text, PLACE, {})
    expected = wanted(result, expression.type)
    assert ask_duckdb(question(expression, "duckdb")) == expected
    assert ask_postgres(question(expression, "postgres")) == expected


@pytest.mark.parametrize("row", ON_ROWS, ids=[row[3] for row in ON_ROWS])
def test_examples_over_rows(row: list[str], ask_postgres: Callable[[str], Any]) -> None:
    expression = expressions.measure(row[3], PLACE, COLUMNS)
    expected = wanted(row[4], expression.type)
    assert ask_duckdb(question(expression, "duckdb", ROWS)) == expected
    assert ask_postgres(question(expression, "postgres", ROWS)) == expected


def test_examples_over_members_and_periods() -> None:
    for row in examples("function", "gives", "meaning", "example"):
        assert expressions.value(row[3], PLACE, NAMES, per=True)
    for row in examples("function", "meaning", "example"):
        assert expressions.value(row[2], PLACE, NAMES)


def test_every_function_is_in_the_reference() -> None:
    headers = (FIVE, FIVE[:4], ("function", "meaning", "example"))
    described = {row[0].partition("(")[0] for header in headers for row in examples(*header)}
    assert described == set(FUNCTIONS)


def test_the_rows_of_the_reference_are_those_of_the_test() -> None:
    header = ["rep", "stage", "amount (decimal)", "hours (number)", "closed_on (date)"]
    shown = next(table[1:] for table in tables() if table[0] == header)
    with duckdb.connect() as connection:
        rows = connection.execute(f"select * from {ROWS.format(double='double')}").fetchall()

    def cell(value: object) -> str:
        if isinstance(value, Decimal):
            return f"{value:.2f}".removesuffix(".00")
        return "null" if value is None else value.isoformat() if isinstance(value, dt.date) else str(value)

    assert [[cell(value) for value in row] for row in rows] == shown

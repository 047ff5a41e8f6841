"""Whatever is written, it is refused with a sentence, or it means one thing, and runs on both engines."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kpieval import expressions
from kpieval.expressions.confirming import confirm
from kpieval.problems import DefinitionError, Place
from postgres import server as server  # noqa: PLC0414 - a fixture
from test_expressions import COLUMNS, PLACE, READ, blocks
from test_expressions_engines import ask_postgres as ask_postgres  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kpieval.expressions import Engine, Expression

WORDS = """
( ) ( ) , + - * / % = <> < <= > >= || :: ; . ? -- /* */ [ ] { } $ @ ` ! ~ ^ & and or not is null true false in between
like escape case when then else end distinct as filter where stage type amount hours seats is_open closed_on seen_at won
lost revenue win_rate 1 2 0 3.5 1e3 0.20 'won' '2026-01-31' 'a%' '' 'it''s' "stage" date interval day month timestamp
select from over order by union symmetric any all within group ignore nulls at zone collate similar to count( sum( avg(
min( max( median( quantile( stddev( share( prior( trailing( to_date( coalesce( nullif( greatest( abs( round( floor(
lower( length( left( substring( contains( year( week( date_trunc( days_between( extract( cast( text integer decimal
number boolean count(*) 'month' 'year' win_rate.value win_rate.status margin.uncertain . prior(win_rate.status)
""".split()  # noqa: SIM905 - a list of a hundred words would fill the page
TOKENS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)

NUMBERS = st.sampled_from(["1", "0", "2.5", "1e3", "seats", "amount", "hours", "-3", "(seats)"])
TEXTS = st.sampled_from(["'won'", "stage", "type", "''", "'a\\b'", "'it''s'"])
DATES = st.sampled_from(["closed_on", "date '2026-01-31'", "cast(seen_at as date)"])


def numbers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda t: f"{t[0]} {t[1]} {t[2]}"),
        st.tuples(st.sampled_from(["abs", "round", "floor", "ceil", "sqrt", "ln"]), inner).map(
            lambda t: f"{t[0]}({t[1]})"
        ),
        st.tuples(st.sampled_from(["coalesce", "nullif", "greatest", "least"]), inner, inner).map(
            lambda t: f"{t[0]}({t[1]}, {t[2]})"
        ),
        st.tuples(inner, inner).map(lambda t: f"case when {t[0]} > {t[1]} then {t[0]} else {t[1]} end"),
        inner.map(lambda t: f"power({t}, 0.5)"),
        inner.map(lambda t: f"cast({t} as integer)"),
    )


ARITHMETIC = st.recursive(NUMBERS, numbers, max_leaves=6)
CONDITIONS = st.recursive(
    st.one_of(
        st.tuples(ARITHMETIC, st.sampled_from(["=", "<>", "<", ">="]), ARITHMETIC).map(" ".join),
        st.tuples(TEXTS, st.sampled_from(["=", "<>", "<", ">="]), TEXTS).map(" ".join),
        st.tuples(DATES, st.sampled_from(["=", "<", ">="]), DATES).map(" ".join),
        st.tuples(TEXTS, st.sampled_from(["like", "not like"]), st.sampled_from(["'w%'", "'_\\%'"])).map(" ".join),
        ARITHMETIC.map(lambda t: f"{t} between 0 and 2"),
        TEXTS.map(lambda t: f"{t} in ('won', '')"),
        ARITHMETIC.map(lambda t: f"({t}) is not null"),
        st.just("is_open"),
    ),
    lambda inner: st.one_of(
        inner.map(lambda t: f"not {t}"),
        inner.map(lambda t: f"({t})"),
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
    ),
    max_leaves=4,
)

CORPUS = [json.loads(block.partition("\n")[0].partition(" ")[2]) for block in blocks("rendered.txt")]
TABLE = """(values (cast('won' as text), cast('new' as text), cast(12.5 as decimal(38, 10)), cast(1.5 as {double}),
    cast(3 as bigint), true, date '2026-01-31', timestamp '2026-01-31 08:30:00')
) as rows (stage, type, amount, hours, seats, is_open, closed_on, seen_at)"""


def accepted(text: str) -> list[Expression]:
    """What the text means in each place that takes it; anywhere else it is refused with a problem, never otherwise."""
    found = []
    for read in READ.values():
        try:
            found.append(read(text))
        except DefinitionError as error:
            told = [bool(problem.message and problem.place) for problem in error.problems]
            assert told == [True] * max(1, len(told))
    return found


@pytest.fixture(scope="module")
def local() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TOKENS | st.text(max_size=30))
@example(text="max(a")
@example(text="stage in (1,,3)")
@example(text="amount - - seats")
def test_what_is_accepted_is_one_expression_for_duckdbs_parser_as_well(
    text: str, local: duckdb.DuckDBPyConnection
) -> None:
    confirm(accepted(text), local)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """An expression of the corpus with a word or two missing, doubled or in place of another."""
    words = re.findall(r"'(?:[^']|'')*'|\"[^\"]*\"|[\w.]+|<>|<=|>=|::|\|\||\S", draw(st.sampled_from(CORPUS)))
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(words) - 1))
        words[at : at + draw(st.integers(0, 2))] = draw(st.lists(st.sampled_from([*WORDS, *words]), max_size=1)) or [
            ","
        ]
    return " ".join(words)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=damaged())
def test_nothing_is_repaired(text: str, local: duckdb.DuckDBPyConnection) -> None:
    confirm(accepted(text), local)


WHOLE = st.sampled_from(["1", "2", "3", "seats", "-1", "- 2"])
PLAIN = st.lists(st.tuples(WHOLE, st.sampled_from(["+", "-", "*", "%"])), min_size=1, max_size=4).map(
    lambda pairs: " ".join(f"{number} {sign}" for number, sign in pairs) + " 2"
)
TESTS = st.one_of(
    st.tuples(PLAIN, st.sampled_from(["=", "<>", "<", ">="]), PLAIN).map(" ".join),
    st.tuples(PLAIN, PLAIN).map(lambda pair: f"{pair[0]} not between {pair[1]} and 7"),
    PLAIN.map(lambda text: f"{text} in (1, 2, 3)"),
    st.just("stage || type like 'w%'"),
    st.just("is_open"),
)
LOGIC = st.lists(st.tuples(st.sampled_from(["", "not "]), TESTS), min_size=1, max_size=4).flatmap(
    lambda parts: st.lists(st.sampled_from([" and ", " or "]), min_size=len(parts), max_size=len(parts)).map(
        lambda joints: "".join(
            f"{word}{negated}{test}" for word, (negated, test) in zip(["", *joints], parts, strict=False)
        )
    )
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=LOGIC)
def test_what_binds_closer_is_as_in_duckdb(text: str, local: duckdb.DuckDBPyConnection) -> None:
    expression = expressions.row(text, PLACE, COLUMNS)
    as_written = local.execute(f"select {text} from {TABLE.format(double='double')}").fetchall()
    assert local.execute(in_table(expression, "duckdb")).fetchall() == as_written


def in_table(expression: Expression, engine: Engine) -> str:
    double = "double" if engine == "duckdb" else "double precision"
    return f"select {expressions.render(expression.tree, engine)} from {TABLE.format(double=double)}"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=CONDITIONS)
def test_conditions_mean_the_same_on_both_engines(
    text: str,
    local: duckdb.DuckDBPyConnection,
    ask_postgres: Callable[[str], Any],
) -> None:
    try:
        expression = expressions.row(text, Place("condition"), COLUMNS)
    except DefinitionError:
        return
    confirm([expression], local)
    assert (
        ask_postgres(in_table(expression, "postgres")) == local.execute(in_table(expression, "duckdb")).fetchall()[0][0]
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ARITHMETIC)
def test_numbers_mean_the_same_on_both_engines(
    text: str,
    local: duckdb.DuckDBPyConnection,
    ask_postgres: Callable[[str], Any],
) -> None:
    try:
        expression = expressions.row(f"cast({text} as number)", Place("number"), COLUMNS)
    except DefinitionError:
        return
    ours = local.execute(in_table(expression, "duckdb")).fetchall()[0][0]
    theirs = ask_postgres(in_table(expression, "postgres"))
    assert theirs == (None if ours is None else pytest.approx(ours, rel=1e-14, abs=1e-14))

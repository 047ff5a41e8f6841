"""What is no expression is refused with a sentence and a place; what is one has a type, names, and a fixed SQL."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kpieval import expressions
from kpieval.expressions import Answer, Mistake
from kpieval.problems import DefinitionError, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kpieval.expressions import Expression
    from kpieval.model import Type

CASES = Path(__file__).parent / "cases" / "expressions"
PLACE = Place("kpieval.yaml", 3, 10)
COLUMNS: Mapping[str, Type] = {
    "stage": "text", "type": "text", "amount": "decimal", "hours": "number", "seats": "integer", "is_open": "boolean",
    "closed_on": "date", "seen_at": "timestamp",
}  # fmt: skip
NAMES: Mapping[str, Type] = {
    "won": "integer", "lost": "integer", "revenue": "decimal", "goal": "decimal", "win_rate": "number"
}  # fmt: skip
FIELDS: Mapping[str, Answer] = {
    "value": Answer(known=True, type="number"),
    "status": Answer(known=True, type="text", words=("good", "watch", "poor")),
    "label": Answer(known=True, type="text"),
    "uncertain": Answer(known=True, type="boolean"),
}


def ask(owner: str, field: str) -> Answer:
    """What a rule may ask of two KPIs."""
    if owner not in {"win_rate", "margin"}:
        return Answer(known=False, mistakes=(Mistake("unknown-kpi", f"There is no KPI or scorecard `{owner}`."),))
    wrong = Mistake("unknown-field", f"A KPI has no field `{field}`.", of_field=True)
    return FIELDS.get(field, Answer(known=True, mistakes=(wrong,)))


READ: Mapping[str, Callable[[str], Expression]] = {
    "row": lambda text: expressions.row(text, PLACE, COLUMNS),
    "measure": lambda text: expressions.measure(text, PLACE, COLUMNS),
    "value": lambda text: expressions.value(text, PLACE, NAMES),
    "rows": lambda text: expressions.value(text, PLACE, NAMES, COLUMNS),
    "members": lambda text: expressions.value(text, PLACE, NAMES, per=True),
    "rule": lambda text: expressions.condition(text, PLACE, ask),
}


def blocks(name: str) -> list[str]:
    return (CASES / name).read_text(encoding="utf-8").strip().split("\n\n")


def answer(case: str) -> str:
    """The case with what it gives: problems, each with its column and hint, or the type and the SQL of both engines."""
    spot, _, quoted = case.partition(" ")
    try:
        expression = READ[spot](json.loads(quoted))
    except DefinitionError as error:
        lines = [case]
        for problem in error.problems:
            assert problem.place is not None
            at = problem.place.column - PLACE.column + 1
            lines.append(f"  {at}: [{problem.code}] {problem.message}")
            lines += [f"     {problem.hint}"] if problem.hint else []
        return "\n".join(lines)
    sqls = [expressions.render(expression.tree, engine) for engine in ("duckdb", "postgres")]
    return "\n".join([case, f"  {expression.type}", *(f"  {sql}" for sql in dict.fromkeys(sqls))])


@pytest.mark.parametrize("name", ["refused.txt", "rendered.txt"])
def test_corpus(name: str, update: bool) -> None:  # noqa: FBT001 - a fixture
    cases = [block.partition("\n")[0] for block in blocks(name)]
    answers = [answer(case) for case in cases]
    if update:
        (CASES / name).write_text("\n\n".join(answers) + "\n", encoding="utf-8")
    assert answers == blocks(name)
    assert {bool(re.match(r" +\d+: \[", given.split("\n")[1])) for given in answers} == {name == "refused.txt"}


def test_all_problems_at_once() -> None:
    with pytest.raises(DefinitionError) as caught:
        expressions.row("stge = 'won' and amuont > 1 and closed_on > '2026-02-30' and is_open + 1 > 2", PLACE, COLUMNS)
    assert [problem.code for problem in caught.value.problems] == [
        "unknown-column", "unknown-column", "wrong-date", "type-mismatch"
    ]  # fmt: skip


def test_a_problem_in_a_text_of_several_lines_is_placed_at_its_start() -> None:
    with pytest.raises(DefinitionError) as caught:
        expressions.row("amount > 1\n  and stge = 'won'", PLACE, COLUMNS)
    assert caught.value.problems[0].place == PLACE


def test_names_and_columns_are_told_apart() -> None:
    tree = expressions.value("revenue / sum(amount) filter (where stage = 'won')", PLACE, NAMES, COLUMNS).tree
    assert expressions.names_used(tree.copy()) == {"revenue"}
    assert expressions.columns_used(tree.copy()) == {"amount", "stage"}


def test_a_name_may_be_any_word() -> None:
    words = ["date", "type", "order", "select", "from", "interval", "symmetric", "filter", "k0", "left", "user", "over"]
    columns: dict[str, Type] = dict.fromkeys(words, "integer")
    for word in words:
        expression = expressions.row(f"{word} between {word} and {word} + 1", PLACE, columns)
        assert expressions.columns_used(expression.tree) == {word}
    assert expressions.row('"a ""b"" c" = 1', PLACE, {'a "b" c': "integer"}).type == "boolean"


def test_reading_loads_sqlglot_only_when_something_is_read() -> None:
    code = (
        "import sys, kpieval.expressions as e; e.Expression; print('sqlglot' in sys.modules, 'duckdb' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    "word", ["(", "not ", "- ", "case when is_open then ", "lower(", "amount + ", "coalesce(amount, "]
)
def test_depth_ends_in_a_problem_and_not_in_the_stack(word: str) -> None:
    for times in (10, 30, 100, 2_000):
        with pytest.raises(DefinitionError):
            expressions.row(word * times, PLACE, COLUMNS)


def test_length_ends_in_a_problem() -> None:
    for text in (" or ".join(["seats = 1"] * 120), "stage = '" + "x" * 1_900 + "'", "x" * 100_000):
        with pytest.raises(DefinitionError) as caught:
            expressions.row(text, PLACE, COLUMNS)
        assert caught.value.problems[0].code == "expression-too-big"


def test_long_chains_are_fine() -> None:
    for joined in (" or ".join(["seats = 1"] * 90), " + ".join(["seats"] * 150), " || ".join(["stage"] * 150)):
        expression = expressions.row(joined, PLACE, COLUMNS)
        assert expressions.render(expression.tree, "postgres")

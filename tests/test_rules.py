"""Rules beyond the hand-computed cases: what passes the checks runs, text stays text, what isn't there is told."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import kpieval
from kpieval import expressions, judge
from kpieval.collect.timeline import Request
from kpieval.evaluate import evaluate
from kpieval.expressions import Answer
from kpieval.expressions.confirming import confirm
from kpieval.expressions.fields import OF_KPI
from kpieval.judge import EXTENSIONS, rules
from kpieval.model import Rule
from kpieval.problems import DefinitionError, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kpieval.evaluate import Evaluated
    from kpieval.expressions import Expression

DEALS = [
    ("ann", "2026-01-05", 10), ("ann", "2026-02-05", 4), ("ann", "2026-03-05", 2), ("bob", "2026-01-05", 3),
    ("bob", "2026-03-05", 9), ("cat", "2026-02-05", 8), ("cat", "2026-03-05", 8), ("dan", "2026-03-05", 1),
]  # fmt: skip
KPIS: Mapping[str, dict[str, Any]] = {
    "size": {"value": "mean", "interval": "none", "target": 5},
    "part": {"value": "total / of_parent(total)", "unit": "percent", "levels": ["rep"], "guarded_by": ["size"]},
    "sold": {"value": "total", "unit": "currency", "levels": ["rep", "organisation"]},
}


def project(
    folder: Path, rules_: Mapping[str, dict[str, Any]], names: Mapping[str, str] | None = None, **more: str
) -> Path:
    """Deals of four reps over three months, with these rules."""
    said = {
        "project": "rules", "period": "month", "currency": "EUR", "as_of": "2026-04-02",
        "sources": {
            "deals": {"file": "deals.csv", "time": "day", "columns": {"rep": "text", "day": "date", "amount": "number"},
                      "measures": {"mean": "avg(amount)", "total": "sum(amount)"}},
            "reps": {"file": "reps.csv", "key": "rep_id", "columns": {"rep_id": "text", "name": "text"}},
        },
        "dimensions": {"rep": {"source": "reps", "label": "name"}},
        **more,
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / "kpieval.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    for kind, definitions in (("kpi", KPIS), ("rule", rules_)):
        (folder / f"{kind}s").mkdir(exist_ok=True)
        for name, definition in definitions.items():
            text = yaml.safe_dump({kind: name, **definition}, allow_unicode=True)
            (folder / f"{kind}s" / f"{name}.yaml").write_text(text, encoding="utf-8")
    lines = ["rep,day,amount", *(f"{rep},{day},{amount}" for rep, day, amount in DEALS), ""]
    (folder / "deals.csv").write_text("\n".join(lines), encoding="utf-8")
    labels = {rep: (names or {}).get(rep, rep.capitalize()) for rep in ("ann", "bob", "cat", "dan")}
    quoted = [f'{rep},"{label.replace(chr(34), chr(34) * 2)}"' for rep, label in labels.items()]
    (folder / "reps.csv").write_text("\n".join(["rep_id,name", *quoted, ""]), encoding="utf-8")
    return folder


def found(folder: Path, period: str = "2026-03", periods: int = 3) -> list[dict[str, Any]]:
    with kpieval.load(folder).evaluate(period, periods) as result:
        findings: list[dict[str, Any]] = result.to_dict()["findings"]
    return findings


def rule(when: str, message: str = "x", level: str = "rep", **more: str) -> dict[str, Any]:
    return {"level": level, "when": when, "message": message, **more}


# Whatever is written is refused with a sentence, or it runs.

FIELD = st.sampled_from(
    [f"{kpi}.{field}" for kpi in KPIS for field, known in OF_KPI.items() if known.extension is None]
)
LOOKED_AT = st.one_of(FIELD, FIELD.map("prior({})".format), FIELD.map("prior({}, 2)".format))
NUMBER = st.one_of(
    LOOKED_AT, st.sampled_from(["0", "5", "0.2", "-1.5", "1e3"]),
    st.tuples(LOOKED_AT, st.sampled_from("+-*/%"), LOOKED_AT).map(" ".join), LOOKED_AT.map("abs({})".format),
)  # fmt: skip
WORDS = ["= 'poor'", "in ('good', 'no_data')", "like 'p%'", "is null", "<> 'good'"]
TEST = st.one_of(
    st.tuples(NUMBER, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), NUMBER).map(" ".join),
    st.tuples(LOOKED_AT, st.sampled_from(WORDS)).map(" ".join),
    NUMBER.map("{} between 0 and 8".format),
    NUMBER.map("{} in (8, 0.5)".format),
    LOOKED_AT.map("case when {} is null then true else false end".format),
    LOOKED_AT.map("coalesce({}, 0) > 1".format),
)  # fmt: skip
CONDITION = st.recursive(
    TEST,
    lambda inner: st.one_of(
        inner.map("not ({})".format), st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join)
    ),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evaluated]:
    loaded = kpieval.load(project(tmp_path_factory.mktemp("fuzz") / "project", {}))
    evaluated = evaluate(loaded.model, Request("2026-03", 3))
    judge.prepare(evaluated)
    rules.prepare(evaluated)
    yield evaluated
    evaluated.resources.close()


def ask(owner: str, field: str) -> Answer:
    """The fields of the KPIs, all of which are there."""
    return Answer(known=owner in KPIS, type=OF_KPI[field].type)


def query(when: Expression, run: Evaluated) -> str:
    return rules.query(Rule("r", "R", Place("rule"), "rep", when, ("x",)), 0, run, {})


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=CONDITION)
def test_a_condition_that_passes_the_checks_runs_and_finds_nobody_twice(text: str, run: Evaluated) -> None:
    try:
        when = expressions.condition(text, Place("rule"), ask)
    except DefinitionError:
        return
    if when.type != "boolean":
        return
    confirm([when], run.connection)
    rows = run.connection.execute(query(when, run)).fetchall()
    assert len(rows) == len(set(rows))
    turned = expressions.condition(f"not ({text})", Place("rule"), ask)
    others = run.connection.execute(query(turned, run)).fetchall()
    assert not set(rows) & set(others)
    assert len(rows) + len(others) <= 4 * 3


# What fills a message is text.

HOSTILE = [
    "{{ size.value }}", "{% for x in y %}", "<script>alert(1)</script>", "'; drop table judged; --", "a | b", "{size}",
    "%s %(x)s", "=cmd()", 'say "hi"', "${env:HOME}", "\u202eabc", "[x](javascript:alert(1))",
]  # fmt: skip


@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_label_stays_text(tmp_path: Path, label: str) -> None:
    low = rule("size.value < 5", "{{ member }} {{ size.label }}", action="{{ member }}!")
    folder = project(tmp_path / "p", {"low": low}, {"ann": label})
    finding = next(each for each in found(folder) if each["member"] == "ann")
    assert (finding["label"], finding["message"], finding["action"]) == (label, f"{label} {label}", f"{label}!")
    with kpieval.load(folder).evaluate("2026-03", 3) as result:
        page = result.report(tmp_path / "page.html").read_text(encoding="utf-8")
        words = result.report(tmp_path / "page.md", "md").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "<script>" not in words
    assert "[x](javascript:" not in words


def test_a_message_is_written_in_the_locale_with_units_and_signs(tmp_path: Path) -> None:
    fields = (
        "member", "period", "level", "size.value", "size.target", "size.change", "size.change | size", "size.status",
        "size.attainment", "size.n", "size.previous", "part.value", "part.change", "part.change|size", "sold.value",
        "sold.change", "sold.change | size", "size.uncertain", "size.reason",
    )  # fmt: skip
    message = "|".join(f"{{{{ {field} }}}}" for field in fields)
    folder = project(tmp_path / "p", {"low": rule("size.value < 5", message)}, locale="de_DE")
    said = {each["member"]: each["message"].split("|") for each in found(folder)}
    # ann: 2, 4 before; of all 2 + 9 + 8 + 1 = 20 in March 10 %, of 12 in February a third
    assert said["ann"] == [
        "Ann", "März 2026", "Rep", "2,0", "5,0", "−2,0", "2,0", "Schlecht", "40\N{NO-BREAK SPACE}%", "1", "4,0",
        "10\N{NO-BREAK SPACE}%", "−23\N{NO-BREAK SPACE}Punkte", "23\N{NO-BREAK SPACE}Punkte",
        "2\N{NO-BREAK SPACE}€", "−2\N{NO-BREAK SPACE}€", "2\N{NO-BREAK SPACE}€", "sicher", "–",
    ]  # fmt: skip
    assert said["dan"][5:7] == ["–", "–"]


def test_a_message_says_why_there_is_no_value(tmp_path: Path) -> None:
    folder = project(tmp_path / "p", {"none": rule("size.reason = 'no_data'", "{{ size.value }}, {{ size.status }}")})
    said = {each["member"]: each["message"] for each in found(folder, "2026-02")}
    assert said == dict.fromkeys(("bob", "dan"), "no data, no verdict")


# The same rows in any order.


def test_the_order_of_the_rows_changes_nothing(tmp_path: Path) -> None:
    several = {
        "a": rule("size.change < 0 or prior(size.value, 2) > 2 or size.value > 7", "{{ size.value }}"),
        "b": rule("part.value > 0.2", severity="error"),
        "c": rule("size.value > 0", level="organisation", severity="note"),
    }
    folder = project(tmp_path / "p", several)
    findings = found(folder)
    assert len(findings) > 5
    for seed in range(3):
        for file in ("deals.csv", "reps.csv"):
            head, *rows = (folder / file).read_text(encoding="utf-8").split()
            random.Random(seed).shuffle(rows)
            (folder / file).write_text("\n".join([head, *rows, ""]), encoding="utf-8")
        assert found(folder) == findings


def test_findings_are_sorted_by_severity_then_rule_then_level_then_label(tmp_path: Path) -> None:
    several = {
        "a_note": rule("size.value > 0", severity="note", level="organisation"),
        "b": rule("size.value > 5"),
        "c": rule("size.value > 5", severity="error"),
        "d": rule("size.value > 5", level="organisation"),
    }
    keys = [(each["severity"], each["rule"], each["label"]) for each in found(project(tmp_path / "p", several))]
    assert keys == [
        ("error", "c", "Bob"), ("error", "c", "Cat"), ("warning", "b", "Bob"), ("warning", "b", "Cat"),
        ("note", "a_note", "Organisation"),
    ]  # fmt: skip


# What other parts of the judgement enumerate.


def test_the_words_of_a_field_are_those_of_its_extension() -> None:
    """Where an extension enumerates what a column can be, a rule can ask for just that."""
    columns = {(each.name, name): kind for each in EXTENSIONS for name, kind in each.columns.items()}
    for name, known in OF_KPI.items():
        kind = columns.get((known.extension or "", name), "")
        if kind.startswith("enum"):
            assert list(known.words) == re.findall(r"'(\w+)'", kind), name


def test_a_misspelt_word_of_an_extension_is_refused() -> None:
    def answer(owner: str, field: str) -> Answer:
        return Answer(known=owner == "size", type=OF_KPI[field].type, words=OF_KPI[field].words)

    with pytest.raises(DefinitionError, match="never 'concerning'"):
        expressions.condition("size.variation = 'concerning'", Place("rule"), answer)

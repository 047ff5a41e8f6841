"""What pipelines read: held against published schemas, read by real readers, and not to be fooled by any text."""

from __future__ import annotations

import csv
import functools
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema.validators import validator_for
from junitparser import Failure, JUnitXml, Skipped
from prometheus_client.openmetrics.parser import text_string_to_metric_families

import kpieval
import published
from gates import gate_of, gated
from kpieval import folders
from kpieval.cli.deliver import seen_from_repository
from kpieval.render import render
from kpieval.render.ci.located import located
from kpieval.render.ci.summary import LIMIT, cut
from kpieval.render.prose import clean
from sample_result import result

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]

ROOT = Path(__file__).parents[1]
CONDITIONS = ("poor", "finding:error", "benchmark-expired", "problem:warning")
EVERY = ("junit", "sarif", "github", "gitlab", "azure", "summary", "openmetrics", "json", "csv", "md", "html", "table")


SIGNS_OF_RED = (
    "Gate failed", "Gate passed", "<failure", "::error", "type=error",
    '"level": "error"', '"severity": "blocker"', "kpieval_gate",
)  # fmt: skip


@pytest.fixture(scope="module")
def green() -> Json:
    return result(reps=8)


@pytest.fixture(scope="module")
def red(green: Json) -> Json:
    return located(gated(green, *CONDITIONS), "metrics/acme")


def renamed(red: Json, text: str) -> Json:
    """The result with a text in every place where outside text can be: labels, titles, sentences, hints, files."""
    dirty = {"label", "title", "message", "sentence", "action", "hint", "file", "description", "location"}

    def write(node: Any, key: str = "") -> Any:  # noqa: ANN401 -- any part of JSON
        if isinstance(node, dict):
            return {name: write(value, name) for name, value in node.items()}
        if isinstance(node, list):
            return [write(value, key) for value in node]
        return text if key in dirty and isinstance(node, str) else node

    found: Json = {**write(red), "periods": red["periods"]}
    return found


@functools.cache
def tiny() -> Json:
    """A result with a few of everything, so that a property can be tried many times."""
    red = located(gated(result(reps=8), *CONDITIONS), "metrics/acme")
    gate = {**red["gate"], "failures": red["gate"]["failures"][:3]}
    periods = [row for row in red["observations"] if row["period"] == red["period"]]
    card = red["scorecards"][0]
    return {
        **red, "gate": gate, "observations": periods[:3], "scorecards": [{**card, "scores": card["scores"][-1:]}],
        "findings": red["findings"][:3], "problems": red["problems"][:2], "kpis": red["kpis"],
    }  # fmt: skip


hostile = st.text(
    st.sampled_from([*"a%:,;]=\n\r\t\\\"'<>&|#{}", "\x00", "\x0b", "\x1b", "\x85", "\u2028", "\ufffe", "\ud800", "é"])
).flatmap(
    lambda noise: st.sampled_from(
        ["", "::error::x", "\n::set-output name=a::b", "]]>", "##vso[task.setvariable variable=a]b", "%0A::x", "%0D%0A"]
    ).map(lambda attack: f"x{noise}{attack}{noise}")
)


# Why it is red, first of all.


@pytest.mark.parametrize("format_", EVERY)
def test_the_first_block_says_why_the_run_is_red(red: Json, format_: str) -> None:
    text = render(red, format_)
    sentence = red["gate"]["sentence"]
    if format_ == "csv":
        assert text.startswith("gate,kpi,")
        assert any(line.startswith("poor,") for line in text.splitlines())
        return
    where = text.find(sentence.replace("_", "\\_")) if format_ in {"summary", "md"} else text.find(sentence)
    ahead = text[:where]
    assert where >= 0
    for said in ("no_data", "Volkov", "observations", "win_rate", "kpis"):
        assert said not in ahead.replace(json.dumps(red["gate"]), ""), f"{said} comes before the gate"


@pytest.mark.parametrize("format_", EVERY)
def test_without_a_gate_nothing_is_red(green: Json, format_: str) -> None:
    text = render(green, format_)
    for sign in (
        "Gate failed",
        "Gate passed",
        "<failure",
        "::error",
        "type=error",
        '"level": "error"',
        '"severity": "blocker"',
        "kpieval_gate",
    ):
        assert sign not in text


# Published schemas and real readers.


@pytest.mark.parametrize("which", ["red", "green"])
def test_sarif_is_as_its_schema_says(which: str, request: pytest.FixtureRequest) -> None:
    schema = json.loads(published.published(*published.SARIF))
    log = json.loads(render(request.getfixturevalue(which), "sarif"))
    assert [error.message for error in validator_for(schema)(schema).iter_errors(log)] == []
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    assert all(rules[found["ruleIndex"]] == found["ruleId"] for found in run["results"])


def test_sarif_knows_an_alert_again_when_its_value_has_moved(green: Json) -> None:
    def prints(given: Json) -> list[str]:
        results = json.loads(render(gated(given, "poor"), "sarif"))["runs"][0]["results"]
        return [found["partialFingerprints"]["kpieval/v1"] for found in results if found["ruleId"].startswith("kpi/")]

    moved = [{**row, "value": row["value"] and row["value"] * 0.99} for row in green["observations"]]
    assert prints(green) == prints({**green, "observations": moved})
    assert len(set(prints(green))) == len(prints(green)) > 10


def test_junit_is_as_both_schemas_say(red: Json, green: Json) -> None:
    for given_ in (red, green):
        text = render(given_, "junit")
        assert list(xmlschema.XMLSchema(published.published(*published.JENKINS)).iter_errors(text)) == []
        older = re.sub("<skipped>[^<]*</skipped>", "", text)  # Ant's schema took it in later
        assert list(xmlschema.XMLSchema(published.published(*published.ANT)).iter_errors(older)) == []


def test_junit_is_read_as_it_is_meant(red: Json) -> None:
    suites = list(JUnitXml.fromstring(render(red, "junit").encode()))
    assert suites[0].name == "gate"
    cases = {suite.name: list(suite) for suite in suites}
    assert red["gate"]["sentence"] == cases["gate"][0].result[0].message
    failed = [
        (suite.name, case.name)
        for suite in suites[1:]
        for case in suite
        if any(isinstance(each, Failure) for each in case.result)
    ]
    told = [each for each in red["gate"]["failures"] if each["kind"] in {"observation", "score"}]
    assert len(failed) == len(told) > 10
    skipped = [case for case in cases["win_rate"] if any(isinstance(each, Skipped) for each in case.result)]
    rows = [row for row in red["observations"] if (row["kpi"], row["period"]) == ("win_rate", red["period"])]
    assert len(cases["win_rate"]) == len(rows)
    assert len(skipped) == sum(row["status"] is None for row in rows) > 0


def test_openmetrics_is_read_by_its_own_parser(red: Json) -> None:
    families = {each.name: each for each in parsed(render(red, "openmetrics"))}
    now = [row for row in red["observations"] if row["period"] == red["period"]]
    values = {
        (s.labels["kpi"], s.labels["level"], s.labels["member"]): s.value for s in families["kpieval_value"].samples
    }
    expected = {(r["kpi"], r["level"], r["member"]): r["value"] for r in now if r["value"] is not None}
    assert values == expected
    assert [sample.value for sample in families["kpieval_gate_closed"].samples] == [1]
    failures = {s.labels["condition"]: s.value for s in families["kpieval_gate_failures"].samples}
    assert sum(failures.values()) == len(red["gate"]["failures"])
    assert set(failures) == set(CONDITIONS)


def test_openmetrics_is_checked_by_promtool(red: Json) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian's package prometheus)")
    text = render(red, "openmetrics").encode()
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.fixture(scope="module")
def changed(green: Json) -> Json:
    """A green result whose revenue is defined otherwise than in the baseline."""

    def otherwise(kpi: Json) -> Json:
        return {**kpi, "formula": "sum(amount)", "fingerprint": {**kpi["fingerprint"], "definition": "another"}}

    kpis = [otherwise(kpi) if kpi["name"] == "revenue" else kpi for kpi in green["kpis"]]
    found = gate_of(green, "regression", baseline={**green, "kpis": kpis, "scorecards": []}).to_dict()
    assert not found["closed"]
    return located({**green, "gate": found, "scorecards": []}, "metrics/acme")


@pytest.mark.parametrize("format_", [each for each in EVERY if each not in {"openmetrics", "csv"}])
def test_what_is_defined_otherwise_is_told_in_a_green_run(changed: Json, format_: str) -> None:
    said = "The KPI revenue is defined otherwise than in the baseline (formula)"
    assert said in unescaped(render(changed, format_), _UNESCAPED_GITHUB)


def test_what_is_defined_otherwise_is_marked_at_its_line(changed: Json) -> None:
    place = next(kpi["place"] for kpi in changed["kpis"] if kpi["name"] == "revenue")
    (mark,) = [line for line in render(changed, "github").splitlines() if "defined otherwise" in line]
    where = f"file={place['file']},line={place['line']},col={place['column']}"
    assert mark.startswith(f"::warning {where},title=changed%3A revenue::")
    (issue,) = [each for each in json.loads(render(changed, "gitlab")) if "defined otherwise" in each["description"]]
    assert (issue["severity"], issue["check_name"]) == ("minor", "kpi/revenue")
    log = json.loads(render(changed, "sarif"))
    schema = json.loads((folders.schemas() / "result.schema.json").read_text("utf-8"))
    assert list(validator_for(schema)(schema).iter_errors(changed)) == []
    (found,) = [each for each in log["runs"][0]["results"] if each["message"]["text"] == issue["description"]]
    assert (found["level"], found["ruleId"]) == ("warning", "kpi/revenue")


def test_junit_has_what_was_not_compared_as_output_of_the_gate(changed: Json) -> None:
    text = render(changed, "junit")
    assert list(xmlschema.XMLSchema(published.published(*published.JENKINS)).iter_errors(text)) == []
    suites = ET.fromstring(text.encode()).findall("testsuite")
    assert [suite.findtext("system-out") or "" for suite in suites] == [
        "\n".join(changed["gate"]["notes"]), *([""] * (len(suites) - 1)),
    ]  # fmt: skip


CODE_QUALITY = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "additionalProperties": False,
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\.{0,2}/)[^\\]+$"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "additionalProperties": False,
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
"""The table "Code Quality report format" of GitLab's documentation, with nothing that it doesn't name.

The line may also be `location.positions.begin.line`, which is not written. A path is relative, without `./` before it.
"""


@pytest.mark.parametrize("which", ["red", "green", "changed"])
def test_gitlab_s_issues_have_what_it_asks_for(which: str, request: pytest.FixtureRequest) -> None:
    issues = json.loads(render(request.getfixturevalue(which), "gitlab"))
    assert issues
    assert [error.message for error in validator_for(CODE_QUALITY)(CODE_QUALITY).iter_errors(issues)] == []
    assert len({issue["fingerprint"] for issue in issues}) == len(issues), "GitLab takes each fingerprint once"


def test_gitlab_s_first_issue_is_the_gate_and_none_is_left_out(red: Json) -> None:
    issues = json.loads(render(red, "gitlab"))
    assert [issue["severity"] for issue in issues].count("blocker") == 1
    assert issues[0]["check_name"] == "gate"
    assert len(issues) > len(red["gate"]["failures"])


def test_csv_has_the_conditions_of_each_row_first(red: Json) -> None:
    rows = list(csv.DictReader(io.StringIO(render(red, "csv"), newline="")))
    closed = [row for row in rows if row["gate"]]
    told = [each for each in red["gate"]["failures"] if each["kind"] == "observation"]
    assert [(row["kpi"], row["level"], row["member"]) for row in closed] == [
        (row["kpi"], row["level"], row["member"])
        for row in red["observations"]
        if row["period"] == red["period"] and row["status"] == "poor"
    ]
    assert len(closed) == len(told) > 0
    listed = list(csv.DictReader(io.StringIO(render(red, "csv-gate"), newline="")))
    assert [row["sentence"] for row in listed] == [each["sentence"] for each in red["gate"]["failures"]]


def parsed(text: str) -> list[Any]:
    """The families, as the client library of Prometheus reads them."""
    return list(text_string_to_metric_families(text))  # type: ignore[no-untyped-call]


# Limits.


@pytest.mark.parametrize(("format_", "sign"), [("github", "::{}"), ("azure", "type={}")])
def test_no_more_is_marked_than_a_step_shows(red: Json, format_: str, sign: str) -> None:
    lines = render(red, format_).splitlines()
    for level in ("error", "warning", "notice"):
        assert sum(sign.format(level) in line for line in lines) <= 10
    errors = [line for line in lines if sign.format("error") in line]
    assert len(errors) == 10
    more = len(red["gate"]["failures"]) - 8
    assert f"{more} more errors" in errors[-1]


def test_ten_are_marked_without_a_word_of_more(red: Json) -> None:
    few = {**red, "gate": {**red["gate"], "failures": red["gate"]["failures"][:9]}}
    errors = [line for line in render(few, "github").splitlines() if line.startswith("::error")]
    assert len(errors) == 10
    assert "more" not in errors[-1]


def test_a_summary_is_cut_where_github_would_refuse_it(red: Json) -> None:
    notes = [f"The KPI number_{number} is not in the baseline." for number in range(30_000)]
    long = {**red, "gate": {**red["gate"], "notes": notes}}
    whole = render(long, "summary")
    assert len(whole.encode()) > LIMIT
    short = cut(whole, LIMIT)
    assert LIMIT - 500 < len(short.encode()) <= LIMIT
    kept = short.splitlines()
    left_out = int(kept[-1].strip("*").split()[0])
    assert kept[:-2] == whole.splitlines()[: len(kept) - 2]
    assert left_out + len(kept) - 2 == len(whole.splitlines())
    assert cut("short", LIMIT) == "short"
    assert cut(whole, 10) == ""


@pytest.mark.parametrize("format_", ["md", "summary", "md-table"])
def test_people_are_told_of_twenty_and_how_many_more(red: Json, format_: str) -> None:
    lines = render(red, format_).splitlines()
    head = next(number for number, line in enumerate(lines) if "Gate failed" in line)
    told = lines[head + 2 : lines.index("", head + 2)]
    assert len(told) == 21
    assert told[-1] == f"- and {len(red['gate']['failures']) - 20} more"


def test_the_page_tells_all_and_shows_ten(red: Json) -> None:
    gate = render(red, "html").split('<section class="gate"')[1].split("</section>")[0]
    shown, folded = gate.split("<details>")
    assert shown.count("<li>") == 10
    assert folded.count("<li>") == len(red["gate"]["failures"]) - 10


# Places.


def test_places_are_seen_from_the_repository(green: Json) -> None:
    seen = located(gated(green, *CONDITIONS), "metrics/acme")
    places = [each["place"] for name in ("kpis", "rules", "benchmarks") for each in seen[name]]
    assert {place["file"] for place in places} >= {"metrics/acme/kpieval.yaml", "metrics/acme/benchmarks/b2b_2024.yaml"}
    benchmark = next(each for each in seen["gate"]["failures"] if each["kind"] == "benchmark")
    assert benchmark["place"] == {"file": "metrics/acme/benchmarks/b2b_2024.yaml", "line": 1, "column": 12}
    assert "file=metrics/acme/benchmarks/b2b_2024.yaml,line=1,col=12" in render(
        located(gated(green, "benchmark-expired"), "metrics/acme"), "github"
    )


@pytest.mark.parametrize(
    ("folder", "file", "seen"),
    [
        ("", "kpis/a.yaml", "kpis/a.yaml"),
        ("metrics", "kpis/a b.yaml", "metrics/kpis/a b.yaml"),
        ("metrics/acme", "../packs/own.yaml", "metrics/packs/own.yaml"),
        ("metrics", "../../else.yaml", "metrics/kpieval.yaml"),
        ("metrics", "pack:sales/kpis/a.yaml", "metrics/kpieval.yaml"),
        ("", "/somewhere/a.yaml", "kpieval.yaml"),
    ],
)
def test_what_is_outside_is_shown_where_it_is_used(green: Json, folder: str, file: str, seen: str) -> None:
    kpi = {**green["kpis"][0], "place": {"file": file, "line": 3, "column": 6}}
    place = located({**green, "kpis": [kpi]}, folder)["kpis"][0]["place"]
    assert place == {"file": seen, "line": 3, "column": 6} or (place["file"] == seen and place["line"] == 1)


PACKS = [
    {"name": "sales", "folder": None, "place": {"file": "kpieval.yaml", "line": 4, "column": 8}},
    {"name": "own", "folder": "../packs/own", "place": {"file": "kpieval.yaml", "line": 4, "column": 15}},
    {"name": "far", "folder": "../../../far", "place": {"file": "kpieval.yaml", "line": 4, "column": 29}},
]


@pytest.mark.parametrize(
    ("file", "shipped", "seen"),
    [
        ("pack:sales/kpis/a.yaml", None, ("metrics/acme/kpieval.yaml", 4, 8)),
        ("pack:sales/kpis/a.yaml", "kpis", ("kpis/sales/kpis/a.yaml", 3, 6)),
        ("pack:sales/kpis/a.yaml", "", ("sales/kpis/a.yaml", 3, 6)),
        ("pack:own/kpis/a.yaml", None, ("metrics/packs/own/kpis/a.yaml", 3, 6)),
        ("pack:far/kpis/a.yaml", "kpis", ("metrics/acme/kpieval.yaml", 4, 29)),
        ("pack:other/kpis/a.yaml", "kpis", ("metrics/acme/kpieval.yaml", 1, 1)),
        ("kpis/a.yaml", "kpis", ("metrics/acme/kpis/a.yaml", 3, 6)),
    ],
)
def test_what_a_pack_defines_is_shown_in_its_file_or_where_it_is_used(
    green: Json, file: str, shipped: str | None, seen: tuple[str, int, int]
) -> None:
    place = {"file": file, "line": 3, "column": 6}
    kpi = {**green["kpis"][0], "place": place}
    told = located({**green, "packs": PACKS, "kpis": [kpi]}, "metrics/acme", shipped)
    assert tuple(told["kpis"][0]["place"].values()) == seen
    problem = {"severity": "note", "code": "x", "message": "x", "hint": None, **place}
    told = located({**green, "packs": PACKS, "problems": [problem]}, "metrics/acme", shipped)
    assert tuple(told["problems"][0][key] for key in ("file", "line", "column")) == seen


def test_each_mark_of_the_example_points_at_what_it_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a checkout, in the pack's files and in what is laid over them; else in what is laid over, and at `uses:`."""
    root = ROOT / "examples" / "sales-leadership"
    with kpieval.load(root).evaluate(period="2026-Q3") as run:
        given = gated(run.to_dict(), "poor", "finding:note")

    def marked() -> dict[str, str]:
        issues = json.loads(render(seen_from_repository(given, root), "gitlab"))
        lines = {issue["check_name"]: issue["location"] for issue in issues if "/" in issue["check_name"]}
        return {
            code: f"{at['path']}: {(ROOT / at['path']).read_text('utf-8').splitlines()[at['lines']['begin'] - 1]}"
            for code, at in lines.items()
            if not code.startswith("problem/")
        }

    found = marked()
    assert len(found) > 20
    for code, line in found.items():
        assert code.rpartition("/")[2] in line.partition(": ")[2]
    monkeypatch.setattr(folders, "checkout", lambda: None)
    installed = marked()
    example = "examples/sales-leadership"
    assert installed.keys() == found.keys()
    assert installed["kpi/coaching_hours"] == f"{example}/kpis/coaching_hours.yaml: kpi: coaching_hours"
    assert installed["kpi/goals_met"] == f"{example}/kpieval.yaml: uses: [sales-leadership]"


# Text that means to be a command.

_UNESCAPED_GITHUB = {"%0D": "\r", "%0A": "\n", "%3A": ":", "%2C": ",", "%25": "%"}
_UNESCAPED_AZURE = {"%3B": ";", "%0D": "\r", "%0A": "\n", "%5D": "]", "%AZP25": "%"}


def unescaped(text: str, signs: dict[str, str]) -> str:
    for sign, meant in signs.items():
        text = text.replace(sign, meant)
    return text


def github_commands(log: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """As GitHub's runner reads them (ActionCommand.TryParseV2)."""
    for line in re.split("[\r\n]+", log):
        if line:
            assert line.startswith("::"), line
            end = line.index("::", 2)
            name, _, given_ = line[2:end].partition(" ")
            pairs = [pair.split("=", 1) for pair in given_.split(",") if pair]
            yield name, {key: unescaped(value, _UNESCAPED_GITHUB) for key, value in pairs}, line[end + 2 :]


def azure_commands(log: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """As Azure's agent reads them (Command.TryParse)."""
    for line in re.split("[\r\n]+", log):
        if line:
            begin, end = line.index("##vso["), line.index("]")
            assert begin == 0
            name, _, given_ = line[6:end].partition(" ")
            pairs = [pair.split("=", 1) for pair in given_.split(";") if pair]
            yield name, {key: unescaped(value, _UNESCAPED_AZURE) for key, value in pairs}, line[end + 1 :]


@settings(max_examples=60, deadline=None)
@given(text=hostile)
def test_no_text_makes_a_command(text: str) -> None:
    dirty = renamed(tiny(), text)
    github = list(github_commands(render(dirty, "github")))
    assert {name for name, _, _ in github} <= {"error", "warning", "notice"}
    assert {key for _, given_, _ in github for key in given_} <= {"file", "line", "col", "title"}
    assert {given_["file"] for _, given_, _ in github if "file" in given_} <= {clean(text), "kpieval.yaml"}
    table = render(dirty, "table")
    assert "##vso[" not in table, "the table is shown in the log as well"
    assert not any(line.lstrip().startswith("::") for line in re.split("[\r\n]+", table)[1:])
    azure = list(azure_commands(render(dirty, "azure")))
    assert {name for name, _, _ in azure} == {"task.logissue"}
    assert {key for _, given_, _ in azure for key in given_} <= {
        "type", "sourcepath", "linenumber", "columnnumber", "code",
    }  # fmt: skip
    assert {given_["sourcepath"] for _, given_, _ in azure if "sourcepath" in given_} <= {clean(text), "kpieval.yaml"}


@settings(max_examples=60, deadline=None)
@given(text=hostile)
def test_whatever_a_text_holds_readers_can_read_it(text: str) -> None:
    dirty = renamed(tiny(), text)
    root = ET.fromstring(render(dirty, "junit").encode())
    assert {element.tag for element in root.iter()} <= {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "skipped",
        "system-out", "system-err",
    }  # fmt: skip
    labels = [
        sample.labels["label"]
        for family in parsed(render(dirty, "openmetrics").encode().decode())
        for sample in family.samples
        if "label" in sample.labels
    ]
    assert len(labels) > 3
    assert len(set(labels)) == 1
    log = json.loads(render(dirty, "sarif").encode())
    files = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in log["runs"][0]["results"]}
    assert {unquote(file) for file in files} <= {clean(text), "kpieval.yaml"}
    json.loads(render(dirty, "gitlab").encode())
    rows = list(csv.reader(io.StringIO(render(dirty, "csv-gate"), newline="")))
    assert len(rows) == len(dirty["gate"]["failures"]) + 1
    assert "<script" not in render(dirty, "summary")
    render(dirty, "summary").encode()

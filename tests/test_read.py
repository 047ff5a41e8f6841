"""Reading: what is written is what is read, each place points at its text, and nothing hostile takes long."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kpieval.check.schema import schema_problems
from kpieval.problems import DefinitionError, Place
from kpieval.read import read, redact
from kpieval.read.compose import compose
from kpieval.read.document import Document
from kpieval.read.text import HIDDEN
from kpieval.read.within import within
from kpieval.render.terminal import format_problem

if TYPE_CHECKING:
    from kpieval.read import Definitions

CHARACTERS = st.characters(exclude_categories=("Cs", "Cn")).filter(lambda character: not HIDDEN.match(character))
TEXTS = st.text(CHARACTERS.filter(lambda character: character not in "\r\x85"), max_size=30)
FIELDS = ("value", "title", "unit", "direction", "levels", "min_sample", "target", "bands", "tags", "confidence", "x")
NUMBERS = st.integers(-(10**18) + 1, 10**18 - 1) | st.floats(allow_nan=False, allow_infinity=False).map(
    lambda number: float(repr(number)) if "e" not in repr(number) else 0.5
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4), st.booleans(), st.sampled_from(["json", "block", "flow"]))
def test_what_is_written_is_what_is_read(data: dict[str, Any], unicode: bool, style: str) -> None:  # noqa: FBT001
    if style == "json":
        text = json.dumps(data, ensure_ascii=not unicode)
        if HIDDEN.search(text) or "\\u" in text or "\\b" in text or "\\f" in text:
            return  # JSON escapes characters beyond the first plane in halves, which YAML has no word for
    else:
        flow = style == "flow"
        text = yaml.dump(data, Dumper=_Quoting, allow_unicode=unicode, default_flow_style=flow, sort_keys=False)
    composed = compose(text, "file.yaml")
    assert composed.problems == ()
    assert composed.data == data
    assert json.dumps(composed.data) == json.dumps(data), "types are kept, and the order of keys"


class _Quoting(yaml.SafeDumper):
    """Quotes every text, and follows no alias: what a careful author writes."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


_Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


@settings(deadline=None)
@given(st.dictionaries(TEXTS, VALUES, max_size=4))
def test_each_place_points_at_its_text(data: dict[str, Any]) -> None:
    text = yaml.dump(data, Dumper=_Quoting, allow_unicode=True, sort_keys=False)
    composed = compose(text, "file.yaml")
    for path, (key, value) in composed.places.items():
        written = composed.lines[value.line - 1][value.column - 1 :]
        found: Any = composed.data
        for step in path:
            found = found[step]
        if isinstance(found, str):
            assert written.startswith('"')
        elif isinstance(found, bool | int | float):
            assert yaml.safe_load(written.rstrip(",]}: ").split(",")[0]) == found
        if path and isinstance(path[-1], str):
            assert composed.lines[key.line - 1][key.column - 1] in '"?'


KPI = b"""kpi: win_rate
value: won / (won + lost)
bands: {good: 100%, watch: 85%}
target:
  - {value: 30%, from: 2026-01-01}
"""
PIECES = [
    b"&a ", b"*a", b"<<: *a\n", b"{", b"}", b"[", b"]", b"- ", b"? ", b": ", b"\n  ", b"\t", b"'", b'"', b"|", b">",
    b"#", b"!!x ", b"%", b"@", b"---\n", b"...\n", b"~", b"\xff", b"\x00", b"\\", b"1_0", b"${x}", b"null", b"\r",
    "\u2028ž".encode(),
]  # fmt: skip


@settings(deadline=None)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(KPI)), st.integers(0, 3), st.sampled_from(PIECES)), min_size=1, max_size=6
    )
)
def test_no_mistake_in_a_file_is_more_than_a_problem(
    edits: list[tuple[int, int, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = KPI
    for position, length, piece in edits:
        text = text[:position] + piece + text[position + length :]
    root = tmp_path_factory.getbasetemp() / "edited"
    (root / "kpis").mkdir(parents=True, exist_ok=True)
    (root / "kpieval.yaml").write_text("project: acme\n")
    (root / "kpis/win_rate.yaml").write_bytes(text)
    for problem in read(root).problems:
        shown = format_problem(problem)
        assert shown.isascii() or all(line.isprintable() for line in shown.splitlines())


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6))
def test_no_value_in_a_field_is_more_than_a_problem(fields: dict[str, Any]) -> None:
    text = yaml.dump({"kpi": "x", **fields}, Dumper=_Quoting, allow_unicode=True)
    composed = compose(text, "x.yaml")
    assert isinstance(composed.data, dict)
    document = Document("kpi", "x.yaml", Path("x.yaml"), composed.data, composed.places, composed.lines)
    for problem in schema_problems("kpi", composed.data, document):
        assert problem.place
        assert "{'" not in problem.message
        assert "None" not in problem.message


@pytest.mark.parametrize("style", ["plain", "'", '"', "|", ">"])
@settings(deadline=None)
@given(words=st.lists(st.text("abc\"'\\ñ€🎈", min_size=1, max_size=8).filter(lambda w: w[0] not in "\"'"), min_size=1))
def test_an_offset_into_a_text_is_found_whatever_its_style(style: str, words: list[str]) -> None:
    value = " ".join(words)
    indented = ["value:"] if style == "plain" else [f"value: {style}-"] if style in "|>" else ["value:"]
    lines = {
        "plain": [*words],
        "'": ["'" + words[0].replace("'", "''"), *(word.replace("'", "''") for word in words[1:])],
        '"': ['"' + _escaped(words[0]), *map(_escaped, words[1:])],
        "|": [*words],
        ">": [*words],
    }[style]
    if style in ("'", '"'):
        lines[-1] += style
    text = "\n".join([*indented, *(f"  {line}" for line in lines)])
    composed = compose(text, "file.yaml")
    assert composed.problems == ()
    assert isinstance(composed.data, dict)
    read_ = composed.data["value"]
    assert read_.split() == value.split()
    _, start = composed.places[("value",)]
    for offset, character in enumerate(read_):
        if not character.isspace():
            place = within(composed.lines, start, read_, offset)
            found = composed.lines[place.line - 1][place.column - 1]
            assert found in {character, "\\"}


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace('"', '\\"').replace("€", "\\u20ac")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("NO", "NO"), ("on", "on"), ("Yes", "Yes"), ("y", "y"), ("off", "off"), ("1:30", "1:30"),
        ("190:20:30", "190:20:30"),
        ("2026-07-01", "2026-07-01"), ("2026-07-01T10:00:00Z", "2026-07-01T10:00:00Z"), ("=", "="), ("1.2.3", "1.2.3"),
        ("~", None), ("null", None), ("NULL", None), ("", None), ("true", True), ("FALSE", False), ("0", 0), ("-0", 0),
        ("+7", 7), ("0x1F", 31), ("0.30", 0.3), (".5", 0.5), ("-1.5e+3", -1500.0), ("30%", "30%"), ("1,5", "1,5"),
        ("inf", "inf"), ("nan", "nan"), ("-", ["-"]),
    ],
)  # fmt: skip
def test_a_plain_word_is_read_by_the_rules_of_1_2(written: str, meant: object) -> None:
    if meant == ["-"]:
        meant = [None]
        written = "\n- "
    composed = compose(f"a: {written}\n", "file.yaml")
    assert composed.problems == ()
    assert composed.data == {"a": meant}
    assert isinstance(composed.data, dict)
    assert type(composed.data["a"]) is type(meant)


@pytest.mark.parametrize(
    "written",
    ["017", "-017", "08", "0o17", "0b11", "1_000", "1_000.5", "-1_0", "0x_1F", "-0x1F", "1e3", "1.5e3", "1E5", ".5e1",
     "._5", ".inf", "-.INF", ".nan", "1.0e+999", "1" * 19, "0.12345678901234567890"],
)  # fmt: skip
def test_a_word_of_two_readings_is_never_a_number(written: str) -> None:
    composed = compose(f"a: {written}\n", "file.yaml")
    codes = [problem.code for problem in composed.problems]
    assert codes in (["ambiguous-number"], ["not-a-number"]) or composed.data == {"a": written}
    assert compose(f"a: '{written}'\n", "file.yaml").data == {"a": written}


def test_merged_and_repeated_values_have_the_places_where_they_are_written() -> None:
    composed = compose("a: &a {x: 1, y: [2, 3]}\nb: {<<: *a, x: 5}\nc: *a\n", "file.yaml")
    assert composed.data == {"a": {"x": 1, "y": [2, 3]}, "b": {"x": 5, "y": [2, 3]}, "c": {"x": 1, "y": [2, 3]}}
    assert composed.places[("b", "x")][1] == Place("file.yaml", 2, 16)
    assert composed.places[("b", "y", 1)][1] == Place("file.yaml", 1, 21)
    assert composed.places[("c",)][1] == Place("file.yaml", 3, 4)
    assert composed.places[("c", "y", 0)][1] == Place("file.yaml", 1, 18)
    assert not any("<<" in path for path in composed.places)


def test_line_ends_of_any_system_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    (tmp_path / "kpieval.yaml").write_bytes("\ufeffproject: acme\r\ntitle: Žluť\r\nlocal: x\r\n".encode())
    (problem,) = read(tmp_path).problems
    assert (problem.place, problem.excerpt) == (Place("kpieval.yaml", 3, 1), "local: x")


def nested(form: str, times: int, count: int) -> str:
    """Lines of which each repeats the one above, by its number."""
    return "".join(form.replace("@", str(i)).replace("#", ", ".join([f"*a{i - 1}"] * times)) for i in range(1, count))


def variables(first: str, times: int, count: int = 60) -> str:
    lines = "".join(f"  a{i}: '{f'${{a{i - 1}}}' * times}'\n" for i in range(1, count))
    return f"project: x\nvariables:\n  a0: '{first}'\n{lines}"


HOSTILE = {
    "brackets": "a: " + "[" * 900_000,
    "braces": "{" * 900_000,
    "spaced brackets": "a: " + "[ " * 450_000,
    "brackets on lines": "a: " + "[\n" * 450_000,
    "dashes": "- " * 450_000,
    "questions": "? " * 450_000,
    "steps": "".join(" " * depth + "a:\n" for depth in range(1_300)),
    "merge bomb": "a0: &a0 {x: 1}\n" + nested("a@: &a@ {<<: [#]}\n", 9, 9),
    "alias bomb": "a0: &a0 [x, x]\n" + nested("a@: &a@ [#]\n", 9, 12),
    "empty merges": "a: &a {}\nb:\n" + "- {<<: *a}\n" * 80_000,
    "inline merges": "b:\n" + "- {<<: {}}\n" * 80_000,
    "many values": "a: [" + "1," * 450_000 + "]",
    "many keys": "".join(f"k{i}: 1\n" for i in range(90_000)),
    "wrong keys": "kpi: x\n" + "".join(f"k{i}: 1\n" for i in range(40_000)),
    "wrong keys deep": "kpi: x\ntarget: {" + "".join(f"k{i}: 1, " for i in range(40_000)) + "}\n",
    "wrong list": "kpi: x\ntags: [" + "{}, " * 40_000 + "]\n",
    "unique list": "kpi: x\nlevels: [" + ", ".join(f"a{i}" for i in range(40_000)) + "]\n",
    "unique mappings": "kpi: x\nlevels: [" + ", ".join(f"{{a{i}: 1}}" for i in range(20_000)) + "]\n",
    "duplicate keys": "a: 1\n" * 100_000,
    "anchors": "".join(f"k{i}: &a{i} 1\n" for i in range(49_000)),
    "one text": "a: " + "b" * 900_000,
    "one number": "a: " + "1" * 900_000,
    "one fraction": "a: 0." + "1" * 900_000,
    "underscores": "a: 1" + "_" * 900_000 + "x",
    "one key": "kpi: x\n" + "b" * 900_000 + ": 1",
    "one name": "kpi: " + "b-" * 400_000,
    "an open quote": "a: '" + "b\n" * 400_000,
    "comments": "#\n" * 450_000,
    "a file too large": "a: 1\n" * 1_000_000,
    "variables that grow": variables("xxxxxxxxxx", 10),
    "variables that double": variables("xx", 2),
    "variables of nothing": variables("", 2),
    "a chain of variables": variables("x", 1, 40_000),
    "variables by the thousand": variables("x" * 9_000, 0, 2) + "".join(f"  b{i}: ${{a0}}\n" for i in range(40_000)),
    "unknown variables": "project: x\nvariables:\n" + "".join(f"  a{i}: ${{b{i}}}\n" for i in range(30_000)),
    "references in one text": "project: x\ntitle: " + "${a}" * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_little(name: str, tmp_path: Path) -> None:
    text = HOSTILE[name]
    is_project = text.startswith("project")
    (tmp_path / "kpieval.yaml").write_text(text if is_project else "project: acme\n")
    if not is_project:
        (tmp_path / "kpis").mkdir()
        (tmp_path / "kpis/x.yaml").write_text(text)
    program = textwrap.dedent("""
        import pathlib, re, resource, sys, time
        from kpieval.problems import DefinitionError
        from kpieval.read import read
        from kpieval.render.terminal import format_problem
        def held():  # by the process alone: the system's count begins with what the one that started it held
            status = pathlib.Path("/proc/self/status")
            if not status.exists():
                return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            return int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1])

        started = time.process_time()
        try:
            problems = read(sys.argv[1]).problems
        except DefinitionError as error:
            problems = error.problems
        shown = "\\n".join(map(format_problem, problems))
        seconds = time.process_time() - started
        print(len(problems), len(shown), seconds, held() / 1024)
    """)
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=30, check=True
    )
    count, length, seconds, megabytes = map(float, run.stdout.split())
    assert count <= 100
    assert length < 100_000
    assert seconds < 2
    assert megabytes < 200


def test_what_is_no_file_is_told_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "kpieval.yaml").write_text("project: acme\n")
    kpis = tmp_path / "kpis"
    kpis.mkdir()
    os.mkfifo(kpis / "pipe.yaml")
    (kpis / "device.yaml").symlink_to("/dev/zero")
    (kpis / "round.yaml").symlink_to("round.yaml")
    (kpis / "gone.yaml").symlink_to("nowhere.yaml")
    (kpis / "again").symlink_to(kpis)
    (kpis / "folder.yml").mkdir()
    (kpis / ".hidden.yaml").write_text("nothing to see")
    problems = read(tmp_path).problems
    assert [(problem.place.file, problem.code) for problem in problems if problem.place] == [
        ("kpis/device.yaml", "unreadable-file"),
        ("kpis/folder.yml", "unreadable-file"),
        ("kpis/gone.yaml", "unreadable-file"),
        ("kpis/pipe.yaml", "unreadable-file"),
        ("kpis/round.yaml", "unreadable-file"),
    ]


def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kpieval.yaml").write_text("project: acme\n")

    def refuse(*_: object, **__: object) -> None:  # a mode would do, but for root, who may read everything
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DefinitionError, match="unreadable-file"):
        read(tmp_path)


def test_a_project_is_found_from_anything_in_it(tmp_path: Path) -> None:
    project(tmp_path, {"kpis/deep/er/x.yml": "kpi: x\nvalue: 1\n"})
    for start in (".", "kpieval.yaml", "kpis", "kpis/deep/er/x.yml"):
        definitions = read(tmp_path / start)
        assert definitions.root == tmp_path
        assert definitions.kpis["x"].place("value") == Place("kpis/deep/er/x.yml", 2, 8)
    with pytest.raises(DefinitionError, match="no-project"):
        read(tmp_path / "nowhere")
    with pytest.raises(DefinitionError, match="no-project"):
        read(tmp_path.parent)


PACK = """
project: pack
sources:
  deals:
    time: closed
    columns: {closed: date, stage: text, amount: {type: decimal, required: true}}
    measures: {won: count(*), lost: {value: count(*), description: lost ones}}
dimensions: {rep: {source: reps, key: id}, region: {}}
"""
PACK_KPI = """kpi: win_rate
value: won / (won + lost)
tags: [a, b]
owner: ops
target: {value: 30%, note: ours}
bands: {good: 100%, watch: 85%}
"""
OVERLAY = """kpi: win_rate
extends: pack
tags: [c]
owner:
target: {measure: won}
bands: {great: 110%}
"""


def overlaid(tmp_path: Path) -> Definitions:
    return project(
        tmp_path,
        {
            "packs/own/kpieval.yaml": PACK,
            "packs/own/kpis/win_rate.yaml": PACK_KPI,
            "kpis/win_rate.yaml": OVERLAY,
        },
        "project: acme\nuses: [./packs/own]\nsources:\n  deals:\n    file: deals.csv\n"
        "    columns: {closed: {from: Closed On}, amount: integer, rep: text}\n"
        "    measures: {won: sum(1), lost: {description: no more}}\n"
        "dimensions: {rep: {label: name}, region: }\n",
    )


def test_a_project_is_laid_over_its_packs(tmp_path: Path) -> None:
    definitions = overlaid(tmp_path)
    assert definitions.problems == ()
    assert definitions.project.data["sources"]["deals"] == {
        "time": "closed",
        "columns": {
            "closed": {"type": "date", "from": "Closed On"},
            "stage": {"type": "text"},
            "amount": {"type": "integer", "required": True},
            "rep": {"type": "text"},
        },
        "measures": {"won": {"value": "sum(1)"}, "lost": {"value": "count(*)", "description": "no more"}},
        "file": "deals.csv",
    }
    assert definitions.project.data["dimensions"] == {
        "rep": {"source": "reps", "key": "id", "label": "name"},
        "region": {},
    }
    kpi = definitions.kpis["win_rate"]
    assert kpi.data == {
        "kpi": "win_rate",
        "value": "won / (won + lost)",
        "tags": ["c"],
        "target": {"measure": "won"},
        "bands": {"great": "110%"},
    }


def test_packs_are_known_by_the_way_to_them_and_the_line_that_brings_them(tmp_path: Path) -> None:
    definitions = project(
        tmp_path,
        {
            "packs/own/kpieval.yaml": "project: own\nuses: [../below, sales-leadership]\n",
            "packs/below/kpieval.yaml": "project: below\n",
        },
        "project: acme\nuses: [./packs/own, ./packs/below]\n",
    )
    brought = Place("kpieval.yaml", 2, 8)
    assert [(pack.name, pack.folder, pack.place) for pack in definitions.packs] == [
        ("own", "./packs/own", brought),
        ("below", "./packs/own/../below", brought),
        ("sales-leadership", None, brought),
    ]


def test_each_value_knows_the_file_that_set_it(tmp_path: Path) -> None:
    definitions = overlaid(tmp_path)
    kpi, project_ = definitions.kpis["win_rate"], definitions.project
    assert kpi.origin("value") == "pack:own/kpis/win_rate.yaml"
    assert kpi.origin("tags", 0) == kpi.origin("target", "measure") == "kpis/win_rate.yaml"
    assert kpi.place("target", "note") == Place("kpis/win_rate.yaml", 5, 9), "the pack's note went with its target"
    deals = ("sources", "deals")
    assert (
        project_.origin(*deals, "time")
        == project_.origin(*deals, "columns", "stage", "type")
        == "pack:own/kpieval.yaml"
    )
    assert project_.place(*deals, "columns", "closed", "type") == Place("pack:own/kpieval.yaml", 6, 23)
    assert project_.place(*deals, "columns", "closed", "from") == Place("kpieval.yaml", 6, 30)
    problem = kpi.problem("x", "y", "value", offset=7)
    assert (problem.place, problem.excerpt) == (
        Place("pack:own/kpis/win_rate.yaml", 2, 15),
        "value: won / (won + lost)",
    )


def test_variables_are_filled_in_and_secrets_collected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPIEVAL_TEST_URL", "postgresql://kpi:s%40fe-word@db.example/sales")
    monkeypatch.setenv("KPIEVAL_TEST_SCHEMA", "ab")
    definitions = project(
        tmp_path,
        {},
        "project: acme\nvariables: {year: 2026, data: 'in/${year}', url: '${env:KPIEVAL_TEST_URL}'}\n"
        "connections: {db: {url: '${url}'}}\n"
        "sources: {s: {file: '${data}/x.csv', where: \"a = '${env:KPIEVAL_TEST_SCHEMA}' and b\"}}\n",
    )
    assert definitions.problems == ()
    data = definitions.project.data
    assert data["connections"]["db"]["url"] == "postgresql://kpi:s%40fe-word@db.example/sales"
    assert data["sources"]["s"]["file"] == "in/2026/x.csv"
    message = "failed: s@fe-word at postgresql://kpi:s%40fe-word@db.example/sales, ab, absent"
    assert redact(message, definitions.secrets) == "failed: *** at ***, ***, absent"
    problem = definitions.project.problem("x", "y", "sources", "s", "where", offset=20)
    assert problem.place == Place("kpieval.yaml", 4, 45), "an offset into the filled text says nothing about the file"


def project(root: Path, files: dict[str, str], settings: str = "project: acme\n") -> Definitions:
    for name, text in {"kpieval.yaml": settings, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read(root)

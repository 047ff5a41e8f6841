"""The report as a workbook: every figure in a cell of its type, and no text that Excel would run."""

from __future__ import annotations

import copy
import datetime as dt
import io
import re
import time
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import fastexcel
import pytest

from kpieval import folders, load
from kpieval.model import Unit
from kpieval.problems import OutputError
from kpieval.render import document, workbook
from kpieval.render.palette import INK, TINT
from kpieval.render.words import status
from kpieval.render.workbook import COLUMNS, GLANCE, number_format, sheet_names
from sample_result import result

Json = dict[str, Any]
Cell = tuple[Any, str]

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
FIRST_DAY = dt.date(1899, 12, 30)


@dataclass
class Sheet:
    """The rows of a sheet, each cell with its value and the format of its number, and the sheet's XML."""

    rows: list[dict[int, Cell]]
    tree: ET.Element


@dataclass
class Book:
    sheets: dict[str, Sheet]
    looks: list[tuple[str, str]]
    core: str


def opened(data: bytes) -> Book:
    """A workbook as Excel reads it; a formula in it is an error."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name in parts if b"<f>" in parts[name] or b"<f " in parts[name]]
    styles = ET.fromstring(parts["xl/styles.xml"])
    codes = {each.get("numFmtId"): each.get("formatCode") for each in styles.iter(f"{MAIN}numFmt")}
    builtin = {"0": "General", "3": "#,##0", "9": "0%"}
    cells = styles.find(f"{MAIN}cellXfs")
    assert cells is not None
    formats = [(codes | builtin)[each.get("numFmtId")] or "" for each in cells]
    looks = []
    for look in styles.iter(f"{MAIN}dxf"):
        ink, ground = look.find(f".//{MAIN}font/{MAIN}color"), look.find(f".//{MAIN}fill//{MAIN}bgColor")
        assert ink is not None
        assert ground is not None
        looks.append((f"#{(ink.get('rgb') or '')[2:].lower()}", f"#{(ground.get('rgb') or '')[2:].lower()}"))
    relations = {each.get("Id"): each.get("Target") for each in ET.fromstring(parts["xl/_rels/workbook.xml.rels"])}
    sheets = {}
    for each in ET.fromstring(parts["xl/workbook.xml"]).iter(f"{MAIN}sheet"):
        tree = ET.fromstring(parts[f"xl/{relations[each.get(REL)]}"])
        sheets[each.get("name") or ""] = Sheet([row_of(row, formats) for row in tree.iter(f"{MAIN}row")], tree)
    return Book(sheets, looks, parts["docProps/core.xml"].decode())


def row_of(row: ET.Element, formats: list[str]) -> dict[int, Cell]:
    cells: dict[int, Cell] = {}
    for cell in row:
        column = ord(re.sub(r"\d", "", cell.get("r") or "A")) - ord("A")
        code = formats[int(cell.get("s") or 0)]
        if cell.get("t") == "inlineStr":
            escaped = "".join(cell.itertext())
            cells[column] = (re.sub("_x([0-9A-F]{4})_", lambda sign: chr(int(sign[1], 16)), escaped), code)
        elif (value := cell.find(f"{MAIN}v")) is not None:
            assert cell.get("t") in {None, "n"}
            number = float(value.text or "")
            cells[column] = (FIRST_DAY + dt.timedelta(days=number), code) if "yyyy" in code else (number, code)
    return cells


@pytest.fixture(scope="module")
def sample() -> Json:
    return result(reps=8)


@pytest.fixture(scope="module")
def book(sample: Json) -> Book:
    return opened(made(sample))


def made(told: Json) -> bytes:
    data = document(told, "xlsx")
    assert isinstance(data, bytes)
    return data


def values(row: dict[int, Cell], columns: tuple[tuple[str, int], ...] = COLUMNS) -> dict[str, Any]:
    return {head: row[at][0] if at in row else None for at, (head, _) in enumerate(columns)}


def rounded(row: Json) -> Json:
    """Numbers in the digits that Excel reads."""
    return {head: f"{cell:.15g}" if isinstance(cell, int | float) else cell for head, cell in row.items()}


def test_every_observation_is_a_row_of_typed_cells(sample: Json, book: Book) -> None:
    expected = defaultdict(list)
    kpis = {kpi["name"]: kpi for kpi in sample["kpis"]}
    starts = {period["label"]: dt.date.fromisoformat(period["start"]) for period in sample["periods"]}
    titles = {level["name"]: level["title"] for level in sample["levels"]}
    for row in sample["observations"]:
        kpi = kpis[row["kpi"]]
        low, high = row["target_range"] or (row["target"], None)
        expected[kpi["title"]].append({
            "Period": row["period"], "Starts": starts[row["period"]], "Level": titles[row["level"]],
            "Member": row["member"], "Label": row["label"], "Value": row["value"], "Target": low, "Target to": high,
            "Status": status(kpi, row["status"]).word if row["status"] else None, "Cases": row["n"],
            "95 % from": (row["interval"] or (None, None))[0], "95 % to": (row["interval"] or (None, None))[1],
        })  # fmt: skip
    for title, rows in expected.items():
        found = [values(row) for row in book.sheets[title[:31]].rows]
        assert list(found[0].values()) == [head for head, _ in COLUMNS]
        assert len(found) - 1 == len(rows)
        for told, wanted in zip(found[1:], rows, strict=True):
            assert told.pop("Remark") is not None or wanted["Status"] is not None
            assert rounded(told) == rounded(wanted)


def test_what_has_no_verdict_or_an_uncertain_one_says_so(sample: Json, book: Book) -> None:
    rows = [values(row) for row in book.sheets["Overall sales effectiveness"].rows[1:]]
    told = [row for row in sample["observations"] if row["kpi"] == "win_rate"]
    assert [row["Remark"] == "uncertain" for row in rows] == [bool(row["status"] and row["uncertain"]) for row in told]
    assert {row["Remark"] for row in rows if row["Status"] is None} == {"Too few to judge", "No data"}


def test_the_overview_has_each_kpi_with_its_status_and_change(sample: Json, book: Book) -> None:
    rows = [values(row, GLANCE) for row in book.sheets["Overview"].rows[1:]]
    now = {
        row["kpi"]: row for row in sample["observations"]
        if row["period"] == sample["period"] and row["level"] == "organisation"
    }  # fmt: skip
    kpis = {kpi["title"]: kpi for kpi in sample["kpis"]}
    assert {row["KPI"] for row in rows} == set(kpis)
    for row in rows:
        kpi = kpis[row["KPI"]]
        if not kpi["measured"]:
            assert row["Remark"] == "Not measured"
            continue
        wanted = now[kpi["name"]]
        assert (row["Value"], row["Change"]) == pytest.approx((wanted["value"], wanted["change"]), rel=1e-15)
        assert row["Status"] == (status(kpi, wanted["status"]).word if wanted["status"] else None)


@pytest.mark.parametrize(
    ("unit", "currency", "code"),
    [
        (Unit("percent", None, None), "EUR", "#,##0%"),
        (Unit("percent", 1, None), "EUR", "#,##0.0%"),
        (Unit("currency", 2, None), "EUR", "#,##0.00 [$EUR]"),
        (Unit("currency", None, None), None, "#,##0"),
        (Unit("hours", None, None), "EUR", '#,##0.0" h"'),
        (Unit("suffix", 1, 'y"e\\ars'), "EUR", '#,##0.0" years"'),
        (Unit("number", 0, None), "EUR", "#,##0"),
    ],
)
def test_numbers_have_the_format_of_their_unit(unit: Unit, currency: str | None, code: str) -> None:
    assert number_format(unit, currency) == code


def test_the_cells_of_a_kpi_have_its_format(book: Book) -> None:
    found = {row[5][1] for row in book.sheets["Revenue"].rows[1:] if 5 in row}
    assert found == {"#,##0 [$EUR]"}
    assert {row[5][1] for row in book.sheets["Quota attainment"].rows[1:] if 5 in row} == {"#,##0%"}


def test_heads_stay_and_filter_and_a_status_has_its_colour(sample: Json, book: Book) -> None:
    bands = {kpi["title"][:31]: kpi["bands"] for kpi in sample["kpis"] if kpi["measured"]}
    for name, sheet in book.sheets.items():
        pane, shown = sheet.tree.find(f".//{MAIN}pane"), sheet.tree.find(f"{MAIN}autoFilter")
        assert pane is not None
        assert shown is not None
        assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
        filled = len(sheet.rows) if name != "Overview" else 1 + len(bands)
        assert shown.get("ref") == f"A1:{'GM'[name != 'Overview']}{filled}"
        if name == "Overview":
            continue
        rules = {
            (rule.findtext(f"{MAIN}formula") or "").split('"')[1]: book.looks[int(rule.get("dxfId") or 0)]
            for rule in sheet.tree.iter(f"{MAIN}cfRule")
        }
        assert rules == {band["label"]: (INK[band["color"]], TINT[band["color"]]) for band in bands[name]}


def test_the_colours_are_those_of_the_style_sheet() -> None:
    style = (folders.reports() / "report.css").read_text("utf-8")
    for color in INK:
        assert f"--{color}: {INK[color]};" in style
        assert f"--{color}-tint: {TINT[color]};" in style


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "{=", "http://", "internal:", "=HYPERLINK("])
def test_a_text_is_never_a_formula_or_a_link(sample: Json, start: str) -> None:
    changed = copy.deepcopy(sample)
    text = f'{start}1+1|"x"'
    changed["title"] = text
    for kpi in changed["kpis"]:
        kpi["title"] = text + kpi["name"]
        for band in kpi["bands"]:
            band["label"] = text + band["name"]
    for row in changed["observations"]:
        row["label"] = text
    found = opened(made(changed))  # it has looked for formulas
    links = [link for sheet in found.sheets.values() for link in sheet.tree.iter(f"{MAIN}hyperlink")]
    assert len(links) == sum(kpi["measured"] for kpi in changed["kpis"])
    assert all((link.get("location") or "").startswith("'") and link.get(REL) is None for link in links)
    labels = {values(row)["Label"] for row in list(found.sheets.values())[1].rows[1:]}
    assert labels == {text}


def test_names_of_sheets_are_legal_and_unique() -> None:
    hostile = ["Overview", "overview", "[x]:*?/\\", "'quoted'", "History", "", "\x00", "x" * 40, "x" * 41, "😀" * 40]
    names = sheet_names([*hostile, "x", "X 13", "x", "x"])
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) / 2 <= 31
        assert not re.search(r"[\[\]:*?/\\]|^'|'$|^history$", name, re.IGNORECASE)


def test_another_reader_reads_every_sheet(sample: Json) -> None:
    read = fastexcel.read_excel(made(sample))
    assert read.sheet_names[0] == "Overview"
    assert len(read.sheet_names) == 1 + sum(kpi["measured"] for kpi in sample["kpis"])


def test_the_same_result_gives_the_same_bytes_wherever_and_whenever(
    sample: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first = made(sample)
    assert "2026-10-01T00:00:00Z</dcterms:created>" in opened(first).core
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        time.sleep(2.1)  # the finest step of a time in an archive is two seconds
        assert made(sample) == first
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_day_in_the_file_can_be_given(sample: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert "1970-01-02T00:00:00Z</dcterms:created>" in opened(made(sample)).core


def test_rows_beyond_the_last_one_of_a_sheet_are_counted(sample: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS", 11)
    found = opened(made(sample))
    rows = [row for row in sample["observations"] if row["kpi"] == "win_rate"]
    sheet = found.sheets["Overall sales effectiveness"]
    assert len(sheet.rows) == 11
    said = {row[0][0]: row[1][0] for row in found.sheets["Overview"].rows if 1 in row and isinstance(row[1][0], str)}
    assert said["Overall sales effectiveness"].startswith(f"{len(rows) - 10} rows of this KPI don't fit")


def test_without_the_package_the_way_out_is_said(sample: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "find_spec", lambda _name: None)
    with pytest.raises(OutputError, match="needs the package xlsxwriter"):
        document(sample, "xlsx")


def test_a_report_of_python_is_a_workbook_too(tmp_path: Path) -> None:
    with load(Path(__file__).parents[1] / "examples" / "hospital-waiting-times").evaluate() as run:
        path = run.report(tmp_path / "a.xlsx", "xlsx")
    assert next(iter(opened(path.read_bytes()).sheets)) == "Overview"

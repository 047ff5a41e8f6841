"""The report as a workbook: every figure in a cell of its type, in its language, and no text that Excel would run."""

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
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import fastexcel
import pytest

from kpieval import folders, load
from kpieval.model import Unit
from kpieval.problems import OutputError
from kpieval.render import document, workbook
from kpieval.render.formatting import Formats
from kpieval.render.palette import INK, TINT
from kpieval.render.views.report import Views
from kpieval.render.words import status
from kpieval.render.workbook import looks, sheets
from kpieval.render.workbook.number_formats import number_format
from kpieval.render.workbook.texts import sheet_names
from sample_result import rename, result
from test_report_words import KEPT, LANGUAGES, LOCALES, leftovers, sample, unsaid

if TYPE_CHECKING:
    from collections.abc import Iterable

Json = dict[str, Any]
Cell = tuple[Any, str]
Row = dict[str, Any]

NBSP = "\N{NO-BREAK SPACE}"
HEADS = [
    "Period", "First day", "Level", "Member", "Label", "Value", "Target", "Target to", "Status", "Remark", "Cases",
    "95% from", "95% to",
]  # fmt: skip
"""Those of a KPI's sheet."""

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
FIRST_DAY = dt.date(1899, 12, 30)


@dataclass
class Sheet:
    """The rows of a sheet by number, each cell with its value and the format of its number, and the sheet's XML."""

    rows: dict[int, dict[int, Cell]]
    tree: ET.Element

    @property
    def filtered(self) -> str:
        """Where it filters."""
        shown = self.tree.find(f"{MAIN}autoFilter")
        assert shown is not None
        return shown.get("ref") or ""

    @property
    def table(self) -> list[Row]:
        """The rows of the table, as far as its filter reaches."""
        return [
            {head: row[at][0] if at in row else None for at, head in self.heads.items()} for row in self.inside.values()
        ]

    @property
    def heads(self) -> dict[int, str]:
        """The heads of the table by column."""
        return {at: cell[0] for at, cell in self.rows[self._ends[0]].items()}

    @property
    def inside(self) -> dict[int, dict[int, Cell]]:
        """The rows below them, by number."""
        first, last = self._ends
        return {number: row for number, row in self.rows.items() if first < number <= last}

    @property
    def lines(self) -> list[str]:
        """What stands above and below the table, each line in one."""
        inside = range(self._ends[0], self._ends[1] + 1)
        told = (row for number, row in self.rows.items() if number not in inside)
        return [" | ".join(str(cell[0]) for cell in row.values()) for row in told if row]

    @property
    def _ends(self) -> tuple[int, int]:
        first, last = (int(re.sub(r"\D", "", place)) for place in self.filtered.split(":"))
        return first, last

    def rules(self, looks: list[tuple[str, str]]) -> dict[str, tuple[str, str]]:
        """The colours of words that rules give."""
        return {
            (rule.findtext(f"{MAIN}formula") or "").split('"')[1]: looks[int(rule.get("dxfId") or 0)]
            for rule in self.tree.iter(f"{MAIN}cfRule")
            if rule.get("type") == "expression"
        }


@dataclass
class Book:
    """The sheets; the colours of text and ground that rules give; the texts that are marked as such; all parts."""

    sheets: dict[str, Sheet]
    looks: list[tuple[str, str]]
    quoted: set[str]
    parts: dict[str, str]


def opened(data: bytes) -> Book:
    """A workbook as Excel reads it; a formula in it is an error."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert not [name for name in parts if b"<f>" in parts[name] or b"<f " in parts[name]]
    styles = ET.fromstring(parts["xl/styles.xml"])
    codes = {each.get("numFmtId"): each.get("formatCode") for each in styles.iter(f"{MAIN}numFmt")}
    builtin = {"0": "General", "1": "0", "3": "#,##0", "4": "#,##0.00", "9": "0%"}
    ways = styles.find(f"{MAIN}cellXfs")
    assert ways is not None
    formats = [(codes | builtin)[each.get("numFmtId")] or "" for each in ways]
    marked = {str(at) for at, each in enumerate(ways) if each.get("quotePrefix") == "1"}
    looks = []
    for look in styles.iter(f"{MAIN}dxf"):
        ink, ground = look.find(f".//{MAIN}font/{MAIN}color"), look.find(f".//{MAIN}fill//{MAIN}bgColor")
        assert ink is not None
        assert ground is not None
        looks.append((f"#{(ink.get('rgb') or '')[2:].lower()}", f"#{(ground.get('rgb') or '')[2:].lower()}"))
    relations = {each.get("Id"): each.get("Target") for each in ET.fromstring(parts["xl/_rels/workbook.xml.rels"])}
    sheets, quoted = {}, set()
    for each in ET.fromstring(parts["xl/workbook.xml"]).iter(f"{MAIN}sheet"):
        tree = ET.fromstring(parts[f"xl/{relations[each.get(REL)]}"])
        rows = {int(row.get("r") or 0): row_of(row, formats) for row in tree.iter(f"{MAIN}row")}
        sheets[each.get("name") or ""] = Sheet(rows, tree)
        quoted |= {text_of(cell) for cell in tree.iter(f"{MAIN}c") if cell.get("s") in marked}
    return Book(sheets, looks, quoted, {name: part.decode() for name, part in parts.items()})


def row_of(row: ET.Element, formats: list[str]) -> dict[int, Cell]:
    told: dict[int, Cell] = {}
    for cell in row:
        column = ord(re.sub(r"\d", "", cell.get("r") or "A")) - ord("A")
        code = formats[int(cell.get("s") or 0)]
        if cell.get("t") == "inlineStr":
            told[column] = (text_of(cell), code)
        elif (value := cell.find(f"{MAIN}v")) is not None:
            assert cell.get("t") in {None, "n"}
            number = float(value.text or "")
            told[column] = (FIRST_DAY + dt.timedelta(days=number), code) if "yyyy" in code else (number, code)
    return told


def text_of(cell: ET.Element) -> str:
    return re.sub("_x([0-9A-F]{4})_", lambda sign: chr(int(sign[1], 16)), "".join(cell.itertext()))


@pytest.fixture(scope="module")
def told() -> Json:
    return result(reps=8)


@pytest.fixture(scope="module")
def book(told: Json) -> Book:
    return opened(made(told))


def made(told: Json) -> bytes:
    data = document(told, "xlsx")
    assert isinstance(data, bytes)
    return data


def closed(failures: int) -> Json:
    """A gate that so many failures close."""
    place = {"file": "kpis/win_rate.yaml", "line": 1, "column": 6}
    return {
        "closed": True, "sentence": "Gate failed for 2026-Q3: poor.", "conditions": ["poor"], "baseline": None,
        "failures": [
            {"condition": "poor", "kind": "observation", "name": "win_rate", "sentence": f"win_rate is poor ({at}).",
             "severity": "error", "period": "2026-Q3", "level": "manager", "member": "m3", "label": "Carmen Ruiz",
             "place": place if at else None}
            for at in range(failures)
        ],
        "notes": ["The baseline has no tenure."],
    }  # fmt: skip


def rounded(row: Row) -> Row:
    """Numbers in the digits that Excel reads."""
    return {head: f"{cell:.15g}" if isinstance(cell, int | float) else cell for head, cell in row.items()}


def number(value: float | None) -> Any:  # noqa: ANN401 - pytest's own
    return None if value is None else pytest.approx(value, rel=1e-15)


# What is in it


def test_the_sheets_are_those_that_there_is_something_for(told: Json, book: Book) -> None:
    kpis = sheet_names(["Overview", *(kpi["title"] for kpi in told["kpis"] if kpi["measured"])])[1:]
    assert list(book.sheets) == [
        "Overview", "Findings", "Leader of a team", "Sales as a whole", "What makes the scores", *kpis, "Not measured",
        "Sources", "What was reported before", "What the run reported",
    ]  # fmt: skip
    bare = {
        **told, "findings": [], "scorecards": [], "history": None, "problems": [],
        "rules": [rule for rule in told["rules"] if rule["measured"]],
        "kpis": [kpi for kpi in told["kpis"] if kpi["measured"]],
    }  # fmt: skip
    assert list(opened(made(bare)).sheets) == ["Overview", *kpis, "Sources"]


def test_every_observation_is_a_row_of_typed_cells(told: Json, book: Book) -> None:
    expected = defaultdict(list)
    kpis = {kpi["name"]: kpi for kpi in told["kpis"]}
    starts = {period["label"]: dt.date.fromisoformat(period["start"]) for period in told["periods"]}
    titles = {level["name"]: level["title"] for level in told["levels"]}
    for row in told["observations"]:
        kpi = kpis[row["kpi"]]
        low, high = row["target_range"] or (row["target"], None)
        expected[kpi["title"]].append({
            "Period": row["period"], "First day": starts[row["period"]], "Level": titles[row["level"]],
            "Member": row["member"], "Label": row["label"], "Value": row["value"], "Target": low, "Target to": high,
            "Status": status(kpi, row["status"]).word if row["status"] else None, "Cases": row["n"],
            HEADS[-2]: (row["interval"] or (None, None))[0], HEADS[-1]: (row["interval"] or (None, None))[1],
        })  # fmt: skip
    for title, rows in expected.items():
        sheet = book.sheets[title[:31]]
        assert list(sheet.heads.values()) == HEADS
        found = sheet.table
        assert len(found) == len(rows)
        for seen, wanted in zip(found, rows, strict=True):
            assert seen.pop("Remark") is not None or wanted["Status"] is not None
            assert rounded(seen) == rounded(wanted)


def test_what_has_no_verdict_or_an_uncertain_one_says_so(told: Json, book: Book) -> None:
    found = book.sheets["Overall sales effectiveness"].table
    rows = [row for row in told["observations"] if row["kpi"] == "win_rate"]
    assert [str(seen["Remark"]).startswith("uncertain") for seen in found] == [
        bool(row["status"] and row["uncertain"]) for row in rows
    ]
    assert {seen["Remark"] for seen in found if seen["Status"] is None} == {"Too few to judge", "No data"}
    guarded = "while Coaching against internal meetings gets worse"
    assert sum(guarded in str(seen["Remark"]) for seen in found) == sum(
        bool(row["guard"] and row["status"]) for row in rows
    )


def test_the_overview_has_each_kpi_with_its_status_and_change(told: Json, book: Book) -> None:
    rows = {row["KPI"]: row for row in book.sheets["Overview"].table}
    now = {
        row["kpi"]: row for row in told["observations"]
        if row["period"] == told["period"] and row["level"] == "organisation"
    }  # fmt: skip
    kpis = {kpi["title"]: kpi for kpi in told["kpis"]}
    assert rows.keys() == kpis.keys()
    for title, kpi in kpis.items():
        row = rows[title]
        assert row["Owner"] == kpi["owner"]
        if not kpi["measured"]:
            assert row["Remark"] == "Not measured"
            assert row["Value"] is None
            continue
        wanted = now[kpi["name"]]
        assert row["Value"] == number(wanted["value"])
        assert row["Since Q2 2026"] == number(wanted["change"])
        assert row["Cases"] == wanted["n"]
        assert row["Status"] == (status(kpi, wanted["status"]).word if wanted["status"] else None)
        better = {"higher_is_better": 1, "lower_is_better": -1}.get(kpi["direction"], 0) * wanted["change"]
        assert row["Better or worse"] == ("better" if better > 0 else "worse" if better < 0 else None)


def test_the_overview_says_what_it_is_about_and_each_kpi_leads_to_its_sheet(told: Json) -> None:
    changed = copy.deepcopy(told)
    changed["report"]["classification"] = "Confidential & secret"
    changed["periods"][-1]["complete"] = False
    book = opened(made(changed))
    views = Views(changed)
    sheet = book.sheets["Overview"]
    assert sheet.lines[:7] == [
        "Acme sales leadership", f"Q3 2026 | {views.frame().dates}", "Confidential & secret",
        views.overview().verdict, views.frame().caution, f"Findings | {views.overview().findings_summary}", "Contents",
    ]  # fmt: skip
    named = {each["display"]: each["location"] for each in map(dict, map(ET.Element.items, links(sheet)))}
    assert named["Win rate by value"] == "'Win rate by value'!A1"
    assert named["Competitive displacements"] == "'Not measured'!A1"
    assert named["Findings"] == "'Findings'!A1"
    assert {place[1:-4] for place in named.values()} == set(book.sheets) - {"Overview"}
    [header] = {each.text for each in sheet.tree.iter(f"{MAIN}oddHeader")}
    assert header == "&CConfidential && secret"


def links(sheet: Sheet) -> Iterable[ET.Element]:
    return sheet.tree.iter(f"{MAIN}hyperlink")


def test_why_the_run_is_red_comes_first_and_has_a_sheet(told: Json) -> None:
    book = opened(made({**told, "gate": closed(12)}))
    sheet = book.sheets["Overview"]
    assert sheet.lines[:14] == [
        "Gate failed for 2026-Q3: poor.", *(f"win_rate is poor ({each})." for each in range(10)), "2 more",
        "The baseline has no tenure.", "Acme sales leadership",
    ]  # fmt: skip
    assert list(book.sheets)[1] == "Why the run is red"
    rows = book.sheets["Why the run is red"].table
    assert [row["What was found"] for row in rows] == [f"win_rate is poor ({each})." for each in range(12)]
    assert [row["Defined in"] for row in rows] == [None, *["kpis/win_rate.yaml:1:6"] * 11]
    assert {(row["Severity"], row["Label"], row["Condition"]) for row in rows} == {("Error", "Carmen Ruiz", "poor")}
    pane = sheet.tree.find(f".//{MAIN}pane")
    assert pane is not None
    assert pane.get("ySplit") is None  # heads so far down would take the window with all that is above them


def test_a_gate_that_is_open_says_so(told: Json) -> None:
    green = {**closed(0), "closed": False, "sentence": "Gate passed for 2026-Q3.", "notes": []}
    book = opened(made({**told, "gate": green}))
    assert book.sheets["Overview"].lines[:2] == ["Gate passed for 2026-Q3.", "Acme sales leadership"]
    assert list(book.sheets)[1] == "Findings"


def test_all_findings_are_listed(told: Json, book: Book) -> None:
    rows = book.sheets["Findings"].table
    assert [(row["What was found"], row["Member"], row["What to do"], row["Owner"]) for row in rows] == [
        (each["message"], each["member"], each["action"], each["owner"]) for each in told["findings"]
    ]
    assert {row["Severity"] for row in rows} == {"Error", "Warning", "Note"}
    assert {row["Since"] for row in rows} >= {"new", "since Q2 2026"}
    assert rows[0]["KPIs"] == "Retention, Employee engagement"


def test_a_scorecard_has_its_members_with_the_points_of_each_part(told: Json, book: Book) -> None:
    [card] = [card for card in told["scorecards"] if card["name"] == "leader"]
    now = {row["member"]: row for row in card["scores"] if row["period"] == told["period"]}
    sheet = book.sheets["Leader of a team"]
    assert {row["Member"] for row in sheet.table} == now.keys()
    parts = [head for head in sheet.heads.values() if "(weight" in head]
    assert (parts[0], parts[5]) == ("Overall sales effectiveness (weight 10)", "Retention (weight 3, gate)")
    for row in sheet.table:
        wanted = now[row["Member"]]
        assert row["Score"] == number(wanted["score"])
        assert row["Coverage"] == number(wanted["coverage"])
        assert row["Rank"] == (wanted["peers"] or {"rank": None})["rank"]
        assert [row[head] for head in parts] == [part["points"] for part in wanted["parts"]]
        assert ("Gate: Retention" in (row["Remark"] or "")) == bool(wanted["gated_by"])
    assert "Too little is known" in {row["Remark"] for row in sheet.table}
    assert sheet.lines[-1] == "Owner: sales-ops."
    bars, heat = (
        [rule for rule in sheet.tree.iter(f"{MAIN}cfRule") if rule.get("type") == kind]
        for kind in ("dataBar", "colorScale")
    )
    assert len(bars) == len(heat) == 1


def test_all_parts_of_all_scores_are_rows(told: Json, book: Book) -> None:
    rows = book.sheets["What makes the scores"].table
    wanted = [
        (card["title"], score["member"], part["weight"], number(part["points"]), number(part["contribution"]))
        for card in told["scorecards"]
        for score in card["scores"]
        if score["period"] == told["period"]
        for part in score["parts"]
    ]
    found = [(row["Scorecard"], row["Member"], row["Weight"], row["Points"], row["Gives"]) for row in rows]
    assert len(found) == len(wanted)
    assert all(each in wanted for each in found)
    assert all(each in found for each in wanted)
    assert {row["Part"] for row in rows if row["Gate"] == "yes"} == {"Retention"}
    assert "Not measured" in {row["Remark"] for row in rows}


def test_what_is_not_measured_and_where_figures_come_from(told: Json, book: Book) -> None:
    rows = {row["Title"]: row for row in book.sheets["Not measured"].table}
    assert rows["Competitive displacements"]["What it needs"] == "opportunities: competitor"
    assert rows["Competitive displacements"]["What it would answer"] == "Do we win against our rivals?"
    assert [(title, row["Kind"]) for title, row in rows.items()][-2:] == [
        ("Against rivals", "Scorecard"), ("Discounts", "Rule"),
    ]  # fmt: skip
    [first, *_] = book.sheets["Sources"].table
    source = told["sources"][0]
    assert (first["Rows"], first["Rows used"]) == (source["rows"], source["rows_used"])
    assert first["First day"] == dt.date.fromisoformat(source["first"])
    assert "12 rows have no date" in first["Worth knowing"]
    assert book.sheets["Sources"].lines[-1].startswith("Made with: kpieval")
    [trouble] = book.sheets["What the run reported"].table
    assert (trouble["Severity"], trouble["Place"], trouble["Code"]) == (
        "Warning",
        "kpieval.yaml:12:9",
        "unmapped-value",
    )


def test_every_restated_figure_is_listed(told: Json, book: Book) -> None:
    rows = book.sheets["What was reported before"].table
    found = told["history"]["restatements"]
    assert [(row["As reported"], row["Now"]) for row in rows] == [
        (number(each["reported_value"]), number(each["value"])) for each in found
    ]
    assert {row["Reported on"] for row in rows} == {dt.date(2026, 7, 6)}
    assert {row["Why"] for row in rows} == {
        "The data have changed", "It is computed in another way", "It is held against something else",
    }  # fmt: skip


# How it looks


@pytest.mark.parametrize(
    ("unit", "locale", "currency", "code"),
    [
        (Unit("percent", None, None), "en_GB", "EUR", "#,##0%"),
        (Unit("percent", 1, None), "en_GB", "EUR", "#,##0.0%"),
        (Unit("currency", 2, None), "en_GB", "EUR", "[$€]#,##0.00"),
        (Unit("currency", 0, None), "de_DE", "EUR", "#,##0 [$€]"),
        (Unit("currency", 0, None), "de_CH", "CHF", "[$CHF] #,##0"),
        (Unit("currency", None, None), "en_GB", None, "#,##0"),
        (Unit("hours", None, None), "en_GB", "EUR", '#,##0.0" hrs"'),
        (Unit("hours", None, None), "de_DE", "EUR", '#,##0.0" Std."'),
        (Unit("suffix", 1, 'y"e\\ars'), "en_GB", "EUR", '#,##0.0" years"'),
        (Unit("number", 0, None), "en_GB", "EUR", "#,##0"),
    ],
)
def test_numbers_have_the_format_of_their_unit(unit: Unit, locale: str, currency: str | None, code: str) -> None:
    assert number_format(unit, Formats(locale, currency)) == code


def test_a_difference_says_by_its_sign_that_it_is_one() -> None:
    code = number_format(Unit("percent"), Formats("en_GB", None), 1, signed=True)
    assert code == "+#,##0.0%;-#,##0.0%;#,##0.0%"


def test_the_cells_of_a_kpi_have_its_format(book: Book) -> None:
    for title, code in (("Revenue", "[$€]#,##0"), ("Forecast accuracy", "#,##0%")):
        assert code in {row[5][1] for row in book.sheets[title].inside.values() if 5 in row}
    change = next(row for row in book.sheets["Overview"].inside.values() if row[0][0] == "Revenue")[6]
    assert change[1] == "+[$€]#,##0;-[$€]#,##0;[$€]#,##0"


def test_a_value_that_would_look_as_if_it_had_reached_its_target_has_more_digits(book: Book) -> None:
    row = next(row for row in book.sheets["Overview"].inside.values() if row[0][0] == "Quota attainment")
    assert (row[1], row[2]) == ((0.7995, "#,##0.00%"), (0.8, "#,##0%"))
    rows = book.sheets["Quota attainment"].inside.values()
    assert [row[5][1] for row in rows if 5 in row and row[5][0] == 0.7995] == ["#,##0.00%"]


def test_a_column_is_as_wide_as_its_numbers(told: Json) -> None:
    changed = copy.deepcopy(told)
    kpi = next(kpi for kpi in changed["kpis"] if kpi["name"] == "revenue")
    kpi["unit"] = {"kind": "suffix", "decimals": 0, "suffix": "deals of more than a year"}
    rows = [row for row in changed["observations"] if row["kpi"] == "revenue"]
    rows[3]["value"] = 3e15
    book = opened(made(changed))
    for name, column in (("Revenue", 6), ("Overview", 2)):
        cols = book.sheets[name].tree.iter(f"{MAIN}col")
        assert next(float(col.get("width") or 0) for col in cols if col.get("min") == str(column)) > 35
    assert (3e15, "0.00E+00") in [row[5] for row in book.sheets["Revenue"].inside.values() if 5 in row]


def test_heads_stay_and_filter_and_a_status_has_its_colour(told: Json, book: Book) -> None:
    bands = {kpi["title"][:31]: kpi["bands"] for kpi in told["kpis"] if kpi["measured"]}
    for name, sheet in book.sheets.items():
        pane = sheet.tree.find(f".//{MAIN}pane")
        assert pane is not None
        top = int(re.sub(r"\D", "", sheet.filtered.split(":")[0]))
        assert (pane.get("ySplit"), pane.get("state")) == (str(top), "frozen")
        assert name == "Overview" or top == 1
        assert sheet.heads
        if name in {*bands, "Overview"}:
            used = bands.get(name, told["kpis"][0]["bands"])
            looks = {band["label"]: (INK[band["color"]], TINT[band["color"]]) for band in used}
            assert sheet.rules(book.looks) == looks


def test_a_word_of_two_colours_has_each_in_its_own_cell(told: Json) -> None:
    changed = copy.deepcopy(told)
    kpi = next(kpi for kpi in changed["kpis"] if kpi["name"] == "revenue")
    kpi["bands"] = [{**band, "color": "blue"} for band in kpi["bands"]]
    book = opened(made(changed))
    assert book.sheets["Overview"].rules(book.looks) == {}
    assert set(book.sheets["Revenue"].rules(book.looks).values()) == {(INK["blue"], TINT["blue"])}
    grounds = {}
    for title, color in (("Revenue", "blue"), ("Retention", "amber")):
        place = next(at for at, row in book.sheets["Overview"].inside.items() if row[0][0] == title)
        cell = next(each for each in book.sheets["Overview"].tree.iter(f"{MAIN}c") if each.get("r") == f"E{place}")
        styles = ET.fromstring(book.parts["xl/styles.xml"])
        ways, fills = styles.find(f"{MAIN}cellXfs"), styles.find(f"{MAIN}fills")
        assert ways is not None
        assert fills is not None
        ground = fills[int(ways[int(cell.get("s") or 0)].get("fillId") or 0)].find(f".//{MAIN}fgColor")
        assert ground is not None
        grounds[color] = f"#{(ground.get('rgb') or '')[2:].lower()}"
    assert grounds == {"blue": TINT["blue"], "amber": TINT["amber"]}


def test_a_word_that_is_too_long_for_a_rule_has_its_colour_in_its_own_cell(told: Json) -> None:
    changed = copy.deepcopy(told)
    for kpi in changed["kpis"]:
        kpi["bands"] = [{**band, "label": "x" * 256} for band in kpi["bands"]]
    book = opened(made(changed))
    assert [name for name in ("Overview", "Revenue") if book.sheets[name].rules(book.looks)] == []
    assert "x" * 256 in {row["Status"] for row in book.sheets["Revenue"].table}


def test_a_workbook_has_no_more_formats_of_numbers_than_excel_takes(told: Json) -> None:
    changed = copy.deepcopy(told)
    kpi = next(kpi for kpi in changed["kpis"] if kpi["name"] == "revenue")
    row = next(row for row in changed["observations"] if row["kpi"] == "revenue")
    names = [f"revenue{at}" for at in range(looks.CODES + 10)]
    changed["observations"] = [{**row, "kpi": name} for name in names]
    changed["kpis"] = [
        {**kpi, "name": name, "unit": {"kind": "suffix", "decimals": 0, "suffix": name}} for name in names
    ]
    changed |= {"findings": [], "scorecards": [], "drivers": [], "rules": [], "benchmarks": [], "history": None}
    book = opened(made(changed))
    codes = ET.fromstring(book.parts["xl/styles.xml"]).iter(f"{MAIN}numFmt")
    assert looks.CODES - 10 < len(list(codes)) <= looks.CODES
    last = list(book.sheets)[looks.CODES + 10]
    assert {row[5][1] for row in book.sheets[last].inside.values() if 5 in row} == {"General"}


def test_paper_is_turned_and_each_sheet_of_it_has_the_heads(book: Book) -> None:
    named = ET.fromstring(book.parts["xl/workbook.xml"]).iter(f"{MAIN}definedName")
    titles = [each.text or "" for each in named if each.get("name") == "_xlnm.Print_Titles"]
    assert len(titles) == len(book.sheets)
    for sheet in book.sheets.values():
        page, fit = sheet.tree.find(f"{MAIN}pageSetup"), sheet.tree.find(f".//{MAIN}pageSetUpPr")
        assert page is not None
        assert fit is not None
        assert (page.get("orientation"), page.get("fitToHeight"), fit.get("fitToPage")) == ("landscape", "0", "1")
        assert "Acme sales leadership, Q3 2026" in (sheet.tree.findtext(f".//{MAIN}oddFooter") or "")
        assert len(list(sheet.tree.iter(f"{MAIN}col"))) >= 4


def test_long_texts_get_the_lines_that_they_need(book: Book) -> None:
    sheet = book.sheets["Findings"]
    long = next(number for number, row in sheet.inside.items() if len(row[5][0]) > 100)
    row = next(row for row in sheet.tree.iter(f"{MAIN}row") if row.get("r") == str(long))
    assert float(row.get("ht") or 0) >= 3 * sheets.LINE


def test_a_report_from_right_to_left_is_laid_out_so(told: Json) -> None:
    book = opened(made({**told, "locale": "he_IL"}))
    for sheet in book.sheets.values():
        view = sheet.tree.find(f".//{MAIN}sheetView")
        assert view is not None
        assert view.get("rightToLeft") == "1"


def test_the_colours_are_those_of_the_style_sheet() -> None:
    style = (folders.reports() / "report.css").read_text("utf-8")
    for color in INK:
        assert f"--{color}: {INK[color]};" in style
        assert f"--{color}-tint: {TINT[color]};" in style


# Which words it has


def words_of(book: Book) -> str:
    """All that is read in it, but places, keys, and what the run reported, which is English anywhere."""
    english = ("What the run reported", "Was der Lauf", "Ce que l", "Lo que avis", "Co výpočet")
    shown = [name for name in book.sheets if not name.startswith(english)]
    texts = {
        str(cell) for name in shown for row in book.sheets[name].rows.values() for cell, _ in row.values()
        if not re.search(r"\.yaml:\d|^data/|^organisation$", str(cell))
    }  # fmt: skip
    codes = {code for name in shown for row in book.sheets[name].rows.values() for _, code in row.values()}
    words = [word for code in codes for word in re.findall(r'"([^"]*)"', code)]
    return " | ".join([*book.sheets, *sorted(texts), *words]).replace(NBSP, " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_a_workbook_comes_from_elsewhere_than_the_catalogue(language: str) -> None:
    text = words_of(opened(made({**sample(LOCALES[language]), "gate": None})))
    assert leftovers(text, language) == []
    assert unsaid(text, language) == set()


def test_the_search_for_english_words_finds_them() -> None:
    text = words_of(opened(made(sample("en_GB"))))
    for language in LANGUAGES:
        assert {"Overview", "What was found", "Not measured", "Coverage"} <= set(leftovers(text, language))


# What it does not do


STARTS = ["=", "+", "-", "@", "\t=", "\r=", "{=", "http://", "internal:", "=HYPERLINK(", "=cmd|' /C calc'!", "＝"]


@pytest.mark.parametrize("start", STARTS)
def test_a_text_is_never_a_formula_or_a_link(told: Json, start: str) -> None:
    changed: Json = rename(told, lambda text: text if text in KEPT else f'{start}1+1|"x"{text}')
    changed["title"] = f'{start}1+1|"x"'
    changed["gate"] = closed(12)
    for failure in changed["gate"]["failures"]:
        failure |= {key: f"{start}{failure[key]}" for key in ("sentence", "condition", "level", "member", "label")}
    changed["gate"]["sentence"] = f"{start}1+1"
    found = opened(made(changed))  # it has looked for formulas
    every = [link for sheet in found.sheets.values() for link in links(sheet)]
    assert all((link.get("location") or "").startswith("'") and link.get(REL) is None for link in every)
    texts = {
        cell for sheet in found.sheets.values() for row in sheet.rows.values() for cell, _ in row.values()
        if isinstance(cell, str)
    }  # fmt: skip
    hostile = {text for text in texts if text.startswith(start)}
    assert len(hostile) > 100
    if re.match("[=+\\-@\t\r＝]", start):  # it would be a formula as soon as somebody edits the cell
        assert hostile - found.quoted == set()


def test_names_of_sheets_are_legal_and_unique() -> None:
    hostile = ["Overview", "overview", "[x]:*?/\\", "'quoted'", "History", "", "\x00", "x" * 40, "x" * 41, "😀" * 40]
    names = sheet_names([*hostile, "x", "X 13", "x", "x"])
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) / 2 <= 31
        assert not re.search(r"[\[\]:*?/\\]|^'|'$|^history$", name, re.IGNORECASE)


def test_a_text_is_as_long_as_a_cell_may_be(told: Json) -> None:
    changed = copy.deepcopy(told)
    changed["findings"][0]["message"] = "é" * 40_000
    [row, *_] = opened(made(changed)).sheets["Findings"].table
    assert row["What was found"] == "é" * 32_767


def test_another_reader_reads_every_sheet(told: Json) -> None:
    read = fastexcel.read_excel(made(told))
    assert read.sheet_names[:2] == ["Overview", "Findings"]
    for name in read.sheet_names:
        assert read.load_sheet(name).total_height > 0


def test_the_same_result_gives_the_same_bytes_wherever_and_whenever(
    told: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first = made(told)
    assert "2026-10-01T00:00:00Z</dcterms:created>" in opened(first).parts["docProps/core.xml"]
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        time.sleep(2.1)  # the finest step of a time in an archive is two seconds
        assert made(told) == first
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_day_in_the_file_can_be_given(told: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert "1970-01-02T00:00:00Z</dcterms:created>" in opened(made(told)).parts["docProps/core.xml"]


def test_rows_beyond_the_last_one_of_a_sheet_are_counted(told: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "ROWS", 40)
    found = opened(made(told))
    rows = [row for row in told["observations"] if row["kpi"] == "win_rate"]
    assert len(found.sheets["Overall sales effectiveness"].rows) == 40
    said = [line for line in found.sheets["Overview"].lines if "fit into a sheet" in line]
    assert said[0].startswith(f"Overall sales effectiveness: {len(rows) - 39} rows don’t fit into a sheet; ")
    assert said[-1].startswith("What makes the scores: ")


def test_without_the_package_the_way_out_is_said(told: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "find_spec", lambda _name: None)
    with pytest.raises(OutputError, match="needs the package xlsxwriter"):
        document(told, "xlsx")


def test_a_report_of_python_is_a_workbook_too(tmp_path: Path) -> None:
    with load(Path(__file__).parents[1] / "examples" / "hospital-waiting-times").evaluate() as run:
        path = run.report(tmp_path / "a.xlsx", "xlsx")
    assert next(iter(opened(path.read_bytes()).sheets)) == "Overview"

"""Every figure on a page is the result's: the pages are read back, cell by cell, and held against the observations."""

from __future__ import annotations

import re
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest

from kpieval.render.html import site
from sample_result import result

Json = dict[str, Any]
Table = tuple[str, list[list[str]]]

SCALES = {"": 1, "K": 10**3, "k": 10**3, "M": 10**6, "m": 10**6, "B": 10**9, "bn": 10**9}
NUMBER = re.compile(
    r"(?P<sign>[+\N{MINUS SIGN}]?)€?(?P<digits>\d[\d,]*)(?P<rest>\.\d+)?(?P<scale>K|k|M|m|bn|B)?(?P<share>%)?"
)
NOTHING = "\N{EN DASH}"


class Tables(HTMLParser):
    """The tables of a page: their captions, and the words of each cell, without what only a screen reader reads."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self._caption, self._hidden = "", 0
        self._cell: str | None = None
        self._in_caption = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if self._hidden or (tag in {"span", "small"} and {"vh", "guard"} & set(classes)) or tag == "small":
            self._hidden += tag not in {"br", "img", "path", "use", "rect"}
        elif tag == "table":
            self.tables.append(("", []))
        elif tag == "caption":
            self._in_caption, self._caption = True, ""
        elif tag == "tr" and self.tables:
            self.tables[-1][1].append([])
        elif tag in {"td", "th"} and self.tables:
            self._cell = ""

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            self._hidden -= tag not in {"br", "img", "path", "use", "rect"}
        elif tag == "caption":
            self._in_caption = False
            self.tables[-1] = (self._caption, self.tables[-1][1])
        elif tag in {"td", "th"} and self._cell is not None:
            self.tables[-1][1][-1].append(" ".join(self._cell.split()))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._in_caption:
            self._caption += data
        elif self._cell is not None:
            self._cell += data


def said(words: str) -> tuple[Decimal, Decimal]:
    """A figure that is written as words, and how far its digits leave it open."""
    found = NUMBER.match(words)
    assert found, words
    scale = Decimal(SCALES[found["scale"] or ""])
    scale = scale / 100 if found["share"] or "point" in words else scale
    number = Decimal(found["digits"].replace(",", "") + (found["rest"] or ""))
    number = -number if found["sign"] == "\N{MINUS SIGN}" else number
    return number * scale, scale / 2 / 10 ** max(0, len(found["rest"] or ".") - 1)


def agree(words: str, number: float | None) -> None:
    """Hold a cell against the result."""
    if number is None:
        assert words == NOTHING
        return
    shown, open_by = said(words)
    assert abs(shown - Decimal(repr(number))) <= open_by * Decimal("1.0000001"), (words, number)


@pytest.fixture(scope="module")
def made() -> Json:
    return result()


@pytest.fixture(scope="module")
def pages() -> dict[str, list[Table]]:
    return {name: Tables(page).tables for name, page in site(result()) if name.endswith(".html")}


def columns(rows: list[list[str]]) -> list[dict[str, str]]:
    """The rows of a table by the heads of their cells."""
    heads = rows[0]
    return [dict(zip(heads, row, strict=False)) for row in rows[1:] if len(row) == len(heads)]


def now(made: Json) -> dict[tuple[str, str, str], Json]:
    return {(o["kpi"], o["level"], o["label"]): o for o in made["observations"] if o["period"] == made["period"]}


def test_the_overview_says_value_and_target_of_each_kpi_as_they_are(made: Json, pages: dict[str, list[Table]]) -> None:
    titles = {kpi["title"]: kpi["name"] for kpi in made["kpis"]}
    rows, checked = now(made), 0
    for caption, table in pages["index.html"]:
        if "of the whole organisation" not in caption:
            continue
        for row in columns(table):
            seen = rows.get((titles[row["KPI"]], "organisation", "Organisation"))
            if seen is None or seen["target_range"]:
                continue
            agree(row["Value"], seen["value"])
            agree(row["Target"], seen["target"])
            checked += 1
    assert checked > 15


def test_a_kpi_says_its_history_and_its_members_as_they_are(made: Json, pages: dict[str, list[Table]]) -> None:
    rows, checked = now(made), 0
    labels = {period["label"]: f"{period['label'][5:]} {period['label'][:4]}" for period in made["periods"]}
    past = {(o["kpi"], labels[o["period"]]): o for o in made["observations"] if o["level"] == "organisation"}
    levels = {"Regions": "region", "Managers": "manager", "Reps": "rep"}
    short = {"hours", "days", "suffix", "points"}
    for kpi in made["kpis"]:
        name = f"kpi-{kpi['name'].replace('_', '-')}.html"
        scale = " points" if kpi["unit"]["kind"] == "points" else ""
        for _, table in pages.get(name, ()):
            heads = table[0]
            if heads[:2] == ["Period", "Value"]:
                for row in columns(table):
                    seen = past.get((kpi["name"], row["Period"]))
                    agree(row["Value"], seen and seen["value"])
                    checked += 1
            elif heads[0] == "Member" and "Cases" in heads and "Status" in heads:
                level = ""
                for cells_of in table[1:]:
                    level = levels.get(cells_of[0], level) if len(cells_of) == 1 else level
                    if len(cells_of) < len(heads) - 1:
                        continue
                    cells = dict(zip(heads, cells_of, strict=False))
                    seen = rows[kpi["name"], level, cells["Member"]]
                    if seen["value"] is not None or cells["Value"] == NOTHING:
                        agree(cells["Value"] + (scale if kpi["unit"]["kind"] in short else ""), seen["value"])
                    assert cells["Cases"].replace(",", "") == (NOTHING if seen["n"] is None else str(seen["n"]))
                    checked += 1
    assert checked > 400


def test_a_member_says_its_scores_and_kpis_as_they_are(made: Json, pages: dict[str, list[Table]]) -> None:
    titles = {kpi["title"]: kpi["name"] for kpi in made["kpis"]}
    members = {(m["level"], m["member"]): m["label"] for m in made["members"]}
    rows, checked = now(made), 0
    for name, tables in pages.items():
        if not name.startswith("member-manager-"):
            continue
        label = members["manager", name.removeprefix("member-manager-").removesuffix(".html")]
        for _, table in tables:
            if table[0][:2] == ["KPI", "Value"]:
                for row in columns(table):
                    seen = rows[titles[row["KPI"]], "manager", label]
                    agree(row["Value"], seen["value"])
                    if not seen["target_range"]:
                        agree(row["Target"], seen["target"])
                    checked += 1
            elif table[0][0] == "Part":
                card = next(card for card in made["scorecards"] if card["level"] == "manager" and card["scores"])
                score = next(s for s in card["scores"] if s["label"] == label and s["period"] == made["period"])
                parts = {titles_of(made)[part["name"]]: part for part in score["parts"]}
                for row in columns(table):
                    part = parts[row["Part"].removesuffix(" gate")]
                    agree(row["Points"], part["points"])
                    agree(row["Gives"], part["contribution"])
                    checked += 1
    assert checked > 100


def titles_of(made: Json) -> dict[str, str]:
    return {each["name"]: each["title"] for each in (*made["kpis"], *made["scorecards"])}

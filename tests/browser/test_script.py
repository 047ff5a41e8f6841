"""The script in a real browser: what it sorts, finds and makes; that pages are whole without it, and no other runs."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from browser import tools
from kpieval import folders
from kpieval.publish.links import moved
from kpieval.render import render
from kpieval.render.html import site
from sample_result import QUARTERS, result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

Json = dict[str, Any]
ORDER = {"poor": 1, "watch": 2, "good": 3, None: 4}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHIFTED = """() => new Promise((done) => {
  const shifts = [];
  new PerformanceObserver((list) => shifts.push(...list.getEntries().map((entry) => entry.value)))
    .observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(shifts.reduce((sum, each) => sum + each, 0)), 400);
})"""
"""How far the page has moved by itself so far (Cumulative Layout Shift; 0.1 is still good)."""
PAGES = ("report.html", "index.html", "find.html", "kpi-win-rate.html", "kpi-revenue.html", "member-manager-m3.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("script"), sample())


def sample(locale: str = "en_GB") -> Json:
    """So many members that they are searched, few enough that each is listed."""
    return result(reps=28) | {"locale": locale}


def written(folder: Path, made: Json) -> Path:
    for name, text in {"report.html": render(made, "html"), **dict(site(made))}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    yield opened
    context.close()
    assert said == []


def now(made: Json, kpi: str, level: str) -> list[Json]:
    key = (kpi, level, QUARTERS[-1])
    return [row for row in made["observations"] if (row["kpi"], row["level"], row["period"]) == key]


def labels(rows: Locator) -> list[str]:
    return [text.strip() for text in rows.locator(":scope > th[scope=row]").all_inner_texts()]


def press(page: Page, table: str, head: str) -> None:
    page.locator(f"{table} > thead button", has_text=re.compile(f"^{head}")).first.click()


@pytest.fixture(scope="module")
def slowly(folder: Path) -> Iterator[str]:
    """The address of a server that lets a reader wait for the script, which is the end of a page."""

    class Slow(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            path = folder / self.path.lstrip("/")
            if not path.is_file():
                self.send_error(404)
                return
            data = path.read_bytes()
            begin = data.rfind(b"<script") if path.suffix == ".html" else len(data)
            self.send_response(200)
            self.send_header("Content-Type", "text/html" if path.suffix == ".html" else "text/css")
            self.end_headers()
            self.wfile.write(data[:begin])
            self.wfile.flush()
            time.sleep(0.4)
            self.wfile.write(data[begin:])

    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(("name", "most"), [("find.html", 0.001), ("kpi-win-rate.html", 0.001), ("index.html", 0.05)])
def test_what_the_script_adds_moves_nothing_that_is_being_read(
    browser: Browser, slowly: str, name: str, width: int, most: float
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(f"{slowly}/{name}")
    assert page.locator(".find input").count() >= 1
    assert page.evaluate(SHIFTED) <= most
    context.close()


@pytest.mark.parametrize("locale", ["en_GB", "de_DE", "fr_FR", "he_IL"])
@pytest.mark.parametrize("kpi", ["win_rate", "revenue", "deal_cycle", "forecast_bias"])
def test_members_are_sorted_by_value_within_their_level_and_those_without_come_last(
    page: Page, tmp_path: Path, kpi: str, locale: str
) -> None:
    made = sample(locale)
    page.goto((written(tmp_path, made) / f"kpi-{kpi.replace('_', '-')}.html").as_uri())
    heads = page.locator(".members > thead th")
    value = heads.nth(2)
    for sign, name in ((1, "ascending"), (-1, "descending")):
        value.locator("button").click()
        assert value.get_attribute("aria-sort") == name
        assert page.locator(".members [aria-sort]").count() == 1
        for at, level in enumerate(("region", "manager", "rep")):
            rows = now(made, kpi, level)
            figures = {row["label"]: row["value"] for row in rows}
            found = [figures[label] for label in labels(page.locator(f".members tbody >> nth={at} >> tr"))]
            known = [figure for figure in found if figure is not None]
            assert len(found) == len(rows)
            assert known == sorted(known, reverse=sign < 0)
            assert found[: len(known)] == known
        assert page.locator(".members tbody tr:first-child > th[scope=rowgroup]").count() == 3


def test_a_status_is_sorted_by_how_bad_it_is_and_equal_ones_keep_their_order(page: Page, folder: Path) -> None:
    page.goto((folder / "kpi-win-rate.html").as_uri())
    rows = page.locator(".members tbody >> nth=2 >> tr")
    press(page, ".members", "Member")
    by_name = labels(rows)
    assert by_name == sorted(by_name)
    press(page, ".members", "Status")
    assert page.locator(".members [aria-sort]").all_inner_texts()[0].startswith("Status")
    assert page.locator(".members [aria-sort]").count() == 1
    status = {row["label"]: ORDER[row["status"]] for row in now(sample(), "win_rate", "rep")}
    assert labels(rows) == sorted(by_name, key=lambda label: status[label])
    press(page, ".members", "Status")
    assert labels(rows) == sorted(by_name, key=lambda label: -status[label])


def test_changes_are_sorted_with_their_sign(page: Page, folder: Path) -> None:
    page.goto((folder / "kpi-win-rate.html").as_uri())
    press(page, ".members", "Change")
    changes = {row["label"]: row["change"] for row in now(sample(), "win_rate", "rep")}
    found = [changes[label] for label in labels(page.locator(".members tbody >> nth=2 >> tr"))]
    known = [change for change in found if change is not None]
    assert known == sorted(known)
    assert known[0] < 0 < known[-1]
    assert found[: len(known)] == known


def test_a_scorecard_is_sorted_with_what_makes_each_score(page: Page, folder: Path) -> None:
    page.goto((folder / "index.html").as_uri())
    press(page, ".scores", "Score")
    table = page.locator(".scores").first
    scores = {
        row["label"]: row["score"] for row in sample()["scorecards"][0]["scores"] if row["period"] == QUARTERS[-1]
    }
    for body in table.locator(":scope > tbody").all():
        found = [scores[label.split("\n")[0]] for label in labels(body.locator(":scope > tr"))]
        known = [score for score in found if score is not None]
        assert known == sorted(known)
        assert found[: len(known)] == known
        kinds = body.locator(":scope > tr").evaluate_all("rows => rows.map(row => row.className)")
        assert kinds == ["group", *["", "behind"] * len(found)]
        for row in body.locator(":scope > tr:not(.behind, .group)").all():
            member = labels(row.locator("xpath=self::*"))[0].split("\n")[0]
            assert member in row.locator("xpath=following-sibling::tr[1]").inner_text()


@pytest.mark.parametrize("locale", ["en_GB", "de_DE", "cs_CZ"])
def test_figures_are_read_with_their_sign_and_in_their_locale(page: Page, tmp_path: Path, locale: str) -> None:
    made = sample(locale)
    card = made["scorecards"][0]
    rows = [row for row in card["scores"] if row["period"] == QUARTERS[-1]]
    changes = dict(zip((row["label"] for row in rows), (-2000.5, -30.0, -4.25, 0.25, 5.0, 1000.0, 99.5), strict=True))
    for row in rows:
        row |= {"change": changes[row["label"]], "peers": None}
    card["peers"] = None
    page.goto((written(tmp_path, made) / "index.html").as_uri())
    page.locator(".scores > thead button").nth(3).click()
    lines = labels(page.locator(".scores").first.locator(":scope > tbody > tr"))
    found = [changes[line.split("\n")[0]] for line in lines]
    assert found == sorted(changes.values())


def test_the_keyboard_sorts(page: Page, folder: Path) -> None:
    page.goto((folder / "kpi-win-rate.html").as_uri())
    head = page.locator(".members > thead th").first
    head.locator("button").focus()
    for key, name in (("Enter", "ascending"), ("Space", "descending")):
        page.keyboard.press(key)
        assert head.get_attribute("aria-sort") == name
    assert page.evaluate("document.activeElement.parentElement.cellIndex") == 0
    assert head.inner_text().startswith("Member")


def test_small_tables_have_no_buttons_and_no_field(page: Page, folder: Path) -> None:
    page.goto((folder / "index.html").as_uri())
    for table in page.locator("table").all():
        rows = table.locator(":scope > tbody > tr > th[scope=row]").count()
        assert (table.locator(":scope > thead button").count() > 0) == (
            rows > 5 and table.locator(":scope > thead [data-sort]").count() > 0
        )
    assert page.locator("#scorecards .find").count() == 0
    assert page.locator("#all .find").count() == 1


def test_a_search_shows_the_rows_with_all_words_whatever_their_accents(page: Page, folder: Path) -> None:
    page.goto((folder / "kpi-win-rate.html").as_uri())
    field, said = page.get_by_label("Search the members"), page.locator(".find [role=status]")
    shown = page.locator(".members tbody tr:visible")
    everybody = labels(shown)
    assert said.inner_text() == ""
    field.fill("NOVAK  chlo")
    assert labels(shown) == ["Chloé Novák"]
    assert said.inner_text() == f"1 of the {len(everybody)} listed here"
    assert page.locator(".members th[scope=rowgroup]:visible").all_inner_texts() == ["Reps"]
    field.fill("ruiz")
    found = labels(shown)
    assert found[0] == "Carmen Ruiz"
    assert len(found) > 1  # and who belongs to her
    field.fill("30")
    assert labels(shown) == []  # figures are not looked through
    assert said.inner_text().startswith("0 of the ")
    field.fill("")
    assert labels(shown) == everybody
    assert said.inner_text() == ""


def test_the_field_of_the_overview_leads_to_what_was_found(page: Page, folder: Path) -> None:
    page.goto((folder / "index.html").as_uri())
    assert page.locator("nav a[href='find.html']:visible").count() == 0
    page.get_by_label("Find a KPI or a member").fill("volkov")
    page.keyboard.press("Enter")
    page.wait_for_url("**/find.html*")
    assert labels(page.locator(".roll tbody tr:visible")) == ["Dmitri Volkov"]
    assert page.get_by_label("Search KPIs and members").input_value() == "volkov"
    page.get_by_label("Search KPIs and members").fill("win rate")
    page.get_by_role("link", name="Win rate by value").click()
    page.wait_for_url("**/kpi-win-rate-value.html")
    page.goto((folder / "index.html").as_uri())
    page.get_by_label("Find a KPI or a member").fill("50% & more + #1")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/find.html*")
    assert page.get_by_label("Search KPIs and members").input_value() == "50% & more + #1"


def test_the_field_leads_there_from_the_front_of_a_published_folder_as_well(page: Page, folder: Path) -> None:
    front = folder.with_name("front.html")
    front.write_text(moved((folder / "index.html").read_text("utf-8"), folder.name), encoding="utf-8")
    page.goto(front.as_uri())
    page.get_by_label("Find a KPI or a member").fill("volkov")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{folder.name}/find.html*")
    assert labels(page.locator(".roll tbody tr:visible")) == ["Dmitri Volkov"]


@pytest.mark.parametrize("name", PAGES)
def test_without_a_script_there_is_no_control_and_nothing_less(browser: Browser, folder: Path, name: str) -> None:
    texts = []
    for script in (True, False):
        context = browser.new_context(java_script_enabled=script)
        opened = context.new_page()
        opened.goto((folder / name).as_uri())
        if not script:
            assert opened.locator("button, input, .find, .sorts, [hidden]").count() == 0
        texts.append(re.sub(r"\s+", " ", " ".join(opened.locator("main th, main td").all_inner_texts())))
        context.close()
    assert texts[0] == texts[1]


@pytest.mark.parametrize("name", PAGES)
def test_paper_has_no_control_and_every_row(browser: Browser, folder: Path, name: str, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")

    def printed(opened: Page, at: str) -> str:
        opened.pdf(path=tmp_path / at, prefer_css_page_size=True)
        command = ["pdftotext", "-layout", str(tmp_path / at), "-"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto((folder / name).as_uri())
    plain = printed(opened, "plain.pdf")
    context.close()
    context = browser.new_context()
    opened = context.new_page()
    opened.goto((folder / name).as_uri())
    for field in opened.locator("main .find input").all():
        field.fill("nobody is called that")
    assert printed(opened, "script.pdf") == plain
    context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1440)])
@pytest.mark.parametrize("name", ["index.html", "find.html", "kpi-win-rate.html"])
def test_axe_finds_nothing_in_what_was_sorted_and_searched(
    browser: Browser, folder: Path, name: str, scheme: str, width: int
) -> None:
    axe = tools.package("axe-core")
    if axe is None:
        pytest.skip("axe-core could not be installed through npm")
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})  # type: ignore[arg-type]
    opened = context.new_page()
    opened.goto((folder / name).as_uri())
    opened.locator("main thead button:visible").first.click()
    opened.locator("main .find input").first.fill("r")
    opened.evaluate((axe / "axe.min.js").read_text(encoding="utf-8"))
    found = opened.evaluate("tags => axe.run(document, {runOnly: tags})", STANDARDS)
    sizes = opened.locator("button:visible, input:visible").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect()).map(box => [box.width, box.height])"
    )
    sticks_out = opened.evaluate("document.documentElement.scrollWidth") > width
    context.close()
    assert "button-name" in {rule["id"] for rule in found["passes"]}
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    assert not sticks_out
    assert sizes
    assert width > 360 or all(side >= 44 for size in sizes for side in size)


OTHERS = """{% extends "kpieval/page.html" %}
{% block head %}<script>document.documentElement.dataset.ran = "inline"</script>{% endblock %}
{% block footer %}<p onclick="document.documentElement.dataset.ran = 'handler'">press</p>
<a href="javascript:document.documentElement.dataset.ran = 'link'">link</a>
<script src="{{ style_file }}"></script>
<script src="data:,document.documentElement.dataset.ran='data'"></script>{% endblock %}
"""


@pytest.mark.parametrize("name", ["report.html", "index.html", "kpi-win-rate.html"])
def test_a_template_of_ones_own_runs_no_script_of_its_own(browser: Browser, tmp_path: Path, name: str) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "page.html").write_text(OTHERS, encoding="utf-8")
    (own / "extra.css").write_text("*{}/*\n*/ \n", encoding="utf-8")
    made = sample()
    for file, text in {"report.html": render(made, "html", own), **dict(site(made, own))}.items():
        # the style sheet is a script as well, as a stranger could make theirs
        (tmp_path / file).write_text(
            "document.documentElement.dataset.ran = 'style'" if file.endswith(".css") else text
        )
    context = browser.new_context()
    opened = context.new_page()
    blocked: list[str] = []
    opened.on("console", lambda message: blocked.append(message.text))
    opened.goto((tmp_path / name).as_uri())
    opened.get_by_text("press").click()
    opened.get_by_role("link", name="link", exact=True).click()
    assert opened.evaluate("document.documentElement.dataset.ran ?? null") is None
    assert opened.locator("thead button").count() > 0  # ours does
    context.close()
    assert len([text for text in blocked if "Content Security Policy" in text]) >= 4


def test_the_script_is_small_and_stores_loads_and_writes_nothing() -> None:
    source = (folders.reports() / "report.js").read_text(encoding="utf-8")
    assert len(source.encode()) < 6_144
    for word in (
        "innerHTML",
        "outerHTML",
        "eval",
        "Function(",
        "fetch",
        "XMLHttp",
        "import",
        "Storage",
        "cookie",
        ".style",
    ):
        assert word not in source
    assert "</" not in source
    assert "<!--" not in source

"""The page in a real browser: accessible, valid, complete without a script, silent on the network, and printable."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from browser import tools
from examples import SALES, pages
from kpieval.publish.pages import runs_page
from kpieval.publish.run import run_of
from kpieval.render import render
from kpieval.render.html import site, style_name, style_sheet
from sample_result import result

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (360, 768, 1440)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(result(), "html"), encoding="utf-8")
    return path


PAGES = (
    "report.html",
    "index.html",
    "kpi-win-rate.html",
    "member-manager-m3.html",
    "find.html",
    "methods.html",
    "runs.html",
)
"""The one page, one of each kind of a site, and the page of what has been published."""

SHEETS = {"index.html": 4, "kpi-win-rate.html": 2, "member-manager-m3.html": 2}
"""On so many pages of paper at most: the overview on two sheets, both sides."""


@pytest.fixture(scope="module", params=PAGES)
def each(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    run = run_of(result(), "0" * 64, ["report.md"], dt.datetime(2026, 10, 5, tzinfo=dt.UTC))
    single = {"report.html": render(result(), "html"), "runs.html": runs_page([run], run)}
    for name, text in {**single, **dict(site(result()))}.items():
        (folder / name).write_text(text, encoding="utf-8")
    path: Path = folder / request.param
    return path


def opened(browser: Browser, file: Path, **options: object) -> tuple[BrowserContext, Page]:
    context = browser.new_context(**options)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(file.as_uri())
    return context, page


@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 1440)])
def test_axe_finds_nothing(browser: Browser, each: Path, scheme: str, width: int) -> None:
    folder = tools.package("axe-core")
    if folder is None:
        pytest.skip("axe-core could not be installed through npm")
    context, page = opened(browser, each, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.evaluate("for (const found of document.querySelectorAll('details')) found.open = true")
    page.evaluate("for (const found of document.querySelectorAll('.kpi')) found.style.contentVisibility = 'visible'")
    page.evaluate((folder / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", STANDARDS)
    context.close()
    assert len(found["passes"]) > 25
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []


def test_the_page_is_valid_html(each: Path) -> None:
    folder, node = tools.package("html-validate"), shutil.which("node")
    if folder is None or node is None:
        pytest.skip("html-validate could not be installed through npm")
    config = each.with_name("config.json")
    rules = {"require-sri": ["error", {"target": "crossorigin"}]}
    config.write_text(
        json.dumps({"root": True, "extends": ["html-validate:standard", "html-validate:document"], "rules": rules})
    )
    command = [node, str(folder / "bin" / "html-validate.mjs"), "--config", str(config), str(each)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_reference_checker_of_the_w3c_finds_nothing(tmp_path: Path) -> None:
    folder, java = tools.package("vnu-jar"), shutil.which("java")
    if folder is None or java is None:
        pytest.skip("the Nu Html Checker needs Java, and npm to install it")
    pages = {"report.html": render(result(), "html"), **dict(site(result()))}
    for name, text in pages.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    known = ".*Property “(vector-effect|paint-order)” doesn't exist.*"  # of SVG 2; the checker has those of CSS only
    command = [java, "-jar", str(folder / "build" / "dist" / "vnu.jar"), "--errors-only", "--format", "gnu"]
    command += ["--filterpattern", known, "--also-check-css", *(str(tmp_path / name) for name in pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    assert (done.returncode, done.stderr + done.stdout) == (0, "")


def test_no_request_leaves_and_the_policy_blocks_nothing_of_the_page(browser: Browser, each: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(each.as_uri())
    page.wait_for_load_state("networkidle")
    styled = page.evaluate("getComputedStyle(document.querySelector('.top')).borderTopStyle")
    context.close()
    assert asked == [
        each.as_uri(),
        *(
            []
            if each.name in {"report.html", "runs.html"}
            else [(each.parent / style_name(style_sheet(result()["report"]))).as_uri()]
        ),
    ]
    assert said == []
    assert styled == "solid"


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_sticks_out_of_any_page(browser: Browser, each: Path, width: int) -> None:
    context, page = opened(browser, each, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.parametrize("locale", ["en_GB", "de_DE"])
def test_no_page_of_the_example_sticks_out_of_a_window_of_any_width(
    browser: Browser, tmp_path: Path, locale: str
) -> None:
    made = pages(SALES, locale)
    for name, text in made.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    context = browser.new_context()
    page = context.new_page()
    out = []
    for name in made:
        if name.startswith(("member-", "index", "find", "methods", "kpi-win-rate")):
            page.goto((tmp_path / name).as_uri())
            for width in (320, 700, 1024, 1025, 1281):
                page.set_viewport_size({"width": width, "height": 900})
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    out.append(f"{name} at {width}")
    context.close()
    assert out == []


@pytest.mark.parametrize("width", WIDTHS)
def test_without_a_script_everything_is_there_and_nothing_sticks_out(browser: Browser, file: Path, width: int) -> None:
    context, page = opened(browser, file, java_script_enabled=False, viewport={"width": width, "height": 900})
    assert page.locator(".kpi").count() == len([kpi for kpi in result()["kpis"] if kpi["measured"]])
    assert page.locator("h1").is_visible()
    page.locator("summary").first.click()
    assert page.locator("details table").first.is_visible()
    context.close()
    context, page = opened(browser, file, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


LAID_OVER = """
[...document.querySelectorAll('.glance tbody tr')].flatMap(row => {
  const boxes = [...row.children].map(cell => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return range.getBoundingClientRect();
  }).filter(box => box.width);
  return boxes.flatMap((one, i) => boxes.slice(i + 1).filter(other =>
    one.left < other.right - 1 && other.left < one.right - 1 && one.top < other.bottom - 1 && other.top < one.bottom - 1
  ).map(() => row.innerText));
})
"""


@pytest.mark.parametrize("width", [360, 1280])
def test_a_figure_with_a_long_unit_lies_over_no_other(browser: Browser, tmp_path: Path, width: int) -> None:
    made = result()
    for kpi in made["kpis"]:
        kpi["unit"] = {"kind": "suffix", "suffix": "patients", "decimals": 1}
    page_file = tmp_path / "long.html"
    page_file.write_text(render(made, "html"), encoding="utf-8")
    context, page = opened(browser, page_file, viewport={"width": width, "height": 900})
    page.evaluate("for (const found of document.querySelectorAll('.kpi')) found.remove()")
    over = page.evaluate(LAID_OVER)
    context.close()
    assert over == []


LANGUAGES = ("ar", "he_IL", "de_DE", "fr_FR", "es_ES", "cs_CZ")

OUTSIDE = """
width => [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('.scroll, svg, pre, details, .vh, thead, .skip, .sprite'))
  .filter(e => { const box = e.getBoundingClientRect(); return box.width && (box.left < -1 || box.right > width + 1) })
  .map(e => `${e.tagName} ${e.className} ${e.textContent.slice(0, 40)}`)
"""


@pytest.fixture(scope="module", params=LANGUAGES)
def translated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("language")
    made = result() | {"locale": request.param}
    for name, text in {"report.html": render(made, "html"), **dict(site(made))}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_sticks_out_or_lies_over_another_in_any_language(
    browser: Browser, translated: Path, width: int
) -> None:
    for name in PAGES[:-1]:
        context, page = opened(browser, translated / name, viewport={"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(OUTSIDE, width) == [], name
        assert page.evaluate(LAID_OVER) == [], name
        context.close()


def test_a_page_from_right_to_left_is_mirrored_but_for_charts_code_and_figures(browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_content(render(result() | {"locale": "he_IL"}, "html"))
    turned = page.evaluate("[...document.querySelectorAll('h1, .card h3')].map(e => getComputedStyle(e).direction)")
    kept = page.evaluate("[...document.querySelectorAll('svg, pre, code')].map(e => getComputedStyle(e).direction)")
    ends = page.evaluate(
        "[...document.querySelectorAll('.glance tbody td.num')].map(e => getComputedStyle(e).textAlign)"
    )
    first, last = (page.locator(f".glance >> nth=0 >> th >> nth={at}").bounding_box() for at in (0, 6))
    context.close()
    assert (set(turned), set(kept), set(ends)) == ({"rtl"}, {"ltr"}, {"right"})
    assert first is not None
    assert last is not None
    assert first["x"] > last["x"]


def test_the_keyboard_reaches_the_content_and_the_tables_that_scroll(browser: Browser, each: Path) -> None:
    context, page = opened(browser, each, viewport={"width": 360, "height": 800})
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    hidden = page.evaluate(
        "[...document.querySelectorAll('*')].filter(e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)"
        " && e.scrollWidth > e.clientWidth && e.tabIndex < 0).map(e => e.outerHTML.slice(0, 80))"
    )
    context.close()
    assert hidden == []


def test_every_chart_says_what_it_shows(browser: Browser, each: Path) -> None:
    context, page = opened(browser, each)
    silent = page.evaluate(
        "[...document.querySelectorAll('svg')]"
        ".filter(e => !e.getAttribute('aria-label') && e.getAttribute('aria-hidden') !== 'true')"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    context.close()
    assert silent == []


def test_it_prints_with_clean_pages(browser: Browser, each: Path, tmp_path: Path) -> None:
    context, page = opened(browser, each)
    paper = tmp_path / "report.pdf"
    page.pdf(path=paper, prefer_css_page_size=True)
    context.close()
    assert paper.read_bytes().startswith(b"%PDF")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed; the PDF was made, but not read")
    text = subprocess.run(["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True).stdout
    pages = [sheet.strip() for sheet in text.split("\f") if sheet.strip()]
    titles = {kpi["title"] for kpi in result()["kpis"]} | {
        "All KPIs",
        "Managers side by side",
        "KPI by KPI",
        "Data and methods",
    }
    lonely = [sheet.splitlines()[-1] for sheet in pages if sheet.splitlines()[-1].strip() in titles]
    assert lonely == []
    assert all(len(re.findall(r"\S+", sheet)) > 5 for sheet in pages)
    assert "The figures behind this chart" not in text
    assert len(pages) <= SHEETS.get(each.name, len(pages))

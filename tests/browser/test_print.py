"""The second example on paper: few sheets, none of them empty, no heading at the foot of one, no row cut in two."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from examples import HOSPITALS, pages
from reading.tree import tree

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

SHEETS = {"index.html": 2, "kpi-four-hour-share.html": 3, "member-provider-h07.html": 1, "methods.html": 1}
"""On so many sheets at most."""
WHOLE = "tr, figure, .card, .findings > li, dl > div"
CUT = """
whole => [...document.querySelectorAll(whole)]
  .filter(e => e.checkVisibility() && getComputedStyle(e).breakInside !== 'avoid')
  .map(e => e.outerHTML.slice(0, 90))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("print")
    for name, text in pages(HOSPITALS).items():
        (path / name).write_text(text, encoding="utf-8")
    return path


def headings(name: str, *tags: str) -> set[str]:
    """What must not stand at the foot of a sheet: headings of sections, of tables, and of groups in them."""
    page = tree(pages(HOSPITALS)[name])
    found = [each for tag in tags for each in page.all(tag)]
    return {each.text for each in found if each.tag != "th" or each.attributes.get("scope") == "rowgroup"}


@pytest.mark.parametrize("name", SHEETS)
def test_sheets_are_full_and_nothing_is_torn(browser: Browser, folder: Path, tmp_path: Path, name: str) -> None:
    page = browser.new_page()
    page.goto((folder / name).as_uri())
    page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
    page.emulate_media(media="print")
    torn = page.evaluate(CUT, WHOLE)
    page.close()
    assert torn == []
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed; the PDF was made, but not read")
    command = ["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    sheets = [sheet.strip() for sheet in text.removesuffix("\f").split("\f")]
    assert len(sheets) <= SHEETS[name]
    assert min(len(sheet.split()) for sheet in sheets) > 40
    feet = [[line.strip() for line in sheet.splitlines() if line.strip()] for sheet in sheets]
    assert {foot[-1] for foot in feet} & headings(name, "caption", "th") == set()
    assert {line for foot in feet for line in foot[-3:]} & headings(name, "h1", "h2", "h3", "h4") == set()

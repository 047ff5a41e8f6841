"""The pages by the keyboard alone: all that can be used is reached in reading order, in sight, and left again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from examples import SALES, pages

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

KINDS = ("index.html", "kpi-win-rate.html", "member-manager-m03.html", "methods.html", "find.html")
NUMBERED = """
(() => {
  const folds = [...document.querySelectorAll('details:not([open])')];
  for (const fold of folds) fold.open = true;
  const used = 'a[href], summary, button, input, select, textarea, [tabindex="0"]';
  [...document.querySelectorAll(used)].filter(e => e.checkVisibility())
    .forEach((e, number) => { e.dataset.number = number; });
  for (const fold of folds) fold.open = false;
})()
"""
"""What can be used by whoever sees it once all folds are open."""
MADE = {"index.html": "input", "kpi-win-rate.html": "thead button", "find.html": "thead button"}
"""What the script makes must be among it."""
SCROLLS = """
[...document.querySelectorAll('body *')].filter(e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX)
  && e.checkVisibility() && e.scrollWidth > e.clientWidth && e.dataset.number === undefined)
  .map(e => e.outerHTML.slice(0, 90))
"""
FOCUSED = """
() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return {
    number: e.dataset.number === undefined ? null : Number(e.dataset.number),
    tag: e.tagName, said: e.outerHTML.slice(0, 90), open: e.parentElement && e.parentElement.open,
    ringed: e.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
      && style.outlineColor !== style.backgroundColor,
    inSight: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keyboard")
    for name, text in pages(SALES).items():
        (path / name).write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", KINDS)
def test_tab_reaches_everything_in_order_and_in_sight_and_enter_opens_folds(
    browser: Browser, folder: Path, name: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto((folder / name).as_uri())
    page.evaluate(NUMBERED)
    there = page.evaluate("document.querySelectorAll('[data-number]').length")
    made = page.locator(f"{MADE[name]}[data-number]").count() if name in MADE else None
    reached, unseen, closed = [], [], []
    for _ in range(there + 1):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found["tag"] == "BODY":
            break
        if found["tag"] == "SUMMARY":
            page.keyboard.press("Enter")
            closed += [] if page.evaluate("document.activeElement.parentElement.open") else [found["said"]]
        reached.append(found["number"])
        unseen += [] if found["ringed"] and found["inSight"] else [found["said"]]
    left = page.evaluate("document.activeElement.tagName")
    unreached = page.evaluate(SCROLLS)
    page.close()
    assert reached == list(range(there))
    assert there > 5
    assert made != 0
    assert (unseen, closed, unreached) == ([], [], [])
    assert left == "BODY"


@pytest.mark.parametrize("name", KINDS)
def test_the_first_link_leads_past_what_all_pages_have(browser: Browser, folder: Path, name: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto((folder / name).as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    page.keyboard.press("Tab")
    inside = page.evaluate("document.activeElement.closest('main, footer') !== null")
    page.close()
    assert inside

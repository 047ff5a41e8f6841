"""The site of the documentation: whole, reachable, and silent on the network."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from browser import tools

pytest.importorskip("sphinx", reason="sphinx is not installed")

ROOT = Path(__file__).parents[1]
LOADING = {
    ("audio", "src"), ("embed", "src"), ("iframe", "src"), ("img", "src"), ("img", "srcset"), ("input", "src"),
    ("link", "href"), ("object", "data"), ("script", "src"), ("source", "src"), ("source", "srcset"),
    ("use", "href"), ("video", "poster"), ("video", "src"),
}  # fmt: skip
"""What a browser fetches without being asked."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `./run docs` builds it."""
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", *runpy.run_path(str(ROOT / "run"))["SITE"], str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return folder


class Page(HTMLParser):
    """What a page loads by itself, and where its links lead."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if (tag, name) in LOADING:
                self.loads.append(value or "")
            if (tag, name) == ("a", "href"):
                self.links.append(value or "")


def outside(address: str) -> bool:
    return re.match(r"\s*([a-z]+:)?//", address, re.IGNORECASE) is not None


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = {file.relative_to(site): Page(file) for file in site.rglob("*.html")}
    assert len(pages) > 100
    assert {page: found for page, each in pages.items() if (found := [*filter(outside, each.loads)])} == {}
    for file in site.rglob("*.css"):
        loads = re.findall(r"""url\(\s*["']?([^"')]*)|@import\s+["']([^"']*)""", file.read_text("utf-8"))
        assert [each for pair in loads for each in pair if outside(each)] == []


def test_every_page_can_be_reached_and_no_link_is_dead(site: Path) -> None:
    start = site / "docs" / "index.html"
    seen, waiting = {start}, [start]
    while waiting:
        file = waiting.pop()
        for link in Page(file).links:
            path = link.partition("#")[0].partition("?")[0]
            if not path or re.match(r"[a-z]+:", path):
                continue
            target = (file.parent / path).resolve()
            assert target.is_file(), f"{file.relative_to(site)} leads to {link}"
            if target.suffix == ".html" and target not in seen:
                seen.add(target)
                waiting.append(target)
    written = {path.relative_to(ROOT).with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    assert written - {file.relative_to(site) for file in seen} == set()


def test_in_a_browser_no_request_leaves(site: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    executable = tools.chromium()
    if executable is None:
        pytest.skip("no chromium on this machine")
    asked: list[str] = []
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=list(tools.FLAGS))
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        for name in ("index", "docs/index", "docs/sources", "docs/problems/index", "search"):
            page.goto((site / f"{name}.html").as_uri())
            page.wait_for_load_state("networkidle")
        assert page.title().startswith("Search")
        browser.close()
    assert len(asked) > 10
    assert [address for address in asked if not address.startswith(site.as_uri())] == []

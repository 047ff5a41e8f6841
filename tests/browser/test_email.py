"""The message in a real browser: valid, accessible in both schemes, as narrow as a phone, silent on the network."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from browser import tools
from kpieval.render import render
from sample_result import result

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OF_MAIL = ("no-inline-style", "no-deprecated-attr", "no-conditional-comment", "prefer-tbody")
"""Rules for pages that a message breaks on purpose: Outlook knows attributes and comments of its own."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    told = result()
    told["report"]["url"] = "https://reports.example.org/sales/"
    path = tmp_path_factory.mktemp("mail") / "report.email.html"
    path.write_text(render(told, "email"), encoding="utf-8")
    return path


def test_the_message_is_valid_html_of_a_mail(file: Path) -> None:
    folder, node = tools.package("html-validate"), shutil.which("node")
    if folder is None or node is None:
        pytest.skip("html-validate could not be installed through npm")
    config = file.with_name("config.json")
    shape = {"root": True, "extends": ["html-validate:standard"], "rules": dict.fromkeys(OF_MAIL, "off")}
    config.write_text(json.dumps(shape))
    command = [node, str(folder / "bin" / "html-validate.mjs"), "--config", str(config), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 600])
def test_the_message_fits_asks_nothing_and_can_be_read(browser: Browser, file: Path, scheme: str, width: int) -> None:
    folder = tools.package("axe-core")
    if folder is None:
        pytest.skip("axe-core could not be installed through npm")
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate((folder / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", STANDARDS)
    context.close()
    assert "color-contrast" in {rule["id"] for rule in found["passes"]}
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []

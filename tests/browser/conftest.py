"""The browser that the tests here share: the system's chromium, driven by playwright."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser import tools

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    executable = tools.chromium()
    if executable is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=executable, args=list(tools.FLAGS))
        yield opened
        opened.close()

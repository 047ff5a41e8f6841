"""A served site as Lighthouse sees it: nothing to improve in accessibility and best practices."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from browser import tools
from examples import SALES, pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Quiet(SimpleHTTPRequestHandler):
    """Serves without a log."""

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    for name, text in pages(SALES).items():
        (folder / name).write_text(text, encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("name", ["index.html", "find.html"])  # axe, which it runs inside, sees all others (test_page)
def test_accessibility_and_best_practices_have_all_points(address: str, tmp_path: Path, name: str) -> None:
    command, chromium = tools.lighthouse(), tools.chromium()
    if command is None or chromium is None:
        pytest.skip("Lighthouse needs node, chromium, and npm to install it")
    told = tmp_path / "told.json"
    wanted = ["--only-categories=accessibility,best-practices", "--output=json", f"--output-path={told}", "--quiet"]
    subprocess.run(
        [*command, f"{address}/{name}", *wanted],
        env=os.environ | {"CHROME_PATH": chromium}, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    found = json.loads(told.read_text("utf-8"))
    failed = [(rule, each["score"]) for rule, each in found["audits"].items() if each["score"] not in (None, 1)]
    assert failed == []
    assert {kind: each["score"] for kind, each in found["categories"].items()} == {
        "accessibility": 1,
        "best-practices": 1,
    }
    assert sum(each["score"] == 1 for each in found["audits"].values()) > 25

"""What Lighthouse gives a site for its performance: `python audit.py FOLDER PAGE...` prints the points of each page.

The site is served from this machine; Lighthouse slows the connection and the processor down to those of a phone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from browser import tools


class Quiet(SimpleHTTPRequestHandler):
    """Serves without a log."""

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def points(address: str, command: list[str], chromium: str) -> tuple[float, str]:
    """The points of a page from 0 to 100, and after how long its largest part is shown."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "told.json"
        wanted = ["--only-categories=performance", "--output=json", f"--output-path={told}", "--quiet"]
        environment = os.environ | {"CHROME_PATH": chromium}
        subprocess.run([*command, address, *wanted], env=environment, check=True, capture_output=True)
        found = json.loads(told.read_text("utf-8"))
    largest = found["audits"]["largest-contentful-paint"]["displayValue"].replace("\N{NO-BREAK SPACE}", " ")
    return found["categories"]["performance"]["score"] * 100, largest


def main(folder: str, *pages: str) -> None:
    """Serve the folder and look at its pages."""
    command, chromium = tools.lighthouse(), tools.chromium()
    if command is None or chromium is None:
        sys.exit("Lighthouse needs node, npm and chromium.")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for page in pages:
            score, largest = points(f"http://127.0.0.1:{server.server_port}/{page}", command, chromium)
            print(f"Lighthouse gives {page} {score:.0f} of 100 for performance; largest paint after {largest}.")
        server.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])

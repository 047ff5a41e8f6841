"""What the browser tests need beyond Python: a chromium, and packages of npm in a cache folder of the user.

`python tests/browser/tools.py` installs the packages, so that a test run after it needs no net.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = {"axe-core": "4", "html-validate": "10", "lighthouse": "12.8", "vnu-jar": "26"}
"""Lighthouse 13 needs a newer Node than Debian has."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars")


def cache() -> Path:
    """The folder of the packages."""
    base = os.environ.get("KPIEVAL_TEST_CACHE") or os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "kpieval-tests"


def chromium() -> str | None:
    """The chromium of the system."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def package(name: str) -> Path | None:
    """The folder of an npm package, installed where it is missing, by one at a time; None where that can't be done."""
    folder = cache() / "node_modules" / name
    cache().mkdir(parents=True, exist_ok=True)
    with (cache() / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not folder.is_dir():
            install()
    return folder if folder.is_dir() else None


def lighthouse() -> list[str] | None:
    """The command that runs Lighthouse in a chromium of its own; None where it can't be had."""
    folder, node = package("lighthouse"), shutil.which("node")
    if folder is None or node is None:
        return None
    return [node, str(folder / "cli" / "index.js"), f"--chrome-flags=--headless=new {' '.join(FLAGS)}"]


def install() -> bool:
    """Installs the packages by name through npm; whether that worked."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    cache().mkdir(parents=True, exist_ok=True)
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    command = [npm, "install", "--prefix", str(cache()), "--no-audit", "--no-fund", "--ignore-scripts", *wanted]
    return subprocess.run(command, check=False, capture_output=True, timeout=300).returncode == 0


if __name__ == "__main__":
    sys.exit(0 if install() else "npm is missing, or could not install the packages")

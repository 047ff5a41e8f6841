"""The Python API does what its page and its docstrings show."""

from __future__ import annotations

import doctest
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCKS = re.findall(r"```(?:python)?\n(.*?)```", (ROOT / "docs/python.md").read_text(encoding="utf-8"), re.DOTALL)
MODULES = sorted(
    ".".join(file.relative_to(ROOT / "engine").with_suffix("").parts)
    for file in (ROOT / "engine").rglob("*.py")
    if re.search(r"^ +>>> ", file.read_text(encoding="utf-8"), re.MULTILINE)
)


def test_the_page_prints_what_it_says(tmp_path: Path) -> None:
    code, printed = BLOCKS
    code = code.replace('"examples/', f'"{(ROOT / "examples").as_posix()}/')
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.stdout, run.stderr) == (printed, "")
    assert {file.name for file in tmp_path.iterdir()} == {"report.html", "observations.parquet", "scores.parquet"}


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    found = doctest.testmod(importlib.import_module(name.removesuffix(".__init__")))
    assert found.attempted
    assert not found.failed

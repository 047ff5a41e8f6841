"""What the language reference shows is right: its examples are projects that build."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kpieval.build import build
from kpieval.read import read

PAGE = (Path(__file__).parents[1] / "docs/language.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n# (\S+)\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)
PROJECTS = sorted({name.split("/")[0] for name, _ in BLOCKS})


@pytest.mark.parametrize("project", PROJECTS)
def test_the_examples_are_projects_without_a_problem(tmp_path: Path, project: str) -> None:
    for name, text in BLOCKS:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    made, problems = build(read(tmp_path / project))
    own = [str(problem) for problem in problems if not (problem.place and problem.place.file.startswith("pack:"))]
    assert own == []
    assert made is not None


def test_every_block_of_yaml_names_its_file() -> None:
    assert len(BLOCKS) == PAGE.count("```yaml")

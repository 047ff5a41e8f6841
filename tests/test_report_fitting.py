"""Markdown keeps below the size of a comment, and says what it leaves out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kpieval.render import gated, render
from kpieval.render.fitting import LIMIT, fitted
from sample_result import result

Json = dict[str, Any]
COMMENT = 65_536
"""Characters of a comment on GitHub."""


@pytest.fixture(scope="module")
def sample() -> Json:
    return result()


def whole(told: Json, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(gated, "fitted", lambda text: text)
    return render(told, "md")


def headings(text: str) -> list[str]:
    return re.findall(r"^#+ .*$", text, re.MULTILINE)


def test_a_report_that_fits_is_whole() -> None:
    text = "# Title\n\n## Part\n\nwords\n"
    assert fitted(text, len(text)) == text
    assert fitted(text, len(text) - 1) != text


def test_the_last_kpis_are_left_out_first_and_named(sample: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    text = whole(sample, monkeypatch)
    short = fitted(text, len(text) - 8000)
    assert len(short) <= len(text) - 8000
    gone = [heading for heading in headings(text) if heading not in headings(short)]
    kpis = [heading for heading in headings(text) if heading.startswith("### ")][-len(gone) :]
    assert gone == kpis
    assert len(gone) >= 3
    left = re.search(r"\*\*Left out: (.*?)\. The whole would have ([\d,]+) characters", short)
    assert left is not None
    assert left[1] == ", ".join(heading.removeprefix("### ") for heading in gone)
    assert left[2] == f"{len(text):,}"
    assert short.endswith("`--format html` has all of it.**\n")
    assert "## Data and methods" in short


@pytest.mark.parametrize("limit", [40_000, 20_000, 10_000, 5_000, 2_000, 800])
def test_whatever_the_limit_is_what_matters_most_stays(
    sample: Json, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    text = whole(sample, monkeypatch)
    short = fitted(text, limit)
    assert len(short) <= limit
    assert short.startswith(text[:100])
    kept = [heading for heading in headings(text) if heading in headings(short)]
    assert headings(short) == kept
    assert "## Findings" in short or limit < 5_000
    more = re.search(r"and (\d+) more parts", short)
    named = short.rpartition("Left out: ")[2].count(", ") + 1
    assert more is None or int(more[1]) + 8 == len(headings(text)) - len(kept)
    assert more is not None or named <= 8


def test_a_first_part_that_is_too_long_is_cut_at_a_line() -> None:
    short = fitted("# Title\n" + "a line of words\n" * 1000, 500)
    assert len(short) <= 500
    assert short.splitlines()[-3] == "a line of words"
    assert short.splitlines()[-1].startswith("**The end is left out. ")


def test_the_report_of_a_large_result_fits_a_comment(sample: Json) -> None:
    many = {**sample, "kpis": [*sample["kpis"]], "observations": [*sample["observations"]]}
    kpi = next(each for each in sample["kpis"] if each["name"] == "revenue")
    rows = [row for row in sample["observations"] if row["kpi"] == "revenue"]
    for number in range(60):
        many["kpis"].append({**kpi, "name": f"more_{number}", "title": f"More {number}"})
        many["observations"] += [{**row, "kpi": f"more_{number}"} for row in rows]
    text = render(many, "md")
    assert LIMIT // 2 < len(text) <= LIMIT < COMMENT
    assert "Left out: " in text

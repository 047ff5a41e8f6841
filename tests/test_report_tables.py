"""Tables: what a spreadsheet, a program and a terminal get."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from typing import Any

import pytest

from kpieval.render import render
from sample_result import rename, result

Json = dict[str, Any]


@pytest.fixture(scope="module")
def small() -> Json:
    return result(reps=8)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_json_round_trips(small: Json) -> None:
    assert json.loads(render(small, "json")) == small


def test_json_has_one_line_for_each_observation(small: Json) -> None:
    lines = render(small, "json").splitlines()
    assert sum(line.startswith('{"kpi":') for line in lines) == len(small["observations"])


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_json_has_no_nan(small: Json, number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        render(small | {"observations": [small["observations"][0] | {"value": number}]}, "json")


def test_csv_has_every_observation_with_its_numbers_exactly(small: Json) -> None:
    read = rows(render(small, "csv"))
    assert [row["value"] for row in read] == [
        "" if row["value"] is None else repr(row["value"]) for row in small["observations"]
    ]
    assert any(row["value"].startswith("-") for row in read)


def test_the_csv_of_the_scores_has_each_with_its_numbers_exactly(small: Json) -> None:
    read = rows(render(small, "csv-scores"))
    scores = [score for card in small["scorecards"] for score in card["scores"]]
    assert [row["score"] for row in read] == ["" if s["score"] is None else repr(s["score"]) for s in scores]
    assert [row["peers_rank"] for row in read] == [str(s["peers"]["rank"] or "") if s["peers"] else "" for s in scores]
    assert {row["gated_by"] for row in read} == {"", "retention"}


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "-cmd|' /C calc'!A0"])
def test_a_text_that_a_spreadsheet_would_run_stays_text(small: Json, start: str) -> None:
    changed: Json = rename(small, lambda text: start + text)
    read = rows(render(small | {"observations": changed["observations"]}, "csv"))
    for name in ("kpi", "level", "member", "label"):
        assert all(row[name].startswith(f"'{start}") for row in read)
    scores = rows(render(small | {"scorecards": changed["scorecards"]}, "csv-scores"))
    for name in ("scorecard", "level", "member", "label"):
        assert all(row[name].startswith(f"'{start}") for row in scores)


def test_a_negative_number_stays_a_number_beside_such_texts(small: Json) -> None:
    row = small["observations"][0] | {"value": -0.25, "label": "-0.25"}
    read = rows(render(small | {"observations": [row]}, "csv"))[0]
    assert read["value"] == "-0.25"
    assert read["label"] == "'-0.25"


def test_the_table_lines_up_with_wide_letters_and_shows_controls_as_escapes(small: Json) -> None:
    changed: Json = rename(small, lambda text: {"win_rate": "勝率\x1b[31m"}.get(text, text))
    lines = render(changed, "table").splitlines()
    assert "\x1b" not in "\n".join(lines)
    line = next(line for line in lines if line.startswith("勝率\\x1b[31m"))
    other = next(line for line in lines if line.startswith("win_rate_value"))
    assert line.index("%") + 2 == other.index("%")  # two letters take two columns each


def test_the_table_says_how_the_managers_stand_and_what_is_not_measured(small: Json) -> None:
    text = render(small, "table")
    assert "Managers" in text.splitlines()[2]
    assert "competitive_wins: needs opportunities (competitor)" in text


def test_the_table_has_a_block_for_each_scorecard_with_scores(small: Json) -> None:
    text = render(small, "table")
    assert "Scorecard leader\n\nManager " in text
    assert re.search(r"Farid Haddad +\d+ +Poor, gate: Retention", text)
    assert "Scorecard whole" in text
    assert "Scorecard rivals" not in text
    assert "Rank" not in text[text.index("Scorecard whole") :]


def test_the_table_in_markdown_has_the_same_cells(small: Json) -> None:
    text = render(small, "md-table").splitlines()
    assert text[0].startswith("| KPI | Value | Target | Status | Change | Cases | Managers |")
    assert text[2].startswith("| `win_rate` |")

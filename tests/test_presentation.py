"""The look of the report and its annotations: from `report:` and `annotations:` to pages that can be read."""

from __future__ import annotations

import base64
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpieval import colors
from kpieval.api import load
from kpieval.render import render
from kpieval.render.html import site
from sample_result import result

Json = dict[str, Any]

EXAMPLE = Path(__file__).parent.parent / "examples" / "hospital-waiting-times"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1"/></svg>'
LOOK = """
report: {name: Urgent care <b>, logo: logo.svg, accent: "#7A1F5C", classification: Internal, footer: Questions to Ann}
annotations:
  - {on: 2026-03-15, text: New triage, kpis: [four_hour_share]}
  - {on: 2025-12-01, text: A hard winter}
  - {on: 2019-01-01, text: Long ago}
"""
DIGITS = st.sampled_from("0123456789abcdef")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Json:
    folder = tmp_path_factory.mktemp("look") / "project"
    shutil.copytree(EXAMPLE, folder)
    (folder / "logo.svg").write_text(LOGO, encoding="utf-8")
    head = folder / "kpieval.yaml"
    head.write_text(head.read_text("utf-8") + LOOK, encoding="utf-8")
    with load(folder).evaluate(periods=12) as run:
        return run.to_dict()


def test_the_result_holds_the_look_and_what_happened_by_day(told: Json) -> None:
    assert told["report"] == {
        "name": "Urgent care <b>",
        "logo": f"data:image/svg+xml;base64,{base64.b64encode(LOGO.encode()).decode()}",
        "accent": "#7a1f5c",
        "accent_dark": colors.readable("#7a1f5c", colors.PAPER["dark"]),
        "url": None,
        "footer": "Questions to Ann",
        "classification": "Internal",
    }
    assert [note["on"] for note in told["annotations"]] == ["2019-01-01", "2025-12-01", "2026-03-15"]


def test_what_circulates_as_markdown_says_who_may_see_it(told: Json) -> None:
    page = render(told, "md")
    assert page.splitlines()[2:5] == ["**Urgent care &lt;b&gt;**", "", "**Internal**"]
    assert page.rstrip().endswith("Questions to Ann")
    assert render(told, "summary").splitlines()[2] == "**Internal**"


def test_every_page_has_name_logo_classification_footer_and_accents(told: Json) -> None:
    pages = {"report.html": render(told, "html"), **dict(site(told))}
    style = next(page for name, page in pages.items() if name.endswith(".css"))
    for name, page in pages.items():
        if name.endswith(".css"):
            continue
        assert "<span>Urgent care &lt;b&gt;</span>" in page, name
        assert page.count(f'<img src="{told["report"]["logo"]}" alt="" height="32">') == 1, name
        assert page.count("Internal</strong>") == 2, name
        assert "<p>Questions to Ann</p>" in page, name
    for sheet in (style, pages["report.html"]):
        assert "--accent: #7a1f5c; --link: #7a1f5c;" in sheet
        assert f"--accent: {told['report']['accent_dark']}" in sheet


def test_a_page_without_a_look_has_none_of_it() -> None:
    page = render(result(), "html")
    assert 'class="brand"' not in page
    assert "<img" not in page


def test_a_hostile_look_in_a_saved_result_stays_out() -> None:
    made = result()
    made["report"] |= {"accent": "red;} body{display:none", "accent_dark": "#zz", "logo": "https://x.example/track.png"}
    page = render(made, "html")
    assert "display:none" not in page
    assert "#zz" not in page
    assert "track.png" not in page


def test_annotations_are_numbered_in_the_charts_that_they_explain(told: Json) -> None:
    pages = dict(site(told))
    share, other = pages["kpi-four-hour-share.html"], pages["kpi-long-waits.html"]
    assert re.findall(r'<p class="note"><b>(\d)</b> (.*?)</p>', share) == [
        ("1", "1 December 2025: A hard winter"),
        ("2", "15 March 2026: New triage"),
    ]
    assert re.findall(r'<p class="note"><b>(\d)</b> (.*?)</p>', other) == [("1", "1 December 2025: A hard winter")]
    trend = share[share.index('<svg class="trend"') :]
    assert re.findall(r'<path class="note" d="M([\d.]+) ', trend[: trend.index("</svg>")]) == ["129.5", "209.6"]


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000", "#fff", 21.0), ("#777777", "#ffffff", 4.48), ("#0000ff", "#fff", 8.59)]
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert colors.contrast(one, other) == colors.contrast(other, one) == pytest.approx(ratio, abs=0.005)


@given(st.lists(DIGITS, min_size=6, max_size=6).map(lambda digits: "#" + "".join(digits)))
def test_a_colour_can_always_be_made_readable_and_stays_where_it_is(color: str) -> None:
    for paper in colors.PAPER.values():
        made = colors.readable(color, paper)
        assert colors.contrast(made, paper) >= colors.ENOUGH
        assert (made == color) == (colors.contrast(color, paper) >= colors.ENOUGH)

"""The report as a message: what mail programs show of it, what it says, and how large it is."""

from __future__ import annotations

import copy
import html
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from kpieval.problems import DefinitionError, OutputError
from kpieval.render import render
from kpieval.render.email import LARGEST
from kpieval.render.views.report import report
from sample_result import result

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]

VOID = {"meta", "br"}
SEEN_BY_ALL = {
    "html", "head", "meta", "title", "style", "body", "div", "table", "thead", "tbody", "tr", "td", "th", "p", "h1",
    "h2", "a", "span", "strong", "br",
}  # fmt: skip
"""Elements that Outlook, Gmail and Apple's Mail show alike."""
STYLES = {
    "background-color", "border-bottom", "color", "display", "font-family", "font-size", "font-weight", "height",
    "line-height", "margin", "max-height", "max-width", "mso-hide", "overflow", "padding", "padding-left", "text-align",
    "vertical-align", "white-space", "width",
}  # fmt: skip
"""Properties that they know; Outlook leaves out the maximal width, and has a table of its own for it."""


class Message(HTMLParser):
    """The elements of a message, which must be nested as they are opened, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        inside = {"tr": {"table", "thead", "tbody"}, "td": {"tr"}, "th": {"tr"}, "p": {"td"}, "h2": {"td"}}.get(tag)
        assert inside is None or self.open[-1] in inside
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def sample() -> Json:
    return result()


@pytest.fixture(scope="module")
def message(sample: Json) -> str:
    return render(sample, "email")


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_a_message_is_made_of_what_mail_programs_show(message: str) -> None:
    tags = Message(message).tags
    assert {tag for tag, _ in tags} == SEEN_BY_ALL - {"a"}
    found = {part.split(":")[0].strip() for _, attrs in tags for part in attrs.get("style", "").split(";") if part}
    assert found == STYLES
    assert [attrs for tag, attrs in tags if {"src", "href", "srcset", "background", "id"} & attrs.keys()] == []
    assert not re.search(r"url\(|@import|@font-face|<script|<svg|https?://|\bon\w+=", message)
    style = re.search(r"<style>(.*?)</style>", message, re.DOTALL)
    assert style is not None
    light = re.sub(r"@media \(prefers-color-scheme: dark\) \{.*\n\}", "", style[1], flags=re.DOTALL)
    assert light.strip() == ":root { color-scheme: light dark; supported-color-schemes: light dark; }"


def test_a_message_says_what_the_view_says(sample: Json, message: str) -> None:
    text, view = Message(message).text, report(sample).overview
    said = [view.verdict, view.findings_summary, view.hidden_more]
    said += [
        each
        for item in (*view.attention, *view.hidden)
        for each in (item.kpi.text, item.reading.value, *item.sentences)
    ]
    said += [each.message for group in view.findings for each in group.said]
    said += [
        each for card in view.scorecards for row in card.rows for each in (row.member.text, row.score, row.verdict)
    ]
    assert [each for each in said if squeezed(each) not in text] == []
    for row in (row for group in view.groups for row in group.rows):
        reading = row.reading
        change = f"{reading.change.text} {reading.change.sense}".strip() if reading.change else ""
        line = f"{row.kpi.text} @ {row.note or reading.verdict} {reading.value} {reading.target} @ {change}"
        wanted = r"(?: [✓!✗–▲▼▬])? ".join(re.escape(part) for part in squeezed(line).split(" @ "))
        assert re.search(wanted.strip(), text), line


def test_a_colour_has_its_sign_and_word(message: str) -> None:
    signs = set(re.findall(r'<span class="(?:green|amber|red|grey)"[^>]*>(\S+) \w', message))
    assert signs == {"✓", "!", "✗", "–"}


def test_a_bar_is_as_long_as_its_scale_says(sample: Json, message: str) -> None:
    rows = re.findall(r'<tr>\s*((?:<td class="(?:track|bar-\w+)"[^>]*>&nbsp;</td>\s*)+)</tr>', message)
    assert len(rows) >= 10
    for row in rows:
        widths = [int(width) for width in re.findall(r' width="(\d+)%"', row)]
        assert sum(widths) == 100
    scores = [row for card in report(sample).overview.scorecards for row in card.rows if row.bullet]
    best = max(scores, key=lambda row: int(row.score))
    after = message[message.index(html.escape(best.member.text) + "</strong>") :]
    bar = re.search(r'class="bar-\w+" width="(\d+)%"', after)
    assert bar is not None
    assert abs(int(bar[1]) - int(best.score)) <= 1


@pytest.mark.parametrize(
    ("url", "kpi"),
    [
        ("https://reports.example.org/sales", "https://reports.example.org/sales/kpi-win-rate.html"),
        ("https://reports.example.org/sales/", "https://reports.example.org/sales/kpi-win-rate.html"),
        ("https://reports.example.org/sales.html", "https://reports.example.org/sales.html#kpi-win-rate"),
    ],
)
def test_links_lead_to_where_the_report_is_published(sample: Json, url: str, kpi: str) -> None:
    told = {**sample, "report": {**sample["report"], "url": url}}
    links = {attrs["href"] for tag, attrs in Message(render(told, "email")).tags if tag == "a"}
    assert {url, kpi} <= links
    assert all(link.startswith(url) for link in links)


def test_an_address_that_is_none_leads_nowhere(sample: Json) -> None:
    told = {**sample, "report": {**sample["report"], "url": "javascript:alert(1)"}}
    assert render(told, "email") == render(sample, "email")


def test_a_large_message_is_cut_before_gmail_does_and_says_so(sample: Json) -> None:
    many = copy.deepcopy(sample)
    kpi = next(each for each in many["kpis"] if each["name"] == "revenue")
    rows = [row for row in many["observations"] if row["kpi"] == "revenue" and row["level"] == "organisation"]
    for number in range(300):
        many["kpis"].append({**kpi, "name": f"more_{number}", "title": f"More {number}"})
        many["observations"] += [{**row, "kpi": f"more_{number}"} for row in rows]
    text = render(many, "email")
    assert LARGEST // 3 < len(text.encode()) <= LARGEST
    shown = len(re.findall(r"More \d+</strong>", text)) + sum(
        f"{each['title']}</strong>" in text for each in sample["kpis"]
    )
    left = re.findall(r"(\d+) more KPIs: see the report\.", text)
    assert len(left) >= 1
    assert shown > 0
    kpis_left = len([each for each in many["kpis"] if each["measured"]]) - 50
    assert str(kpis_left) in left
    assert Message(text).open == []


def test_what_can_not_be_cut_is_an_error(sample: Json) -> None:
    with pytest.raises(OutputError, match="fits into a mail"):
        render({**sample, "title": "x" * LARGEST}, "email")


def test_hostile_texts_stay_texts(sample: Json) -> None:
    changed = copy.deepcopy(sample)
    for kpi in changed["kpis"]:
        kpi["title"] += '"><img src=x onerror=alert(1)>'
    assert {tag for tag, _ in Message(render(changed, "email")).tags} == SEEN_BY_ALL - {"a"}


def test_a_template_of_ones_own_makes_the_message_and_runs_no_script(sample: Json, tmp_path: Path) -> None:
    own = tmp_path / "email.html"
    own.write_text('{% extends "kpieval/email.html" %}{% block footer %}<tr><td>Ours</td></tr>{% endblock %}')
    assert "<tr><td>Ours</td></tr>" in render(sample, "email", tmp_path)
    own.write_text('{% extends "kpieval/email.html" %}{% block footer %}<SCRIPT>1</SCRIPT>{% endblock %}')
    with pytest.raises(DefinitionError, match="runs no script"):
        render(sample, "email", tmp_path)

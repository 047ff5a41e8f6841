"""The report: what it says, in which order, and that no text of the data or of an author can change what it is."""

from __future__ import annotations

import base64
import copy
import hashlib
import html
import itertools
import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from markdown_it import MarkdownIt

from kpieval.problems import DefinitionError, OutputError
from kpieval.render import FORMATS, markdown, render
from sample_result import QUARTERS, rename, result

Json = dict[str, Any]

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    "</title></style></svg><b>",
    "<!-- ]]> -->",
    "{{ 7 * 7 }}{% raw %}${7*7}",
    "javascript:alert(1)",
    "[x](javascript:alert(1)) ![y](http://h.example/p.png)",
    "` | **b** ~~s~~ <i> &lt;i&gt; # h",
    "| - | a@b.example @all www.h.example https://h.example/",
    "\x1b[31m\x00\u202egnp.exe\u2066\ud800",
    "\n\n# h\n- i\n\n    code\n",
]
VOID = {"meta", "input", "br", "img", "link", "hr", "path", "circle", "rect", "use"}


class Tree(HTMLParser):
    """Tags with the names of their attributes, and the text of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.values: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.values += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.tags.append((f"/{tag}", ()))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def text_of(page: str) -> str:
    return " ".join(" ".join(Tree(page).words).split())


@pytest.fixture(scope="module")
def page() -> str:
    return render(result(), "html")


@pytest.fixture(scope="module")
def small() -> Json:
    """A result of few members, to be changed."""
    return result(reps=8)


def with_texts(node: Json, ending: str) -> Json:
    """The result with an ending at each of its texts, but the words of the format itself."""
    kept = {"organisation", "rep", "manager", "region", *QUARTERS}
    renamed: Json = rename(node, lambda text: text if text in kept else text + ending)
    return renamed


def elements(node: Json, ending: str, *, described: bool) -> list[tuple[str, tuple[str, ...]]]:
    """The tags of the page; without the descriptions where the ending means something in Markdown."""
    changed = with_texts(node, ending)
    if not described:
        for kind in ("kpis", "scorecards"):
            changed[kind] = [each | {"description": None} for each in changed[kind]]
    return Tree(render(changed, "html")).tags


@pytest.fixture(scope="module")
def harmless(small: Json) -> dict[bool, list[tuple[str, tuple[str, ...]]]]:
    return {described: elements(small, " plain", described=described) for described in (True, False)}


@pytest.mark.parametrize("ending", HOSTILE)
def test_the_elements_of_the_page_are_the_same_for_a_hostile_text(
    small: Json, harmless: dict[bool, list[tuple[str, tuple[str, ...]]]], ending: str
) -> None:
    described = not re.search(r"\n|\]\(|\*\*|https:", ending)
    assert elements(small, ending, described=described) == harmless[described]


@pytest.mark.parametrize("ending", HOSTILE)
def test_the_elements_of_the_markdown_are_the_same_for_a_hostile_text(small: Json, ending: str) -> None:
    def kinds(words: str) -> list[str]:
        parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        tokens = parser.parse(markdown.page(with_texts(small, words)))  # before it is made to fit
        return [
            child.type for token in tokens for child in (token, *(token.children or ())) if child.type != "text_special"
        ]

    def shape(words: str) -> list[str]:  # texts side by side are one text, whatever was escaped in them
        return [kind for kind, _ in itertools.groupby(kind for kind in kinds(words))]

    assert shape(ending) == shape(" plain")


def test_a_description_links_to_the_web_only_and_has_no_raw_html(small: Json) -> None:
    changed = copy.deepcopy(small)
    changed["kpis"][0]["description"] = (
        "<img src=x onerror=alert(1)> [a](javascript:alert(1)) [b](data:text/html,x) "
        "[c](https://ok.example/) <https://also.example> ![d](https://x.example/p.png)\n\n# Big\n\n"
        "<script>alert(1)</script>\n\n<iframe src='//evil.example'>"
    )
    tree = Tree(render(changed, "html"))
    links = [value for name, value in tree.values if name == "href" and not value.startswith("#")]
    assert {"https://ok.example/", "https://also.example"} <= set(links)
    assert all(re.match(r"https?://|mailto:", link) for link in links)
    assert not {"img", "iframe"} & {tag for tag, _ in tree.tags}
    assert not any(name.startswith("on") for name, _ in tree.values)


def test_the_page_asks_for_nothing_and_names_its_style_and_its_one_script_by_hash(page: str) -> None:
    tree = Tree(page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    script = re.search(r"<script [^>]*>(.*?)</script>", page, re.DOTALL)
    assert style
    assert script
    own, its = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style[1], script[1]))
    policy = next(value for name, value in tree.values if name == "content" and "default-src" in value)
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{its}'; style-src 'sha256-{own}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    assert [tag for tag, _ in tree.tags].count("script") == 1
    assert not {"img", "link", "iframe", "object", "input", "button"} & {tag for tag, _ in tree.tags}
    assert not {"style", "src", "onclick"} & {name for name, _ in tree.values}
    assert all(found.startswith(('url("data:', "url(%23")) for found in re.findall(r"url\(.{0,9}", style[1]))
    assert "@import" not in style[1]


def test_the_page_of_the_sample_is_small_and_always_the_same(page: str) -> None:
    assert len(page.encode()) < 400_000
    assert page == render(json.loads(render(result(), "json")), "html")


def test_anchors_are_unique_and_every_link_in_the_page_arrives(page: str) -> None:
    values = Tree(page).values
    ids = [value for name, value in values if name == "id"]
    assert len(ids) == len(set(ids))
    targets = {value[1:] for name, value in values if name == "href" and value.startswith("#")}
    assert targets <= set(ids)


def test_what_is_poor_comes_before_everything_else(page: str) -> None:
    order = ("attention", "scorecards", "all", "grid", "each", "unmeasured", "data")
    places = [page.index(f'<h2 id="{name}-h">') for name in order]
    assert places == sorted(places)
    attention = text_of(page[places[0] : places[1]])
    assert "Increase of sales effectiveness −4 points Poor" in attention
    assert "6 points below the target of +2 points." in attention
    assert "Poor for all 7 managers: Bjørn Dahl (−11 points)" in attention
    assert "Behind totals that are not poor" in attention


def test_every_kpi_has_a_line_and_a_section(page: str) -> None:
    for kpi in result()["kpis"]:
        slug = kpi["name"].replace("_", "-")
        assert page.count(f'href="#kpi-{slug}"') >= (1 if kpi["measured"] else 0)
        assert f'id="kpi-{slug}"' in page


def test_a_value_beside_its_target_is_told_apart(page: str) -> None:
    words = text_of(page)
    assert "79.95% Watch" in words
    assert "0.05 points below the target of 80%" in words


def test_each_reason_for_no_verdict_is_said_in_words() -> None:
    words = text_of(render(result(), "html"))
    for said in (
        "Reps: No data: Ben Lee and Eva Novák. No row of the data falls into this period.",
        "The value rests on fewer than 20 cases; it could be luck.",
        "Reps: Nothing to divide by: Gita Novák.",
        "Managers: Does not apply: Grace Mbeki-Worthington. The KPI is not meant for them.",
        "Nobody has set a target that covers this period",
        "Nothing earlier to compare with",
    ):
        assert said in words, said


def test_a_scorecard_shows_the_best_first_only_where_they_are_ranked(page: str) -> None:
    words = text_of(page[page.index('id="scorecard-leader"') : page.index('id="scorecard-whole"')])
    order = ["Carmen Ruiz", "Bjørn Dahl", "Amara Okafor", "Farid Haddad", "Grace Mbeki-Worthington", "Dmitri Volkov"]
    assert sorted(order, key=words.index) == order
    for said in (
        "Carmen Ruiz Most to gain: Overall sales effectiveness, up to 13 points 76 Watch ▼ −13 worse 1 of 3 97%",
        "Overseas by name: fewer than 3 scores are no ranking Farid Haddad",
        "92 Poor Gate: Retention ▲ +12 better – 97%",
        "Elena Rossi – Too little is known – – 18%",
        "Overall sales effectiveness 10 Watch 50 13.2 13.2",
        "Retention gate 3 Watch 50 3.9 3.9",
        "Competitive displacements 1 Not measured – – –",
        "Below 60% of the weights there is no score.",
        "Ranked within each region, from 3 scores on.",
    ):
        assert said in words, said


def test_a_scorecard_without_data_says_so(page: str) -> None:
    words = text_of(page[page.index('id="scorecard-rivals"') : page.index('id="all"')])
    assert "The data for it are not there yet, so nobody has a score." in words
    assert "Not measured: Competitive displacements." in words


def test_scores_are_told_apart_from_an_edge_and_from_each_other(small: Json) -> None:
    changed = copy.deepcopy(small)
    rows = [row for row in changed["scorecards"][0]["scores"] if row["period"] == changed["period"]]
    for row, score in zip((r for r in rows if r["member"] in {"m1", "m2", "m3"}), (79.96, 81.31, 81.29), strict=True):
        row["score"] = score
    words = text_of(render(changed, "html"))
    assert all(f" {score} " in words for score in ("79.96", "81.31", "81.29"))


def test_of_many_scores_the_lowest_are_listed_and_the_rest_is_counted(small: Json) -> None:
    changed = copy.deepcopy(small)
    card = changed["scorecards"][0] | {"peers": None}
    row = next(row for row in card["scores"] if row["score"] is not None and row["period"] == changed["period"])
    many = [row | {"member": f"m{n}", "label": f"Member {n:02}", "score": n, "peers": None} for n in range(20)]
    changed["scorecards"] = [card | {"scores": many}]
    for format_ in ("html", "md", "table"):
        words = " ".join(render(changed, format_).split())
        assert "These are the 6 lowest scores; 14 more managers are in the figures" in words
        assert "Member 05" in words
        assert "Member 06" not in words


def test_members_that_are_not_listed_are_counted(page: str) -> None:
    assert "44 more reps not shown here; all are in the figures of the run" in text_of(page)
    assert page.count("<tr>") < 1200


def test_what_is_not_measured_names_the_columns_it_needs(page: str) -> None:
    words = text_of(page)
    assert "Competitive displacements Do we win against our rivals? opportunities: competitor" in words
    assert "surveys: respondent , answered_on ; employment: rep" in words


def test_the_data_section_says_what_was_odd(page: str) -> None:
    words = text_of(page)
    for said in (
        "12 rows have no date and count in no period.",
        "stage: the value “Verbal” is not in the mapping (14 rows).",
        "rep “r99” is not in the list of members at that time (31 rows).",
        "3 rows were unreadable and set aside.",
        "kpieval.yaml:12:9 [unmapped-value]",
        "kpieval 0.1.0, result format 1",
    ):
        assert said in words, said


def test_the_same_query_is_shown_once(small: Json) -> None:
    changed = copy.deepcopy(small)
    for kpi in changed["kpis"]:
        kpi["sql"] = "SELECT 1 AS the_only_query"
    page = render(changed, "html")
    assert page.count("SELECT 1 AS the_only_query") == 1
    assert "The same query as of:" in page


def test_reps_behind_a_share_are_named_by_their_manager(page: str) -> None:
    words = text_of(page)
    assert "Who they are: reps by Overall sales effectiveness, the worst first" in words
    assert re.search(r"Carmen Ruiz Hugo Silva 8%, Ann Silva 11%.* and \d+ more", words)


def test_a_period_that_is_not_over_is_marked(small: Json) -> None:
    changed = copy.deepcopy(small)
    changed["periods"][-1]["complete"] = False
    for format_ in ("html", "md"):
        assert "This period is not over yet" in render(changed, format_)
    assert "(not over yet)" in render(changed, "table")


def test_bands_of_any_name_and_number_keep_their_words_icons_and_colours(small: Json) -> None:
    changed = copy.deepcopy(small)
    bands = [
        {"name": name, "label": name.upper(), "icon": icon, "color": color, "percent": None, "edge": edge}
        for name, icon, color, edge in (
            ("great", "star", "blue", 0.4),
            ("fine", "dot", "green", 0.3),
            ("meh", "flag", "orange", 0.2),
            ("bad", "arrow-down", "red", None),
        )
    ]
    changed["kpis"][0]["bands"] = bands
    for row in changed["observations"]:
        if row["kpi"] == "win_rate" and row["status"]:
            row |= {
                "edges": [0.4, 0.3, 0.2],
                "status": next(b["name"] for b in bands if b["edge"] is None or row["value"] >= b["edge"]),
            }
    page = render(changed, "html")
    assert "GREAT: 40% or more" in text_of(page)
    assert "BAD: below that" in text_of(page)
    assert '<span class="v blue k-star">GREAT: 40% or more</span>' in page


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en_GB", "0.05\N{NO-BREAK SPACE}points"), ("de_DE", "0,05\N{NO-BREAK SPACE}Punkte"),
        ("cs_CZ", "0,05\N{NO-BREAK SPACE}pb"), ("fr_FR", "0,05\N{NO-BREAK SPACE}points"),
        ("ar_EG", "0.05\N{NO-BREAK SPACE}points"),
    ],
)  # fmt: skip
def test_numbers_follow_the_locale(small: Json, locale: str, said: str) -> None:
    page = render(small | {"locale": locale}, "html")
    assert f'<html lang="{locale.replace("_", "-")}" dir="{"rtl" if locale == "ar_EG" else "ltr"}">' in page
    assert said in page


def test_a_locale_that_does_not_exist_is_a_problem_with_a_way_out(small: Json) -> None:
    with pytest.raises(DefinitionError) as caught:
        render(small | {"locale": "xx_YY"}, "html")
    assert [problem.code for problem in caught.value.problems] == ["unknown-locale"]


def test_a_format_that_does_not_exist_is_a_problem_with_a_way_out(small: Json) -> None:
    with pytest.raises(OutputError) as caught:
        render(small, "docx")
    assert caught.value.problems[0].code == "unknown-output-format"
    assert "html, md" in str(caught.value.problems[0].hint)


@pytest.mark.parametrize("format_", FORMATS)
def test_a_result_with_next_to_nothing_in_it_is_rendered(small: Json, format_: str) -> None:
    level = {"name": "organisation", "title": "Organisation", "parent": None, "members": 1}
    empty = small | {
        "kpis": [],
        "observations": [],
        "levels": [level],
        "members": [],
        "sources": [],
        "problems": [],
        "currency": None,
        "periods": small["periods"][-1:],
    }
    assert render(empty, format_)
    only = [kpi | {"measured": False} for kpi in small["kpis"]]
    assert render(empty | {"kpis": only}, format_)
    nothing_observed = empty | {"kpis": small["kpis"], "levels": small["levels"]}
    assert render(nothing_observed, format_)


@pytest.mark.parametrize("format_", FORMATS)
def test_two_names_with_one_slug_and_numbers_of_any_size_are_rendered(small: Json, format_: str) -> None:
    changed = copy.deepcopy(small)
    rows = [row for row in changed["observations"] if row["kpi"] == "revenue"]
    for row, value in zip(rows, itertools.cycle([1e300, -1e300, 5e-324, 0.0, -0.0, 1e15, 0.1 + 0.2]), strict=False):
        row |= {"value": value, "change": value, "previous": value}
    for kpi in changed["kpis"][:2]:
        kpi["title"] = "Same"
    renamed: Json = rename(changed, lambda text: {"win_rate": "a-b", "win_rate_value": "a_b"}.get(text, text))
    text = render(renamed, format_)
    assert "nan" not in re.findall(r"\w+", text.lower())
    if format_ == "html":
        ids = re.findall(r'id="(kpi-a-b[^"]*)"', text)
        assert len(set(ids)) == 2


def test_a_thousand_members_leave_the_page_readable() -> None:
    page = render(result(reps=1000), "html")
    assert len(page.encode()) < 500_000
    assert "994 more reps not shown here" in text_of(page)


def test_every_text_of_the_page_is_in_every_tag_escaped_once(small: Json) -> None:
    page = render(with_texts(small, " A&B <ok>"), "html")
    assert html.escape(" A&B <ok>") in page
    assert "&amp;amp;" not in page

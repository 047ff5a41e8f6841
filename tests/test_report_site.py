"""The pages of a site: each link arrives, each number is the result's, and every text stays text."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path
from typing import Any

import pytest

import examples
import kpieval
from kpieval.render import render
from kpieval.render.html import site, style_name, style_sheet
from kpieval.render.views.index import Index
from kpieval.render.views.layout import FIND, INDEX, METHODS, Site
from kpieval.render.views.report import Views
from sample_result import QUARTERS, rename, result

Json = dict[str, Any]

STYLE = style_name(style_sheet(result()["report"]))
TAG = re.compile(r"<[^>]+>")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return dict(site(result()))


def test_a_result_writes_its_site(tmp_path: Path) -> None:
    with kpieval.load(Path(__file__).parent.parent / "examples" / "hospital-waiting-times").evaluate() as run:
        assert run.report(tmp_path / "site", "site") == tmp_path / "site"
        written = {path.name: path.read_text("utf-8") for path in (tmp_path / "site").iterdir()}
        assert written == dict(site(run.to_dict()))


def ids(page: str) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', page)


def words(page: str) -> str:
    return re.sub(r"\s+", " ", TAG.sub(" ", page))


def test_there_is_a_page_for_each_kpi_and_each_member_with_a_score(pages: dict[str, str]) -> None:
    made = result()
    measured = {f"kpi-{kpi['name'].replace('_', '-')}.html" for kpi in made["kpis"] if kpi["measured"]}
    scored = {
        f"member-{card['level']}-{row['member']}.html"
        for card in made["scorecards"]
        for row in card["scores"]
        if row["period"] == made["period"]
    }
    assert measured
    assert scored
    assert pages.keys() == {INDEX, METHODS, FIND, STYLE} | measured | scored


def test_every_link_arrives_and_stays_in_the_folder(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        own = ids(page)
        assert len(own) == len(set(own)), name
        for href in re.findall(r'href="([^"]*)"', page):
            if re.match(r"https?://", href):
                continue
            file, _, anchor = href.partition("#")
            assert "/" not in file
            assert (file or name) in pages, (name, href)
            assert not anchor or anchor in ids(pages[file or name]), (name, href)


def test_every_page_leads_home_and_every_page_is_reached(pages: dict[str, str]) -> None:
    reached, ahead = {INDEX}, [INDEX]
    while ahead:
        found = {href.partition("#")[0] for href in re.findall(r'href="([^"]+)"', pages[ahead.pop()])}
        new = (found & pages.keys()) - reached
        reached |= new
        ahead += new
    assert reached == pages.keys()
    for name, page in pages.items():
        if name not in {INDEX, STYLE}:
            assert f'href="{INDEX}"' in page


def test_a_page_has_one_title_and_heading_and_names_the_period(pages: dict[str, str]) -> None:
    titles = [re.findall("<title>(.*?)</title>", page) for name, page in pages.items() if name != STYLE]
    assert all(len(found) == 1 for found in titles)
    assert len({found[0] for found in titles}) == len(titles)
    for name, page in pages.items():
        if name != STYLE:
            assert page.count("<h1") == 1, name
            assert "Q3 2026" in words(page), name


def test_a_member_sees_its_scores_with_their_parts_and_every_kpi_of_its_level(pages: dict[str, str]) -> None:
    made = result()
    card = next(card for card in made["scorecards"] if card["level"] == "manager" and card["scores"])
    row = next(row for row in card["scores"] if row["period"] == made["period"] and row["score"] is not None)
    page = words(pages[f"member-manager-{row['member']}.html"])
    assert row["label"] in page
    assert "What makes it" in page
    for part in row["parts"]:
        told = next((kpi for kpi in made["kpis"] if kpi["name"] == part["name"]), None)
        assert told is None or told["title"] in page
    listed = {o["kpi"] for o in made["observations"] if (o["level"], o["member"]) == ("manager", row["member"])}
    assert listed
    for kpi in made["kpis"]:
        if kpi["name"] in listed and kpi["measured"]:
            assert kpi["title"] in page, kpi["name"]


def test_the_policy_lets_in_the_style_of_the_site_and_its_one_script_and_nothing_else(pages: dict[str, str]) -> None:
    for name, page in pages.items():
        if name != STYLE:
            found = re.findall(r"<script [^>]*>(.*?)</script>", page, re.DOTALL)
            (script,) = found
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            policy = f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'self'; img-src data:"
            assert policy in html.unescape(page)
            assert not re.search(r"<(img|iframe|object|style|input|button)\b", page)
            assert not re.search(r'\s(style|src|on\w+)="', page)


def test_everybody_with_a_score_is_on_the_page_to_look_things_up_on(pages: dict[str, str]) -> None:
    made = result()
    page, index = pages[FIND], Index(made, Site())
    for kpi in made["kpis"]:
        if kpi["measured"]:
            assert f'<th scope="row"><a href="{index.link(kpi["name"]).href}">' in page
    rows = 0
    for card in made["scorecards"]:
        for row in card["scores"]:
            if row["period"] == made["period"]:
                rows += 1
                link = index.member_link(card["level"], row["member"], row["label"])
                line = re.search(rf'<tr><th scope="row"><a href="{link.href}">{row["label"]}</a>.*</tr>', page)
                assert line
                score = "–" if row["score"] is None else rf"{row['score']:.0f}"
                assert f"<td>{score}" in line[0]
    assert rows == 8
    assert f'href="{FIND}"' in pages[INDEX]


def test_a_scorecard_that_lists_a_few_leads_to_all() -> None:
    made = result(reps=1)
    card = made["scorecards"][0]
    now = next(row for row in card["scores"] if row["period"] == made["period"])
    card["scores"] += [now | {"member": f"x{number}", "label": f"X {number}"} for number in range(20)]
    pages = dict(site(made))
    note = re.search(r'<p class="note">These are the 6 lowest scores.*</p>', pages[INDEX])
    assert note
    assert f'<a href="{FIND}">' in note[0]
    assert pages[FIND].count('<th scope="row"><a href="member-manager-x') == 20
    assert FIND not in render(made, "html").partition("<script")[0]


def test_where_nobody_has_a_score_there_is_nothing_to_look_up() -> None:
    pages = dict(site(result() | {"scorecards": []}))
    assert FIND not in pages
    assert FIND not in pages[INDEX].partition("<script")[0]


def test_hostile_texts_stay_texts_on_every_page() -> None:
    def tags(ending: str) -> list[list[str]]:
        kept = {"organisation", "rep", "manager", "region", *QUARTERS}
        made = rename(result(reps=8), lambda text: text if text in kept else text + ending)
        made = made | {"kpis": [kpi | {"description": None} for kpi in made["kpis"]]}
        made["scorecards"] = [card | {"description": None} for card in made["scorecards"]]
        return sorted(re.findall(r"<[/\w]+", page) for _, page in site(made))

    assert tags("\"'><script>alert(1)</script>&{{ 7 * 7 }}") == tags("x")


def test_members_whose_names_make_no_file_get_one_of_their_own() -> None:
    made = result()
    card = next(card for card in made["scorecards"] if card["level"] == "manager" and card["scores"])
    for row in card["scores"]:
        row["member"] = {"m1": "../x", "m2": "..\\x", "m3": "Ä", "m4": "ä" * 300}.get(row["member"], row["member"])
    names = [name for name, _ in site(made)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9-]{1,90}\.(html|css)", name) for name in names)


def test_the_overview_is_small(pages: dict[str, str]) -> None:
    assert len(pages[INDEX].encode()) < 150_000
    assert max(len(page.encode()) for page in pages.values()) < 300_000


def test_who_has_no_page_is_a_word_and_no_link() -> None:
    index = Index(result(), Site())
    assert index.member_link("rep", "nobody", "Nobody").href == ""
    assert index.link("unknown").href == ""
    assert Views(result(), Site()).index.link("win_rate").href == "kpi-win-rate.html"


def test_a_score_and_a_change_have_the_same_digits_on_every_page() -> None:
    made = examples.evaluated(examples.SALES)
    views = Views(made, Site())
    listed = {row.member.href: row.scores for roll in views.rolls() for row in roll.rows}
    members = {
        views.index.layout.member(member.slug): tuple(score.standing.score for score in member.scores)
        for member in map(views.member, views.index.scored())
    }
    assert listed == members
    readings = (views.readers[row["kpi"]].read(row) for row in made["observations"] if row["kpi"] in views.readers)
    changes = [reading.change for reading in readings if reading.change]
    assert changes
    assert [each for each in changes if not each.text.removeprefix("+").startswith(each.brief.removeprefix("+"))] == []

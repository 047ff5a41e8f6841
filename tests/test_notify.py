"""Notifications: one message for all that has changed, to where it was meant to go, in words that do no harm there."""

from __future__ import annotations

import copy
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import sample_result
from kpieval import notify
from kpieval.cli import run
from kpieval.model.notify import Webhook
from kpieval.notify import body, message, send
from kpieval.problems import Place
from kpieval.render.formatting import Formats

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpieval.model.notify import Form, Occasion

Json = dict[str, Any]
SECRET = "hooks/T0PS3CRET"


class Receiver(ThreadingHTTPServer):
    """Takes what is posted, and answers with the statuses that are put in, else with 200."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.got: list[Json] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.slow = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/{SECRET}"


class Answer(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.path == f"/{SECRET}"
        assert self.headers["Content-Type"].startswith("application/json")
        status, headers = self.server.answers.pop(0) if self.server.answers else (200, {})
        if status == 0:
            self.server.slow.wait(5)
        if status == 200:
            self.server.got.append(json.loads(data))
        self.send_response(status or 200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quietly."""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr("kpieval.notify.posting.PAUSES", (0.01, 0.01))
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.slow.set()
        server.shutdown()
        thread.join()


def webhook(*levels: str, form: Form = "json", on: Occasion = "change", statuses: tuple[str, ...] = ()) -> Webhook:
    return Webhook("https://x.example", form, Place("kpieval.yaml"), on, levels or ("organisation",), statuses)


def results() -> tuple[Json, Json]:
    """In the second of two results win_rate is worse, revenue better, tenure without a verdict, engagement as poor."""
    before = sample_result.result(reps=3)
    statuses = {"win_rate": "good", "revenue": "poor", "tenure": "good", "engagement": "poor"}
    later = {"win_rate": "poor", "revenue": "watch", "tenure": None, "engagement": "poor"}
    now = copy.deepcopy(before)
    for result, given in ((before, statuses), (now, later)):
        for row in result["observations"]:
            if row["level"] == "organisation" and row["period"] == result["period"]:
                row["status"] = given.get(row["kpi"], "good")
                row["trend"] = {"change": None, "streak": 4 if row["kpi"] == "engagement" else 1}
        result["kpis"] = [{**kpi, "bands": before["kpis"][0]["bands"]} for kpi in result["kpis"]]
    return before, now


def test_one_message_says_what_got_worse_and_better_and_what_is_still_poor_since_when() -> None:
    found = message(*results(), webhook())
    assert [(head, [told.line for told in each]) for head, each in found.groups] == [
        ("Worse:", ["Overall sales effectiveness: Good → Poor"]),
        ("Better:", ["Revenue: Poor → Watch"]),
        ("Other changes:", ["Tenure in the team: Good → No verdict"]),
        ("Still poor:", ["Employee engagement: still poor since Q4 2025"]),
    ]
    assert found.title == "Acme sales leadership: Q3 2026"


def test_what_is_poor_for_as_long_as_the_run_looks_back_is_so_at_least() -> None:
    before, now = results()
    for row in now["observations"]:
        row["trend"] = {"change": None, "streak": 99}
    assert message(before, now, webhook()).still[0].since == "at least since Q4 2024"


def test_levels_and_statuses_narrow_what_is_told() -> None:
    before, now = results()
    assert {told.level for told in message(before, now, webhook("manager")).still} == {"manager"}
    only = message(before, now, webhook(statuses=("watch",)))
    assert [told.kpi for told in only.changes["better"]] == ["revenue"]
    assert only.changes["worse"] == ()
    assert not message(before, before, webhook()).changed


def test_without_anything_before_nothing_has_changed() -> None:
    _, now = results()
    found = message(None, now, webhook())
    assert not found.changed
    assert {told.kpi for told in found.still} == {"win_rate", "engagement"}


SAID = {
    "de_DE": [
        "Schlechter:\n• Overall sales effectiveness: Gut → Schlecht", "Besser:\n• Revenue: Schlecht → Beobachten",
        "Andere Veränderungen:\n• Tenure in the team: Gut → Keine Bewertung",
        "Weiterhin schlecht:\n• Employee engagement: weiterhin „Schlecht“ seit {period}",
    ],
    "fr_FR": [
        "En recul :\n• Overall sales effectiveness : Bon → Insuffisant",
        "En progrès :\n• Revenue : Insuffisant → À surveiller",
        "Autres changements :\n• Tenure in the team : Bon → Pas d’évaluation",
        "Toujours insuffisant :\n• Employee engagement : toujours « insuffisant » depuis {period}",
    ],
    "es_ES": [
        "Peor:\n• Overall sales effectiveness: Bueno → Deficiente", "Mejor:\n• Revenue: Deficiente → Vigilar",
        "Otros cambios:\n• Tenure in the team: Bueno → Sin valoración",
        "Sigue deficiente:\n• Employee engagement: sigue en «deficiente» desde {period}",
    ],
    "cs_CZ": [
        "Horší:\n• Overall sales effectiveness: Dobré → Slabé", "Lepší:\n• Revenue: Slabé → Sledovat",
        "Jiné změny:\n• Tenure in the team: Dobré → Bez hodnocení",
        "Stále slabé:\n• Employee engagement: stále „slabé“ od období {period}",
    ],
}  # fmt: skip
"""What the message says in each language; the labels of the bands are those that the engine gives."""
FIRST = {"de_DE": "April 2026", "fr_FR": "avril 2026", "es_ES": "abril 2026", "cs_CZ": "duben 2026"}


def spoken(locale: str) -> tuple[Json, Json]:
    """The two results in a locale, their quarters turned into months."""
    before, now = results()
    labels = [period["label"] for period in now["periods"]]
    months = dict(zip(labels, ["2025-12", *(f"2026-{month:02}" for month in range(1, 8))], strict=True))
    formats = Formats(locale, "EUR")
    for each in (before, now):
        each |= {"locale": locale, "period": months[each["period"]]}
        for period in each["periods"]:
            period |= {"label": months[period["label"]], "start": f"{months[period['label']]}-01"}
        for row in each["observations"]:
            row["period"] = months[row["period"]]
        for kpi in each["kpis"]:
            kpi["bands"] = [{**band, "label": formats.say(band["label"])} for band in kpi["bands"]]
    return before, now


@pytest.mark.parametrize("locale", SAID)
def test_people_read_the_message_in_the_language_of_the_report(locale: str) -> None:
    before, now = spoken(locale)
    link = replace(webhook(), link="https://kpis.example/")
    found = message(before, now, link)
    blocks = json.loads(body(found, "slack"))["blocks"]
    said = [block["text"]["text"] for block in blocks[2:-1]]
    assert said == [each.format(period=FIRST[locale]) for each in SAID[locale]]
    read = Formats(locale, None).say("Read the report")
    assert blocks[-1]["elements"][0]["text"] == f"<https://kpis.example/|{read}>"
    [attachment] = json.loads(body(found, "teams"))["attachments"]
    card = attachment["content"]
    assert card["actions"][0]["title"] == read
    lines = [run["text"] for block in card["body"] for run in block["inlines"]]
    assert lines[2:] == "\n".join(said).split("\n")


def test_programs_read_names_beside_the_words() -> None:
    before, now = spoken("de_DE")
    told = json.loads(body(message(before, now, webhook()), "json"))
    assert list(told) == [
        "format",
        "project",
        "title",
        "period",
        "verdict",
        "link",
        "worse",
        "better",
        "other",
        "still_poor",
    ]
    assert (told["format"], told["project"], told["period"]) == (1, "acme-sales", "2026-07")
    assert told["worse"] == [{
        "kpi": "win_rate", "title": "Overall sales effectiveness", "level": "organisation", "member": "organisation",
        "label": "Organisation", "status_before": "good", "status_now": "poor", "before": "Gut", "now": "Schlecht",
    }]  # fmt: skip
    [other] = told["other"]
    assert (other["status_now"], other["now"]) == (None, "Keine Bewertung")
    [still] = told["still_poor"]
    assert (still["status_now"], still["since_period"], still["since"]) == ("poor", "2026-04", "seit April 2026")


def test_numbers_of_a_message_are_those_of_the_locale() -> None:
    many = crowd("a", ["good"] * 40), crowd("a", ["poor"] * 40)
    for each in many:
        each["locale"] = "de_DE"
    [worse] = [
        block["text"]["text"] for block in json.loads(body(message(*many, webhook("rep")), "slack"))["blocks"][2:3]
    ]
    assert worse.endswith("… und 1.585 weitere")


HOSTILE = "<!channel> & <https://evil.example|x> *b* [a](https://evil.example) <at>all</at>\u202e\nline"


def hostile() -> Json:
    before, now = results()
    for result in (before, now):
        result["title"] = HOSTILE
        for kpi in result["kpis"]:
            kpi["title"] = HOSTILE
    return {form: json.loads(body(message(before, now, webhook()), form)) for form in ("slack", "teams", "json")}


def test_slack_reads_no_markup_out_of_names() -> None:
    made = hostile()["slack"]
    texts = [block["text"] for block in made["blocks"]]
    assert {text["type"] for text in texts} == {"plain_text"}
    assert {text["emoji"] for text in texts} == {False}
    assert "<" not in made["text"]
    assert "&lt;!channel&gt; &amp; " in made["text"]
    assert not any("\u202e" in text["text"] for text in [*texts, made])


def test_teams_reads_no_markup_out_of_names() -> None:
    [attachment] = hostile()["teams"]["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}  # a TextBlock would read Markdown
    assert {run["type"] for block in card["body"] for run in block["inlines"]} == {"TextRun"}
    assert "msteams" not in card


def crowd(name: str, statuses: list[str | None]) -> Json:
    """A result in which everything has one name, with forty members of each of the statuses."""
    result, _ = results()
    kpi = {**result["kpis"][0], "title": name}
    model = next(
        row
        for row in result["observations"]
        if (row["kpi"], row["level"], row["period"]) == (kpi["name"], "rep", result["period"])
    )
    rows = [
        {**model, "member": str(at), "label": name, "status": status, "trend": None}
        for at, status in enumerate(status for status in statuses for _ in range(40))
    ]
    return {**result, "title": name, "kpis": [kpi], "observations": rows}


@pytest.mark.parametrize("letter", ["a", "語", "😀"])
def test_receivers_take_the_longest_message(letter: str) -> None:
    name = letter * 500
    statuses = (("good", "poor"), ("poor", "good"), (None, "good"), ("poor", "poor"))
    before, now = (crowd(name, [pair[at] for pair in statuses]) for at in (0, 1))
    found = message(before, now, webhook("rep"))
    assert [len(told) for _, told in found.groups] == [40] * 4
    slack, teams = (body(found, form) for form in ("slack", "teams"))
    blocks = json.loads(slack)["blocks"]
    assert len(blocks) <= 50
    assert len(blocks[0]["text"]["text"]) <= 150
    assert max(len(block["text"]["text"]) for block in blocks) <= 3000
    assert sum(len(block["text"]["text"]) for block in blocks) <= 13_000
    assert len(teams) <= 28_000
    assert " more" in slack.decode()
    assert ": Good → Poor" in teams.decode()
    assert len(json.loads(body(found, "json"))["worse"]) == 40


def test_the_link_leads_to_the_report() -> None:
    link = Webhook(
        "https://x.example", "slack", Place("f"), "always", ("organisation",), (), "https://kpis.example/?a=1&b=2"
    )
    found = message(*results(), link)
    assert json.loads(body(found, "slack"))["blocks"][-1]["elements"][0]["text"] == (
        "<https://kpis.example/?a=1&amp;b=2|Read the report>"
    )
    [attachment] = json.loads(body(found, "teams"))["attachments"]
    assert attachment["content"]["actions"][0]["url"] == "https://kpis.example/?a=1&b=2"


@pytest.mark.parametrize("answers", [[], [(503, {})], [(429, {"Retry-After": "0"}), (500, {})]], ids=str)
def test_a_message_arrives_once_after_a_few_tries(
    receiver: Receiver, answers: list[tuple[int, dict[str, str]]]
) -> None:
    receiver.answers = answers
    assert send(receiver.url, b'{"a": 1}') is None
    assert receiver.got == [{"a": 1}]


@pytest.mark.parametrize(
    ("answers", "why", "left"),
    [
        ([(404, {})] * 3, "it answered with status 404", 2),
        ([(500, {})] * 4, "it answered with status 500", 1),
        ([(307, {"Location": "/elsewhere"})] * 3, "it answered with status 307", 2),
        ([(302, {"Location": "http://evil.example/"})] * 3, "it answered with status 302", 2),
    ],
    ids=["refused", "broken", "moved", "led away"],
)
def test_a_message_that_is_not_taken(
    receiver: Receiver, answers: list[tuple[int, dict[str, str]]], why: str, left: int
) -> None:
    receiver.answers = list(answers)
    assert send(receiver.url, b"{}") == why
    assert receiver.got == []
    assert len(receiver.answers) == left


def test_a_receiver_that_does_not_answer(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpieval.notify.posting.TIMEOUT", 0.2)
    receiver.answers = [(0, {})] * 3
    trouble = send(receiver.url, b"{}")
    assert trouble is not None
    assert "within 0 seconds" in trouble


@pytest.mark.parametrize(
    "url", [f"http://127.0.0.1:1/{SECRET}", f"http://nowhere.invalid/{SECRET}", f"http://127.0.0.1/{SECRET} a"]
)
def test_no_trouble_repeats_the_url(url: str, receiver: Receiver) -> None:  # noqa: ARG001 -- for short pauses
    trouble = send(url, b"{}")
    assert trouble
    assert "T0PS3CRET" not in trouble


PROJECT = """
project: acme
period: quarter
as_of: 2026-12-31
notify:
- {url: "${env:HOOK}", form: json, link: "https://kpis.example/"}
sources:
  deals:
    file: deals.csv
    key: id
    time: day
    columns: {id: text, day: date, won: integer}
"""
KPI = """
kpi: win_rate
source: deals
value: sum(won) / count(*)
levels: [organisation]
target: 0.5
bands: {good: 100%, poor: rest}
"""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> Path:
    (tmp_path / "acme" / "kpis").mkdir(parents=True)
    (tmp_path / "acme" / "kpieval.yaml").write_text(PROJECT)
    (tmp_path / "acme" / "kpis" / "win_rate.yaml").write_text(KPI)
    monkeypatch.setenv("HOOK", receiver.url)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "acme"


def publish(acme: Path, *won: int) -> int:
    """Publish with so many of ten deals won in each of the last quarters."""
    days = ("2026-05-01", "2026-08-01", "2026-11-01")[-len(won) :]
    rows = [f"{day}-{n},{day},{int(n < share)}" for day, share in zip(days, won, strict=True) for n in range(10)]
    (acme / "deals.csv").write_text("\n".join(["id,day,won", *rows, ""]))
    return run(["publish", "-q", "site", str(acme)])


def test_a_change_is_told_once_and_what_stays_poor_is_not_told_alone(acme: Path, receiver: Receiver) -> None:
    assert publish(acme, 8) == 0
    assert receiver.got == []
    assert publish(acme, 2) == 0
    assert [(each["before"], each["now"]) for each in receiver.got[0]["worse"]] == [("Good", "Poor")]
    assert publish(acme, 2) == 0
    assert publish(acme, 3) == 0
    assert len(receiver.got) == 1
    assert receiver.got[0]["link"] == "https://kpis.example/"


def test_always_tells_of_each_new_run_with_since_when(acme: Path, receiver: Receiver) -> None:
    text = (acme / "kpieval.yaml").read_text()
    (acme / "kpieval.yaml").write_text(text.replace("form: json", "form: json, on: always"))
    for won in ((2, 2, 2), (2, 2, 2), (2, 2, 1)):
        assert publish(acme, *won) == 0
    assert [[each["since"] for each in got["still_poor"]] for got in receiver.got] == [["at least since Q2 2026"]] * 2


def test_what_could_not_be_told_is_told_the_next_time(
    acme: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(acme, 8) == 0
    receiver.answers = [(500, {})] * 3
    assert publish(acme, 2) == 4
    said = capsys.readouterr()
    assert "[webhook-not-told] This webhook couldn't be told: it answered with status 500." in said.err
    assert "kpieval.yaml:6:3" in said.err
    assert "T0PS3CRET" not in said.out + said.err
    assert receiver.got == []
    assert publish(acme, 2) == 0  # nothing new is published, and yet
    assert [each["now"] for each in receiver.got[0]["worse"]] == ["Poor"]
    kept = "".join(path.read_text() for path in Path("site").rglob("*") if path.is_file())
    assert "T0PS3CRET" not in kept
    assert "127.0.0.1" not in kept


def test_a_saved_result_tells_nobody(acme: Path, receiver: Receiver) -> None:
    assert publish(acme, 8) == 0
    publish(acme, 8)
    (acme / "deals.csv").write_text((acme / "deals.csv").read_text().replace(",1\n", ",0\n"))
    assert run(["evaluate", "-q", "-o", "run/", str(acme)]) == 0
    assert run(["publish", "-q", "site", "run"]) == 0
    assert receiver.got == []


def test_a_webhook_never_shows_its_url() -> None:
    assert "x.example" not in repr(webhook())
    assert notify.__doc__

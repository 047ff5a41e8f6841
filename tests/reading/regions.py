"""The texts of a page, each with the place that it stands in; what no element claims may hold names, and no figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reading.gate import gate
from reading.known import GAPS, plain
from reading.kpis import column, kpi
from reading.methods import methods
from reading.overview import glance, overview
from reading.scores import scorecard
from reading.tongue import Place
from reading.tree import UNSEEN, plainly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reading.known import Claim, Known
    from reading.tree import Element

WRITTEN = ("aria-label", "alt", "title", "data-label")
"""Attributes that are read aloud, or shown by the style sheet."""


def faults(known: Known, page: Element) -> Iterator[str]:
    """The numbers of a page that the result doesn't explain."""
    for text, place in regions(known, page):
        yield from known.tongue.unexplained(text, place)


def regions(known: Known, page: Element) -> Iterator[tuple[str, Place]]:
    """The texts of a page, each with the place that it stands in: that of the nearest element that is claimed."""
    body = page.one("body")
    assert body
    now = known.periods[known.period]
    dates = [*known.moment(known.period), known.formats.dates(now["start"], now["end"])]
    claimed = dict(claims(known, body))
    ahead: list[tuple[Element, Place]] = [(body, Place("page", texts=dates))]
    while ahead:
        node, place = ahead.pop()
        seen: list[str] = []
        heard: list[str] = []
        inner = _gathered(node, claimed, seen, heard)
        ahead += ((each, claimed[each]) for each in inner)
        if text := plainly(" ".join(seen)):
            yield text, place
        for text in heard:
            yield text, place


def _gathered(node: Element, claimed: Mapping[Element, Place], seen: list[str], heard: list[str]) -> list[Element]:
    """Fills in what is seen and heard of an element; the claimed ones in it are left to themselves."""
    inner = []
    heard += [node.attributes[name] for name in WRITTEN if name in node.attributes]
    for child in node.children:
        if isinstance(child, str):
            seen.append(child)
        elif child in claimed:
            inner.append(child)
        elif child.tag not in UNSEEN:
            inner += _gathered(child, claimed, seen, heard)
    return inner


def claims(known: Known, body: Element) -> Iterator[Claim]:
    """The elements of any page that hold numbers."""
    yield from _around(known, body)
    yield from overview(known, body)
    for card in body.all("article.scorecard") + body.all("section.scorecard"):
        title = (card.one("h3") if card.tag == "article" else card.one("h2")) or card
        yield from scorecard(known, known.cards[title.text], card)
    for article in body.all("article.kpi"):
        yield from kpi(known, known.titles[article.all(".name")[0].text], article)
    yield from _lines(known, body)
    yield from _series(known, body)
    if body.one("#data"):
        yield from methods(known, body)
    for section in body.all("section.gate"):
        yield from gate(known, known.then, section)


def _around(known: Known, body: Element) -> Iterator[Claim]:
    tones = known.tones()
    counts = {tone: Place(f"{tone} KPIs", plain(tones[tone])) for tone in ("poor", "fair", "good", "none")}
    total = {"count": Place("KPIs", plain(sum(tones.values())))}
    said: list[Any] = [
        (("{count} is without a verdict.", "{count} are without a verdict."), {"count": counts["none"]}),
        (("Of {count} KPI, {parts}.", "Of {count} KPIs, {parts}."), {**total, "parts": Place("parts", said=[
            (("{count} is poor", "{count} are poor"), {"count": counts["poor"]}),
            (("{count} is to be watched", "{count} are to be watched"), {"count": counts["fair"]}),
            (("{count} is good", "{count} are good"), {"count": counts["good"]}),
        ])}),
        (("None of {count} KPI has a verdict.", "None of {count} KPIs has a verdict."), total),
        (("The only KPI is good.", "All {count} KPIs are good."), total),
    ]  # fmt: skip
    for node in body.all("header .verdict"):
        yield node, Place("verdict", said=said)
    for node in body.all(".tiles li"):
        icon = next(name for name in node.classes if name.startswith("k-"))
        tone = {"k-check": "good", "k-alert": "fair", "k-cross": "poor", "k-none": "none"}[icon]
        yield node, counts[tone]
    for axis in (*body.all("svg"), *body.all(".axis")):
        if axis.tag != "svg" or axis.one("text"):
            for node in axis.all("text") if axis.tag == "svg" else [axis]:
                yield node, Place("scale", texts=[node.text])
    for code in body.all("code") + body.all("pre"):
        yield code, Place("code", texts=_code(known))


def _code(known: Known) -> list[str]:
    """What is written as an engine or an author has it."""
    told = [text for kpi in known.kpis.values() for text in (kpi["formula"], kpi["sql"], kpi["name"])]
    measures = [measure for kpi in known.kpis.values() for measure in kpi["measures"]]
    told += [text for measure in measures for text in (measure["name"], measure["expression"])]
    return [*told, *(source["sql"] for source in known.result["sources"])]


def _lines(known: Known, body: Element) -> Iterator[Claim]:
    heading = body.one("h1")
    for table in body.all("table.lines"):
        levels = {card["level"] for card in known.result["scorecards"]}
        heads = [head.text for head in table.all("thead")[0].all("th")]
        for line in table.all("tbody tr"):
            name = known.kpi_of(line.own("th")[0])
            found = [
                row for level in levels for row in known.now[name, level] if heading and row["label"] == heading.text
            ]
            seen = found[0]
            yield line.own("th")[0], Place("gap", said=[(message, known.to_target(seen)) for message in GAPS])
            yield from glance(known, seen, line)
            for words, cell in zip(heads[7:], line.own("td")[6:], strict=True):
                cell.attributes.pop("data-label", None)
                yield cell, column(known, seen, words)


def _series(known: Known, body: Element) -> Iterator[Claim]:
    """The figures behind sparklines: of the whole, or of the member that the page is about."""
    heading = body.one("h1")
    label = heading.text if heading and body.one("table.lines") else None
    moments = {known.moment(name)[0]: name for name in known.periods}
    for table in body.all("table.series"):
        heads = table.all("thead th")[1:]
        periods = [moments[head.text] for head in heads]
        for head in heads:
            yield head, Place("period", texts=[head.text])
        for line in table.all("tbody tr"):
            row = line.own("th")[0]
            title = plainly("".join(text for text in row.children if isinstance(text, str)))
            for period, cell in zip(periods, line.own("td"), strict=True):
                yield cell, _figure(known, title, label, period)


def _figure(known: Known, title: str, label: str | None, period: str) -> Place:
    """The value of a KPI, or a score, in a period."""
    levels = {card["level"] for card in known.cards.values()}
    if title not in known.titles:
        scores = known.cards[title]["scores"]
        score = next((row for row in scores if (row["label"], row["period"]) == (label, period)), None)
        return Place("past score", plain(score["score"]) if score else ())
    name, top = known.titles[title], known.top(known.titles[title])
    keys = [(m["level"], m["member"]) for m in known.result["members"] if m["level"] in levels and m["label"] == label]
    if label is None and top:
        keys = [(top["level"], top["member"])]
    found = [known.rows[name, *key, period] for key in keys if (name, *key, period) in known.rows]
    return Place("past value", known.of(name, *(row["value"] for row in found)))

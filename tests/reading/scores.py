"""What may stand in scorecards and in the scores of a member."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from reading.known import NOTHING, plain, shares
from reading.tongue import Place
from reading.tree import plainly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reading.known import Claim, Json, Known
    from reading.tree import Element

LISTED = 6
"""So many the pages list, or name, and tell how many more there are."""


def scorecard(known: Known, card: Json, node: Element) -> Iterator[Claim]:
    """A scorecard: its section on the front page, or what a member has of it."""
    for key in node.all(".key"):
        if bands := key.all("span.v"):
            yield from _bands(card["bands"], bands)
        else:
            yield key, _rules(known, card)
    for words in node.all(".prose"):
        yield words, prose(card["description"])
    rows = {row["label"]: row for row in card["scores"] if row["period"] == known.period}
    if node.tag == "section":
        heading = (node.above("main") or node).one("h1")
        yield from _own_score(known, card, rows[heading.text if heading else ""], node)
        return
    shown = "These are the {shown} lowest scores; {count} more {level} are in the figures of the run ({command})."
    holes = {"shown": Place("shown", plain(LISTED)), "count": Place("hidden scores", plain(len(rows) - LISTED))}
    for note in node.own("p"):
        if "note" in note.classes:
            yield note, Place("hidden scores", said=[((shown, shown), holes)])
    if table := node.one("table.scores"):
        yield from _scores(known, card, rows, table)


def _scores(known: Known, card: Json, rows: Mapping[str, Json], table: Element) -> Iterator[Claim]:
    heads = [head.text for head in table.all("thead")[0].all("th")]
    few = ("by name: fewer than {count} score is no ranking", "by name: fewer than {count} scores are no ranking")
    least = {"count": Place("min_peers", plain(card["peers"]["min_peers"] if card["peers"] else None))}
    seen: Json = {}
    for line in table.all("tbody tr"):
        if "group" in line.classes:
            yield line, Place("group", said=[(few, least)])
        elif "behind" in line.classes:
            yield from _parts(known, seen, line)
        elif line.above("table") is table:
            head = line.own("th")[0]
            own = plainly("".join(text for text in head.children if isinstance(text, str)))
            seen = rows[own or head.all("a")[0].text]
            for small in head.all("small"):
                yield small, _gain(seen)
            for name, cell in zip(heads[1:], line.own("td"), strict=True):
                cell.attributes.pop("data-label", None)
                yield cell, _of_score(known, seen, name)
                for svg in cell.all("svg.bullet"):
                    yield svg, _of_hundred(seen)


def _own_score(known: Known, card: Json, row: Json, node: Element) -> Iterator[Claim]:
    for figure in node.all("p.figure"):
        yield figure, Place("score", plain(row["score"]))
        for change in figure.all(".change"):
            yield change, Place("change of a score", plain(row["change"]))
    for svg in node.all("svg.bullet"):
        yield svg, _of_hundred(row)
    for pair in node.all("dl div"):
        term, words = pair.own("dt")[0].text, pair.own("dd")[0]
        if term == known.say("Most to gain"):
            yield words, _gain(row)
        elif words.one("span.v"):
            yield from _bands(card["bands"], words.all("span.v"))
        else:
            yield words, _of_score(known, row, term)
    yield from _parts(known, row, node)


def _of_hundred(row: Json) -> Place:
    return Place("score of 100", plain(row["score"], 100))


def _of_score(known: Known, row: Json, head: str) -> Place:
    """What may stand in a column of scores."""
    if head == known.say("Score"):
        return Place("score", plain(row["score"]))
    if head == known.say("Coverage"):
        return Place("coverage", shares(row["coverage"]))
    if head == known.say("Rank"):
        peers = row["peers"] or {"rank": None, "count": None}
        holes = {"rank": Place("rank", plain(peers["rank"])), "count": Place("peers", plain(peers["count"]))}
        return Place("rank of a score", said=[("{rank} of {count}", holes)])
    if head in {known.say("Status"), known.say("Of 100")}:
        return NOTHING
    return Place("change of a score", plain(row["change"]))


def _gain(row: Json) -> Place:
    part = next((part for part in row["parts"] if part["name"] == row["largest_gain"]), None)
    return Place("gain", plain(part["loss"]) if part else ())


def _parts(known: Known, score: Json, node: Element) -> Iterator[Claim]:
    titles = {each["title"]: each["name"] for each in (*known.result["kpis"], *known.result["scorecards"])}
    own = {part["name"]: part for part in score["parts"]}
    for line in node.all("table.parts tbody tr"):
        head = line.own("th")[0]
        title = (head.one("a") or head).text
        part = own[titles.get(title.removesuffix(f" {known.say('gate')}"), title)]
        weight, _, points, gives, adds = line.own("td")
        yield weight, Place("weight", plain(part["weight"]))
        yield points, Place("points", plain(part["points"]))
        yield gives, Place("contribution", plain(part["contribution"]))
        yield adds, Place("loss", plain(part["loss"]))


def _bands(bands: list[Json], spans: list[Element]) -> Iterator[Claim]:
    for band, span in zip(bands, spans, strict=True):
        yield span, Place("edge of a score", plain(band["edge"]), texts=[band["label"]])


def _rules(known: Known, card: Json) -> Place:
    """How a score is made: points in the order of the statuses, the least coverage, the fewest peers."""
    labels = {band["name"]: band["label"] for kpi in known.kpis.values() for band in kpi["bands"]}
    after: dict[str, Any] = {}
    for each in card["points"] or ():
        for form in {labels.get(each["status"], each["status"]), labels.get(each["status"], each["status"]).lower()}:
            after[form] = plain(each["points"])
    least = Place("min_coverage", shares(card["min_coverage"]))
    peers = Place("min_peers", plain(card["peers"]["min_peers"]) if card["peers"] else ())
    among = ("Ranked among all, from {count} score on.", "Ranked among all, from {count} scores on.")
    within = (
        "Ranked within each {level}, from {count} score on.",
        "Ranked within each {level}, from {count} scores on.",
    )
    said: list[Any] = [
        ("Points by status: {points}.", {"points": Place("points of a status", after=after)}),
        ("Below {share} of the weights there is no score.", {"share": least}),
        (among, {"count": peers}),
        (within, {"count": peers}),
    ]
    return Place("rules of a score", texts=[card["owner"] or ""], said=said)


def prose(text: str | None) -> Place:
    """Numbers that an author wrote, word by word."""
    return Place("prose", texts=re.findall(r"\S*\d\S*", re.sub(r"[*`_\[\]()]", " ", text or "")))

"""What may stand on the front page, and in findings anywhere."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from reading.known import MORE, NOTHING, plain
from reading.tongue import Place
from reading.tree import plainly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reading.known import Claim, Json, Known
    from reading.tree import Element

LISTED, HIDDEN = 6, 12
"""So many the pages list, or name, and tell how many more there are."""


def overview(known: Known, body: Element) -> Iterator[Claim]:
    """The sections of the front page."""
    yield from _findings(known, body)
    yield from _attention(known, body)
    for table in body.all("table.glance"):
        if "lines" not in table.classes:
            for line in table.all("tbody tr"):
                yield from glance(known, known.top(known.kpi_of(line.own("th")[0])), line)
    for node in body.all("table.glance thead th") + body.all("table.scores thead th") + body.all("[data-label]"):
        yield node, Place("head", texts=known.moment(known.before))
    for item in body.all(".tree li"):
        yield from _driver(known, item)
    for table in body.all("table.roll"):
        yield from _roll(known, table)
    grids = body.all("table.grid")
    for number, grid in enumerate(grids, 1):
        yield from _grid(known, grid, number, len(grids))


def _attention(known: Known, body: Element) -> Iterator[Claim]:
    for card in body.all("article.card"):
        row = known.top(known.kpi_of(card.one("h3")))
        for node in card.own("p"):
            yield node, known.value(row) if "figure" in node.classes else known.sentences(row)
        for node in card.all("svg.bullet"):
            yield node, known.bullet(row)
    for item in body.all("ul.hidden li"):
        name = known.kpi_of(item)
        _, value, where = item.own("span")
        yield value, known.value(known.top(name))
        yield where, Place("where", said=known.where(name))
    hidden = {"count": Place("hidden KPIs", plain(sum(map(known.hides, known.kpis)) - HIDDEN))}
    one = "{count} more KPI of this kind: see the members side by side."
    many = "{count} more KPIs of this kind: see the members side by side."
    for node in body.all("#attention")[:1]:
        for note in node.own("p"):
            if "note" in note.classes:
                yield note, Place("hidden KPIs", said=[((one, many), hidden)])


def glance(known: Known, seen: Json | None, row: Element) -> Iterator[Claim]:
    """A KPI in a line: value, target, status, change, history, against the target."""
    cells = row.own("td")
    places = (known.value(seen), known.target(seen), NOTHING, known.change(seen), NOTHING, known.bullet(seen))
    for cell, place in zip(cells, places, strict=False):
        yield cell, place
    for cell in cells[:6]:
        cell.attributes.pop("data-label", None)


def _roll(known: Known, table: Element) -> Iterator[Claim]:
    """A list to look for a KPI or a member: its value, or its score in each scorecard."""
    heads = [head.text for head in table.all("thead th")]
    levels = {title: name for name, title in known.levels.items()}
    for line in table.all("tbody tr"):
        head, cells = line.own("th")[0], line.own("td")
        if "people" not in table.classes:
            yield cells[0], known.value(known.top(known.kpi_of(head)))
            continue
        member = known.member(levels[heads[0]], head.text, cells[0].text)
        for card, cell in zip(heads[2:], cells[1:], strict=True):
            row = known.score(known.cards[card], member) if known.cards[card]["level"] == levels[heads[0]] else None
            yield cell, Place("score of all", plain(row["score"]) if row else ())


def _findings(known: Known, body: Element) -> Iterator[Claim]:
    """Each finding is the result's, word for word, with its own beginning."""
    for section in body.all("#findings"):
        numbers = Counter(each["severity"] for each in known.result["findings"])
        said: list[Any] = [
            ((f"{{count}} {name}", f"{{count}} {name}s"), {"count": Place(f"{name}s", plain(numbers[name]))})
            for name in ("error", "warning", "note")
        ]
        for node in section.own("p"):
            yield node, Place("findings", said=said)
    heading = body.one("h1")
    for item in body.all("ul.findings li"):
        title = item.one("h3")
        own = [each for each in known.result["findings"] if title and each["title"] == title.text]
        for node in item.all("p"):
            each = next((one for one in own if plainly(one["message"]) in plainly(node.text)), None)
            texts = [each["message"], *known.moment(each["since"])] if each else []
            labels = len([one for one in own if not heading or body.one(".tiles") or one["label"] == heading.text])
            more = {"count": Place("more", plain(labels - 2 * LISTED))}
            actions = [one["action"] or "" for one in own]
            owner = [one["owner"] or "" for one in own]
            yield node, Place("finding", texts=[*texts, *actions, *owner], said=[(MORE, more)])


def _driver(known: Known, item: Element) -> Iterator[Claim]:
    node = item.one(".node")
    assert node
    name = known.kpi_of(node.one(".name"))
    for strong in node.all("strong"):
        yield strong, known.value(known.top(name))
    above = item.above("li")
    evidence = next((child for child in item.own("p")), None)
    if above and evidence:
        outer = above.one(".node .name")
        arrow = next(
            each for each in known.result["drivers"]
            if (each["driver"], each["driven"]) == (known.kpi_of(outer), name)
        )  # fmt: skip
        spans = [(f"{{count}} {grain}", f"{{count}} {grain}s") for grain in ("day", "week", "month", "quarter", "year")]
        lag = Place("lag", said=[(span, {"count": Place("lag", plain(arrow["lag"]))}) for span in spans])
        time = Place("periods", said=[(span, {"count": Place("periods", plain(arrow["periods"]))}) for span in spans])
        holes = {
            "correlation": Place("correlation", plain(arrow["correlation"])),
            "interval": Place("interval of a correlation", plain(*(arrow["interval"] or ()))),
            "when": lag,
            "pairs": Place("pairs", plain(arrow["pairs"])),
            "time": time,
        }
        text = "correlation {correlation} ({interval}) {when}; {pairs} pairs of figures, by {level}."
        said: list[Any] = [(f"Evidence: {text}", holes), (f"No evidence in {{time}}: {text}", holes)]
        yield evidence, Place("evidence", said=said)


def _grid(known: Known, grid: Element, number: int, count: int) -> Iterator[Claim]:
    level = known.side_by_side or ""
    heads = [head.text for head in grid.all("thead tr")[-1].own("th")[1:]]
    for row in grid.all("tbody tr"):
        name = known.kpi_of(row.own("th")[0])
        for head, cell in zip(heads, row.own("td"), strict=True):
            rows = [each for each in known.now[name, level] if each["label"] == head]
            seen = known.top(name) if head == heads[0] else rows[0] if rows else None
            yield cell, known.value(seen)
    caption = grid.one("caption")
    assert caption
    holes = {"number": Place("number", plain(number)), "count": Place("tables", plain(count))}
    yield caption, Place("caption", texts=known.moment(known.period), said=[("(part {number} of {count})", holes)])
    region = grid.parent
    assert region
    if count > 1:
        region.attributes["aria-label"] = re.sub(rf"\b{number}\Z", "", region.attributes["aria-label"])

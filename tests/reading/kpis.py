"""What may stand in the section of a KPI."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from reading.known import MORE, NOTHING, plain, shares
from reading.scores import prose
from reading.strips import strip
from reading.tongue import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reading.known import Claim, Json, Known
    from reading.tree import Element

INTERVAL = "95% interval"
LISTED, ALL, NAMED = 6, 30, 12
"""So many the pages list, or name, and tell how many more there are."""


def kpi(known: Known, name: str, node: Element) -> Iterator[Claim]:
    """The section of a KPI."""
    told, row = known.kpis[name], known.top(name)
    for line in node.own("header")[0].own("p"):
        if "question" not in line.classes:
            yield line, known.value(row) if "figure" in line.classes else known.sentences(row)
    for words in node.all(".prose"):
        yield words, prose(told["description"])
    for pair in node.all("dl div"):
        if pair.own("dt"):
            yield from _fact(known, told, row, pair)
    for behind in node.all("dl.behind div"):
        yield behind.own("dd")[0], _behind(known, told, behind.own("dt")[0].text)
    yield from _charts(known, name, row, node)
    yield from _tables(known, name, row, node)
    yield from _notes(known, name, node)


def _charts(known: Known, name: str, row: Json | None, node: Element) -> Iterator[Claim]:
    """The charts and what is written below them."""
    for svg in node.all("svg.trend"):
        yield svg, _trend(known, name, row)
    notes = {note["text"]: note for note in known.result["annotations"]}
    for number, note in enumerate(node.all("figcaption p.note"), 1):
        text = next(text for text in notes if text in note.text)
        yield note, Place("annotation", plain(number), texts=[text, *known.day(notes[text]["on"])])
    published = known.published(name)
    for cite, each in zip(node.all("p.cite"), published, strict=bool(node.all("p.cite"))):
        yield cite, _citation(known, name, each)
    for svg in node.all("svg.bullet"):
        values = [value for each in published for value in (each["value"], *(each["quantiles"] or {}).values())]
        yield svg, known.bullet(row, [value for value in values if value is not None])
    for figure in node.all(".plots figure"):
        if figure.one("svg.strip"):
            yield from strip(known, name, figure)
            continue
        for part in figure.all("figcaption") + figure.all("svg.funnel"):
            yield part, _outside(known, name, figure.all("strong")[0].text)


def _trend(known: Known, name: str, row: Json | None) -> Place:
    """The first and the last value, the target, and what is usual."""
    key = (name, row["level"], row["member"]) if row else None
    seen = [known.rows[*key, label] for label in known.periods if key and (*key, label) in known.rows]
    valued = [each for each in seen if each["value"] is not None]
    first, last = valued[0], valued[-1]
    ends = known.of(name, first["value"], last["value"])
    texts = [*known.moment(first["period"]), *known.moment(last["period"])]
    return Place("trend", [*ends, *known.over_time(last).figures, *known.target(last).figures], texts=texts)


def _tables(known: Known, name: str, row: Json | None, node: Element) -> Iterator[Claim]:
    for table in node.all("table.figures"):
        heads = [head.text for head in table.all("thead")[0].all("th")]
        if "members" in table.classes:
            yield from _members(known, name, table, heads)
        elif heads[0] == known.say("Period"):
            yield from _history(known, name, row, table, heads)
        elif heads[0] == known.say("Member"):
            yield from _funnel(known, name, table)


def _citation(known: Known, name: str, each: Json) -> Place:
    source = each["source"]
    texts = [each[part] or "" for part in ("title", "population", "definition")]
    texts += [source["title"] or "", source["publisher"] or "", str(source["year"] or ""), *known.day(each["expires"])]
    figures = known.of(name, each["value"], *(each["quantiles"] or {}).values())
    limits = [share for quantile in each["quantiles"] or () for share in shares(int(quantile[1:]) / 100)]
    return Place("benchmark", [*figures, *limits], texts=texts)


def _fact(known: Known, kpi: Json, row: Json | None, pair: Element) -> Iterator[Claim]:
    term, words = pair.own("dt")[0].text, pair.own("dd")[0]
    if words.one("span.v"):
        yield from _edges(known, kpi, row, words)
        return
    texts = [part or "" for each in kpi["targets"] for part in (each["text"], each["note"], each["where"])]
    texts += [day for each in kpi["targets"] for side in ("from", "to") for day in known.day(each[side])]
    others = [number for each in kpi["targets"] for number in (each["value"], *(each["range"] or ()))]
    smallest = Place("smallest sample", plain(kpi["min_sample"]))
    places = {
        "Target": Place("target", known.target(row).figures, texts=texts),
        "Other targets": Place("other targets", known.of(kpi["name"], *others), texts=texts),
        "Next status": _next(known, row),
        INTERVAL: known.interval(row),
        "Cases": known.cases(row),
        "Over time": known.over_time(row),
        "Among peers": _standing(known, row),
        "Members counted": _counted(row),
        "Judged from": smallest,
        "Why no verdict": smallest,
        "Owner": Place("owner", texts=[kpi["owner"] or ""]),
    }
    told = Place("fact", texts=[measure["description"] or "" for measure in kpi["measures"]])
    yield words, next((place for name, place in places.items() if known.say(name) == term), told)


def _edges(known: Known, kpi: Json, row: Json | None, words: Element) -> Iterator[Claim]:
    """Where each band begins and ends."""
    low, high = row["edges"] or [] if row else [], row["edges_high"] or [] if row else []
    if row and row["target_range"] and not (low and high):
        low, high = [row["target_range"][0]], [row["target_range"][1]]
    for place, span in enumerate(words.all("span.v")):
        edges = known.of(kpi["name"], *low[place : place + 1], *high[place : place + 1])
        yield span, Place("edge", edges, texts=[band["label"] for band in kpi["bands"]])


def _counted(row: Json | None) -> Place:
    """How many members were counted, and how many were left out."""
    if not row:
        return NOTHING
    one = "{number}; {count} is left out, without a figure of their own or with too few cases"
    many = "{number}; {count} are left out, without a figure of their own or with too few cases"
    counted, missing = plain(row["members_counted"]), plain(row["members_missing"])
    holes = {"number": Place("members counted", counted), "count": Place("members missing", missing)}
    return Place("members counted", counted, said=[((one, many), holes)])


def _next(known: Known, row: Json | None) -> Place:
    ahead = row["next"] if row else None
    if not row or not ahead:
        return NOTHING
    holes = {
        "edge": Place("edge of the next status", known.of(row["kpi"], ahead["edge"])),
        "distance": Place("distance", known.apart(row["kpi"], abs(ahead["distance"]))),
    }
    way: list[Any] = [(f"{{status}} from {{edge}}: {{distance}} {word}", holes) for word in ("more", "less")]
    cases = {
        "way": Place("way", said=way),
        "count": Place("count", plain(abs(ahead["count"] or 0))),
        "cases": Place("denominator", plain(row["denominator"])),
    }
    said = [(f"{{way}}, that is {{count}} {word} of the {{cases}} cases", cases) for word in ("more", "fewer")]
    return Place("next status", said=[*said, *way])


def _standing(known: Known, row: Json | None) -> Place:
    peers = row["peers"] if row else None
    if not row or not peers:
        return NOTHING
    holes = {
        "rank": known.rank(row),
        "count": Place("peers", plain(peers["count"])),
        "median": known.median(row),
        "best": Place("best", known.of(row["kpi"], peers["best"])),
    }
    return Place("standing", said=[
        ("One of {count}; half of them are above {median}, the best has {best}.", holes),
        ("One of {count}; half of them are above {median}.", holes),
        ("Rank {rank}; half of them are above {median}, the best has {best}.", holes),
        ("Rank {rank}; half of them are above {median}.", holes),
    ])  # fmt: skip


def column(known: Known, row: Json | None, head: str) -> Place:
    """What may stand in a column of figures."""
    say = known.say
    if head.startswith((f"{say('Change')},", say("Change"))):
        return known.change(row)
    places = {
        "Value": known.value, "Target": known.target, "Cases": known.cases, "Rank": known.rank,
        INTERVAL: known.interval, "Median of peers": known.median,
    }  # fmt: skip
    return next((place(row) for name, place in places.items() if say(name) == head), NOTHING)


def _history(known: Known, name: str, top: Json | None, table: Element, heads: list[str]) -> Iterator[Claim]:
    moments = {known.moment(label)[0]: label for label in known.periods}
    for line in table.all("tbody tr"):
        head = line.own("th")[0]
        period = moments[head.text]
        seen = known.rows.get((name, top["level"], top["member"], period)) if top else None
        yield head, Place("period", texts=known.moment(period))
        for words, cell in zip(heads[1:], line.own("td"), strict=True):
            yield cell, column(known, seen, words)


def _members(known: Known, name: str, table: Element, heads: list[str]) -> Iterator[Claim]:
    level = ""
    by_title = {known.many(each): each for each in known.levels}
    for line in table.all("tbody tr"):
        head = line.own("th")[0]
        if head.attributes["scope"] == "rowgroup":
            level = by_title[head.text]
            continue
        seen = next(row for row in known.now[name, level] if row["label"] == head.text)
        for words, cell in zip(heads[1:], line.own("td"), strict=True):
            yield cell, column(known, seen, words)
        for svg in line.all("svg.dot"):
            yield svg, known.interval(seen) if seen["interval"] else known.value(seen)


def _notes(known: Known, name: str, node: Element) -> Iterator[Claim]:
    """How many members are not listed, and who has no verdict."""
    kpi, told = known.kpis[name], "{count} more {level} not shown here; all are in the figures of the run ({command})."
    hidden, unnamed = [], []
    for level in kpi["levels"]:
        rows = known.now[name, level]
        if len(rows) > ALL:
            hidden.append(len(rows) - min(LISTED, sum(row["value"] is not None for row in rows)))
        unnamed += [count - NAMED for count in Counter(row["reason"] for row in rows).values()]
    said: list[Any] = [
        ((told, told), {"count": Place("hidden members", plain(*hidden))}),
        (MORE, {"count": Place("more without a verdict", plain(*unnamed))}),
    ]
    for note in node.own("p"):
        if "note" in note.classes:
            yield note, Place("note on members", plain(kpi["min_sample"]), said=said)


def _funnel(known: Known, name: str, table: Element) -> Iterator[Claim]:
    levels = known.kpis[name]["levels"]
    rows = {row["label"]: row for level in levels for row in known.now[name, level] if row["funnel"]}
    for line in table.all("tbody tr"):
        seen = rows[line.own("th")[0].text]
        value, cases, inner, outer, _ = line.own("td")
        yield value, known.value(seen)
        yield cases, Place("denominator", plain(seen["denominator"]))
        yield inner, Place("inner limits", known.of(name, *seen["funnel"]["inner"]))
        yield outer, Place("outer limits", known.of(name, *seen["funnel"]["outer"]))


def _outside(known: Known, name: str, title: str) -> Place:
    """Who is beyond the limits, and what is in the middle."""
    kpi = known.kpis[name]
    level = next(level for level in kpi["levels"] if title.startswith(known.many(level)))
    rows = [
        row for row in known.now[name, level]
        if row["funnel"] and row["denominator"]
        and (title == known.many(level) or title.endswith(known.within(row, kpi["peers"]["within"])))
    ]  # fmt: skip
    after = {row["label"]: known.value(row).figures for row in rows if row["funnel"]["position"] != "inside"}
    centre = Place("centre", known.of(name, *{row["funnel"]["centre"] for row in rows}))
    pictured = ("{title}: {count} figure by the cases under it.", "{title}: {count} figures by the cases under them.")
    said: list[Any] = [
        ("The middle is the target, {value}.", {"value": centre}),
        ("The middle is what all have together, {value}.", {"value": centre}),
        (pictured, {"count": Place("members of the funnel", plain(len(rows)))}),
    ]
    return Place("funnel", said=said, after=after)


def _behind(known: Known, kpi: Json, group: str) -> Place:
    names = [name for name in re.findall(r"\w+", kpi["formula"]) if name in known.kpis]
    rows = [row for name in names for row in known.now[name, kpi["per"]] if row["value"] is not None]
    mine = []
    for row in rows:
        above = (known.members.get((row["level"], row["member"])) or {}).get("parent")
        label = known.members[above["level"], above["member"]]["label"] if above else ""
        if label == group and row["reason"] in (None, "no_target"):
            mine.append((row["label"], known.value(row)))
    return known.named("members behind a share", mine, 6)

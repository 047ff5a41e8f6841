"""What may stand among data and methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reading.known import plain
from reading.tongue import Place
from reading.tree import plainly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reading.known import Claim, Json, Known
    from reading.tree import Element

COUNTED = (
    (
        "undated",
        "{count} row has no date and counts in no period.",
        "{count} rows have no date and count in no period.",
    ),
    ("crossing", "{count} row spans more than one period.", "{count} rows span more than one period."),
    ("quarantined", "{count} row was unreadable and set aside.", "{count} rows were unreadable and set aside."),
)
LEFT_OUT = 5
RESTATED = 20


def methods(known: Known, body: Element) -> Iterator[Claim]:
    sources = {source["name"]: source for source in known.result["sources"]}
    for table in body.all("#data table"):
        heads = [head.text for head in table.all("thead")[0].all("th")]
        lines = table.all("tbody tr")
        if heads[0] == known.say("Source"):
            for line in lines:
                name = plainly("".join(text for text in line.own("th")[0].children if isinstance(text, str)))
                yield from _source(known, sources[name], line)
        else:
            for number, line in enumerate(lines):
                yield from _restated(known, number, line)
    history = known.result["history"]
    if history:
        rows = [row for row in history["restatements"] if row["kpi"] in known.kpis]
        figures = plain(len(rows), len(history["runs"]), RESTATED)
        for node in body.all("#data")[0].own("p"):
            yield node, Place("restated", figures)
    for node in body.all("ul.troubles li"):
        texts = [
            f"{problem[part]}"
            for problem in known.result["problems"]
            for part in ("message", "hint", "code")
            if problem[part]
        ]
        places = [
            ":".join(str(problem[part]) for part in ("file", "line", "column") if problem[part] is not None)
            for problem in known.result["problems"]
        ]
        yield node, Place("problem", texts=[*texts, *places])
    result = known.result
    about = [result["kpieval"], str(result["format"]), *known.day(result["as_of"])]
    about += [words for label in (*list(known.periods)[:1], *list(known.periods)[-1:]) for words in known.moment(label)]
    for node in body.all("#data")[0].own("dl")[-1:]:
        yield node, Place("about", texts=about)


def _source(known: Known, source: Json, line: Element) -> Iterator[Claim]:
    head, rows, used, dates, remarks = (*line.own("th"), *line.own("td"))
    yield head, Place("source", texts=[source["location"] or ""])
    yield rows, Place("rows", plain(source["rows"]))
    yield used, Place("rows used", plain(source["rows_used"]))
    yield dates, Place("dates", texts=[*known.day(source["first"]), *known.day(source["last"])])
    said: list[Any] = [((one, many), {"count": Place(name, plain(source[name]))}) for name, one, many in COUNTED]
    mapped = plain(*(each["rows"] for each in source["unmapped"]))
    unknown = plain(*(each["rows"] for each in source["unknown_members"]))
    values = [str(each["value"]) for each in source["unmapped"]] + [
        str(each["member"]) for each in source["unknown_members"]
    ]
    more = sum(max(0, len(source[name]) - LEFT_OUT) for name in ("unmapped", "unknown_members"))
    yield remarks, Place("remarks", [*mapped, *unknown, *plain(more)], texts=values, said=said)


def _restated(known: Known, number: int, line: Element) -> Iterator[Claim]:
    levels = {name: place for place, name in enumerate(reversed(known.levels))}
    rows = [row for row in known.result["history"]["restatements"] if row["kpi"] in known.kpis]
    row = sorted(rows, key=lambda row: levels.get(row["level"], len(levels)))[number]
    _, period, reported, now, _ = line.own("td")
    yield period, Place("period", texts=known.moment(row["period"]) or [row["period"]])
    told = known.of(row["kpi"], row["reported_value"])
    yield reported, Place("reported value", told, texts=known.day(row["reported_at"][:10]))
    yield now, Place("value now", known.of(row["kpi"], row["value"]))

"""What a workbook lists beside its figures: why a run is red, findings, scores, what isn't measured, and sources."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from kpieval.model import Unit
from kpieval.render.views.findings import LOOKS, since
from kpieval.render.views.restated import CAUSES
from kpieval.render.views.score_rules import places, rules, told
from kpieval.render.views.scorecards import ScorecardMaker, is_ranked
from kpieval.render.workbook.kpi_cells import colors, verdict
from kpieval.render.workbook.number_formats import number_format
from kpieval.render.workbook.sheets import Column, Number, Tinted, numeric

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kpieval.render.views.report import Views
    from kpieval.render.workbook.sheets import Cell

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listing:
    """A sheet: what kind it is, its title, columns and rows, and what stands below the table.

    `colors` are those of the words in the column `tinted`; the first columns stay in view, as many as are `kept`. The
    column `bars` has points that are drawn as bars, the columns `heat` such that are coloured from red to green.
    """

    kind: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Cell, ...]]
    below: tuple[str, ...] = ()
    colors: Mapping[str, str] | None = None
    tinted: int = 0
    kept: int = 0
    bars: range = range(0)
    heat: range = range(0)


def front(views: Views) -> Iterator[Listing]:
    """What comes before the KPIs, as far as there is any."""
    gate = views.result["gate"]
    if gate and gate["failures"]:
        yield _gate(views, gate["failures"])
    if views.result["findings"]:
        yield _findings(views)
    makers = [ScorecardMaker(views.index, views.formats, card) for card in views.index.scorecards.values()]
    scored = [(maker, groups) for maker in makers if (groups := maker.ranked())]
    yield from (_scores(views, maker, groups) for maker, groups in scored)
    if scored:
        yield _parts(views, scored)


def back(views: Views) -> Iterator[Listing]:
    """What comes after them."""
    methods, result = views.methods(), views.result
    unscored = [card for card in result["scorecards"] if not card["measured"]]
    if methods.unmeasured or methods.unevaluated or unscored:
        yield _unmeasured(views, unscored)
    yield _sources(views)
    if methods.restated and result["history"]["restatements"]:
        yield _restated(views)
    if methods.troubles:
        yield _troubles(views)


def _gate(views: Views, failures: Iterable[Json]) -> Listing:
    say = views.formats.say
    columns = (
        Column(say("Condition"), 18),
        Column(say("Severity"), 11),
        Column(say("What was found"), 80, wrapped=True),
        Column(say("Level"), 14),
        Column(say("Member"), 14),
        Column(say("Label"), 24),
        Column(say("Period"), 11),
        Column(say("Defined in"), 34),
    )
    rows = (
        (
            each["condition"], severity(views, each["severity"]), each["sentence"], _level(views, each["level"]),
            each["member"], each["label"], each["period"], _place(each["place"]),
        )
        for each in failures
    )  # fmt: skip
    return Listing("gate", say("Why the run is red"), columns, rows, colors=_severities(views), tinted=1)


def _findings(views: Views) -> Listing:
    say, index = views.formats.say, views.index
    columns = (
        Column(say("Severity"), 11),
        Column(say("Finding"), 22, wrapped=True),
        Column(say("Level"), 13),
        Column(say("Member"), 13),
        Column(say("Label"), 20),
        Column(say("What was found"), 50, wrapped=True),
        Column(say("What to do"), 36, wrapped=True),
        Column(say("Owner"), 14),
        Column(say("Since"), 18, wrapped=True),
        Column(say("KPIs"), 28, wrapped=True),
        Column(say("Defined in"), 30),
    )
    rows = (
        (
            severity(views, each["severity"]), each["title"], _level(views, each["level"]), each["member"],
            each["label"], each["message"], each["action"], each["owner"], since(each, index, views.formats),
            ", ".join(told(index, name)["title"] for name in each["kpis"]), _place(each["place"]),
        )
        for each in views.result["findings"]
    )  # fmt: skip
    return Listing("findings", say("Findings"), columns, rows, colors=_severities(views))


def _scores(views: Views, maker: ScorecardMaker, groups: list[tuple[str, list[Json]]]) -> Listing:
    """The members of a scorecard, with the points of each part."""
    say, card, formats = views.formats.say, maker.card, views.formats
    group = _level(views, maker.within) if any(title for title, _ in groups) else ""
    first = (
        Column(_level(views, card["level"]), 24),
        Column(say("Member"), 14),
        *([Column(group, 18)] if group else []),
        numeric(say("Score"), 12),
        Column(say("Status"), 14),
        Column(say("Remark"), 26),
        numeric(say("Change"), 10),
        numeric(say("Rank"), 8),
        numeric(say("Ranked members"), 10),
        numeric(say("Coverage"), 10),
        Column(say("Most to gain"), 24),
    )
    parts = groups[0][1][0]["parts"]
    heads = (_weighed(maker, part) for part in parts)
    score = 3 if group else 2

    def rows() -> Iterator[tuple[Cell, ...]]:
        for title, own in groups:
            for row in own:
                peers = row["peers"] if is_ranked(row) else {"rank": None, "count": None}
                yield (
                    row["label"], row["member"], *([title] if group else []),
                    _score(maker, row),
                    verdict(card, row["status"]), "; ".join(filter(None, (maker.reason(row), maker.gate(row)))),
                    _points(row["change"], 1, signed=True), peers["rank"], peers["count"],
                    None if row["coverage"] is None else Number(row["coverage"], "0%"),
                    maker.title(row["largest_gain"]) if row["largest_gain"] else None,
                    *(_points(part["points"], 0) for part in row["parts"]),
                )  # fmt: skip

    columns = (*first, *(numeric(head, 13) for head in heads))
    return Listing(
        "scores",
        card["title"],
        columns,
        rows(),
        tuple(rules(views.index, formats, card)),
        colors(card),
        tinted=score + 1,
        kept=1,
        bars=range(score, score + 1),
        heat=range(len(first), len(columns)),
    )


def _parts(views: Views, scored: Iterable[tuple[ScorecardMaker, list[tuple[str, list[Json]]]]]) -> Listing:
    """All parts of all scores, one in a row."""
    say = views.formats.say
    columns = (
        Column(say("Scorecard"), 26),
        Column(say("Member"), 14),
        Column(say("Label"), 24),
        Column(say("Part"), 34),
        numeric(say("Weight"), 10),
        Column(say("Gate"), 8),
        Column(say("Status"), 14),
        Column(say("Remark"), 24),
        numeric(say("Points"), 10),
        numeric(say("Gives"), 10),
        numeric(say("Could add"), 12),
    )
    rows = (
        (
            maker.card["title"], row["member"], row["label"], maker.title(part["name"]),
            Number(part["weight"], "General"), say("yes") if maker.is_gate(part["name"]) else None,
            verdict(told(views.index, part["name"]), part["status"]), None if part["status"] else maker.reason(part),
            _points(part["points"], 0), _points(part["contribution"], 1), _points(part["loss"], 1),
        )
        for maker, groups in scored
        for row in chain.from_iterable(own for _, own in groups)
        for part in row["parts"]
    )  # fmt: skip
    return Listing("parts", say("What makes the scores"), columns, rows, tinted=6)


def _unmeasured(views: Views, unscored: Iterable[Json]) -> Listing:
    say, methods = views.formats.say, views.methods()
    columns = (
        Column(say("Kind"), 14),
        Column(say("Title"), 36, wrapped=True),
        Column(say("What it would answer"), 50, wrapped=True),
        Column(say("What it needs"), 60, wrapped=True),
    )
    kpis = (
        (say("KPI"), kpi.title, kpi.question, "\n".join(_need(source, names) for source, names in kpi.needs))
        for kpi in methods.unmeasured
    )
    cards = (
        (say("Scorecard"), card["title"], None, ", ".join(told(views.index, name)["title"] for name in card["missing"]))
        for card in unscored
    )
    found = ((say("Rule"), rule.title, None, ", ".join(rule.needs)) for rule in methods.unevaluated)
    return Listing("unmeasured", say("Not measured"), columns, chain(kpis, cards, found))


def _sources(views: Views) -> Listing:
    say = views.formats.say
    columns = (
        Column(say("Source"), 24),
        Column(say("Location"), 36, wrapped=True),
        numeric(say("Rows"), 12),
        numeric(say("Rows used"), 12),
        numeric(say("First day"), 12),
        numeric(say("Last day"), 12),
        Column(say("Worth knowing"), 70, wrapped=True),
    )
    rows = (
        (
            source["name"], source["location"], source["rows"], source["rows_used"], day(source["first"]),
            day(source["last"]), "\n".join(view.remarks),
        )
        for view, source in zip(views.methods().sources, views.result["sources"], strict=True)
    )  # fmt: skip
    about = tuple(views.formats.termed(*fact) for fact in views.methods().about)
    return Listing("sources", say("Sources"), columns, rows, about)


def _restated(views: Views) -> Listing:
    """Every figure that was reported and is another one now."""
    say, index, formats = views.formats.say, views.index, views.formats
    columns = (
        Column(say("KPI"), 36),
        Column(say("Period"), 11),
        Column(say("Level"), 14),
        Column(say("Member"), 14),
        Column(say("Label"), 24),
        numeric(say("As reported"), 14),
        Column(say("Status as reported"), 14),
        numeric(say("Reported on"), 12),
        numeric(say("Now"), 14),
        Column(say("Status now"), 14),
        Column(say("Why"), 34),
    )

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in views.result["history"]["restatements"]:
            kpi = index.kpis.get(row["kpi"])
            if kpi is None:
                continue
            unit, ends = Unit(**kpi["unit"]), (row["reported_value"], row["value"])
            known = [end for end in ends if end is not None]
            shown = formats.apart(known[0], known[1:], unit) if known else None
            code = number_format(unit, formats, shown)
            before, now = (None if end is None else Number(end, code) for end in ends)
            yield (
                kpi["title"], row["period"], _level(views, row["level"]), row["member"], row["label"], before,
                verdict(kpi, row["reported_status"]), day(row["reported_at"][:10]), now,
                verdict(kpi, row["status"]), say(CAUSES[row["cause"]]),
            )  # fmt: skip

    return Listing("restated", say("What was reported before"), columns, rows(), tinted=9)


def _troubles(views: Views) -> Listing:
    say = views.formats.say
    columns = (
        Column(say("Severity"), 11),
        Column(say("What was found"), 80, wrapped=True),
        Column(say("What to do"), 60, wrapped=True),
        Column(say("Place"), 34),
        Column(say("Code"), 24),
    )
    rows = (
        (severity(views, each.severity), each.message, each.hint, each.place, each.code)
        for each in views.methods().troubles
    )
    return Listing("troubles", say("What the run reported"), columns, rows, colors=_severities(views))


def severity(views: Views, name: str) -> Tinted:
    """A severity as a cell."""
    look = LOOKS[name]
    return Tinted(views.formats.say(look.word), look.color)


def day(text: str | None) -> Cell:
    """A day as a cell; what is no day stays a text."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return text


def _severities(views: Views) -> Mapping[str, str]:
    words = (severity(views, name) for name in LOOKS)
    return {each.word: each.color for each in words}


def _score(maker: ScorecardMaker, row: Json) -> Number | None:
    score = row["score"]
    return None if score is None else _points(score, maker.decimals(score, maker.beside(row)))


def _points(number: float | None, decimals: int, *, signed: bool = False) -> Number | None:
    """Points, or a difference of them."""
    if number is None:
        return None
    plain = "0" + ("." + "0" * decimals if decimals else "")
    return Number(number, f"+{plain};-{plain};{plain}" if signed else plain)


def _weighed(maker: ScorecardMaker, part: Json) -> str:
    """A part with its weight, as the head of its points."""
    say, weight = maker.formats.say, maker.formats.number(part["weight"], places(part["weight"]))
    title = maker.title(part["name"])
    if maker.is_gate(part["name"]):
        return say("{part} (weight {weight}, gate)", part=title, weight=weight)
    return say("{part} (weight {weight})", part=title, weight=weight)


def _level(views: Views, name: str | None) -> str:
    title: str = views.index.levels.get(name or "", {"title": name or ""})["title"]
    return title


def _place(place: Json | None) -> str | None:
    return f"{place['file']}:{place['line']}:{place['column']}" if place else None


def _need(source: str, columns: Iterable[str]) -> str:
    named = ", ".join(columns)
    return f"{source}: {named}" if named else source

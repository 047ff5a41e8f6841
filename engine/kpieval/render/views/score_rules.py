"""How a score is made, in sentences: its points, what is missing, gates, ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.model import ORGANISATION, Unit
from kpieval.translation import inside, marked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index

Json = dict[str, Any]

_SHARE = Unit("percent")
_MISSING = {
    "renormalise": marked("A KPI without a verdict is left out, and the others weigh more."),
    "zero": marked("A KPI without a verdict counts as 0 points."),
    "fail": marked("Without a verdict on each of the KPIs there is no score."),
}


def rules(index: Index, formats: Formats, card: Json) -> Iterator[str]:
    """How the score is made, a sentence for each of its rules."""
    say = formats.say
    if card["points"] is None:
        yield say("Points are 100 from the edge of the best band on, and fall in a line from edge to edge below it.")
    else:
        bands = [band for each in card["kpis"] for band in told(index, each["kpi"])["bands"]]
        words = {band["name"]: inside(band["label"], formats.language) for band in bands}
        worth = [
            f"{words.get(each['status'], each['status'])} {exact(each['points'], formats)}" for each in card["points"]
        ]
        yield say("Points by status: {points}.", points=formats.listed(worth))
    yield say(_MISSING[card["on_missing"]])
    if card["min_coverage"]:
        share = card["min_coverage"]
        least = formats.value(share, _SHARE, decimals=places(share * 100))
        yield say("Below {share} of the weights there is no score.", share=least)
    gates = [told(index, each["kpi"])["title"] for each in card["kpis"] if each["gate"]]
    if gates:
        yield say(
            "Gate: whoever is in the worst band of {kpis} is {status} as a whole.",
            kpis=formats.listed(gates), status=inside(card["bands"][-1]["label"], formats.language),
        )  # fmt: skip
    if card["peers"]:
        group = card["peers"]["within"]
        least = card["peers"]["min_peers"]
        if group in {None, ORGANISATION}:
            yield formats.counted(
                least, "Ranked among all, from {count} score on.", "Ranked among all, from {count} scores on."
            )
        else:
            yield formats.counted(
                least,
                "Ranked within each {level}, from {count} score on.",
                "Ranked within each {level}, from {count} scores on.",
                level=inside(index.levels.get(group, {"title": group})["title"], formats.language),
            )
    if card["missing"]:
        yield say("Not measured: {kpis}.", kpis=formats.listed(told(index, name)["title"] for name in card["missing"]))
    if card["owner"]:
        yield say("Owner: {owner}.", owner=card["owner"])


def told(index: Index, name: str) -> Json:
    """What the result says of a part, which has a name of its own; one that it doesn't know is a bare name."""
    return index.kpis.get(name) or index.scorecards.get(name) or {"title": name, "bands": []}


def exact(number: float, formats: Formats) -> str:
    """A number of an author, with the digits that were written."""
    return formats.number(number, places(number))


def places(number: float) -> int:
    """As many decimals as an author wrote, up to four."""
    return next((places for places in range(4) if abs(number - round(number, places)) < 1e-9), 4)  # noqa: PLR2004 - what a double leaves

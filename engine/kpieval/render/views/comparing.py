"""What stands beside an observation becomes words: its place among peers, its course, the way to the next band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render.words import NOTHING
from kpieval.translation import marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpieval.render.views.reading import Reader

Json = dict[str, Any]

VARIATION: Mapping[str, str] = {
    "common_cause": marked("As usual"),
    "improvement": marked("Improvement"),
    "concern": marked("Concern"),
    "special_cause": marked("Unusual"),
}

_RULES: Mapping[str, str] = {
    "outside": marked("it is beyond the limits"),
    "shift": marked("seven or more in a row are on one side of the mean"),
    "trend": marked("seven or more in a row go one way"),
    "two_of_three": marked("two of three are close to a limit"),
}

_ASSURANCE: Mapping[str, str] = {
    "passing": marked("It reaches the target whatever chance does."),
    "failing": marked("As things are, no luck makes it reach the target."),
    "hit_and_miss": marked("Chance decides in which periods it reaches the target."),
}

_WITHHELD: Mapping[str, str] = {
    "group_too_small": marked("No ranks: the group is too small for them."),
    "no_order": marked("No ranks: neither more nor less is better."),
    "intervals_overlap": marked(
        "A rank from one number to another: their intervals overlap, so each of these is possible."
    ),
}

POSITIONS: Mapping[str, str] = {
    "inside": marked("Within chance"),
    "beyond_95": marked("Beyond 95%"),
    "beyond_99_8": marked("Beyond 99.8%"),
}


def rank(reader: Reader, row: Json) -> str:
    """`4 of 12`; `3 to 12 of 23` where the intervals leave that open; a dash where there is no rank."""
    peers = row["peers"]
    if not peers:
        return NOTHING
    first, last = peers["ranks"] or (peers["rank"], peers["rank"])
    if peers["rank"] is not None:
        first = last = peers["rank"]
    if first is None:
        return NOTHING
    say, count = reader.formats.say, reader.formats.count
    if first == last:
        return say("{rank} of {count}", rank=count(first), count=count(peers["count"]))
    return say("{first} to {last} of {count}", first=count(first), last=count(last), count=count(peers["count"]))


def withheld(reader: Reader, rows: Sequence[Json]) -> tuple[str, ...]:
    """Why ranks of these observations are not given, or only as from and to; a sentence for each reason."""
    reasons = dict.fromkeys(row["peers"]["withheld"] for row in rows if row["peers"] and row["peers"]["withheld"])
    return tuple(reader.formats.say(_WITHHELD.get(reason, reason)) for reason in reasons)


def standing(reader: Reader, row: Json) -> str:
    """The place among the peers as a sentence, with what the middle and the best of them have."""
    peers = row["peers"]
    if not peers or peers["median"] is None:
        return ""
    say, place, count = reader.formats.say, rank(reader, row), reader.formats.count(peers["count"])
    median = reader.beside(row, peers["median"])
    if peers["best"] is None:  # none is better
        if place == NOTHING:
            return say("One of {count}; half of them are above {median}.", count=count, median=median)
        return say("Rank {rank}; half of them are above {median}.", rank=place, median=median)
    best = reader.beside(row, peers["best"])
    if place == NOTHING:
        return say(
            "One of {count}; half of them are above {median}, the best has {best}.",
            count=count, median=median, best=best,
        )  # fmt: skip
    return say(
        "Rank {rank}; half of them are above {median}, the best has {best}.", rank=place, median=median, best=best
    )


def course(reader: Reader, row: Json | None) -> str:
    """What the process makes of an observation: `As usual`, `Improvement`, `Concern`; a dash where nothing is known."""
    process = row["process"] if row else None
    told = VARIATION.get(process["variation"]) if process and process["variation"] else None
    return reader.formats.say(told) if told else NOTHING


def over_time(reader: Reader, row: Json) -> tuple[str, ...]:
    """The course over time in sentences: what is usual, whether this is, and what that means for the target."""
    process = row["process"]
    if not process or not process["limits"]:
        return ()
    usual = reader.between(*process["limits"])
    say = reader.formats.say
    said = []
    if process["rules"]:
        said.append(
            say(
                "{variation}, more than chance: {why}. Usual is {usual}.",
                variation=say(VARIATION.get(process["variation"], process["variation"])),
                why=reader.formats.listed(say(_RULES.get(rule, rule)) for rule in process["rules"]),
                usual=usual,
            )
        )
    else:
        said.append(say("As usual: chance alone takes it from {usual}.", usual=usual))
    if process["assurance"]:
        said.append(say(_ASSURANCE[process["assurance"]]))
    if process["provisional"]:
        said.append(say("These limits are provisional: fewer than twelve periods are known."))
    return tuple(said)


def way_up(reader: Reader, row: Json) -> str:
    """How far it is to the next better status: `95 % for Good, 1.1 points more; 69 more of the 5,248 cases`."""
    ahead = row["next"]
    if not ahead:
        return ""
    word = reader.status(ahead["status"]).word
    distance = reader.formats.difference(ahead["distance"], reader.unit, signed=False)
    written = any(band["edge"] is not None for band in reader.kpi["bands"] if band["name"] == ahead["status"])
    edge = reader.held_against(row, ahead["edge"], written=written)
    say = reader.formats.say
    if ahead["distance"] > 0:
        way = say("{status} from {edge}: {distance} more", status=word, edge=edge, distance=distance)
    else:
        way = say("{status} from {edge}: {distance} less", status=word, edge=edge, distance=distance)
    if not ahead["count"]:
        return way
    count, cases = reader.formats.count(abs(ahead["count"])), reader.formats.count(row["denominator"])
    if ahead["count"] > 0:
        return say("{way}, that is {count} more of the {cases} cases", way=way, count=count, cases=cases)
    return say("{way}, that is {count} fewer of the {cases} cases", way=way, count=count, cases=cases)

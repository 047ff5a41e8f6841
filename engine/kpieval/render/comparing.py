"""What stands beside an observation becomes words: its place among peers, its course, the way to the next band."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render.words import NOTHING, status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpieval.render.reading import Reader

Json = dict[str, Any]

VARIATION: Mapping[str, str] = {
    "common_cause": "As usual",
    "improvement": "Improvement",
    "concern": "Concern",
    "special_cause": "Unusual",
}

_RULES: Mapping[str, str] = {
    "outside": "it is beyond the limits",
    "shift": "seven or more in a row are on one side of the mean",
    "trend": "seven or more in a row go one way",
    "two_of_three": "two of three are close to a limit",
}

_ASSURANCE: Mapping[str, str] = {
    "passing": "It reaches the target whatever chance does.",
    "failing": "As things are, no luck makes it reach the target.",
    "hit_and_miss": "Chance decides in which periods it reaches the target.",
}

_WITHHELD: Mapping[str, str] = {
    "group_too_small": "No ranks: the group is too small for them.",
    "no_order": "No ranks: neither more nor less is better.",
    "intervals_overlap": "A rank from one number to another: their intervals overlap, so each of these is possible.",
}

POSITIONS: Mapping[str, str] = {
    "inside": "Within chance",
    "beyond_95": "Beyond 95 %",
    "beyond_99_8": "Beyond 99.8 %",
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
    count = reader.formats.count
    return (
        f"{count(first)} of {count(peers['count'])}"
        if first == last
        else f"{count(first)} to {count(last)} of {count(peers['count'])}"
    )


def withheld(rows: Sequence[Json]) -> tuple[str, ...]:
    """Why ranks of these observations are not given, or only as from and to; a sentence for each reason."""
    reasons = dict.fromkeys(row["peers"]["withheld"] for row in rows if row["peers"] and row["peers"]["withheld"])
    return tuple(_WITHHELD.get(reason, reason) for reason in reasons)


def standing(reader: Reader, row: Json) -> str:
    """The place among the peers as a sentence, with what the middle and the best of them have."""
    peers = row["peers"]
    if not peers or peers["median"] is None:
        return ""
    place = rank(reader, row)
    head = f"Rank {place}" if place != NOTHING else f"One of {reader.formats.count(peers['count'])}"
    best = (
        f", the best has {reader.beside(row, peers['best'])}" if peers["best"] is not None else ""
    )  # where one is better
    return f"{head}; half of them are above {reader.beside(row, peers['median'])}{best}."


def course(row: Json | None) -> str:
    """What the process makes of an observation: `As usual`, `Improvement`, `Concern`; a dash where nothing is known."""
    process = row["process"] if row else None
    return VARIATION.get(process["variation"], NOTHING) if process and process["variation"] else NOTHING


def over_time(reader: Reader, row: Json) -> tuple[str, ...]:
    """The course over time in sentences: what is usual, whether this is, and what that means for the target."""
    process = row["process"]
    if not process or not process["limits"]:
        return ()
    usual = reader.between(*process["limits"])
    said = []
    if process["rules"]:
        why = reader.formats.listed([_RULES.get(rule, rule) for rule in process["rules"]])
        said.append(
            f"{VARIATION.get(process['variation'], process['variation'])}, more than chance: {why}. Usual is {usual}."
        )
    else:
        said.append(f"As usual: chance alone takes it from {usual}.")
    if process["assurance"]:
        said.append(_ASSURANCE[process["assurance"]])
    if process["provisional"]:
        said.append("These limits are provisional: fewer than twelve periods are known.")
    return tuple(said)


def way_up(reader: Reader, row: Json) -> str:
    """How far it is to the next better status: `95 % for Good, 1.1 points more; 69 more of the 5,248 cases`."""
    ahead = row["next"]
    if not ahead:
        return ""
    word = status(reader.kpi, ahead["status"]).word
    distance = reader.formats.difference(ahead["distance"], reader.unit, signed=False)
    way = "more" if ahead["distance"] > 0 else "less"
    written = any(band["edge"] is not None for band in reader.kpi["bands"] if band["name"] == ahead["status"])
    words = f"{word} from {reader.held_against(row, ahead['edge'], written=written)}: {distance} {way}"
    if ahead["count"]:
        count, cases = reader.formats.count(abs(ahead["count"])), reader.formats.count(row["denominator"])
        words += f", that is {count} {'more' if ahead['count'] > 0 else 'fewer'} of the {cases} cases"
    return words

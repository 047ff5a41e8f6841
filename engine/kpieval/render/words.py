"""The report's own words: names of statuses, reasons and directions, and why there is no verdict.

Constants are the messages of the catalogues; they are said in the language of the report by `Formats.say`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kpieval.translation import inside, marked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.render.formatting import Formats

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Status:
    """A verdict: its word, its rank as a tone (good, fair, poor, none), and the names of its icon and colour."""

    name: str
    word: str
    tone: str
    icon: str
    color: str


ORDER = ("poor", "fair", "good", "none")
"""Tones, from what needs attention first."""

NOTHING = "\N{EN DASH}"
"""What stands where there is nothing to say."""

CSV_COMMAND = "kpieval evaluate --format csv"
"""What writes all observations of a run."""

FOLDER_COMMAND = "kpieval evaluate -o FOLDER/"
"""What writes all figures of a run, those of scores too."""

REASONS: Mapping[str, str] = {
    "no_data": marked("No data"),
    "zero_denominator": marked("Nothing to divide by"),
    "insufficient_sample": marked("Too few to judge"),
    "not_applicable": marked("Does not apply"),
    "no_target": marked("No target"),
    "no_baseline": marked("Nothing earlier to compare with"),
    "suppressed": marked("Hidden to protect people"),
}

COMPARABLE = (None, "no_target")
"""What a value may lack to be held against those of others: nothing, or a target."""

SCORE_REASONS: Mapping[str, str] = {
    **REASONS,
    "incomplete": marked("Incomplete"),
    "insufficient_coverage": marked("Too little is known"),
    "not_measured": marked("Not measured"),
}
"""Those of scores and of their parts."""

_WHY: Mapping[str, str] = {
    "no_data": marked("No row of the data falls into this period."),
    "zero_denominator": marked("What the KPI divides by is zero in this period, so there is no value."),
    "insufficient_sample": marked("The value rests on too few cases; it could be luck."),
    "not_applicable": marked("The KPI is not meant for them."),
    "no_target": marked(
        "Nobody has set a target that covers this period, or too few others have a value to compare with."
    ),
    "no_baseline": marked("It is compared with what it was earlier, and there is nothing, or too little."),
    "suppressed": marked("The group is so small that single people would show, or it would tell of a group that is."),
}

DIRECTIONS: Mapping[str, str] = {
    "higher_is_better": marked("Higher is better"),
    "lower_is_better": marked("Lower is better"),
    "target_range": marked("Best inside a range: too little and too much are both bad"),
    "neutral": marked("Neither more nor less is better"),
}

SUMS: Mapping[str, str] = {
    "pooled": marked("A total is worked out from all the cases below it, not from the figures of its members."),
    "mean_of_members": marked("A total is the mean of the figures of its members."),
    "median_of_members": marked("A total is the median of the figures of its members."),
    "worst": marked("A total is the worst figure of its members."),
    "sum": marked("A total is the sum of the figures of its members."),
}

NO_VERDICT = Status("none", marked("No verdict"), "none", "none", "grey")

ICONS = frozenset({"check", "alert", "cross", "dot", "star", "flag", "arrow-up", "arrow-down"})
COLORS = frozenset({"green", "blue", "amber", "orange", "red", "grey"})
_LOOKS: Mapping[str, tuple[str, str]] = {
    "good": ("check", "green"),
    "fair": ("alert", "amber"),
    "poor": ("cross", "red"),
}


def status(kpi: Json, name: str | None) -> Status:
    """A band as it is shown. Its tone is its rank: the best is good, the worst poor, whatever they are called."""
    bands = kpi["bands"]
    for rank, band in enumerate(bands):
        if band["name"] == name:
            tone = "good" if rank == 0 else "poor" if rank == len(bands) - 1 else "fair"
            icon, color = _LOOKS[tone]
            icon, color = (
                band["icon"] if band["icon"] in ICONS else icon,
                band["color"] if band["color"] in COLORS else color,
            )
            return Status(band["name"], band["label"], tone, icon, color)
    return NO_VERDICT


def instead(kpi: Json, reason: str | None, formats: Formats) -> str:
    """What stands in the place of a verdict."""
    if reason == "no_target" and kpi["direction"] == "neutral":
        return formats.say("Only counted")
    return formats.say(REASONS.get(reason or "", reason or NO_VERDICT.word))


def why(kpi: Json, reason: str, formats: Formats) -> str:
    """A reason for no verdict as a sentence."""
    if reason == "insufficient_sample" and kpi["min_sample"]:
        return formats.counted(
            kpi["min_sample"],
            "The value rests on fewer than {count} case; it could be luck.",
            "The value rests on fewer than {count} cases; it could be luck.",
        )
    if reason == "no_target" and kpi["direction"] == "neutral":
        return formats.say("Neither more nor less of it is better, so it is shown without a verdict.")
    return formats.say(_WHY.get(reason, f"{reason}."))


def plural(word: str, language: str) -> str:
    """The plural of a level's title in English; other languages keep the word as it is."""
    if not language.startswith("en"):
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def several(title: str, number: int, formats: Formats) -> str:
    """A level's title within a sentence about so many of its members."""
    return inside(title if number == 1 else plural(title, formats.language), formats.language)


def silent(formats: Formats) -> Status:
    """How it looks where there is no verdict, in words."""
    return replace(NO_VERDICT, word=formats.say(NO_VERDICT.word))


def verdict(tones: Mapping[str, int], formats: Formats) -> str:
    """One sentence on all KPIs: the worst first."""
    total, unjudged = sum(tones.values()), tones.get("none", 0)
    poor, fair, good = (tones.get(tone, 0) for tone in ORDER[:3])
    if not total:
        return formats.say("No KPI is measured yet.")
    if unjudged == total:
        return formats.counted(total, "None of {count} KPI has a verdict.", "None of {count} KPIs has a verdict.")
    if good == total:
        return formats.counted(total, "The only KPI is good.", "All {count} KPIs are good.")
    parts = [
        *([formats.counted(poor, "{count} is poor", "{count} are poor")] if poor else []),
        *([formats.counted(fair, "{count} is to be watched", "{count} are to be watched")] if fair else []),
        *([formats.counted(good, "{count} is good", "{count} are good")] if good else []),
    ]
    listed = formats.listed(parts)
    said = formats.counted(total, "Of {count} KPI, {parts}.", "Of {count} KPIs, {parts}.", parts=listed)
    if not unjudged:
        return said
    return f"{said} {formats.counted(unjudged, '{count} is without a verdict.', '{count} are without a verdict.')}"

"""The report's own words, in plain English: names of statuses, reasons and directions, and why there is no verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render.view import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.render.formatting import Formats

Json = dict[str, Any]

ORDER = ("poor", "fair", "good", "none")
"""Tones, from what needs attention first."""

NOTHING = "\N{EN DASH}"
"""What stands where there is nothing to say."""

REASONS: Mapping[str, str] = {
    "no_data": "No data",
    "zero_denominator": "Nothing to divide by",
    "insufficient_sample": "Too few to judge",
    "not_applicable": "Does not apply",
    "no_target": "No target",
    "no_baseline": "Nothing earlier to compare with",
    "suppressed": "Hidden to protect people",
}

SCORE_REASONS: Mapping[str, str] = {
    **REASONS,
    "incomplete": "Incomplete",
    "insufficient_coverage": "Too little is known",
    "not_measured": "Not measured",
}
"""Those of scores and of their parts."""

_WHY: Mapping[str, str] = {
    "no_data": "No row of the data falls into this period.",
    "zero_denominator": "What the KPI divides by is zero in this period, so there is no value.",
    "insufficient_sample": "The value rests on too few cases; it could be luck.",
    "not_applicable": "The KPI is not meant for them.",
    "no_target": "Nobody has set a target that covers this period, or too few others have a value to compare with.",
    "no_baseline": "It is compared with what it was earlier, and there is nothing, or too little.",
    "suppressed": "The group is so small that single people would show, or it would tell of a group that is.",
}

DIRECTIONS: Mapping[str, str] = {
    "higher_is_better": "Higher is better",
    "lower_is_better": "Lower is better",
    "target_range": "Best inside a range: too little and too much are both bad",
    "neutral": "Neither more nor less is better",
}

SUMS: Mapping[str, str] = {
    "pooled": "A total is worked out from all the cases below it, not from the figures of its members.",
    "mean_of_members": "A total is the mean of the figures of its members.",
    "median_of_members": "A total is the median of the figures of its members.",
    "worst": "A total is the worst figure of its members.",
    "sum": "A total is the sum of the figures of its members.",
}

NO_VERDICT = Status("none", "No verdict", "none", "none", "grey")

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


def instead(kpi: Json, reason: str | None) -> str:
    """What stands in the place of a verdict."""
    if reason == "no_target" and kpi["direction"] == "neutral":
        return "Only counted"
    return REASONS.get(reason or "", reason or NO_VERDICT.word)


def why(kpi: Json, reason: str, formats: Formats) -> str:
    """A reason for no verdict as a sentence."""
    if reason == "insufficient_sample" and kpi["min_sample"]:
        return f"The value rests on fewer than {formats.count(kpi['min_sample'])} cases; it could be luck."
    if reason == "no_target" and kpi["direction"] == "neutral":
        return "Neither more nor less of it is better, so it is shown without a verdict."
    return _WHY.get(reason, f"{reason}.")


def plural(word: str, language: str) -> str:
    """The plural of a level's title in English; other languages keep the word as it is."""
    if not language.startswith("en"):
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def counted(number: int, one: str, many: str, formats: Formats) -> str:
    """`1 KPI`, `2 KPIs`."""
    return f"{formats.count(number)} {one if number == 1 else many}"


def verdict(tones: Mapping[str, int], formats: Formats) -> str:
    """One sentence on all KPIs: the worst first."""
    total, silent = sum(tones.values()), tones.get("none", 0)
    poor, fair, good = (tones.get(tone, 0) for tone in ORDER[:3])
    if not total:
        return "No KPI is measured yet."
    parts = []
    if poor:
        parts.append(f"{_are(poor, formats)} poor")
    if fair:
        parts.append(f"{_are(fair, formats)} to be watched")
    if good:
        parts.append(f"{_are(good, formats)} good")
    kpis = counted(total, "KPI", "KPIs", formats)
    tail = f" {_are(silent, formats).capitalize()} without a verdict." if silent else ""
    if not parts:
        return f"None of {kpis} has a verdict."
    if good == total:
        return "The only KPI is good." if total == 1 else f"All {kpis} are good."
    return f"Of {kpis}, {formats.listed(parts)}.{tail}"


def _are(number: int, formats: Formats) -> str:
    return f"{formats.count(number)} {'is' if number == 1 else 'are'}"

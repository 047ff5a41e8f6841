"""Two results -> what there is to tell: statuses that changed, and what is still poor."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from kpieval.render.views.report import Views
from kpieval.render.words import NO_VERDICT, status
from kpieval.translation import inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.model.notify import Webhook
    from kpieval.render.formatting import Formats
    from kpieval.render.views.index import Index

Json = dict[str, Any]
Key = tuple[str, str, str]
Sense = Literal["worse", "better", "other"]

LONGEST = 80
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Told:
    """One KPI of one member: its status before and now, as names and as words; for one that is still poor, since when.

    `line` is the sentence about it; long names are cut, so that what is said of them is there.
    """

    kpi: str
    title: str
    level: str
    member: str
    label: str
    status_before: str | None
    status_now: str | None
    before: str
    now: str
    line: str
    since: str = ""
    since_period: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """All that one message says, in the words of `formats`.

    `changes` are worse ones, better ones, and those from or to no verdict.
    """

    project: str
    title: str
    period: str
    verdict: str
    link: str | None
    formats: Formats
    changes: Mapping[Sense, tuple[Told, ...]] = field(default_factory=dict)
    still: tuple[Told, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether any status has changed."""
        return any(self.changes.values())

    @property
    def groups(self) -> list[tuple[str, tuple[Told, ...]]]:
        """What is told, under headings."""
        say = self.formats.say
        heads: dict[Sense, str] = {"worse": say("Worse:"), "better": say("Better:"), "other": say("Other changes:")}
        found = [(head, self.changes.get(sense, ())) for sense, head in heads.items()]
        return [(head, told) for head, told in [*found, (say("Still poor:"), self.still)] if told]


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def message(before: Mapping[str, Any] | None, now: Mapping[str, Any], webhook: Webhook) -> Message:
    """What a webhook is told of a run; `before` is the result of the run that it was told of last."""
    views = Views(now)
    frame, index, formats = views.frame(), views.index, views.formats
    old = {} if before is None else {key: row["status"] for key, row in _rows(before, webhook.levels)}
    changes: dict[Sense, list[Told]] = {"worse": [], "better": [], "other": []}
    still = []
    for key, row in _rows(now, webhook.levels):
        kpi = index.kpis[key[0]]
        was, is_ = old.get(key), row["status"]
        if is_ and status(kpi, is_).tone == "poor" and (was == is_ or before is None):
            still.append(_still(row, kpi, was, index, formats))
        if key in old and was != is_ and (not webhook.statuses or {was, is_} & set(webhook.statuses)):
            changes[_sense(kpi, was, is_)].append(_change(row, kpi, was, formats))
    return Message(
        project=now["project"],
        title=formats.termed(frame.title, frame.period),
        period=now["period"],
        verdict=views.overview().verdict,
        link=webhook.link,
        formats=formats,
        changes={sense: tuple(told) for sense, told in changes.items()},
        still=tuple(still),
    )


def _rows(result: Mapping[str, Any], levels: Iterable[str]) -> list[tuple[Key, Json]]:
    """The observations of the reported period, the coarsest level first."""
    place = {level["name"]: number for number, level in enumerate(reversed(result["levels"]))}
    rows = [row for row in result["observations"] if row["period"] == result["period"] and row["level"] in levels]
    rows.sort(key=lambda row: place.get(row["level"], 0))
    return [((row["kpi"], row["level"], row["member"]), row) for row in rows]


def _change(row: Json, kpi: Json, was: str | None, formats: Formats) -> Told:
    """A status that changed."""
    before, now = _word(kpi, was, formats), _word(kpi, row["status"], formats)
    line = formats.say("{subject}: {before} → {now}", subject=_subject(row, kpi), before=before, now=now)
    return _told(row, kpi, was, (before, now), line)


def _still(row: Json, kpi: Json, was: str | None, index: Index, formats: Formats) -> Told:
    """One that is as poor as before, and since when, as far as the result tells."""
    streak = (row["trend"] or {}).get("streak") or 1
    labels = list(index.periods)
    first = labels[max(0, labels.index(row["period"]) - streak + 1)]
    period = formats.period(first, index.periods[first]["start"])
    now, say = _word(kpi, row["status"], formats), formats.say
    about = {"subject": _subject(row, kpi), "status": inside(now, formats.language), "period": period}
    if streak >= len(labels):
        since, line = (
            say("at least since {period}", period=period),
            say("{subject}: still {status} at least since {period}", **about),
        )
    else:
        since, line = say("since {period}", period=period), say("{subject}: still {status} since {period}", **about)
    told = _told(row, kpi, was, (_word(kpi, was, formats), now), line)
    return replace(told, since=since, since_period=first)


def _told(row: Json, kpi: Json, was: str | None, words: tuple[str, str], line: str) -> Told:
    return Told(row["kpi"], kpi["title"], row["level"], row["member"], row["label"], was, row["status"], *words, line)


def _subject(row: Json, kpi: Json) -> str:
    """The KPI, and whose it is where that isn't the whole."""
    whose = "" if row["level"] == row["member"] else f", {_cut(row['label'])}"
    return f"{_cut(kpi['title'])}{whose}"


def _word(kpi: Json, name: str | None, formats: Formats) -> str:
    """A status as a word; one that the KPI doesn't know any more is its name."""
    found = status(kpi, name)
    return formats.say(NO_VERDICT.word) if name is None else name if found == NO_VERDICT else found.word


def _sense(kpi: Json, was: str | None, now: str | None) -> Sense:
    """Whether a status is worse or better than another one; those that the KPI doesn't know have no rank."""
    ranks = {band["name"]: rank for rank, band in enumerate(kpi["bands"])}
    if was not in ranks or now not in ranks:
        return "other"
    return "worse" if ranks[now] > ranks[was] else "better"

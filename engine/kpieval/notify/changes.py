"""Two results -> what there is to tell: statuses that changed, and what is still poor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from kpieval.render.report import Views
from kpieval.render.words import NO_VERDICT, status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.model.notify import Webhook
    from kpieval.render.formatting import Formats
    from kpieval.render.index import Index

Json = dict[str, Any]
Key = tuple[str, str, str]
Sense = Literal["worse", "better", "other"]

LONGEST = 80
"""Characters of a name."""


@dataclass(frozen=True, slots=True)
class Told:
    """One KPI of one member: its status before and now, as words; for one that is still poor, since when."""

    kpi: str
    title: str
    level: str
    member: str
    label: str
    before: str
    now: str
    since: str = ""

    @property
    def line(self) -> str:
        """The sentence about it; long names are cut, so that what is said of them is there."""
        whose = "" if self.level == self.member else f", {_cut(self.label)}"
        said = f"still {self.now.lower()} {self.since}" if self.since else f"{self.before} → {self.now}"
        return f"{_cut(self.title)}{whose}: {said}"


@dataclass(frozen=True, slots=True)
class Message:
    """All that one message says. `changes` are worse ones, better ones, and those from or to no verdict."""

    project: str
    title: str
    period: str
    verdict: str
    link: str | None
    changes: Mapping[Sense, tuple[Told, ...]] = field(default_factory=dict)
    still: tuple[Told, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether any status has changed."""
        return any(self.changes.values())

    @property
    def groups(self) -> list[tuple[str, tuple[Told, ...]]]:
        """What is told, under headings."""
        heads: dict[Sense, str] = {"worse": "Worse", "better": "Better", "other": "Other changes"}
        found = [(head, self.changes.get(sense, ())) for sense, head in heads.items()]
        return [(head, told) for head, told in [*found, ("Still poor", self.still)] if told]


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
            still.append(_told(row, kpi, was, _since(row, index, formats)))
        if key in old and was != is_ and (not webhook.statuses or {was, is_} & set(webhook.statuses)):
            changes[_sense(kpi, was, is_)].append(_told(row, kpi, was))
    return Message(
        project=now["project"],
        title=f"{frame.title}: {frame.period}",
        period=now["period"],
        verdict=views.overview().verdict,
        link=webhook.link,
        changes={sense: tuple(told) for sense, told in changes.items()},
        still=tuple(still),
    )


def _rows(result: Mapping[str, Any], levels: Iterable[str]) -> list[tuple[Key, Json]]:
    """The observations of the reported period, the coarsest level first."""
    place = {level["name"]: number for number, level in enumerate(reversed(result["levels"]))}
    rows = [row for row in result["observations"] if row["period"] == result["period"] and row["level"] in levels]
    rows.sort(key=lambda row: place.get(row["level"], 0))
    return [((row["kpi"], row["level"], row["member"]), row) for row in rows]


def _told(row: Json, kpi: Json, was: str | None, since: str = "") -> Told:
    was_word, word = (status(kpi, each).word if status(kpi, each) != NO_VERDICT else each or NO_VERDICT.word
             for each in (was, row["status"]))  # fmt: skip
    return Told(row["kpi"], kpi["title"], row["level"], row["member"], row["label"], was_word, word, since)


def _sense(kpi: Json, was: str | None, now: str | None) -> Sense:
    """Whether a status is worse or better than another one; those that the KPI doesn't know have no rank."""
    ranks = {band["name"]: rank for rank, band in enumerate(kpi["bands"])}
    if was not in ranks or now not in ranks:
        return "other"
    return "worse" if ranks[now] > ranks[was] else "better"


def _since(row: Json, index: Index, formats: Formats) -> str:
    """Since when a status has been the same, as far as the result tells."""
    streak = (row["trend"] or {}).get("streak") or 1
    labels = list(index.periods)
    first = labels[max(0, labels.index(row["period"]) - streak + 1)]
    period = formats.period(first, index.periods[first]["start"])
    return f"{'at least ' if streak >= len(labels) else ''}since {period}"

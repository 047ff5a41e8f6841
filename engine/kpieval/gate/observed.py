"""What of the reported period breaks a condition by itself: verdicts, findings, problems, old benchmarks, old data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.gate import Failure
from kpieval.gate.conditions import EXPIRED, GRADED, STALE
from kpieval.gate.telling import whom
from kpieval.rows import rows_of, scores_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpieval.gate import Kind
    from kpieval.gate.conditions import Conditions
    from kpieval.gate.telling import Teller

Result = dict[str, Any]

_NOT_ALL_THERE = frozenset({"data-end-early", "members-without-rows"})
"""The problems of a period that the data leave in the midst of it, and of members who always report and haven't."""


def observed(result: Result, asked: Conditions, teller: Teller) -> Iterator[Failure]:
    """Everything but what a comparison finds."""
    yield from _observations(result, asked.statuses, teller)
    yield from _scores(result, asked.statuses, teller)
    if asked.finding:
        yield from _findings(result, asked.finding)
    if asked.problem:
        yield from _problems(result, asked.problem)
    if asked.expired:
        yield from _expired(result)
    if asked.stale:
        yield from _stale(result)


def _observations(result: Result, statuses: frozenset[str], teller: Teller) -> Iterator[Failure]:
    places = {kpi["name"]: kpi["place"] for kpi in result["kpis"]}
    for row in rows_of(result).reported():
        if met := {row["status"], row["reason"]} & statuses:
            sentence = f"{row['kpi']} of {whom(row, row['level'])}: {teller.observed(row)}"
            yield _about(row, row["level"], min(met), "observation", row["kpi"], sentence, places[row["kpi"]])


def _scores(result: Result, statuses: frozenset[str], teller: Teller) -> Iterator[Failure]:
    for card in result["scorecards"]:
        for row in scores_of(result, card).now:
            if met := {row["status"], row["reason"]} & statuses:
                words = [word for word in (row["status"], row["reason"]) if word]
                words += [] if row["score"] is None else [f"{teller.score(row['score'])} of 100"]
                words += [f"by its gate {row['gated_by']}"] if row["gated_by"] else []
                sentence = f"scorecard {card['name']} of {whom(row, card['level'])}: {', '.join(words)}"
                yield _about(row, card["level"], min(met), "score", card["name"], sentence, card["place"])


def _about(row: Result, level: str, condition: str, kind: Kind, name: str, sentence: str, place: Result) -> Failure:
    """A failure of a member."""
    return Failure(
        condition, kind, name, sentence,
        period=row["period"], level=level, member=row["member"], label=row["label"], place=place,
    )  # fmt: skip


def _findings(result: Result, condition: str) -> Iterator[Failure]:
    for found in result["findings"]:
        if found["severity"] in GRADED[condition]:
            name = found["rule"] or found["kpis"][0]
            yield Failure(
                condition, "finding", name,
                f"{found['severity']} {found['rule'] or found['kind']}: {found['message']}", found["severity"],
                found["period"], found["level"], found["member"], found["label"], found["place"],
            )  # fmt: skip


def _problems(result: Result, condition: str) -> Iterator[Failure]:
    for problem in result["problems"]:
        if problem["severity"] in GRADED[condition]:
            sentence = f"{problem['severity']} [{problem['code']}] {problem['message']}"
            yield Failure(
                condition,
                "problem",
                problem["code"],
                sentence,
                problem["severity"],
                result["period"],
                place=_place(problem),
            )


def _expired(result: Result) -> Iterator[Failure]:
    for each in result["benchmarks"]:
        if each["expired"]:
            sentence = f"benchmark {each['name']} of {each['kpi']}: should not be used after {each['expires']}"
            yield Failure(EXPIRED, "benchmark", each["name"], sentence, place=each["place"])


def _stale(result: Result) -> Iterator[Failure]:
    """Sources whose rows are counted by their date, and have none since the reported period began.

    That the newest row is older than the period's end says little: a plan may have one row for each quarter.
    """
    now = next(period for period in result["periods"] if period["label"] == result["period"])
    for source in result["sources"]:
        if source["rows_used"] is not None and source["last"] is not None and source["last"] < now["start"]:
            sentence = f"source {source['name']}: its newest row is of {source['last']}, before {now['label']} began"
            yield Failure(STALE, "source", source["name"], sentence, period=now["label"])
    for problem in result["problems"]:
        if problem["code"] in _NOT_ALL_THERE:
            sentence = problem["message"].rstrip(".")
            yield Failure(STALE, "problem", problem["code"], sentence, period=now["label"], place=_place(problem))


def _place(problem: Result) -> Result | None:
    return {key: problem[key] for key in ("file", "line", "column")} if problem["file"] is not None else None

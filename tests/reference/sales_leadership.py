"""Every KPI of `examples/sales-leadership`, computed once more: plain Python over CSV, from the words of the pack.

Nothing of kpieval is used here. Each KPI is a function that follows its description; numbers are exact fractions, and a
KPI without a value says why by raising `Nothing`. `compute` gives value and reason by KPI, level, member, quarter.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

from reference.company import FOREVER, ORGANISATION, Company, Quarter, Row, Scope, date, day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path


class Nothing(Exception):  # noqa: N818 - it is no error
    """There is no value, and this is the reason."""


def won(rows: list[Row]) -> list[Row]:
    """Of these deals the won ones."""
    return [row for row in rows if row["Stage"] == "Closed Won"]


def lost(rows: list[Row]) -> list[Row]:
    """Of these deals the lost ones; an open one is neither."""
    return [row for row in rows if row["Stage"] == "Closed Lost"]


def total(rows: Iterable[Row], column: str) -> Fraction:
    """The sum of a column; an empty cell is nothing."""
    return sum((Fraction(row[column]) for row in rows if row[column]), Fraction(0))


def revenue(s: Scope) -> Fraction:
    """What was sold in the quarter."""
    return total(won(s.deals), "Amount")


def quota(s: Scope) -> Fraction:
    """What was to be sold by quota."""
    return total(s.quotas, "quota")


def forecast(s: Scope) -> Fraction:
    """What was forecast at the start."""
    return total(s.forecasts, "forecast")


def goal(s: Scope) -> Fraction:
    """What was to be sold by goal."""
    return total(s.goals, "goal")


def over(numerator: Fraction | int, denominator: Fraction | int) -> Fraction:
    """A division, where there is something to divide by."""
    if denominator == 0:
        raise Nothing("zero_denominator")
    return Fraction(numerator) / denominator


def something(*rows: Sequence[object]) -> None:
    """Without any row of any source there is nothing to say."""
    if not any(rows):
        raise Nothing("no_data")


def enough(value: Fraction, sample: int, least: int) -> tuple[Fraction, str | None]:
    """The value, and a reason where it rests on too little."""
    return value, "insufficient_sample" if sample < least else None


Verdict = tuple[Fraction, str | None]


def closed(s: Scope) -> int:
    """How many deals came to an end."""
    return len(won(s.deals)) + len(lost(s.deals))


def win_rate(s: Scope) -> Verdict:
    something(s.deals)
    return enough(over(len(won(s.deals)), closed(s)), closed(s), 15)


def win_rate_value(s: Scope) -> Verdict:
    something(s.deals)
    value = total(won(s.deals), "Amount")
    if lost(s.deals) and not total(lost(s.deals), "Amount"):
        raise Nothing("no_data")
    return enough(over(value, value + total(lost(s.deals), "Amount")), closed(s), 20)


def win_rate_created(s: Scope) -> Verdict:
    something(s.created)
    known = len(won(s.created)) + len(lost(s.created))
    return enough(over(len(won(s.created)), known), known, 20)


def cohort_closed(s: Scope) -> Verdict:
    something(s.created)
    return over(len(won(s.created)) + len(lost(s.created)), len(s.created)), None


def low(s: Scope) -> list[bool]:
    """Of each rep with enough closed deals whether the win rate is below a fifth."""
    measured = [win_rate(rep) for rep in s.reps() if closed(rep)]
    return [value < Fraction(1, 5) for value, reason in measured if reason is None]


def share(found: list[bool]) -> Fraction:
    """The share of members for whom it holds; where no member could be measured there is nothing to say."""
    something(found)
    return Fraction(sum(found), len(found))


def measured(s: Scope, *sources: Callable[[Scope], list[Row]]) -> list[Scope]:
    """The reps with a row in any of these sources."""
    found = [rep for rep in s.reps() if any(source(rep) for source in sources)]
    something(found)
    return found


def reps_needing_help(s: Scope) -> Verdict:
    return share(low(s)), None


def reps_needing_help_count(s: Scope) -> Verdict:
    something(low(s))
    return Fraction(sum(low(s))), "no_target"


def change(s: Scope, quarters: int) -> Verdict:
    """The win rate now less that of so many quarters ago; the smaller of the two samples has to do."""
    something(s.deals)
    before = s.back(quarters)
    if not before.deals:
        raise Nothing("no_baseline")
    now = over(len(won(s.deals)), closed(s))
    if not closed(before):
        raise Nothing("no_baseline")
    then = over(len(won(before.deals)), closed(before))
    return enough(now - then, min(closed(s), closed(before)), 20)


def win_rate_improvement(s: Scope) -> Verdict:
    return change(s, 1)


def win_rate_improvement_year(s: Scope) -> Verdict:
    return change(s, 4)


def reps_improving(s: Scope) -> Verdict:
    found = []
    for rep in s.reps():
        try:
            value, reason = change(rep, 1)
        except Nothing:
            continue
        if reason is None:
            found.append(value > 0)
    return share(found), None


def quota_attainment(s: Scope) -> Verdict:
    return share([revenue(rep) >= quota(rep) for rep in s.reps() if quota(rep)]), None


def attainment_ratio(s: Scope) -> Verdict:
    something(s.deals, s.quotas)
    return over(revenue(s), quota(s)), None


def forecast_accuracy(s: Scope) -> Verdict:
    reps = measured(s, lambda rep: rep.deals, lambda rep: rep.forecasts)
    errors = sum(abs(revenue(rep) - forecast(rep)) for rep in reps)
    return max(Fraction(0), 1 - over(errors, sum(map(revenue, reps)))), None


def forecast_bias(s: Scope) -> Verdict:
    reps = measured(s, lambda rep: rep.deals, lambda rep: rep.forecasts)
    return over(sum(forecast(rep) - revenue(rep) for rep in reps), sum(map(revenue, reps))), None


def scores(s: Scope) -> list[Fraction]:
    """The answers given."""
    return [Fraction(row["score"]) for row in s.surveys if row["score"]]


def engagement(s: Scope) -> Verdict:
    something(s.surveys)
    return enough(over(sum(scores(s)), len(scores(s))), len(scores(s)), 5)


def enps(s: Scope) -> Verdict:
    something(s.surveys)
    high, low_ = sum(score >= 9 for score in scores(s)), sum(score <= 6 for score in scores(s))
    return enough(over(high - low_, len(scores(s))), len(scores(s)), 5)


def response_rate(s: Scope) -> Verdict:
    something(s.surveys, s.at_end)
    people = {row["respondent"] for row in s.surveys if row["score"]}
    return enough(over(len(people), len(s.at_end)), len(s.at_end), 5)


def hours(rows: list[Row], kind: str) -> Fraction:
    """Hours of one kind."""
    return total([row for row in rows if row["kind"] == kind], "minutes") / 60


def coaching_hours(s: Scope) -> Verdict:
    something(s.sessions, s.at_start, s.at_end)
    reps = Fraction(len(s.at_start) + len(s.at_end), 2)
    return over(hours(s.sessions, "Coaching"), reps * Fraction(s.quarter.days, 14)), None


def coaching_share(s: Scope) -> Verdict:
    something(s.hours)
    coaching = hours(s.hours, "Coaching")
    return over(coaching, coaching + hours(s.hours, "Internal meeting")), None


def reps_coached(s: Scope) -> Verdict:
    found = []
    for rep in s.reps():
        if not rep.at_start or not rep.at_end:
            continue
        days = [day(row, "date") for row in rep.sessions if row["kind"] == "Coaching"]
        fortnights = range(s.quarter.days // 14)
        starts = [s.quarter.start + dt.timedelta(days=14 * number) for number in fortnights]
        found.append(all(any(start <= when < start + dt.timedelta(days=14) for when in days) for start in starts))
    return share(found), None


def stays(row: Row, quarter: Quarter) -> bool:
    """Whether a person is still employed when the next quarter begins."""
    return (date(row["left_on"]) or FOREVER) >= quarter.end


def retention(s: Scope) -> Verdict:
    something(s.at_start)
    staying = [row for row in s.at_start if stays(row, s.quarter)]
    return enough(over(len(staying), len(s.at_start)), len(s.at_start), 3)


def regretted_attrition(s: Scope) -> Verdict:
    something(s.at_start)
    leavers = [row for row in s.at_start if not stays(row, s.quarter) and row["regretted"] == "yes"]
    return enough(over(len(leavers), len(s.at_start)), len(s.at_start), 3)


def tenure(s: Scope) -> Verdict:
    something(s.at_end)
    days = sum((s.quarter.end - day(row, "hired_on")).days for row in s.at_end)
    return over(days, len(s.at_end)) / Fraction("365.25"), None


def goal_attainment(s: Scope) -> Verdict:
    something(s.deals, s.goals)
    return over(revenue(s), goal(s)), None


def goal_attainment_year(s: Scope) -> Verdict:
    year = [s.back(count) for count in range(s.quarter.number % 4 + 1)]
    something(*[rows for q in year for rows in (q.deals, q.goals)])
    return over(sum(map(revenue, year)), sum(map(goal, year))), None


def goals_met(s: Scope) -> Verdict:
    return share([revenue(team) >= goal(team) for team in s.teams() if goal(team)]), None


def cross_sell_share(s: Scope) -> Verdict:
    something(s.deals)
    return over(total([row for row in won(s.deals) if row["Cross-Sell"] == "true"], "Amount"), revenue(s)), None


def large_new(s: Scope) -> list[Row]:
    """Won deals of 50,000 and more with a new client."""
    return [row for row in won(s.deals) if row["Type"] == "New Business" and int(row["Amount"]) >= 50_000]


def large_new_clients(s: Scope) -> Verdict:
    something(s.deals)
    return over(total(large_new(s), "Amount"), revenue(s)), None


def large_new_client_count(s: Scope) -> Verdict:
    something(s.deals)
    return Fraction(len({row["Account"] for row in large_new(s)})), "no_target"


def contested(rows: list[Row]) -> list[Row]:
    """Deals in which a competitor is known."""
    return [row for row in rows if row["Competitor"]]


def competitive_wins(s: Scope) -> Verdict:
    something(s.deals)
    known = len(contested(won(s.deals))) + len(contested(lost(s.deals)))
    return enough(over(len(contested(won(s.deals))), known), known, 20)


def competitor_known(s: Scope) -> Verdict:
    something(s.deals)
    known = len(contested(won(s.deals))) + len(contested(lost(s.deals)))
    return over(known, closed(s)), None


def margin(s: Scope) -> Verdict:
    something(s.deals)
    known = [row for row in won(s.deals) if row["Margin"]]
    return over(total(known, "Margin"), total(known, "Amount")), None


def objectives_met(s: Scope) -> Verdict:
    something(s.deals)
    lines = [
        (cross_sell_share, "0.20", 3),
        (large_new_clients, "0.15", 3),
        (competitive_wins, "0.30", 2),
        (margin, "0.35", 2),
    ]
    met = weights = 0
    for kpi, line, weight in lines:
        try:
            value, _ = kpi(s)
        except Nothing:
            continue
        weights += weight
        met += weight * (value >= Fraction(line))
    known = len(contested(won(s.deals))) + len(contested(lost(s.deals)))
    return enough(over(met, weights), known, 20)


TEAMS = ("manager", "region", ORGANISATION)
ALL = ("rep", *TEAMS)
KPIS: dict[str, tuple[Callable[[Scope], Verdict], tuple[str, ...]]] = {
    kpi.__name__: (kpi, levels)
    for levels, kpis in {
        ALL: (
            win_rate, win_rate_value, win_rate_created, cohort_closed, win_rate_improvement, win_rate_improvement_year,
            attainment_ratio, coaching_hours, tenure, cross_sell_share, large_new_client_count, competitive_wins,
            competitor_known, margin,
        ),
        TEAMS: (
            reps_needing_help, reps_needing_help_count, reps_improving, quota_attainment, forecast_accuracy,
            forecast_bias, engagement, enps, response_rate, coaching_share, reps_coached, retention,
            regretted_attrition, goal_attainment, goal_attainment_year, objectives_met, large_new_clients,
        ),
        ("region", ORGANISATION): (goals_met,),
    }.items()
    for kpi in kpis
}  # fmt: skip
KPIS["pace"] = (goal_attainment, TEAMS)  # all quarters are over: the share of the period gone is 1

Answer = tuple[float | None, str | None]
PRIVATE = ("engagement", "enps")
SMALLEST = 4  # answers: what the example's project says


def hidden(company: Company, quarter: Quarter) -> set[str]:
    """The managers whose team's answers aren't shown: too few, or beside too few in the region."""
    found: set[str] = set()
    for region in company.members("region"):
        teams = [key for key, row in company.managers.items() if row["region"] == region]
        answers = {team: len(scores(Scope(company, "manager", team, quarter))) for team in teams}
        answered = sorted((team for team in teams if answers[team]), key=lambda team: (answers[team], team))
        few = [team for team in answered if answers[team] < SMALLEST]
        while few and sum(answers[team] for team in few) < SMALLEST:
            few.append(next(team for team in answered if team not in few))
        found.update(few)
    return found


def compute(folder: Path, last: Quarter, count: int = 8) -> dict[tuple[str, str, str, str], Answer]:
    """Value and reason by KPI, level, member and quarter."""
    company = Company(folder)
    answers: dict[tuple[str, str, str, str], Answer] = {}
    for name, (kpi, levels) in KPIS.items():
        for level in levels:
            for member in company.members(level):
                for quarter in (last.back(number) for number in reversed(range(count))):
                    if level == "rep" and company.team_in(member, quarter) is None:
                        continue  # not yet, or no longer, a rep
                    key = name, level, member, str(quarter)
                    try:
                        value, reason = kpi(Scope(company, level, member, quarter))
                        answers[key] = float(value), reason
                    except Nothing as nothing:
                        answers[key] = None, str(nothing)
    for quarter in (last.back(number) for number in range(count)):
        for manager in hidden(company, quarter):
            answers |= {(kpi, "manager", manager, str(quarter)): (None, "suppressed") for kpi in PRIVATE}
    return answers

"""What is shown of a private KPI doesn't tell what a small group said: a curious reader tries to work it out."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

import kpieval
from kpieval.evaluate import privacy

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

SMALLEST = 4
REGIONS = {"t1": "north", "t2": "north", "t3": "south", "t4": "south", "t5": "south", "t6": "east"}
TEAMS = [*REGIONS, "nobody"]
PROJECT = {
    "project": "private",
    "period": "month",
    "privacy": {"min_group": SMALLEST},
    "sources": {
        "surveys": {
            "file": "surveys.csv",
            "time": "day",
            "columns": {"team": "text", "score": "integer", "day": "date"},
            "measures": {"mood": "avg(score)", "answers": "count(score)"},
        },
        "teams": {"file": "teams.csv", "columns": {"team_id": "text", "region": "text"}},
    },
    "dimensions": {"team": {"source": "teams", "key": "team_id", "parent": "region"}, "region": {}},
}
MOOD = {"kpi": "mood_here", "value": "mood", "sample": "answers", "private": True, "interval": "none"}


def observations(
    folder: Path, answers: dict[str, list[int]], kpi: dict[str, Any] = MOOD, others: Sequence[dict[str, Any]] = ()
) -> dict[tuple[str, str], dict[str, Any]]:
    """What is shown of a KPI of each level and member, where so many people of each team gave these scores."""
    (folder / "kpis").mkdir()
    (folder / "kpieval.yaml").write_text(yaml.safe_dump(PROJECT), encoding="utf-8")
    for each in (kpi, *others):
        (folder / f"kpis/{each['kpi']}.yaml").write_text(yaml.safe_dump(each), encoding="utf-8")
    teams = "".join(f"{team},{region}\n" for team, region in REGIONS.items())
    (folder / "teams.csv").write_text(f"team_id,region\n{teams}", encoding="utf-8")
    rows = "".join(f"{team},{score},2026-04-01\n" for team, scores in answers.items() for score in scores)
    (folder / "surveys.csv").write_text(f"team,score,day\n{rows}", encoding="utf-8")
    with kpieval.load(folder).evaluate("2026-04", 1, dt.date(2026, 5, 5)) as result:
        rows = result.to_dict()["observations"]
    return {(row["level"], row["member"]): row for row in rows if row["kpi"] == kpi["kpi"]}


def told(shown: dict[tuple[str, str], dict[str, Any]], sizes: dict[str, int]) -> list[set[str]]:
    """The sets of teams, with fewer people than the smallest group, whose sum follows from what is shown."""
    sums = []
    for (level, member), row in shown.items():
        if row["value"] is not None:
            sums.append([Fraction(_belongs(team, level, member)) for team in TEAMS])
    return [
        set(group)
        for size in range(1, len(TEAMS) + 1)
        for group in combinations(TEAMS, size)
        if 0 < sum(sizes[team] for team in group) < SMALLEST
        and all(sizes[team] for team in group)
        and _follows([Fraction(team in group) for team in TEAMS], _known(sums, sizes))
    ]


def _belongs(team: str, level: str, member: str) -> bool:
    region = REGIONS.get(team, "(unknown)")
    own = team if team in REGIONS else "(unknown)"
    return member == {"team": own, "region": region, "organisation": "organisation"}[level]


def _known(sums: list[list[Fraction]], sizes: dict[str, int]) -> list[list[Fraction]]:
    """A team without any answer has a sum that everybody knows: nothing."""
    nothing = [[Fraction(team == other) for other in TEAMS] for team in TEAMS if not sizes[team]]
    return [*sums, *nothing]


def _follows(wanted: list[Fraction], known: list[list[Fraction]]) -> bool:
    """Whether a sum is a combination of the known ones: by elimination, in exact fractions."""
    rows = [list(row) for row in known]
    wanted = list(wanted)
    for column in range(len(wanted)):
        pivot = next((row for row in rows if row[column]), None)
        if pivot is None:
            if wanted[column]:
                return False
            continue
        rows.remove(pivot)
        for row in (*rows, wanted):
            factor = row[column] / pivot[column]
            row[:] = [one - factor * other for one, other in zip(row, pivot, strict=True)]
    return not any(wanted)


SCORES = st.fixed_dictionaries({team: st.lists(st.integers(0, 10), max_size=7) for team in TEAMS})
SOME = settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


@given(SCORES)
@SOME
def test_nothing_that_is_shown_tells_of_a_small_group(answers: dict[str, list[int]]) -> None:
    assume(any(answers.values()))
    with TemporaryDirectory() as name:
        shown = observations(Path(name), answers)
    assert told(shown, {team: len(scores) for team, scores in answers.items()}) == []


ANSWERS = {"t1": [7] * 5, "t2": [1] * 2, "t3": [5] * 6, "t4": [5] * 5, "t5": [9] * 4, "t6": [3] * 5, "nobody": []}


def test_the_small_group_is_hidden_with_the_smallest_beside_it(tmp_path: Path) -> None:
    shown = observations(tmp_path, ANSWERS)
    hidden = {key for key, row in shown.items() if row["reason"] == "suppressed"}
    assert hidden == {("team", "t2"), ("team", "t1")}
    assert all(
        row[field] is None
        for key, row in shown.items() if key in hidden
        for field in ("value", "numerator", "denominator", "n", "interval", "status", "previous", "change")
    )  # fmt: skip
    assert shown["region", "north"]["value"] == 37 / 7


def test_without_hiding_more_the_reader_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "_hide_more", lambda _: False)
    assert told(observations(tmp_path, ANSWERS), {team: len(each) for team, each in ANSWERS.items()}) == [{"t2"}]


def test_a_region_that_would_tell_is_hidden_and_so_is_one_of_its_teams(tmp_path: Path) -> None:
    alone = {**ANSWERS, "t1": [], "t6": []}  # north has two answers only: it and something beside it are hidden
    shown = observations(tmp_path, alone)
    hidden = {key for key, row in shown.items() if row["reason"] == "suppressed"}
    assert hidden == {("region", "north"), ("team", "t2"), ("region", "south"), ("team", "t5")}


def test_a_group_whose_size_nobody_knows_is_hidden(tmp_path: Path) -> None:
    mean = {"kpi": "mean_of_teams", "per": "team", "value": "avg(mood)", "levels": ["region", "organisation"]}
    doubled = {"kpi": "doubled", "value": "2 * mean_of_teams", "private": True}
    shown = observations(tmp_path, ANSWERS, doubled, [mean])
    assert {row["reason"] for row in shown.values()} == {"suppressed"}


def test_an_own_smallest_group(tmp_path: Path) -> None:
    shown = observations(tmp_path, ANSWERS, {**MOOD, "private": {"min_group": 2}})
    assert all(row["reason"] != "suppressed" for row in shown.values())

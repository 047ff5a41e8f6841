"""Definitions become the project that their author meant."""

from __future__ import annotations

import datetime as dt
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpieval import expressions
from kpieval.build import build
from kpieval.build.cycles import cycles
from kpieval.model import ORGANISATION, BenchmarkTarget, Improvement, PastTarget, Peers, PeerTarget
from kpieval.plan import plan
from kpieval.read import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpieval.model import Kpi, Project
    from kpieval.problems import Problem

ROOT = Path(__file__).parents[1]

PROJECT = """\
project: tiny
currency: EUR
calendar: {fiscal_year_starts: february, week_starts: sunday, timezone: Europe/Prague}
limits: {memory: 512MB, rows: 1000}
sources:
  deals:
    file: deals.csv
    time: close_date
    columns:
      rep: text
      team: text
      stage: {from: StageName, values: {won: [Closed Won, Signed], lost: Closed Lost, open: other}}
      amount: decimal
      half: {value: amount / 2}
      quarter: {value: half / 2}
      close_date: {type: date, format: "%d.%m.%Y"}
    measures:
      won: count(*) filter (where stage = 'won')
      lost: count(*) filter (where stage = 'lost')
      quarters: sum(quarter)
  jobs:
    file: [jobs/*.parquet]
    time: {from: hired_on, until: left_on}
    columns: {rep: text, hired_on: date, left_on: date}
    measures:
      headcount: count(*)
      staying: count(*) filter (where left_on is null or left_on >= period_end)
  goals:
    time: day
    columns: {team: text, day: date, goal: decimal}
    measures: {goal: sum(goal)}
  reps:
    file: reps.csv
    key: rep_id
    time: since
    columns: {rep_id: text, team: text, segment: text, since: date}
    measures: {listed: count(*)}
dimensions:
  team:
  rep: {source: reps, parent: team, attributes: [segment]}
"""


def make(folder: Path, project: str = PROJECT, **kpis: str) -> tuple[Project | None, tuple[Problem, ...]]:
    """Build a project of KPIs, each given without its first line."""
    (folder / "kpis").mkdir(parents=True, exist_ok=True)
    (folder / "kpieval.yaml").write_text(project)
    for name, text in kpis.items():
        (folder / "kpis" / f"{name}.yaml").write_text(f"kpi: {name}\n{text}\n")
    return build(read(folder))


def made(folder: Path, project: str = PROJECT, **kpis: str) -> Project:
    """The project, which must be free of errors."""
    project_, problems = make(folder, project, **kpis)
    assert project_ is not None, "\n".join(str(problem) for problem in problems)
    return project_


def one(folder: Path, text: str, project: str = PROJECT) -> Kpi:
    """The one KPI of a project."""
    return made(folder, project, win_rate="value: won / (won + lost)\n" + text).kpis["win_rate"]


def test_the_head_is_read(tmp_path: Path) -> None:
    project = made(tmp_path)
    assert (project.calendar.fiscal_year_starts, project.calendar.week_starts) == (2, 7)
    assert (project.grain, project.history, project.locale, project.currency) == ("month", 8, "en", "EUR")
    assert (project.limits.memory, project.limits.rows, project.limits.seconds) == (512_000_000, 1000, 600)


def test_a_column_says_what_it_is_called_and_what_its_values_mean(tmp_path: Path) -> None:
    columns = made(tmp_path).sources["deals"].columns
    stage = columns["stage"]
    assert (stage.origin, stage.type, stage.other) == ("StageName", "text", "open")
    assert stage.values == {"Closed Won": "won", "Signed": "won", "Closed Lost": "lost"}
    assert (columns["rep"].origin, columns["amount"].type, columns["close_date"].format) == (
        "rep",
        "decimal",
        "%d.%m.%Y",
    )


def test_a_computed_column_is_reduced_to_what_is_read(tmp_path: Path) -> None:
    column = made(tmp_path).sources["deals"].columns["quarter"]
    assert column.value is not None
    assert expressions.columns_used(column.value.tree) == {"amount"}
    assert column.value.text == "half / 2"


def test_sources_know_their_files_and_times(tmp_path: Path) -> None:
    sources = made(tmp_path).sources
    assert sources["jobs"].files == (str(tmp_path / "jobs/*.parquet"),)
    assert sources["jobs"].options is not None
    assert sources["jobs"].options.format == "parquet"
    jobs, deals = sources["jobs"].time, sources["deals"].time
    assert jobs is not None
    assert deals is not None
    assert (jobs.start, jobs.end, jobs.inclusive) == ("hired_on", "left_on", False)
    assert (deals.start, deals.end) == ("close_date", None)
    assert not sources["goals"].mapped


def test_levels_run_from_fine_to_coarse_and_a_source_counts_at_its_finest(tmp_path: Path) -> None:
    project = made(tmp_path)
    assert list(project.levels) == ["rep", "team"]
    assert (project.levels["rep"].key, project.levels["rep"].parent_column) == ("rep_id", "team")
    assert project.levels["team"].parent == ORGANISATION
    assert {name: dict(source.dimensions) for name, source in project.sources.items()} == {
        "deals": {"rep": "rep"},  # its `team` is not used: the team of a rep is known
        "jobs": {"rep": "rep"},
        "goals": {"team": "team"},
        "reps": {"rep": "rep_id"},  # rows that list the members reach the level by their key
    }


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("value: won", ("rep", "team", "organisation")),
        ("value: won / goal", ("team", "organisation")),
        ("value: won / of_parent(won)", ("rep", "team")),  # nothing is above the organisation
        ("value: won / of_parent(goal)", ("rep", "team")),
        ("value: won / of_parent(won)\nlevels: [team, organisation]", ("team", "organisation")),
        ("per: rep\nvalue: share(won > lost)", ("team", "organisation")),
        ("per: rep\nvalue: share(won > lost)\nlevels: [organisation, rep]", ("rep", "organisation")),
        ("source: deals\nvalue: avg(amount)\nlevels: [organisation, rep]", ("rep", "organisation")),
    ],
)
def test_a_kpi_is_shown_where_all_its_parts_are_known(tmp_path: Path, text: str, levels: tuple[str, ...]) -> None:
    assert made(tmp_path, it=text).kpis["it"].levels == levels


@pytest.mark.parametrize(
    ("part", "text", "levels"),
    [
        # what is over members, or rolled up, is taken as it is shown
        ("per: rep\nvalue: count(won > lost)", "value: part * 2", ("team", "organisation")),
        ("per: rep\nvalue: count(won > lost)\nlevels: [rep, team]", "value: part * 2", ("rep", "team")),
        ("per: rep\nvalue: count(won > lost)\nlevels: [team]", "value: won\nsample: part", ("team",)),
        ("value: won\nrollup: worst\nlevels: [team, organisation]", "value: part + won", ("team", "organisation")),
        ("value: won\nrollup: worst\nlevels: [rep, team]", "value: prior(part)", ("rep", "team")),
        # what is computed from rows alone is computed wherever it is needed
        ("value: won\nlevels: [organisation]", "value: part + 1", ("rep", "team", "organisation")),
        # so many members up as it says
        (
            "per: rep\nvalue: count(won > lost)\nlevels: [organisation]",
            "value: won / of_parent(of_parent(part))",
            ("rep",),
        ),
        ("per: rep\nvalue: count(won > lost)\nlevels: [team]", "value: won / of_parent(part)", ("rep",)),
        ("value: won / of_parent(won)", "value: part * 2", ("rep", "team")),
        # over members: what is inside is of each of them, what is outside of the whole
        ("value: goal", "per: rep\nvalue: max(won) / part", ("team", "organisation")),
        ("value: goal", "per: rep\nvalue: max(won)\nsample: part", ("team", "organisation")),
        ("per: rep\nvalue: count(won > lost)\nlevels: [team]", "per: rep\nvalue: max(won) / part", ("team",)),
        ("per: rep\nvalue: count(won > lost)", "per: team\nvalue: max(part)", ("organisation",)),
        # rolled up: the parts are those of the finest level
        (
            "per: rep\nvalue: count(won > lost)\nlevels: [team]",
            "value: part\nrollup: worst",
            ("team", "organisation"),
        ),
    ],
)
def test_a_kpi_on_another_is_shown_where_that_one_has_a_value(
    tmp_path: Path, part: str, text: str, levels: tuple[str, ...]
) -> None:
    assert made(tmp_path, part=part, it=text).kpis["it"].levels == levels


@pytest.mark.parametrize(
    ("text", "bands"),
    [
        ("", []),
        ("target: 30%", [("good", 1.0, None), ("watch", 0.9, None), ("poor", None, None)]),
        (
            "direction: lower_is_better\ntarget: 0.3",
            [("good", 1.0, None), ("watch", 1.1, None), ("poor", None, None)],
        ),
        (
            "direction: target_range\ntarget: {between: [20%, 0.4]}",
            [("good", 1.0, None), ("watch", 0.9, None), ("poor", None, None)],
        ),
        ("bands: {good: 0.3, critical: rest}", [("good", None, 0.3), ("critical", None, None)]),
        (
            "target: 0.3\nbands: {good: 100%, watch: 0.1}",
            [("good", 1.0, None), ("watch", None, 0.1), ("poor", None, None)],
        ),
    ],
)
def test_bands(tmp_path: Path, text: str, bands: list[tuple[str, float | None, float | None]]) -> None:
    assert [(band.name, band.percent, band.edge) for band in one(tmp_path, text).bands] == bands


def test_the_bands_of_the_project_are_turned_round_where_lower_is_better(tmp_path: Path) -> None:
    project = PROJECT.replace("currency: EUR\n", "currency: EUR\nbands: {great: 120%, good: 100%, bad: rest}\n")
    lower = one(tmp_path, "direction: lower_is_better\ntarget: 0.3", project)
    assert [(band.name, band.percent) for band in lower.bands] == [("great", 0.8), ("good", 1.0), ("bad", None)]
    inside = one(tmp_path, "direction: target_range\ntarget: {between: [0.1, 0.3]}", project)
    assert [band.name for band in inside.bands] == ["good", "bad"]


def test_a_band_looks_as_it_is_called_or_as_it_stands(tmp_path: Path) -> None:
    text = "bands: {top: 0.9, good: 0.8, watch: {at: 0.7, label: Hm, icon: cross, color: blue}, low: 0.5, bottom: rest}"
    assert [(band.label, band.icon, band.color) for band in one(tmp_path, text).bands] == [
        ("Top", "check", "green"),
        ("Good", "check", "green"),
        ("Hm", "cross", "blue"),
        ("Low", "alert", "orange"),
        ("Bottom", "cross", "red"),
    ]


def test_a_target_lasts_until_the_next_one_and_its_last_day_belongs_to_it(tmp_path: Path) -> None:
    text = """target:
  - {value: 0.2}
  - {value: 25%, from: 2025-01-01, note: the board}
  - {value: 0.28, from: 2026-01-01, to: 2026-12-31}
  - {measure: goal / 100, level: team}
  - {value: 0.1, where: segment = 'new', level: rep}"""
    targets = one(tmp_path, text).targets
    assert [(target.value, target.start, target.end) for target in targets[:3]] == [
        (0.2, None, dt.date(2025, 1, 1)),
        (0.25, dt.date(2025, 1, 1), dt.date(2026, 1, 1)),
        (0.28, dt.date(2026, 1, 1), dt.date(2027, 1, 1)),
    ]
    assert targets[3].measure is not None
    assert expressions.names_used(targets[3].measure.tree) == {"goal"}
    assert targets[4].where is not None


@pytest.mark.parametrize(
    ("text", "unit", "meant"),
    [
        ("{prior: period}", "percent", (PastTarget("period"), None, None)),
        ("{prior: year, improve_by: 5%}", "hours", (PastTarget("year"), None, Improvement(relative=0.05))),
        ("{prior: year, improve_by: 2 points}", "points", (PastTarget("year"), None, Improvement(absolute=0.02))),
        ("{prior: year, improve_by: 1 point}", "percent", (PastTarget("year"), None, Improvement(absolute=0.01))),
        ("{prior: year, improve_by: 3}", "days", (PastTarget("year"), None, Improvement(absolute=3.0))),
        ("{trailing: 8}", "percent", (PastTarget("trailing", 8, "median", 8), None, None)),
        (
            "{trailing: 8, statistic: best, min_periods: 4}",
            "percent",
            (PastTarget("trailing", 8, "best", 4), None, None),
        ),
        ("{peers: p75}", "percent", (None, PeerTarget("quantile", Peers(None, 5), 0.75), None)),
        (
            "{peers: mean, within: team, exclude_self: false, min_peers: 3}",
            "percent",
            (None, PeerTarget("mean", Peers("team", 3), exclude_self=False), None),
        ),
        ("{peers: best, within: organisation}", "percent", (None, PeerTarget("best", Peers(None, 5)), None)),
    ],
)
def test_a_target_is_what_others_or_earlier_values_are(
    tmp_path: Path, text: str, unit: str, meant: tuple[PastTarget | None, PeerTarget | None, Improvement | None]
) -> None:
    target = one(tmp_path, f"unit: {unit}\ntarget: {text}").targets[0]
    assert (target.past, target.peers, target.improvement) == meant


BENCHMARK = """benchmark: survey
kpi: win_rate
source: {title: A survey, year: 2024}
"""


def test_a_benchmark_has_a_value_or_quantiles_which_a_target_picks(tmp_path: Path) -> None:
    (tmp_path / "benchmarks").mkdir()
    written = tmp_path / "benchmarks" / "survey.yaml"
    written.write_text(f"{BENCHMARK}value: 21%\nbasis: count\nexpires: 2026-12-31\n")
    target = one(tmp_path, "unit: percent\ntarget: {benchmark: survey}").targets[0]
    assert (target.benchmark, target.value) == (BenchmarkTarget("survey"), 0.21)
    found = made(tmp_path).benchmarks["survey"]
    assert (found.title, found.kpi, found.value, found.basis, found.quantiles) == (
        "Survey", "win_rate", 0.21, "count", None,
    )  # fmt: skip
    assert found.source == {"title": "A survey", "year": 2024}
    assert [found.expired(dt.date(2026, 12, 31)), found.expired(dt.date(2027, 1, 1))] == [False, True]
    written.write_text(BENCHMARK + "value: {p75: 30%, p50: 21%}")
    assert made(tmp_path).benchmarks["survey"].quantiles == {0.5: 0.21, 0.75: 0.3}
    for text, quantile, value in (
        ("{benchmark: survey}", 0.5, 0.21),
        ("{benchmark: survey, quantile: p75}", 0.75, 0.3),
    ):
        target = one(tmp_path, f"unit: percent\ntarget: {text}").targets[0]
        assert (target.benchmark, target.value) == (BenchmarkTarget("survey", quantile), value)


def test_a_benchmark_expires_on_a_day_in_the_zone_of_the_project(tmp_path: Path) -> None:
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "survey.yaml").write_text(f"{BENCHMARK}value: 21%\nexpires: 2026-12-31\n")
    make(tmp_path, win_rate="value: won\nunit: percent")
    codes = []
    for hour in (22, 23):  # in Prague it is an hour later
        now = dt.datetime(2026, 12, 31, hour, tzinfo=dt.UTC)
        codes.append([problem.code for problem in build(read(tmp_path), now)[1]])
    assert codes == [[], ["benchmark-expired"]]


@pytest.mark.parametrize(
    ("text", "proven"),
    [
        ("value: won / (won + lost)", "count"),
        ("value: of_parent(won)", "count"),
        ("value: trailing(won, 4) / period_days", "count"),
        ("source: deals\nvalue: count(distinct rep)", "count"),
        ("per: rep\nvalue: share(won > lost)", "count"),
        ("per: rep\nvalue: count(won > lost)", "count"),
        ("per: rep\nvalue: sum(won)", None),
        ("value: goal", "amount"),
        ("source: deals\nvalue: sum(amount) filter (where stage = 'won') / sum(2 * amount)", "amount"),
        ("source: deals\nvalue: sum(case when amount > 10 then 1 else 0 end)", None),
        ("source: deals\nvalue: sum(pieces)", None),
        ("value: goal / won", None),
        ("value: case when won > 3 then goal / 2 else goal end", "amount"),
        ("value: case when goal > 3 then won end", "count"),
        ("source: deals\nvalue: avg(amount)", None),
        ("value: other * 2", "count"),
    ],
)
def test_what_a_kpi_counts_is_told_by_its_formula(tmp_path: Path, text: str, proven: str | None) -> None:
    (tmp_path / "benchmarks").mkdir()
    refused = set()
    for basis in ("count", "amount"):
        written = f"{BENCHMARK}value: 1\nbasis: {basis}\n".replace("win_rate", "it")
        (tmp_path / "benchmarks" / "survey.yaml").write_text(written)
        project = PROJECT.replace("      amount: decimal\n", "      amount: decimal\n      pieces: integer\n")
        _, problems = make(tmp_path, project, it=text, other="value: won + lost")
        assert {problem.code for problem in problems} <= {"benchmark-basis"}
        refused |= {basis for _ in problems}
    assert refused == ({"count", "amount"} - {proven} if proven else set())


def test_the_shipped_pack_builds_alone_and_with_data(subtests: pytest.Subtests) -> None:
    for folder in ("kpis/sales-leadership", "examples/sales-leadership"):
        with subtests.test(folder):
            project, problems = build(read(ROOT / folder))
            said = {"kpis/sales-leadership": "warning", "examples/sales-leadership": "note"}[folder]
            assert [(problem.severity, problem.code) for problem in problems] == [(said, "double-count")]
            assert project is not None
            assert list(project.levels) == ["rep", "manager", "region"]


def test_what_follows_from_a_mistake_is_not_told(tmp_path: Path) -> None:
    _, problems = make(tmp_path, PROJECT.replace("sources:", "sourcs:"), it="value: won")
    assert {problem.code for problem in problems} == {"unknown-key"}
    _, problems = make(tmp_path, it="value: won", other="value: its\ntarget: many")
    assert [problem.code for problem in problems] == ["wrong-value", "unknown-name"]


def test_a_chain_of_a_thousand_kpis_is_no_recursion(tmp_path: Path) -> None:
    chain = {f"k{index}": f"value: k{index + 1} + 1" for index in range(1500)}
    project = made(tmp_path, **chain, k1500="value: won")
    assert project.kpis["k0"].levels == ("rep", "team", "organisation")


def test_each_problem_is_about_a_line_of_a_file(tmp_path: Path) -> None:
    _, problems = make(tmp_path, it="value: won\ndrives: [nothing]\nbands:\n  good: 0.1\n  watch: 0.2")
    assert [(problem.place and (problem.place.file, problem.place.line), problem.excerpt) for problem in problems] == [
        (("kpis/it.yaml", 6), "  watch: 0.2"),
        (("kpis/it.yaml", 3), "drives: [nothing]"),
    ]


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdef"), max_size=3)))
def test_a_graph_without_cycles_has_an_order_and_one_with_a_cycle_has_none(graph: dict[str, list[str]]) -> None:
    order: list[str] = []
    left = dict(graph)
    while ready := [name for name, others in left.items() if not any(other in left for other in others)]:
        order += ready
        left = {name: others for name, others in left.items() if name not in ready}
    found = cycles(graph)
    assert bool(found) == bool(left)
    for round_ in found:
        assert round_[0] == round_[-1]
        assert all(after in graph[before] for before, after in pairwise(round_))


EDGES = st.one_of(
    st.integers(1, 12).map(lambda tenths: f"{tenths * 10}%"),
    st.integers(-3, 9).map(lambda tenths: tenths / 10),
    st.just("rest"),
)
COMPARED = st.sampled_from(
    [
        {"prior": "year", "improve_by": "5%"},
        {"trailing": 3, "min_periods": 4},
        {"peers": "p75", "within": "team"},
        {"peers": "mean", "level": "organisation"},
        {"benchmark": "survey", "quantile": "p75"},
        {"benchmark": "nothing"},
    ]
)
TARGETS = st.one_of(
    st.integers(-2, 4).map(lambda tenths: tenths / 10),
    COMPARED,
    st.fixed_dictionaries(
        {},
        optional={
            "value": st.sampled_from([0.3, -0.1, 0]),
            "measure": st.sampled_from(["won", "goal", "listed"]),
            "between": st.sampled_from([[0.1, 0.2], [0.2, 0.1]]),
            "from": st.sampled_from(["2025-01-01", "2026-01-01"]),
            "to": st.sampled_from(["2025-12-31", "2026-06-30"]),
            "level": st.sampled_from(["rep", "team", "organisation"]),
            "where": st.sampled_from(["segment = 'a'", "segment='a'", "segment is null"]),
        },
    ),
)
KPI = st.fixed_dictionaries(
    {"value": st.sampled_from(["won / (won + lost)", "goal", "other + won", "trailing(other, 2)", "of_parent(goal)"])},
    optional={
        "direction": st.sampled_from(["higher_is_better", "lower_is_better", "target_range"]),
        "levels": st.lists(st.sampled_from(["rep", "team", "organisation"]), min_size=1, unique=True),
        "rollup": st.sampled_from(["pooled", "worst"]),
        "target": st.one_of(TARGETS, st.lists(TARGETS, min_size=1, max_size=3)),
        "bands": st.dictionaries(st.sampled_from(["good", "watch", "poor", "bad"]), EDGES, min_size=1),
        "applies_to": st.sampled_from(["segment = 'a'"]),
    },
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(kpi=KPI, other=KPI)
def test_what_build_passes_has_a_meaning_everywhere(
    tmp_path_factory: pytest.TempPathFactory, kpi: dict[str, object], other: dict[str, object]
) -> None:
    folder = tmp_path_factory.mktemp("law")
    (folder / "benchmarks").mkdir()
    (folder / "benchmarks" / "survey.yaml").write_text(
        "benchmark: survey\nkpi: it\nvalue: {p50: 0, p75: 20%}\nsource: {title: A survey}\n"
    )
    project, problems = make(folder, it=yaml.safe_dump(kpi), other=yaml.safe_dump(other))
    assert (project is None) == any(problem.severity == "error" for problem in problems)
    if project is None:
        return
    assert plan(project).kpis.keys() == project.kpis.keys()
    for made_ in project.kpis.values():
        assert made_.levels
        assert set(made_.levels) <= {*project.levels, ORGANISATION}
        assert expressions.names_used(made_.value.tree) <= {*project.measures, *project.kpis}
        _bands_hold(made_)
        _targets_hold(made_)


def _bands_hold(kpi: Kpi) -> None:
    """Whatever the target, each band begins at a worse value than the one before it, and the worst has no edge."""
    assert not kpi.bands or kpi.bands[-1].percent is kpi.bands[-1].edge is None
    sign = -1 if kpi.direction == "lower_is_better" else 1
    for target in kpi.targets or [None]:
        goal = target.value if target is not None and target.value is not None else 1.0
        edges = [
            band.edge if band.edge is not None else goal + ((band.percent or 0) - 1) * abs(goal)
            for band in kpi.bands[:-1]
        ]
        assert all(sign * better > sign * worse for better, worse in pairwise(edges))


def _targets_hold(kpi: Kpi) -> None:
    """Each target says one thing, and on no day two of the same scope hold."""
    for target in kpi.targets:
        kinds = (target.value, target.measure, target.low, target.past, target.peers)
        assert sum(part is not None for part in kinds) == 1
        assert target.benchmark is None or target.value is not None
        assert (target.low is not None) == (kpi.direction == "target_range")
    days = [dt.date(year, month, 1) for year in (2024, 2025, 2026, 2027) for month in range(1, 13)]
    for day in days:
        holding = [
            (target.level, target.where and target.where.tree.sql())
            for target in kpi.targets
            if (target.start or day) <= day and (target.end is None or day < target.end)
        ]
        assert len(holding) == len(set(holding))


ANYTHING: st.SearchStrategy[object] = st.sampled_from(
    [
        None,
        0,
        -1,
        1.5,
        "",
        "rep",
        "won",
        "30%",
        "rest",
        [],
        {},
        [1],
        ["rep"],
        {"a": 1},
        {"value": 1},
        True,
        "2026-01-01",
    ]
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_stands_somewhere_there_is_a_project_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    kpi = yaml.safe_load(
        "{value: won / lost, bands: {good: 100%, bad: rest}, target: [{value: 0.3, to: '2026-01-31'},"
        "{benchmark: survey, quantile: p75, from: '2026-02-01'},"
        "{trailing: 3, statistic: mean, min_periods: 2, improve_by: 5%, level: rep},"
        "{peers: p75, within: team, exclude_self: false, min_peers: 3, where: segment = 'a'}]}"
    )
    benchmark = yaml.safe_load(
        "{benchmark: survey, kpi: it, value: {p50: 0.2, p75: 20%}, basis: count, expires: '2020-12-31',"
        "source: {title: A survey, url: 'https://example.org', year: 2024, grade: primary}}"
    )
    project = yaml.safe_load(PROJECT)
    for document in (project, kpi, benchmark):
        *way, last = data.draw(st.sampled_from(list(_paths(document))))
        holder = document
        for step in way:
            holder = holder[step]
        holder[last] = data.draw(ANYTHING)
    folder = tmp_path_factory.mktemp("any")
    (folder / "benchmarks").mkdir()
    (folder / "benchmarks" / "survey.yaml").write_text(yaml.safe_dump(benchmark))
    made_, problems = make(folder, yaml.safe_dump(project), it=yaml.safe_dump(kpi))
    assert (made_ is None) == any(problem.severity == "error" for problem in problems)
    assert all(problem.place and problem.code != "wrong-shape" for problem in problems), (
        "the schema sees to every shape"
    )


def _paths(value: object, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, entry in entries:
        yield (*way, step)
        yield from _paths(entry, (*way, step))


def test_every_code_has_its_page_and_an_example_that_it_gives() -> None:
    source = "".join(path.read_text() for path in (ROOT / "engine/kpieval/build").glob("*.py"))
    codes = set(re.findall(r"(?:error|warn|Mistake)\(\s*\"([a-z-]+)\"", source)) | {
        *(f"{key}-cycle" for key in ("drives", "guarded-by")),
        *(f"unknown-{kind}" for kind in ("kpi", "benchmark", "scorecard")),
    }
    said = "".join(path.read_text() for path in (ROOT / "tests/cases/invalid").glob("*/messages.txt"))
    for code in sorted(codes):
        assert f"[{code}] " in said, f"no case of the corpus gives {code}"
        page = (ROOT / f"docs/problems/{code}.md").read_text()
        assert page.startswith(f"# {code}\n")


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        ("100 * won / (won + lost)", "number"),
        ("100 * won / (won + lost)", "{suffix: points}"),
        ("revenue / 100 / goal", "percent"),  # cents and euros
        ("100 * won / (100 * lost)", "percent"),
        ("round(100 * won / lost) / 100", "percent"),
        ("(goal - 100 * won) / goal", "percent"),  # a price of 100
        ("100 * won / lost - prior(won)", "percent"),
        ("won / (lost + 100)", "percent"),
        ("won / greatest(lost, 100)", "percent"),
        ("case when won > 100 then won / lost else 1 end", "percent"),
        ("quarters * 100", "ratio"),
        ("hundreds / (100 * goal)", "percent"),
        ("hundreds / goal", "percent"),  # a measure in another measure of money is no percentage
    ],
)
def test_a_hundred_in_a_percent_may_be_right(tmp_path: Path, value: str, unit: str) -> None:
    project = PROJECT.replace(
        "      quarters:", "      revenue: sum(amount)\n      hundreds: 100 * sum(amount)\n      quarters:"
    )
    _, problems = make(tmp_path, project, it=f"value: {value}\nunit: {unit}")
    assert [str(problem) for problem in problems] == []

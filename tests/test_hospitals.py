"""The example `hospital-waiting-times`: each figure against an independent computation, and the stories in them."""

from __future__ import annotations

import filecmp
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from kpieval.api import load
from packs import Answers, evaluate
from reference.hospitals import KPIS, compute

if TYPE_CHECKING:
    from reference.hospitals import Verdict

EXAMPLE = Path(__file__).parent.parent / "examples" / "hospital-waiting-times"
MONTHS = 24


@pytest.fixture(scope="module")
def answers() -> Answers:
    return evaluate(EXAMPLE, periods=MONTHS)


@pytest.fixture(scope="module")
def expected() -> dict[tuple[str, str, str, str], Verdict]:
    return compute(EXAMPLE / "data", "2026-09-01", MONTHS)


def test_the_example_has_no_problem() -> None:
    assert [str(problem) for problem in load(EXAMPLE).problems] == []


def test_the_reference_knows_every_kpi_and_every_level() -> None:
    declared = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in (EXAMPLE / "kpis").glob("*.yaml")}
    assert {name: sorted(levels) for name, (_, levels) in KPIS.items()} == {
        name: sorted(kpi["levels"]) for name, kpi in declared.items()
    }


@pytest.mark.parametrize("kpi", sorted(KPIS))
def test_a_kpi_equals_the_independent_computation_at_every_level_and_month(
    kpi: str, answers: Answers, expected: dict[tuple[str, str, str, str], Verdict]
) -> None:
    wanted = {key: answer for key, answer in expected.items() if key[0] == kpi}
    found = {
        (row["kpi"], row["level"], row["member"], row["period"]): (row["value"], row["reason"])
        for row in answers.result["observations"]
        if row["kpi"] == kpi
    }
    assert found.keys() == wanted.keys()
    assert {key: reason for key, (_, reason) in found.items()} == {key: reason for key, (_, reason) in wanted.items()}
    for key, (value, _) in wanted.items():
        assert found[key][0] == (value if value is None else pytest.approx(float(value), rel=1e-9, abs=1e-9)), key


def test_the_stories_of_the_example_are_in_its_figures(answers: Answers) -> None:
    months = [period["label"] for period in answers.result["periods"]]
    assert (months[0], months[-1], len(months)) == ("2024-10", "2026-09", MONTHS)

    def shares(code: str, kpi: str = "four_hour_share") -> list[float]:
        found = [answers.value(kpi, code, month) for month in months]
        return [value for value in found if value is not None]

    fenwick = shares("H02")
    assert min(fenwick[8:]) - max(fenwick[:8]) > 0.02
    marrow = shares("H07", "four_hour_share_year")
    assert marrow == sorted(marrow, reverse=True)
    assert (round(marrow[0], 3), round(marrow[-1], 3)) == (0.953, 0.926)
    ellery = dict(zip(months, shares("H13"), strict=True))
    assert sorted(ellery, key=lambda month: ellery[month])[:2] == ["2026-01", "2025-01"]
    assert ellery["2026-03"] - ellery["2026-01"] > 0.12
    assert max(shares("H17")) - min(shares("H17")) > 0.09
    assert min(shares("H19")) > 0.94
    assert min(shares("H19", "long_waits")) > 0.06
    assert answers("attendances_per_day", "H16", "2026-01")["change"] > 100
    assert answers.verdict("breaches", "H06", "2026-02") == (None, "no_data")
    assert answers("four_hour_share", "H11", "2026-02")["reason"] == "insufficient_sample"


def test_what_chance_does_not_explain_is_told_and_nothing_else(answers: Answers) -> None:
    now = [
        row for row in answers.result["observations"]
        if (row["kpi"], row["level"], row["period"]) == ("four_hour_share", "provider", "2026-09") and row["peers"]
    ]  # fmt: skip
    variation = {row["member"]: row["process"]["variation"] for row in now}
    assert {member for member, found in variation.items() if found == "concern"} == {"H07"}
    assert {member for member, found in variation.items() if found == "improvement"} == {"H02", "H13", "H04", "H16"}
    assert {row["member"] for row in now if row["funnel"]["position"] != "inside"} == {"H07", "H09"}
    assert now[0]["funnel"]["dispersion"] > 20
    small = [row["peers"] for row in now if row["member"] in {"H05", "H17"}]
    assert [(peers["rank"], peers["withheld"]) for peers in small] == [(None, "intervals_overlap")] * 2
    found = [each["member"] for each in answers.result["findings"] if each["rule"] == "special_cause"]
    assert found == ["H07"]


def test_what_is_only_counted_is_not_called_better_or_worse(tmp_path: Path) -> None:
    with load(EXAMPLE).evaluate() as result:
        text = result.report(tmp_path / "report.md", "md").read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| Patients a day | "))
    assert row == "| Patients a day | 6,721 a day | \N{EN DASH} | \N{EN DASH} Only counted | +36 a day |"
    section = text.split("### Patients a day")[1].split("\n### ")[0]
    assert "Only counted: everybody. Neither more nor less of it is better" in section
    assert not {"better", "worse", "target."} & set(section.replace("of it is better", "").split())


def test_among_peers_and_over_time_what_is_only_counted_has_no_best(tmp_path: Path) -> None:
    project = shutil.copytree(EXAMPLE, tmp_path / "project")
    kpi = project / "kpis/attendances_per_day.yaml"
    kpi.write_text(kpi.read_text("utf-8") + "peers: {min_peers: 3}\nprocess: true\n", "utf-8")
    with load(project).evaluate() as result:
        found = Answers(result.to_dict())
        text = result.report(tmp_path / "report.md", "md").read_text("utf-8")
        result.report(tmp_path / "pages")
    peers = found("attendances_per_day", "H01")["peers"]
    assert (peers["withheld"], peers["rank"], peers["best"]) == ("no_order", None, None)
    assert found("attendances_per_day")["process"]["variation"] == "special_cause"
    section = text.split("### Patients a day")[1].split("\n### ")[0]
    assert "No ranks: neither more nor less is better." in section
    assert "Over time: Unusual, more than chance" in section


def test_a_target_from_the_data_has_the_digits_of_a_value(tmp_path: Path) -> None:
    project = shutil.copytree(EXAMPLE, tmp_path / "project")
    kpi = project / "kpis/breaches.yaml"
    kpi.write_text(kpi.read_text("utf-8").replace("floor(attendances * 0.05)", "attendances * 0.0512"), "utf-8")
    with load(project).evaluate(periods=2) as result:
        now = Answers(result.to_dict())("breaches", "organisation")
        text = result.report(tmp_path / "report.md", "md").read_text("utf-8")
        page = result.report(tmp_path / "report.html").read_text("utf-8")
    assert now["target"] % 1 != 0
    assert f"| 11,318 patients | {now['target']:,.0f} patients |" in text
    assert f"above the target of {now['target']:,.0f} patients." in text
    assert re.search(rf"{now['target']:,.0f}\s+patients or less", page)
    assert f"{now['target']:,.1f}"[:-1] not in text


@pytest.mark.parametrize(
    ("period", "silent"), [("2026-01", []), ("2026-02", ["H06"]), ("2026-03", []), ("2026-09", [])]
)
def test_a_provider_that_reports_nothing_is_told(period: str, silent: list[str]) -> None:
    with load(EXAMPLE).evaluate(period) as result:
        said = [problem.message for problem in result.problems if problem.code == "members-without-rows"]
    assert said == [
        f"1 of 23 members of provider has no rows of `waiting_times` in {period}: `{member}`. "
        "What stands above it rests on the others."
        for member in silent
    ]


def test_a_provider_is_listed_while_it_is_open(answers: Answers) -> None:
    listed = {(row["member"], row["period"]) for row in answers.result["observations"]}
    assert ("H15", "2025-12") in listed
    assert ("H15", "2026-01") not in listed
    assert ("H12", "2025-08") not in listed
    assert ("H12", "2025-09") in listed


def test_the_typical_provider_is_better_than_what_the_patients_get(answers: Answers) -> None:
    typical, patients = (answers(kpi, "Midlands") for kpi in ("median_provider", "four_hour_share"))
    assert (typical["status"], patients["status"]) == ("good", "watch")


def test_the_generator_writes_the_committed_data(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLE / "generate.py", tmp_path], check=True)
    names = sorted(path.name for path in (EXAMPLE / "data").iterdir())
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert filecmp.cmpfiles(tmp_path, EXAMPLE / "data", names, shallow=False) == (names, [], [])
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 50_000

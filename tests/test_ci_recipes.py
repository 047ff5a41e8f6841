"""The recipes for pipelines: right by the schemas of their hosts, and what they run does what they are there for."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import yaml

import sessions

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
RECIPES = ROOT / "docs" / "ci"
BIN = Path(sys.executable).parent
ACTION = ROOT / "action.yml"


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a project in metrics/acme, whose team South is poor; and `kpieval` in bin/."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "bin").mkdir()
    sessions.install(folder / "bin")
    (folder / ".git").mkdir()
    subprocess.run([sys.executable, "-m", "kpieval", "init", "-q", "-o", "metrics/acme"], cwd=folder, check=True)
    return folder


def run(script: str, folder: Path, shell: str = "bash", **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", **variables}
    command = [shell, "-e", "-c", script]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def step(name: str) -> dict[str, Any]:
    steps = yaml.safe_load(ACTION.read_text("utf-8"))["runs"]["steps"]
    found: dict[str, Any] = next(each for each in steps if each.get("name") == name)
    return found


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("github-actions", ACTION),
        ("github-workflows", RECIPES / "github.yml"),
        ("gitlab-ci", RECIPES / "gitlab.yml"),
        ("azure-pipelines", RECIPES / "azure-pipelines.yml"),
    ],
    ids=lambda each: each if isinstance(each, str) else each.name,
)
def test_a_recipe_is_as_the_schema_of_its_host_says(schema: str, file: Path, tmp_path: Path) -> None:
    def check(text: str) -> subprocess.CompletedProcess[str]:
        copy = tmp_path / file.name
        copy.write_text(text, "utf-8")
        options = ["--builtin-schema", f"vendor.{schema}", "--regex-variant", "python"]
        options += ["--data-transform", schema] if schema in {"gitlab-ci", "azure-pipelines"} else []
        command = [str(BIN / "check-jsonschema"), *options, str(copy)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    text = file.read_text("utf-8").replace("\n.kpieval:\n", "\nkpis:\n")  # hidden jobs are not checked
    done = check(text)
    assert done.returncode == 0, done.stdout
    broken = re.sub(r"(?m)^(runs|jobs|  script|steps):", r"\1: {a: 1}\n\1_other:", text, count=1)
    assert check(broken).returncode == 1, "the schema lets anything pass"


def test_the_dockerfile_has_nothing_to_find_fault_with() -> None:
    hadolint = BIN / "hadolint"
    if not hadolint.exists():
        pytest.skip("hadolint is not installed, which comes for Linux only")
    done = subprocess.run([hadolint, RECIPES / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_action_writes_everything_before_it_turns_red(acme: Path) -> None:
    evaluate = step("Evaluate")
    given = {"GITHUB_OUTPUT": str(acme / "outputs.txt"), "GITHUB_STEP_SUMMARY": str(acme / "step.md")}
    empty = dict.fromkeys(evaluate["env"], "")
    asked = {"KPI_PATH": "metrics/acme", "KPI_FAIL_ON": "poor", "KPI_OUTPUT": "action out", "KPI_PERIOD": "2026-Q3"}
    done = run(evaluate["run"], acme, **{**empty, **asked, **given})
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("::error title=Gate failed::")
    assert "::error file=metrics/acme/kpis/win_rate.yaml,line=2,col=6," in done.stdout
    assert (acme / "outputs.txt").read_text() == "folder=action out\n"
    assert (acme / "step.md").read_text().startswith("## Deals of two teams")
    written = {path.name for path in (acme / "action out").iterdir()}
    assert written >= {"result.json", "observations.csv", "report.html", "kpis.junit.xml", "kpis.sarif", "gate.csv"}
    outputs = yaml.safe_load(ACTION.read_text("utf-8"))["outputs"]
    named = {each["value"].rpartition("/")[2] for name, each in outputs.items() if name != "folder"}
    assert named <= written


def test_no_input_of_the_action_is_a_command(acme: Path) -> None:
    assert "${{" not in step("Evaluate")["run"] + step("Install kpieval")["run"]
    inputs = yaml.safe_load(ACTION.read_text("utf-8"))["inputs"]
    read = {value.split("inputs.")[1].split(" ")[0] for value in step("Evaluate")["env"].values()}
    assert read | {"python-version"} == set(inputs)
    given = dict.fromkeys(step("Evaluate")["env"], "$(touch pwned); `touch pwned`")
    files = {"GITHUB_OUTPUT": str(acme / "o.txt"), "GITHUB_STEP_SUMMARY": str(acme / "s.md")}
    assert run(step("Evaluate")["run"], acme, **given, **files).returncode == 2
    assert not (acme / "pwned").exists()


def test_the_template_of_gitlab_writes_the_reports_that_it_declares(acme: Path) -> None:
    job = yaml.safe_load((RECIPES / "gitlab.yml").read_text("utf-8"))[".kpieval"]
    variables = {**job["variables"], "KPI_PATH": "metrics/acme", "KPI_FAIL_ON": "poor"}
    done = run("\n".join(job["script"]), acme, "sh", **variables)
    assert done.returncode == 1, done.stderr
    for report in job["artifacts"]["reports"].values():
        assert (acme / report).is_file()
    issues = json.loads((acme / "kpieval-out" / "gl-code-quality-report.json").read_text("utf-8"))
    assert {issue["location"]["path"] for issue in issues} == {"metrics/acme/kpis/win_rate.yaml"}
    assert run("\n".join(job["script"]), acme, "sh", **{**variables, "KPI_FAIL_ON": ""}).returncode == 0


def test_the_pipeline_of_azure_writes_what_it_publishes(acme: Path) -> None:
    pipeline = yaml.safe_load((RECIPES / "azure-pipelines.yml").read_text("utf-8"))
    script = next(each["bash"] for each in pipeline["steps"] if each.get("displayName") == "Evaluate")
    done = run(script, acme, **pipeline["variables"])
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("##vso[task.logissue type=error;")
    results = next(each["inputs"]["testResultsFiles"] for each in pipeline["steps"] if "Test" in each.get("task", ""))
    assert (acme / results).is_file()
    assert (acme / "kpieval-out" / "summary.md").is_file()


def loaded(file: str, monkeypatch: pytest.MonkeyPatch, acme: Path, output: Path, fail_on: str) -> ModuleType:
    """A recipe in Python, imported where `kpieval` is on the path."""
    monkeypatch.setenv("PATH", f"{acme / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("KPI_PATH", str(acme / "metrics" / "acme"))
    monkeypatch.setenv("KPI_OUTPUT", str(output))
    monkeypatch.setenv("KPI_FAIL_ON", fail_on)
    spec = importlib.util.spec_from_file_location("recipe", RECIPES / file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class FailError(Exception):
    """Stands for AirflowFailException."""


def airflow(called: list[str], tasks: dict[str, Callable[[str], str]]) -> dict[str, ModuleType]:
    """As much of Airflow's task SDK as the recipe asks for: the decorators, which take options and a function."""
    sdk, exceptions, package = ModuleType("airflow.sdk"), ModuleType("airflow.sdk.exceptions"), ModuleType("airflow")

    def task(**_options: object) -> Callable[[Callable[[str], str]], Callable[[str], None]]:
        def wrap(function: Callable[[str], str]) -> Callable[[str], None]:
            tasks[function.__name__] = function
            return called.append

        return wrap

    sdk.task, sdk.dag = task, lambda **_options: lambda function: function  # type: ignore[attr-defined]
    exceptions.AirflowFailException = FailError  # type: ignore[attr-defined]
    return {"airflow": package, "airflow.sdk": sdk, "airflow.sdk.exceptions": exceptions}


def test_the_recipe_for_airflow(monkeypatch: pytest.MonkeyPatch, acme: Path, tmp_path: Path) -> None:
    called: list[str] = []
    tasks: dict[str, Callable[[str], str]] = {}
    for name, module in airflow(called, tasks).items():
        monkeypatch.setitem(sys.modules, name, module)
    loaded("airflow_kpis.py", monkeypatch, acme, tmp_path, "poor")
    assert called == ["{{ (dag_run.logical_date or dag_run.run_after) | ds }}"]
    with pytest.raises(FailError, match="Gate failed for 2026-Q3: 1 poor"):
        tasks["evaluate"]("2026-10-05")
    assert (tmp_path / "2026-10-05" / "report.html").is_file()
    assert (tmp_path / "kpis.prom").is_file()
    loaded("airflow_kpis.py", monkeypatch, acme, tmp_path, "suppressed")
    assert tasks["evaluate"]("2026-07-05") == str(tmp_path / "2026-07-05")
    loaded("airflow_kpis.py", monkeypatch, acme, tmp_path, "nonsense")
    with pytest.raises(subprocess.CalledProcessError):
        tasks["evaluate"]("2026-10-05")


def dagster() -> ModuleType:
    """As much of Dagster as the recipe asks for."""
    module = ModuleType("dagster")
    for name in ("AssetCheckSpec", "MaterializeResult", "AssetCheckResult", "ScheduleDefinition", "Definitions"):
        setattr(module, name, lambda *_given, **named: SimpleNamespace(**named))
    module.asset = lambda **_options: lambda function: function  # type: ignore[attr-defined]
    module.MetadataValue = SimpleNamespace(path=str, json=dict)  # type: ignore[attr-defined]
    return module


@pytest.mark.parametrize(("fail_on", "passed"), [("poor", False), ("suppressed", True)])
def test_the_recipe_for_dagster(
    monkeypatch: pytest.MonkeyPatch,
    acme: Path,
    tmp_path: Path,
    fail_on: str,
    passed: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setitem(sys.modules, "dagster", dagster())
    result = loaded("dagster_kpis.py", monkeypatch, acme, tmp_path, fail_on).kpis()
    (check,) = result.check_results
    assert check.passed is passed
    assert check.description.startswith("Gate passed" if passed else "Gate failed for 2026-Q3: 1 poor")
    assert Path(result.metadata["report"]).is_file()
    assert result.metadata["period"] == "2026-Q3"


def test_parquet_says_in_its_metadata_why_the_run_is_red(acme: Path) -> None:
    done = run("kpieval evaluate metrics/acme -o red.parquet -o green/ --fail-on poor -q", acme)
    assert done.returncode == 1
    query = f"select key, value from parquet_kv_metadata('{acme / 'red.parquet'}')"
    notes = duckdb.execute(query).fetchall()
    gate = json.loads(dict(notes)[b"kpieval_gate"])
    assert gate["sentence"] == "Gate failed for 2026-Q3: 1 poor."
    assert gate == json.loads((acme / "green" / "result.json").read_text("utf-8"))["gate"]

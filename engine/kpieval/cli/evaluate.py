"""`kpieval evaluate`: a project in, the values and statuses of its KPIs out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpieval.cli.gate import closed, wanted
from kpieval.cli.options import fail_on, formats, names_of_kpis, output, project_path, request, talk
from kpieval.cli.outputs import STDOUT, is_folder, put, show, suffix_format
from kpieval.cli.saved import FILE
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from kpieval.cli.console import Console
    from kpieval.result import Result

FORMATS = ("table", "json", "csv", "md", "parquet")


@click.command(short_help="Compute the KPIs: a table, JSON, CSV, Markdown or Parquet.")
@project_path
@formats(*FORMATS, help="Default: what the name of the output file says, else a table.")
@output
@request
@click.option("-k", "--kpi", "kpis", multiple=True, metavar="NAME", shell_complete=names_of_kpis, help="Only this KPI.")
@click.option("-l", "--level", "levels", multiple=True, metavar="NAME", help="Only this level.")
@fail_on
@talk
@click.pass_obj
def command(
    console: Console,
    path: Path,
    format_: str | None,
    output: str | None,
    period: str | None,
    periods: int | None,
    as_of: dt.date | None,
    kpis: tuple[str, ...],
    levels: tuple[str, ...],
    fail_on: tuple[str, ...],
) -> int:
    """Compute the KPIs of the project at PATH.

    Without --output, prints the result. With a folder as output, writes result.json, from which `kpieval report`
    makes reports without the data, and observations.csv.
    """
    format_ = format_ or suffix_format(output, FORMATS)
    if format_ == "parquet":
        if kpis or levels:
            raise click.UsageError("--kpi and --level don't go with Parquet, which holds every observation.")
        if output in {None, STDOUT}:
            raise click.UsageError("Parquet goes into a file: say which by --output.")
    targets = destinations(format_, output)
    with compute(console, path, period, periods, as_of) as result:
        shown = only(result.to_dict(), kpis, levels) if fail_on or "parquet" not in targets else {}
        statuses = wanted(shown, fail_on) if fail_on else frozenset()
        if "parquet" in targets:
            result.write_parquet(targets["parquet"] or STDOUT)
    for name, target in targets.items():
        if name != "parquet":
            show(rendered(shown, name)) if target is None else put(rendered(shown, name), target)
    return int(closed(shown, statuses, console)) if statuses else 0


def compute(console: Console, path: Path, period: str | None, periods: int | None, as_of: dt.date | None) -> Result:
    """The result of a project, with its warnings said."""
    from kpieval.api import load

    project = load(path)
    console.secrets = project.secrets
    console.problems(project.problems)
    with console.working(f"Evaluating {project.name}"):
        result = project.evaluate(period=period, periods=periods, as_of=as_of)
    console.problems(problem for problem in result.problems if problem not in project.problems)
    return result


def only(result: dict[str, Any], kpis: Iterable[str], levels: Iterable[str]) -> dict[str, Any]:
    """The part of a result that is about these KPIs and levels; about all, where none are named."""
    wanted = {
        "kpi": named("--kpi", kpis, [kpi["name"] for kpi in result["kpis"]]),
        "level": named("--level", levels, [level["name"] for level in result["levels"]]),
    }
    return {
        **result,
        "kpis": [kpi for kpi in result["kpis"] if kpi["name"] in wanted["kpi"]],
        "observations": [
            each for each in result["observations"] if each["kpi"] in wanted["kpi"] and each["level"] in wanted["level"]
        ],
        "findings": [
            each
            for each in result["findings"]
            if each["level"] in wanted["level"] and (not kpis or set(each["kpis"]) & wanted["kpi"])
        ],
        "rules": [each for each in result["rules"] if each["level"] in wanted["level"]],
        "drivers": [each for each in result["drivers"] if {each["driver"], each["driven"]} & wanted["kpi"]],
    }


def named(option: str, names: Iterable[str], known: list[str]) -> set[str]:
    """The names, each of which must be known."""
    wanted = set(names)
    for name in sorted(wanted - set(known)):
        raise click.BadParameter(f"there is no `{name}`. {did_you_mean(name, known) or ''}".rstrip(), param_hint=option)
    return wanted or set(known)


def destinations(format_: str | None, output: str | None) -> dict[str, Path | None]:
    """Which formats go where; None is stdout."""
    if output is None or output == STDOUT:
        return {format_ or "table": None}
    if not is_folder(output):
        return {format_ or "table": Path(output)}
    formats = [format_] if format_ else ["json", "csv"]
    return {each: Path(output, FILE if each == "json" else f"observations.{each}") for each in formats}


def rendered(result: dict[str, Any], format_: str) -> str:
    """The result in one of the formats."""
    from kpieval.render import render

    return render(result, "md-table" if format_ == "md" else format_)

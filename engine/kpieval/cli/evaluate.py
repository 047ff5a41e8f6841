"""`kpieval evaluate`: a project in, the values and statuses of its KPIs out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from kpieval.cli import runs
from kpieval.cli.gate import closed, wanted
from kpieval.cli.options import fail_on, names_of_kpis, talk
from kpieval.cli.outputs import STDOUT, Output, put, show
from kpieval.cli.saved import FILE
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kpieval.cli.console import Console
    from kpieval.collect.timeline import Request

PARQUET: Mapping[str, Literal["observations", "scores"]] = {"parquet": "observations", "parquet-scores": "scores"}
"""What is written by the engine itself, and not rendered."""

FORMATS = ("table", "json", "csv", "md", "parquet")


@click.command(short_help="Compute the KPIs: a table, JSON, CSV, Markdown or Parquet.")
@runs.arguments(*FORMATS, otherwise="a table", output=STDOUT)
@click.option("-k", "--kpi", "kpis", multiple=True, metavar="NAME", shell_complete=names_of_kpis, help="Only this KPI.")
@click.option("-l", "--level", "levels", multiple=True, metavar="NAME", help="Only this level.")
@fail_on
@talk
@click.pass_obj
def command(
    console: Console,
    path: Path,
    format_: str | None,
    output: Output,
    request: Request,
    kpis: tuple[str, ...],
    levels: tuple[str, ...],
    fail_on: tuple[str, ...],
) -> int:
    """Compute the KPIs of the project at PATH.

    Without --output, prints the result. With a folder as output, writes result.json, from which `kpieval report`
    makes reports without the data, observations.csv and, where there are scorecards, scores.csv.
    """
    format_ = format_ or output.format(FORMATS)
    if format_ == "parquet":
        if kpis or levels:
            raise click.UsageError("--kpi and --level don't go with Parquet, which holds every observation.")
        if output.is_stdout:
            raise click.UsageError("Parquet goes into a file: say which by --output.")
    with runs.evaluated(console, path, request, output) as result:
        targets = destinations(format_, output, scores=result.has_scorecards)
        shown = only(result.to_dict(), kpis, levels) if fail_on or "parquet" not in targets else {}
        statuses = wanted(shown, fail_on) if fail_on else frozenset()
        for name, table in PARQUET.items():
            if name in targets:
                result.write_parquet(targets[name] or STDOUT, table)
    for name, target in targets.items():
        if name not in PARQUET:
            show(rendered(shown, name)) if target is None else put(rendered(shown, name), target)
    return int(closed(shown, statuses, console)) if statuses else 0


def only(result: dict[str, Any], kpis: Iterable[str], levels: Iterable[str]) -> dict[str, Any]:
    """The part of a result that is about these KPIs and levels; about all, where none are named.

    A scorecard is about its level, and about more than the KPIs that are named.
    """
    wanted = {
        "kpi": named("--kpi", kpis, [kpi["name"] for kpi in result["kpis"]]),
        "level": named("--level", levels, [level["name"] for level in result["levels"]]),
    }
    return {
        **result,
        "scorecards": [card for card in result["scorecards"] if card["level"] in wanted["level"] and not set(kpis)],
        "kpis": [kpi for kpi in result["kpis"] if kpi["name"] in wanted["kpi"]],
        "observations": [
            each for each in result["observations"] if each["kpi"] in wanted["kpi"] and each["level"] in wanted["level"]
        ],
        "findings": [
            each
            for each in result["findings"]
            if each["level"] in wanted["level"] and (not kpis or set(each["kpis"]) & wanted["kpi"])
        ],
        "history": result["history"]
        and {
            **result["history"],
            "restatements": [
                each
                for each in result["history"]["restatements"]
                if each["kpi"] in wanted["kpi"] and each["level"] in wanted["level"]
            ],
        },
        "rules": [each for each in result["rules"] if each["level"] in wanted["level"]],
        "drivers": [each for each in result["drivers"] if {each["driver"], each["driven"]} & wanted["kpi"]],
    }


def named(option: str, names: Iterable[str], known: list[str]) -> set[str]:
    """The names, each of which must be known."""
    wanted = set(names)
    for name in sorted(wanted - set(known)):
        raise click.BadParameter(f"there is no `{name}`. {did_you_mean(name, known) or ''}".rstrip(), param_hint=option)
    return wanted or set(known)


def destinations(format_: str | None, output: Output, *, scores: bool) -> dict[str, Path | None]:
    """Which formats go where; None is stdout. In a folder, `scores` have a table beside that of the observations."""
    if not output.is_folder:
        return {format_ or "table": None if output.is_stdout else output.path}
    formats = [format_] if format_ else ["json", "csv"]
    found = {each: output.path / (FILE if each == "json" else f"observations.{each}") for each in formats}
    tables = {f"{each}-scores": output.path / f"scores.{each}" for each in formats if each in {"csv", "parquet"}}
    return {**found, **(tables if scores else {})}


def rendered(result: dict[str, Any], format_: str) -> str:
    """The result in one of the formats."""
    from kpieval.render import render

    return render(result, "md-table" if format_ == "md" else format_)

"""`kpieval evaluate`: a project in, the values and statuses of its KPIs out."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import click

from kpieval.cli import gate, runs
from kpieval.cli.deliver import CI, Target, deliver, targets, with_gate
from kpieval.cli.options import names_of_kpis, talk
from kpieval.cli.outputs import NAMES, STDOUT, Delivery, chosen
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from kpieval.cli.console import Console
    from kpieval.cli.gate import Asked
    from kpieval.cli.outputs import Output
    from kpieval.collect.timeline import Request

PARQUET: Mapping[str, Literal["observations", "scores"]] = {"parquet": "observations", "parquet-scores": "scores"}
"""What is written by the engine itself, and not rendered."""

FORMATS = ("table", "json", "csv", "md", "parquet", "xlsx", "html", "email", *CI)


@click.command(short_help="Compute the KPIs: a table, JSON, CSV, Parquet, or what a pipeline reads.")
@runs.arguments(*FORMATS, otherwise="a table", output=STDOUT)
@click.option("-k", "--kpi", "kpis", multiple=True, metavar="NAME", shell_complete=names_of_kpis, help="Only this KPI.")
@click.option("-l", "--level", "levels", multiple=True, metavar="NAME", help="Only this level.")
@gate.asking
@talk
@click.pass_obj
def command(
    console: Console,
    path: Path,
    format_: str | None,
    outputs: tuple[Output, ...],
    request: Request,
    kpis: tuple[str, ...],
    levels: tuple[str, ...],
    asked: Asked,
) -> int:
    """Compute the KPIs of the project at PATH.

    Without --output, prints the result. With a folder as output, writes result.json, from which `kpieval report`
    makes reports without the data, observations.csv and, where there are scorecards, scores.csv.
    """
    outputs = chosen(outputs, format_)
    for output in outputs:
        if (output.format(FORMATS) or format_) == "parquet":
            if kpis or levels:
                raise click.UsageError("--kpi and --level don't go with Parquet, which holds every observation.")
            if output.is_stdout:
                raise click.UsageError("Parquet goes into a file: say which by --output.")
    delivery = Delivery()
    with runs.evaluated(console, path, request, outputs) as run:
        scores = run.has_scorecards
        plan = targets(outputs, lambda output: destinations(format_, output, scores=scores, gated=bool(asked.names)))
        told = asked.names or any(target.format not in PARQUET for target in plan)
        result = only(run.to_dict(), kpis, levels) if told else {}
        found = gate.closed_by(asked, result, run.root)
        result = with_gate(result, found)
        for target in plan:
            if target.path is not None and (table := PARQUET.get(target.format)):
                delivery.attempt(partial(run.write_parquet, target.path, table, result.get("gate")))
        root = run.root
    deliver(result, [each for each in plan if each.format not in PARQUET], root, delivery)
    gate.say(found, console)
    delivery.finish()
    return int(found is not None and found.closed)


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


def destinations(format_: str | None, output: Output, *, scores: bool, gated: bool) -> Iterator[Target]:
    """Which formats go where. In a folder, scores and the failures of a gate have tables beside the observations."""
    own = output.format(FORMATS) or format_
    if not output.is_folder:
        shape = own or "table"
        yield Target("md-table" if shape == "md" else shape, None if output.is_stdout else output.path)
        return
    for each in [own] if own else ["json", "csv"]:
        yield Target("md-table" if each == "md" else each, output.path / NAMES[each])
        if scores and each in {"csv", "parquet"}:
            yield Target(f"{each}-scores", output.path / f"scores.{each}")
        if gated and each == "csv":
            yield Target("csv-gate", output.path / "gate.csv")

"""How the result tells what was measured: levels, KPIs with their formula and SQL, sources with their counts."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kpieval.collect import members
from kpieval.collect.sql import name, render
from kpieval.evaluate.describe_targets import describe_place, describe_target
from kpieval.evaluate.fingerprints import fingerprint
from kpieval.expressions import names_used
from kpieval.model import ORGANISATION
from kpieval.plan.inputs import Days, Measured, Over, Referred
from kpieval.translation import words

if TYPE_CHECKING:
    from collections.abc import Mapping

    import duckdb

    from kpieval.evaluate.account import Account
    from kpieval.model import Band, Pack, Project, Source
    from kpieval.plan import Plan, Planned
    from kpieval.plan.inputs import Input
    from kpieval.plan.window import Window


def describe_level(connection: duckdb.DuckDBPyConnection, project: Project, level: str) -> dict[str, Any]:
    """A level: its name, the one above, and how many members it has."""
    if level == ORGANISATION:
        return {"name": level, "title": words(project.locale).say("Organisation"), "parent": None, "members": 1}
    count = connection.execute(f"select count(distinct member) from {members.table(level)}").fetchall()[0][0]
    found = project.levels[level]
    return {"name": level, "title": found.title, "parent": found.parent, "members": count}


def describe_pack(pack: Pack) -> dict[str, Any]:
    """A pack, and where it is used."""
    return {"name": pack.name, "folder": pack.folder, "place": describe_place(pack.place)}


def describe_kpi(plan: Plan, planned: Planned, missing: Mapping[str, list[str]]) -> dict[str, Any]:
    """A KPI as its author declared it, with the SQL of its formula."""
    kpi = planned.kpi
    return {
        "name": kpi.name, "title": kpi.title, "question": kpi.question, "description": kpi.description,
        "owner": kpi.owner,
        "unit": {"kind": kpi.unit.kind, "decimals": kpi.unit.decimals, "suffix": kpi.unit.suffix},
        "direction": kpi.direction, "levels": list(kpi.levels), "per": kpi.per, "rollup": kpi.rollup,
        "min_sample": kpi.min_sample, "tags": list(kpi.tags), "drives": list(kpi.drives),
        "guarded_by": list(kpi.guarded_by), "benchmarks": list(kpi.benchmarks),
        "targets": [describe_target(target, kpi, plan.project) for target in kpi.targets],
        "peers": asdict(kpi.peers) if kpi.peers else None, "process": asdict(kpi.process) if kpi.process else None,
        "bands": [
            {"name": band.name, "label": label_of(band, plan.project), "icon": band.icon, "color": band.color,
             "percent": band.percent, "edge": band.edge}
            for band in kpi.bands
        ],
        "formula": kpi.value.text.strip(), "measures": _measures(plan, planned), "sql": sql_of(plan, planned),
        "fingerprint": fingerprint(plan.project, kpi),
        "place": describe_place(kpi.place),
        "measured": not missing,
        "missing": [{"source": source, "columns": columns} for source, columns in missing.items()],
    }  # fmt: skip


def label_of(band: Band, project: Project) -> str:
    """A band's label: the author's word, or the usual one in the project's language."""
    return band.label if band.labelled else words(project.locale).say(band.label)


def describe_source(source: Source, found: Account) -> dict[str, Any]:
    """A source with what was counted in it."""
    report = found.report
    return {
        "name": source.name, "location": report.location, "rows": report.rows, "rows_used": found.used,
        "undated": found.undated, "crossing": found.crossing,
        "first": report.first.isoformat() if report.first else None,
        "last": report.last.isoformat() if report.last else None,
        "columns": [
            {"name": column, "type": source.columns[column].type, "missing": count}
            for column, count in (report.missing or {}).items()
        ],
        "unmapped": [{"column": each.column, "value": each.value, "rows": each.rows} for each in report.unmapped],
        "unknown_members": [
            {"level": level, "member": member, "rows": count} for level, member, count in found.unknown
        ],
        "quarantined": report.quarantined, "sql": report.sql,
    }  # fmt: skip


def sql_of(plan: Plan, planned: Planned) -> str:
    """The formula as SQL: a line for each input, and the value over them."""
    columns = [column for column in plan.inputs.names.values() if column in plan.needs(planned)]
    columns = [column for column in columns if not _is_rows(plan.inputs[column])]
    lines = [f"{column} as {_input_sql(plan.inputs[column])}" for column in columns]
    return ",\n".join([*lines, f"{name(planned.kpi.name)} as {render(planned.formula.value)}"])


def _measures(plan: Plan, planned: Planned) -> list[dict[str, Any]]:
    """The measures that the expression names, those of the KPIs in it included."""
    found: dict[str, None] = {}
    waiting = sorted(names_used(planned.kpi.value.tree))
    while waiting:
        used = waiting.pop(0)
        if used in plan.project.measures:
            found[used] = None
        elif used in plan.project.kpis:
            waiting += sorted(names_used(plan.project.kpis[used].value.tree))
    measures = [plan.project.measures[each] for each in found]
    return [
        {"name": m.name, "source": m.source, "expression": m.expression.text.strip(), "description": m.description}
        for m in measures
    ]


def _is_rows(item: Input) -> bool:
    return isinstance(item, Measured) and item.aggregate.function == "rows"


def _input_sql(item: Input) -> str:
    if isinstance(item, Days):
        return f"{'elapsed days' if item.elapsed else 'days'} of {_window(item.window)}"
    if isinstance(item, Referred):
        return f"{name(item.kpi)} of {_window(item.window)}{_above(item.above)}"
    if isinstance(item, Over):
        term = "*" if item.term is None else render(item.term)
        parameter = f", {item.parameter}" if item.parameter is not None else ""
        return f"{item.function}({term}{parameter}) over the members"
    aggregate = item.aggregate
    argument = "*" if aggregate.argument is None else render(aggregate.argument)
    distinct = "distinct " if aggregate.function == "count_distinct" else ""
    function = aggregate.function.removesuffix("_distinct")
    parameter = f", {aggregate.parameter}" if aggregate.parameter is not None else ""
    condition = f" filter (where {render(aggregate.filter)})" if aggregate.filter is not None else ""
    days = name(aggregate.time.start)
    return (
        f"{function}({distinct}{argument}{parameter}){condition} from {name(aggregate.source)} "
        f"by {days} in {_window(item.window)}{_above(item.above)}"
    )


def _window(window: Window) -> str:
    words = "the period"
    for step in reversed(window.steps):
        match step.function:
            case "prior":
                words += " before" if step.count == 1 else f" {step.count} before"
            case "year_ago":
                words += " a year ago"
            case "trailing":
                words = f"the {step.count} periods to {words}"
            case "to_date":
                words = f"the {step.unit} to {words}"
    return f"the {'first' if window.point == 'start' else 'last'} day of {words}" if window.point else words


def _above(above: int) -> str:
    return ", of the member above" if above else ""

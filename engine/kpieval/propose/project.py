"""Proposals for the columns of a file -> the files of a first project, with comments that say what to do next."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.propose.columns import KEY, STATUS, Proposal, word
from kpieval.propose.numbers import Numbers
from kpieval.propose.table import refused

if TYPE_CHECKING:
    from pathlib import Path

    from kpieval.propose.table import Table

WON = ("won", "closed_won", "win")
LOST = ("lost", "closed_lost", "loss")
AMOUNT = re.compile(r"(^|_)(amount|value|revenue|sales|price|total|cost|hours|quantity|qty|score)(_|$)")
CLOSED = re.compile(r"(^|_)(close|closed|end|ended|done|finished|resolved|paid)(_|$)")
PERSON = re.compile(r"(^|_)(rep|agent|owner|manager|team|region|office|country|branch|department|product)(_|$)")

LEVELS = 3
"""So many columns are proposed as levels at most; one sees soon enough which others are wanted."""

MEMBERS = 200
"""A level of more members is a list that nobody reads, such as one of customers."""

PLAIN = re.compile(r"[A-Za-z_][\w./]*( [\w./]+)*")
"""Text that YAML reads as that text without quotes."""

QUOTED = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})


@dataclass(frozen=True)
class Kpi:
    """The first KPI: its own lines, and the measures in its source."""

    name: str
    lines: tuple[str, ...]
    measures: tuple[str, ...]


def files(table: Table, proposals: list[Proposal], folder: Path) -> dict[str, str]:
    """The text of each file, by its name in the folder."""
    if not any(each.type in {"date", "timestamp"} and each.filled for each in proposals):
        raise refused(table.path, "No column holds dates, but a row needs one to belong to a period.")
    source = word(table.path.name.split(".")[0]) or "data"
    source = source if source[0].isalpha() else f"data_{source}"
    taken = {each.name for each in proposals}
    kpi = first_kpi(source, proposals)
    head = [
        "# yaml-language-server: $schema=.schemas/project.schema.json",
        f"project: {word(folder.name).replace('_', '-') or source.replace('_', '-')}",
        "period: month                     # or week, quarter, year; `--period 2026-09` picks one",
        "# currency: EUR",
        "",
        "sources:",
        f"  {source if source not in taken else source + '_rows'}:",
        f"    file: {scalar(os.path.relpath(table.path, folder).replace(os.sep, '/'))}",
        *(f"    {name}: {scalar(value)}" for name, value in reading(table, proposals).items()),
        *key_and_time(proposals),
        "    columns:                         # only these are read; `from` is what the file calls one",
        *(line for each in proposals for line in column(each)),
        "    measures:",
        *(f"      {line}" for line in kpi.measures),
    ]
    levels = [each.name for each in proposals if is_level(each, table.rows)][:LEVELS]
    if levels:
        head += ["", "dimensions:                           # each is a level; the organisation above them is a given"]
        head += [f"  {name}: {{}}" for name in levels]
    return {
        "kpieval.yaml": "\n".join(head) + "\n",
        f"kpis/{kpi.name}.yaml": "\n".join(kpi.lines) + "\n",
    }


def reading(table: Table, proposals: list[Proposal]) -> dict[str, str | list[str]]:
    """What the file needs said of itself."""
    way = next((each.numbers for each in proposals if each.numbers), Numbers())
    nulls = sorted({word for each in proposals for word in each.nulls})
    said: dict[str, str | list[str]] = dict(table.options)
    if way.decimal != ".":
        said["decimal"] = way.decimal
    if way.thousands:
        said["thousands"] = way.thousands
    if nulls:
        said["nulls"] = ["", *nulls]
    return said


def key_and_time(proposals: list[Proposal]) -> list[str]:
    """What identifies a row, and the date on which it counts."""
    unique = [each.name for each in proposals if each.unique and each.type in {"text", "integer"}]
    key = next((name for name in unique if KEY.search(name)), None)
    dates = [each for each in proposals if each.type in {"date", "timestamp"} and each.filled]
    dates.sort(key=lambda each: (not CLOSED.search(each.name), -each.filled))
    identity = [f"    key: {key}  # no two rows have the same one, or the run stops"] if key else []
    return [*identity, f"    time: {dates[0].name}  # the date on which a row counts"]


def column(each: Proposal) -> list[str]:
    """The lines that declare one column."""
    fields = {}
    if each.name != each.origin:
        fields["from"] = scalar(each.origin)
    if each.type != "text" and (fields or each.format):
        fields["type"] = each.type
    if each.format:
        fields["format"] = scalar(each.format)
    if each.values:
        words = (f"{scalar(name)}: {scalar(values)}" for name, values in each.values.items())
        fields["values"] = "{" + ", ".join(words) + "}"
    text = "{" + ", ".join(f"{name}: {value}" for name, value in fields.items()) + "}" if fields else each.type
    return [*([f"      # {each.comment}"] if each.comment else []), f"      {each.name}: {text}"]


def is_level(each: Proposal, rows: int) -> bool:
    """Whether a column looks like what one compares: reps, regions, products."""
    few = 1 < each.distinct <= min(MEMBERS, rows // 5)
    return each.type == "text" and few and not STATUS.search(each.name) and PERSON.search(each.name) is not None


def first_kpi(source: str, proposals: list[Proposal]) -> Kpi:
    """A win rate where something is won and lost; else the total of an amount; else a number of rows."""
    for each in proposals:
        won, lost = (next((name for name in words if name in each.values), None) for words in (WON, LOST))
        if won and lost:
            return win_rate(each.name, won, lost)
    numeric = [
        each for each in proposals if each.type in {"integer", "decimal", "number"} and not KEY.search(each.name)
    ]
    amount = next((each for each in numeric if AMOUNT.search(each.name)), next(iter(numeric), None))
    if amount:
        return total(f"total_{amount.name}", f"sum({amount.name})", f"Total {amount.name.replace('_', ' ')}")
    return total(f"number_of_{source}", "count(*)", f"Number of {source.replace('_', ' ')}")


def win_rate(stage: str, won: str, lost: str) -> Kpi:
    """The share of what was decided that was won."""
    lines = (
        "# yaml-language-server: $schema=../.schemas/kpi.schema.json",
        "kpi: win_rate",
        "title: Win rate",
        "question: Which share of what was decided did we win?",
        "value: won / (won + lost)",
        "unit: percent",
        "min_sample: 20                     # fewer: no verdict, since chance decides",
        "target: 50%                        # yours to set: the status follows from it",
        "bands: {good: 100%, watch: 85%}    # of the target; below is poor",
    )
    measures = (f"won: count(*) filter (where {stage} = '{won}')", f"lost: count(*) filter (where {stage} = '{lost}')")
    return Kpi("win_rate", lines, measures)


def total(name: str, expression: str, title: str) -> Kpi:
    """A sum or a number."""
    measure = f"{name}_sum" if expression.startswith("sum") else f"{name}_rows"
    lines = (
        "# yaml-language-server: $schema=../.schemas/kpi.schema.json",
        f"kpi: {name}",
        f"title: {scalar(title)}",
        f"value: {measure}",
        "# target: 1000                     # with one, each value gets a status: good, watch or poor",
        "# bands: {good: 100%, watch: 85%}  # of the target",
    )
    return Kpi(name, lines, (f"{measure}: {expression}",))


def scalar(value: str | list[str]) -> str:
    """A text, or a list of texts, as YAML reads it back."""
    if isinstance(value, list):
        return "[" + ", ".join(scalar(each) for each in value) + "]"
    if PLAIN.fullmatch(value) and value.lower() not in QUOTED:
        return value
    return json.dumps(value, ensure_ascii=False)

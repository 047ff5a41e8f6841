"""What people read, with the gate before everything else where one was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render import markdown, tables
from kpieval.render.fitting import fitted
from kpieval.render.markup import code, escape
from kpieval.render.spreadsheet import csv_rows
from kpieval.render.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

SHOWN = 20
"""So many failures are told in Markdown; the tables of a folder have all of them."""
COLUMNS = (
    "condition", "kind", "name", "severity", "period", "level", "member", "label", "sentence", "file", "line", "column",
)  # fmt: skip


def markdown_page(result: Mapping[str, Any]) -> str:
    """The report in Markdown, as long as a comment may be."""
    return fitted("\n".join([*in_markdown(result), markdown.page(result)]))


def markdown_table(result: Mapping[str, Any]) -> str:
    """The KPIs at a glance in Markdown."""
    return "\n".join([*in_markdown(result), tables.markdown_table(result)])


def text_table(result: Mapping[str, Any]) -> str:
    """The same for a terminal or a text file."""
    return "\n".join([*in_terminal(result), tables.text_table(result)])


def in_markdown(result: Mapping[str, Any], head: str = "##") -> list[str]:
    """The lines of a closed gate in Markdown, each failure with its condition; none where the run is green."""
    gate = result["gate"]
    if not gate:
        return []
    notes = [f"- {escape(note)}" for note in gate["notes"]]
    if not gate["closed"]:
        return [escape(gate["sentence"]), "", *notes, *([""] if notes else [])]
    failures = [f"- {code(each['condition'])} {escape(each['sentence'])}" for each in gate["failures"][:SHOWN]]
    more = len(gate["failures"]) - len(failures)
    failures += [f"- and {more} more"] if more else []
    return [f"{head} {escape(gate['sentence'])}", "", *failures, *notes, ""]


def in_terminal(result: Mapping[str, Any]) -> list[str]:
    """The lines of a closed gate for a terminal or a text file, and what was not compared; none without any of it."""
    gate = result["gate"]
    if not gate or not (gate["closed"] or gate["notes"]):
        return []
    told = [*(each["sentence"] for each in gate["failures"]), *gate["notes"]]
    return [visible(gate["sentence"]), *(f"  {visible(each)}" for each in told), ""]


def csv_text(result: Mapping[str, Any]) -> str:
    """The failures as a table."""
    empty = {"file": None, "line": None, "column": None}
    failures = result["gate"]["failures"] if result["gate"] else []
    return csv_rows(COLUMNS, ({**each, **(each["place"] or empty)} for each in failures))

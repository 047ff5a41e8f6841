"""A result becomes rows: a table for the terminal or for Markdown, CSV for a spreadsheet, JSON for a program."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Any

from kpieval.render.formatting import Formats
from kpieval.render.index import Index
from kpieval.render.markdown import code, escape, table
from kpieval.render.section import readers
from kpieval.render.terminal import visible
from kpieval.render.words import NOTHING, ORDER, plural, status

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

COLUMNS = (
    "kpi", "period", "level", "member", "label", "value", "numerator", "denominator", "n", "interval_low",
    "interval_high", "uncertain", "status", "reason", "target", "target_low", "target_high", "attainment", "score",
    "previous", "change", "members_counted", "members_missing", "guard_falling",
)  # fmt: skip
"""What a row of the CSV holds: the observation, with its pairs in two columns each."""

_PAIRS = {
    "interval_low": ("interval", 0),
    "interval_high": ("interval", 1),
    "target_low": ("target_range", 0),
    "target_high": ("target_range", 1),
}
_FORMULA = re.compile(
    "^[=+\\-@\t\r\n"
    "\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
HEADS = ("KPI", "Value", "Target", "Status", "Change", "Cases")
_RIGHT = (1, 2, 4, 5)
FINDINGS = 10
"""So many findings are told below a table."""


def json_text(result: Mapping[str, Any]) -> str:
    """The result itself: one line for each item of a list, so that two runs can be compared line by line.

    Raises ValueError on NaN or infinity, which JSON does not have.
    """
    parts = [f"{_json(name)}: {_listed(value)}" for name, value in result.items()]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def csv_text(result: Mapping[str, Any]) -> str:
    """The observations, as RFC 4180 has it: text that a spreadsheet would run gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(_field(row, column)) for column in COLUMNS] for row in result["observations"])
    return out.getvalue()


def text_table(result: Mapping[str, Any]) -> str:
    """The reported period in the columns of a terminal: each KPI of the whole, and how its members stand."""
    heads, rows = _rows(result)
    cells = [[visible(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(_padded(cell, widths[at], right=at in _RIGHT) for at, cell in enumerate(row)).rstrip()
        for row in cells
    ]
    rule = "  ".join("─" * width for width in widths)
    now = next(period for period in result["periods"] if period["label"] == result["period"])
    title = f"{result['title']}, {result['period']}" + ("" if now["complete"] else " (not over yet)")
    said = [f"  {visible(' '.join(words))}" for words in _findings(result)]
    below = [*(["", "Findings:", *said] if said else []), *_unmeasured(result)]
    return "\n".join([visible(title), "", lines[0], rule, *lines[1:], *below]) + "\n"


def markdown_table(result: Mapping[str, Any]) -> str:
    """The same in Markdown."""
    heads, rows = _rows(result)
    cells = ([code(row[0], cell=True), *map(escape, row[1:])] for row in rows)
    said = [f"- **{words[0]}** {escape(' '.join(words[1:]))}" for words in _findings(result)]
    return "\n".join([*table([*map(escape, heads)], cells, right=_RIGHT), *said])


def _rows(result: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The cells of both tables, the heads apart."""
    index, formats = Index(result), Formats(result["locale"], result["currency"])
    level = index.side_by_side
    heads = [*HEADS, *([plural(index.levels[level]["title"], formats.language)] if level else [])]
    rows = []
    for name, reader in readers(index, formats).items():
        key = index.top(name)
        reading = reader.read(index.one(name, key) if key else None)
        verdict = reading.verdict if key else f"no single {index.kpis[name]['levels'][-1]}"
        row = [
            name,
            reading.value,
            reading.target,
            verdict,
            reading.change.text if reading.change else NOTHING,
            reading.cases,
        ]
        rows.append([*row, _tally(index, name, level)] if level else row)
    return heads, rows


def _tally(index: Index, name: str, level: str) -> str:
    """How the members of a level stand: `2 poor, 5 good`."""
    kpi = index.kpis[name]
    found = [status(kpi, row["status"]) for row in index.now(name, level)]
    counts = Counter((ORDER.index(one.tone), one.word.lower()) for one in found)
    return ", ".join(f"{number} {word}" for (_, word), number in sorted(counts.items())) or NOTHING


def _findings(result: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The findings in brief, those that matter most first: the severity, and the words after it."""
    found = result["findings"]
    said = [(each["severity"], f"{each['title']}:", each["message"], *_since(each)) for each in found[:FINDINGS]]
    more = len(found) - len(said)
    return [*said, ("and", f"{more} more in the report")] if more else said


def _since(finding: Json) -> tuple[str, ...]:
    return () if finding["since"] == finding["period"] else (f"(since {finding['since']})",)


def _unmeasured(result: Mapping[str, Any]) -> list[str]:
    """What waits for data: KPIs with the sources that they need, rules with what they ask for."""
    kpis = [
        f"  {visible(kpi['name'])}: needs {visible('; '.join(map(_need, kpi['missing'])))}"
        for kpi in result["kpis"]
        if not kpi["measured"]
    ]
    rules = [
        f"  {visible(rule['name'])}: asks for {visible(', '.join(rule['missing']))}"
        for rule in result["rules"]
        if not rule["measured"]
    ]
    return [
        *(["", "Not measured:", *kpis] if kpis else []),
        *(["", "Rules that were not evaluated:", *rules] if rules else []),
    ]


def _need(need: Json) -> str:
    return f"{need['source']} ({', '.join(need['columns'])})" if need["columns"] else need["source"]


def _field(row: Json, column: str) -> object:
    if column == "guard_falling":
        return "; ".join(row["guard"]["falling"]) if row["guard"] else None
    if column in _PAIRS:
        name, at = _PAIRS[column]
        return row[name][at] if row[name] else None
    return row[column]


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", value)
        return f"'{text}" if _FORMULA.match(text) else text
    return value


def _listed(value: object) -> str:
    if not isinstance(value, list) or not value:
        return _json(value)
    return "[\n" + ",\n".join(map(_json, value)) + "\n]"


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _width(text: str) -> int:
    """The columns that a terminal gives to a text."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def _padded(text: str, width: int, *, right: bool) -> str:
    gap = " " * (width - _width(text))
    return gap + text if right else text + gap

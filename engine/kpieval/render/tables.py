"""A result becomes rows: a table for the terminal or for Markdown, CSV for a spreadsheet, JSON for a program."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from kpieval.render import scores
from kpieval.render.formatting import Formats
from kpieval.render.markdown import scores_in_markdown
from kpieval.render.markup import code, escape, table
from kpieval.render.spreadsheet import SURROGATE, csv_rows
from kpieval.render.terminal import visible
from kpieval.render.views.index import Index
from kpieval.render.views.section import readers
from kpieval.render.words import NOTHING, ORDER, plural, status
from kpieval.rows import Rows, Scores
from kpieval.translation import SOURCE, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Json = dict[str, Any]

_OBJECTS = {
    "peers": (
        "count", "rank", "ranks_low", "ranks_high", "percentile", "median", "best", "withheld", "shrunken",
    ),
    "funnel": (
        "centre", "inner_low", "inner_high", "outer_low", "outer_high", "dispersion", "position", "side",
    ),
    "process": (
        "mean", "limits_low", "limits_high", "points", "provisional", "rules", "variation", "assurance",
    ),
    "trend": ("change_low", "change_high", "streak", "at_least"),
    "next": ("status", "edge", "distance", "count"),
    "guard": ("falling",),
}  # fmt: skip
"""The objects of an observation, with what they hold; the ends of a pair are `low` and `high`."""

COLUMNS = (
    "kpi", "period", "level", "member", "label", "value", "numerator", "denominator", "n", "interval_low",
    "interval_high", "uncertain", "status", "reason", "target", "target_low", "target_high", "attainment", "score",
    "previous", "change", "members_counted", "members_missing",
    *(f"{name}_{field}" for name, fields in _OBJECTS.items() for field in fields),
)  # fmt: skip
"""What a row of the CSV holds: the observation, with its objects spread out and its pairs in two columns each."""

_PAIRS = {
    "interval_low": ("interval", 0),
    "interval_high": ("interval", 1),
    "target_low": ("target_range", 0),
    "target_high": ("target_range", 1),
}
_ENDS = {"low": 0, "high": 1}
HEADS = ("KPI", "Value", "Target", "Status", "Change", "Cases")
_RIGHT = (1, 2, 4, 5)
FINDINGS = 10
"""So many findings are told below a table."""


def json_text(result: Mapping[str, Any]) -> str:
    """The result itself: one line for each item of a list, so that two runs can be compared line by line.

    Raises ValueError on NaN or infinity, which JSON does not have.
    """
    return "".join(json_parts(result))


def json_parts(result: Mapping[str, Any]) -> Iterator[str]:
    """The same, piece by piece."""
    for number, (name, value) in enumerate(result.items()):
        yield f"{',' if number else '{'}\n{_json(name)}: "
        yield from _listed(value)
    yield "\n}\n"


def csv_text(result: Mapping[str, Any]) -> str:
    """The observations, as RFC 4180 has it: text that a spreadsheet would run gets an apostrophe.

    Where a gate was asked for, the first column holds the conditions that the row breaks.
    """
    rows = (dict(zip(COLUMNS, _fields(row), strict=True)) for row in result["observations"])
    if not result["gate"]:
        return csv_rows(COLUMNS, rows)
    broken: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for each in result["gate"]["failures"]:
        if each["kind"] == "observation":
            broken[each["name"], each["period"], each["level"], each["member"]].append(each["condition"])
    found = ({**row, "gate": broken.get((row["kpi"], row["period"], row["level"], row["member"]))} for row in rows)
    return csv_rows(("gate", *COLUMNS), found)


def text_table(result: Mapping[str, Any]) -> str:
    """The reported period in the columns of a terminal: each KPI of the whole, and how its members stand."""
    now = next(period for period in result["periods"] if period["label"] == result["period"])
    title = f"{result['title']}, {result['period']}" + ("" if now["complete"] else " (not over yet)")
    lines = [visible(title), "", *_aligned(*_rows(result), _RIGHT)]
    for card, found in scores.tables(result, _formats(result)):
        more = [visible(card.more)] if card.more else []
        table_ = _aligned(found.heads, found.rows, found.right)
        lines += ["", visible(f"Scorecard {card.name}"), "", *table_, *more]
    said = [f"  {visible(' '.join(words))}" for words in _findings(result)]
    lines += ["", "Findings:", *said] if said else []
    return "\n".join([*lines, *_unmeasured(result)]) + "\n"


def markdown_table(result: Mapping[str, Any]) -> str:
    """The same in Markdown."""
    heads, rows = _rows(result)
    cells = ([code(row[0], cell=True), *map(escape, row[1:])] for row in rows)
    lines = [*table([*map(escape, heads)], cells, right=_RIGHT)]
    for card, found in scores.tables(result, _formats(result)):
        lines += [f"Scorecard {code(card.name)}:", "", *scores_in_markdown(found.heads, found.rows, found.right)]
        lines += [escape(card.more), ""] if card.more else []
    lines += [f"- **{words[0]}** {escape(' '.join(words[1:]))}" for words in _findings(result)]
    return "\n".join(lines)


def _aligned(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int]) -> list[str]:
    """A table as lines, in columns; those named in `right` are aligned to the right."""
    cells = [[visible(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    ends = set(right)
    head, *lines = (
        "  ".join(_padded(cell, widths[at], right=at in ends) for at, cell in enumerate(row)).rstrip() for row in cells
    )
    return [head, "  ".join("─" * width for width in widths), *lines]


def _formats(result: Mapping[str, Any]) -> Formats:
    """Numbers as the project's locale has them; the words of these tables are those of the command line, in English."""
    return Formats(result["locale"], result["currency"], words(SOURCE))


def _rows(result: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The cells of both tables, the heads apart."""
    index, formats = Index(result), _formats(result)
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


def _fields(row: Json) -> list[object]:
    """What stands in the columns of a row."""
    flat = {column: row[name][at] if row[name] else None for column, (name, at) in _PAIRS.items()}
    for name, fields in _OBJECTS.items():
        found = row[name] or {}
        for field in fields:
            pair, _, end = field.rpartition("_")
            ends = found.get(pair) if end in _ENDS else None
            flat[f"{name}_{field}"] = ends[_ENDS[end]] if ends else found.get(field)
    return [flat[column] if column in flat else row[column] for column in COLUMNS]


def _listed(value: object) -> Iterator[str]:
    if not isinstance(value, list | Rows) or not value:
        yield _json(value)
        return
    for number, item in enumerate(value):
        yield f"{',' if number else '['}\n{_json(item)}"
    yield "\n]"


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_scores)
    return SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _scores(value: object) -> list[Any]:
    """The scores of a scorecard, where they aren't a list."""
    if isinstance(value, Scores):
        return list(value)
    raise TypeError(f"{type(value).__name__} is nothing that JSON has")


def _width(text: str) -> int:
    """The columns that a terminal gives to a text."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def _padded(text: str, width: int, *, right: bool) -> str:
    gap = " " * (width - _width(text))
    return gap + text if right else text + gap

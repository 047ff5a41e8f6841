"""The view of a result becomes Markdown that fits a wiki or a pull request: the same content as the page, in brief.

Only this module writes markup; every text of the data or of an author goes through `escape`, so that it stays text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kpieval.render import scores
from kpieval.render.drivers import flat
from kpieval.render.prose import clean
from kpieval.render.report import report
from kpieval.render.words import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpieval.render.drivers import Driver
    from kpieval.render.kpi_view import Kpi
    from kpieval.render.restated import Restated
    from kpieval.render.score_view import Scorecard, Standing
    from kpieval.render.view import Glance, Grid, Reading, Report

_SIGNS = {"good": "✓", "fair": "!", "poor": "✗", "none": "–"}
_ABREAST = 10
"""So many members stand side by side in one table."""
_SPECIAL = re.compile(r"[\\`*_{}\[\]#|~$^]")
_START = re.compile(r"^(\d*)([-+=.)])(?=[-+=\s]|$)")
_LINE = re.compile(r"\s+")
JOINER = "\N{WORD JOINER}"


def page(result: Mapping[str, Any]) -> str:
    """The report of a result in Markdown."""
    return "\n".join(_lines(report(result))).rstrip("\n") + "\n"


def escape(text: str) -> str:
    r"""A text that reads as itself wherever it stands in Markdown: no markup, entity, cell, link, mention comes of it.

    >>> escape("a | b <i> https://x.example @all")
    'a \\| b &lt;i&gt; https:\u2060//x.example @\u2060all'
    """
    flat = _LINE.sub(" ", clean(text)).strip(" ")
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    flat = flat.replace("://", f":{JOINER}//").replace("@", f"@{JOINER}")
    flat = re.sub(r"(?i)\bwww\.", lambda found: f"{found[0][:-1]}{JOINER}.", flat)
    flat = _SPECIAL.sub(r"\\\g<0>", flat)
    return _START.sub(r"\1\\\2", flat)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> Iterator[str]:
    """The lines of a table; the columns `right` are aligned to the right. Cells are escaped already."""
    ends = set(right)
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---:' if index in ends else '---' for index in range(len(heads)))} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def code(text: str, *, cell: bool = False) -> str:
    """Text as code, in one line, whatever backticks it holds; in a `cell` of a table, whatever bars."""
    flat = _LINE.sub(" ", clean(text)).strip(" ")
    flat = flat.replace("|", "\\|") if cell else flat
    runs = [len(run) for run in re.findall("`+", flat)]
    fence = "`" * (max(runs, default=0) + 1)
    return f"{fence} {flat} {fence}" if runs else f"`{flat}`" if flat else ""


def _lines(view: Report) -> Iterator[str]:
    yield f"# {escape(view.frame.title)}: {escape(view.frame.period)}"
    yield ""
    yield f"{escape(view.overview.verdict)} ({escape(view.frame.dates)})"
    yield ""
    if view.frame.caution:
        yield f"**{escape(view.frame.caution)}**"
        yield ""
    yield from _findings(view)
    yield "## Needs attention"
    yield ""
    if not view.overview.attention:
        yield "No KPI is poor for the whole organisation."
    for item in (*view.overview.attention, *view.overview.hidden):
        figure = f"{escape(item.reading.value)}, {_verdict(item.reading)}"
        yield f"- **{escape(item.kpi.text)}**: {figure}. {escape(' '.join(item.sentences))}"
    yield ""
    if view.overview.scorecards:
        yield "## Scorecards"
        yield ""
    for card in view.overview.scorecards:
        yield from _scorecard(card)
    for group in view.overview.groups:
        yield f"## {escape(group.title or 'All KPIs')}"
        yield ""
        heads = (
            "KPI",
            "Value",
            "Target",
            "Status",
            f"Since {escape(view.overview.before)}" if view.overview.before else "Change",
        )
        yield from table(heads, map(_glance, group.rows), right=(1, 2))
    yield from _drivers(view.overview.drivers)
    for grid in view.overview.grids:
        yield from _grid(grid)
    if view.overview.grid_more:
        yield escape(view.overview.grid_more)
        yield ""
    yield "## KPI by KPI"
    yield ""
    for kpi in view.kpis:
        yield from _kpi(kpi)
    yield from _methods(view)


def _findings(view: Report) -> Iterator[str]:
    if not view.overview.findings:
        return
    yield "## Findings"
    yield ""
    yield escape(view.overview.findings_summary)
    yield ""
    for group in view.overview.findings:
        tail = [part for part in (group.action, f"Owner: {group.owner}." if group.owner else "") if part]
        yield " ".join([f"- **{group.severity.word}: {escape(group.title)}**", *map(escape, tail)])
        for said in group.said:
            yield f"  - {escape(said.message)} *{escape(said.since)}*{f' {escape(said.action)}' if said.action else ''}"
        if group.more:
            yield f"  - {escape(group.more)}"
    yield ""


def _drivers(tree: Sequence[Driver]) -> Iterator[str]:
    if not tree:
        return
    yield "## What drives what"
    yield ""
    for depth, driver in flat(tree):
        reading = driver.reading
        state = f"{escape(reading.value)}, {_verdict(reading)}" if reading else "not measured"
        evidence = f". {escape(driver.evidence)}" if driver.evidence else ""
        yield f"{'  ' * depth}- **{escape(driver.kpi.text)}**: {state}{evidence}"
    yield ""
    yield "A correlation within members, with its 95 % interval; it is no proof that one causes the other."
    yield ""


def _glance(row: Glance) -> tuple[str, ...]:
    change = row.reading.change
    return (
        escape(row.kpi.text),
        escape(row.reading.value),
        escape(row.reading.target),
        escape(row.note) if row.note else _verdict(row.reading),
        f"{escape(change.text)}{f' {change.sense}' if change.sense else ''}" if change else "–",
    )


def _grid(grid: Grid) -> Iterator[str]:
    yield f"## {escape(grid.title)}"
    yield ""
    rows = (
        (
            escape(f"{row.kpi.text} ({row.unit})" if row.unit else row.kpi.text),
            *(f"{_sign(cell)} {escape(cell.brief)}" if cell else "–" for cell in row.cells),
        )
        for row in grid.rows
    )
    yield from table(("KPI", *map(escape, grid.columns)), rows)
    yield "✓ good, ! to be watched, ✗ poor, – no verdict; a question mark: uncertain."
    yield ""


def _scorecard(card: Scorecard) -> Iterator[str]:
    """Who has which score, and the points of each part that make it."""
    yield f"### {escape(card.title)}"
    yield ""
    if card.meaning:
        yield escape(card.meaning)
        yield ""
    found = scores.table_of(card)
    if found is None:
        yield "The data for it are not there yet, so nobody has a score."
        yield ""
    else:
        yield from scores_in_markdown(*found)
    for start in range(0, len(card.rows), _ABREAST):
        yield from _parts(card.rows[start : start + _ABREAST])
    bands = "; ".join(f"{status.word}: {words}" for status, words in card.bands)
    yield escape(" ".join([*([card.more] if card.more else []), f"{bands}.", *card.rules]))
    yield ""


def scores_in_markdown(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The table of a scorecard."""
    right = [at for at, head in enumerate(heads) if head in scores.RIGHT]
    yield from table([*map(escape, heads)], ([*map(escape, row)] for row in rows), right)


def _parts(members: Sequence[Standing]) -> Iterator[str]:
    """The points of each part, a column for each member."""
    weighed = (f"{share.part.text} ({share.weight}{', gate' if share.gate else ''})" for share in members[0].shares)
    rows = (
        [
            escape(part),
            *(f"{_SIGNS[share.status.tone]} {escape(share.points.strip(NOTHING))}".strip() for share in shares),
        ]
        for part, shares in zip(weighed, zip(*(each.shares for each in members), strict=True), strict=True)
    )
    yield from table(["Points of each part (weight)", *(escape(each.member.text) for each in members)], rows)


def _kpi(kpi: Kpi) -> Iterator[str]:
    yield f"### {escape(kpi.title)}"
    yield ""
    if kpi.question:
        yield escape(kpi.question)
        yield ""
    yield f"**{escape(kpi.reading.value)}**, {_verdict(kpi.reading)}. {escape(' '.join(kpi.sentences))}".rstrip()
    yield ""
    if kpi.meaning:
        yield escape(kpi.meaning)
        yield ""
    yield f"Formula: {code(kpi.formula)}" if kpi.formula else "Formula: –"
    yield ""
    for term, words in kpi.figures:
        yield f"- {escape(term)}: {escape(words)}"
    for each in kpi.benchmarks:
        said = f"{each.figures}, {each.title}{f' ({each.expired})' if each.expired else ''}: {each.population}."
        yield f"- Benchmark: {escape(f'{said} {each.definition} {each.source}')}"
    for plot in kpi.funnels:
        yield f"- {escape(f'{plot.title}: {plot.words[0]}')}"
    yield ""
    for level in kpi.members.levels if kpi.members else ():
        columns = [(escape(level.one), [escape(row.label) for row in level.rows])]
        columns.append(("Value", [escape(row.reading.brief) for row in level.rows]))
        columns.append(("Status", [_verdict(row.reading) for row in level.rows]))
        columns.append(("Cases", [escape(row.reading.cases) for row in level.rows]))
        columns.append(("95 % interval", [escape(row.reading.interval or "–") for row in level.rows]))
        if kpi.members and "rank" in kpi.members.columns:
            columns.append(("Rank", [escape(row.rank) for row in level.rows]))
        heads, cells = zip(*columns, strict=True)
        yield from table(heads, zip(*cells, strict=True), right=(1, 3))
        for note in (level.more, *level.notes):
            if note:
                yield escape(note)
                yield ""


def _methods(view: Report) -> Iterator[str]:
    if view.methods.unmeasured or view.methods.unevaluated:
        yield "## Not measured"
        yield ""
        for kpi in view.methods.unmeasured:
            needs = "; ".join(
                f"{escape(source)}: {', '.join(map(code, columns))}" if columns else escape(source)
                for source, columns in kpi.needs
            )
            yield f"- **{escape(kpi.title)}** needs {needs}"
        for rule in view.methods.unevaluated:
            yield f"- The rule **{escape(rule.title)}** asks for {', '.join(map(code, rule.needs))}"
        yield ""
    yield "## Data and methods"
    yield ""
    rows = (
        (
            escape(source.name),
            escape(source.rows),
            escape(source.used or "–"),
            escape(source.dates or "–"),
            escape(" ".join(source.remarks) or "–"),
        )
        for source in view.methods.sources
    )
    yield from table(("Source", "Rows", "Rows used", "Dates", "Worth knowing"), rows, right=(1, 2))
    for trouble in view.methods.troubles:
        said, where = f"{trouble.message} {trouble.hint}", f"{trouble.place} [{trouble.code}]"
        yield f"- **{escape(trouble.severity)}** {escape(said)} {code(where)}"
    yield ""
    if view.methods.restated:
        yield from _restated(view.methods.restated)
    for term, words in view.methods.about:
        yield f"- {escape(term)}: {escape(words)}"


def _restated(restated: Restated) -> Iterator[str]:
    yield from ("### What was reported before", "", escape(restated.summary), "")
    yield from table(restated.HEADS, ([*map(escape, row.cells)] for row in restated.rows)) if restated.rows else ()


def _verdict(reading: Reading) -> str:
    return f"{_SIGNS[reading.status.tone]} {escape(reading.verdict)}"


def _sign(reading: Reading) -> str:
    return _SIGNS[reading.status.tone] + ("?" if reading.uncertain else "")

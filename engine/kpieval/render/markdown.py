"""The view of a result becomes Markdown that fits a wiki or a pull request: the same content as the page, in brief.

Every text of the data or of an author goes through `escape`, so that it stays text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render import scores
from kpieval.render.formatting import Formats
from kpieval.render.markup import code, escape, table
from kpieval.render.views.drivers import flat
from kpieval.render.views.report import report
from kpieval.render.words import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kpieval.render.views.drivers import Driver
    from kpieval.render.views.kpi_view import Kpi
    from kpieval.render.views.restated import Restated
    from kpieval.render.views.score_view import Scorecard, Standing
    from kpieval.render.views.view import Glance, Grid, Reading, Report

_SIGNS = {"good": "✓", "fair": "!", "poor": "✗", "none": "–"}
_ABREAST = 10
"""So many members stand side by side in one table."""


def page(result: Mapping[str, Any]) -> str:
    """The report of a result in Markdown."""
    formats = Formats(result["locale"], result["currency"])
    return "\n".join(_lines(report(result), formats)).rstrip("\n") + "\n"


def _lines(view: Report, formats: Formats) -> Iterator[str]:
    say = formats.say
    yield from _head(view, formats)
    yield from _findings(view, formats)
    yield f"## {say('Needs attention')}"
    yield ""
    if not view.overview.attention:
        yield say("No KPI is poor for the whole organisation.")
    for item in (*view.overview.attention, *view.overview.hidden):
        figure = f"{escape(item.reading.value)}, {_verdict(item.reading)}"
        yield f"- **{escape(item.kpi.text)}**: {figure}. {escape(' '.join(item.sentences))}"
    yield ""
    if view.overview.scorecards:
        yield f"## {say('Scorecards')}"
        yield ""
    for card in view.overview.scorecards:
        yield from _scorecard(card, formats)
    for group in view.overview.groups:
        yield f"## {escape(group.title or say('All KPIs'))}"
        yield ""
        before = view.overview.before
        since = say("Since {period}", period=before) if before else say("Change")
        heads = map(escape, (say("KPI"), say("Value"), say("Target"), say("Status"), since))
        yield from table(list(heads), map(_glance, group.rows), right=(1, 2))
    yield from _drivers(view.overview.drivers, formats)
    for grid in view.overview.grids:
        yield from _grid(grid, formats)
    if view.overview.grid_more:
        yield escape(view.overview.grid_more)
        yield ""
    yield f"## {say('KPI by KPI')}"
    yield ""
    for kpi in view.kpis:
        yield from _kpi(kpi, formats)
    yield from _methods(view, formats)
    if view.frame.brand.footer:
        yield escape(view.frame.brand.footer)
        yield ""


def _head(view: Report, formats: Formats) -> Iterator[str]:
    """What it is about, whose it is, who may see it, and the verdict."""
    frame = view.frame
    yield f"# {escape(formats.termed(frame.title, frame.period))}"
    yield ""
    for text in filter(None, (frame.brand.name, frame.brand.classification)):
        yield f"**{escape(text)}**"
        yield ""
    yield f"{escape(view.overview.verdict)} ({escape(frame.dates)})"
    yield ""
    if frame.caution:
        yield f"**{escape(frame.caution)}**"
        yield ""


def _findings(view: Report, formats: Formats) -> Iterator[str]:
    if not view.overview.findings:
        return
    yield f"## {formats.say('Findings')}"
    yield ""
    yield escape(view.overview.findings_summary)
    yield ""
    for group in view.overview.findings:
        tail = [
            part
            for part in (group.action, formats.say("Owner: {owner}.", owner=group.owner) if group.owner else "")
            if part
        ]
        yield " ".join([f"- **{escape(formats.termed(group.severity.word, group.title))}**", *map(escape, tail)])
        for said in group.said:
            yield f"  - {escape(said.message)} *{escape(said.since)}*{f' {escape(said.action)}' if said.action else ''}"
        if group.more:
            yield f"  - {escape(group.more)}"
    yield ""


def _drivers(tree: Sequence[Driver], formats: Formats) -> Iterator[str]:
    if not tree:
        return
    yield f"## {formats.say('What drives what')}"
    yield ""
    for depth, driver in flat(tree):
        reading = driver.reading
        state = f"{escape(reading.value)}, {_verdict(reading)}" if reading else formats.say("Not measured")
        evidence = f". {escape(driver.evidence)}" if driver.evidence else ""
        yield f"{'  ' * depth}- **{escape(driver.kpi.text)}**: {state}{evidence}"
    yield ""
    yield formats.say("A correlation within members, with its 95% interval; it is no proof that one causes the other.")
    yield ""


def _glance(row: Glance) -> tuple[str, ...]:
    change = row.reading.change
    return (
        escape(row.kpi.text),
        escape(row.reading.value),
        escape(row.reading.target),
        escape(row.note) if row.note else _verdict(row.reading),
        f"{escape(change.text)}{f' {change.word}' if change.word else ''}" if change else "–",
    )


def _grid(grid: Grid, formats: Formats) -> Iterator[str]:
    yield f"## {escape(grid.title)}"
    yield ""
    rows = (
        (
            escape(f"{row.kpi.text} ({row.unit})" if row.unit else row.kpi.text),
            *(f"{_sign(cell)} {escape(cell.brief)}" if cell else "–" for cell in row.cells),
        )
        for row in grid.rows
    )
    yield from table((escape(formats.say("KPI")), *map(escape, grid.columns)), rows)
    yield formats.say("✓ good, ! to be watched, ✗ poor, – no verdict; a question mark: uncertain.")
    yield ""


def _scorecard(card: Scorecard, formats: Formats) -> Iterator[str]:
    """Who has which score, and the points of each part that make it."""
    yield f"### {escape(card.title)}"
    yield ""
    if card.meaning:
        yield escape(card.meaning)
        yield ""
    found = scores.table_of(card, formats)
    if found is None:
        yield formats.say("The data for it are not there yet, so nobody has a score.")
        yield ""
    else:
        yield from scores_in_markdown(found.heads, found.rows, found.right)
    for start in range(0, len(card.rows), _ABREAST):
        yield from _parts(card.rows[start : start + _ABREAST], formats)
    bands = "; ".join(formats.termed(status.word, words) for status, words in card.bands)
    yield escape(" ".join([*([card.more] if card.more else []), f"{bands}.", *card.rules]))
    yield ""


def scores_in_markdown(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int]) -> Iterator[str]:
    """The table of a scorecard."""
    yield from table([*map(escape, heads)], ([*map(escape, row)] for row in rows), right)


def _parts(members: Sequence[Standing], formats: Formats) -> Iterator[str]:
    """The points of each part, a column for each member."""
    gate = formats.say("gate")
    weighed = (
        f"{share.part.text} ({', '.join([share.weight, *([gate] if share.gate else [])])})"
        for share in members[0].shares
    )
    rows = (
        [
            escape(part),
            *(f"{_SIGNS[share.status.tone]} {escape(share.points.strip(NOTHING))}".strip() for share in shares),
        ]
        for part, shares in zip(weighed, zip(*(each.shares for each in members), strict=True), strict=True)
    )
    yield from table(
        [escape(formats.say("Points of each part (weight)")), *(escape(each.member.text) for each in members)], rows
    )


def _points(kpi: Kpi, formats: Formats) -> Iterator[str]:
    """What is said of a KPI point by point: its figures, benchmarks, and what the charts of its members show."""
    for term, words in kpi.figures:
        yield formats.termed(term, words)
    for each in kpi.benchmarks:
        title = f"{each.figures}, {each.title}{f' ({each.expired})' if each.expired else ''}"
        said = f"{formats.termed(title, f'{each.population}.')} {each.definition} {each.source}"
        yield formats.termed(formats.say("Benchmark"), said)
    for strip in kpi.strips:
        yield strip.words[0]
    for plot in kpi.funnels:
        yield formats.termed(plot.title, plot.words[0])


def _kpi(kpi: Kpi, formats: Formats) -> Iterator[str]:
    say = formats.say
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
    yield formats.termed(say("Formula"), code(kpi.formula) or NOTHING)
    yield ""
    yield from (f"- {escape(words)}" for words in _points(kpi, formats))
    yield ""
    for level in kpi.members.levels if kpi.members else ():
        columns = [(escape(level.one), [escape(row.label) for row in level.rows])]
        columns.append((escape(say("Value")), [escape(row.reading.brief) for row in level.rows]))
        columns.append((escape(say("Status")), [_verdict(row.reading) for row in level.rows]))
        columns.append((escape(say("Cases")), [escape(row.reading.cases) for row in level.rows]))
        columns.append((escape(say("95% interval")), [escape(row.reading.interval or "–") for row in level.rows]))
        if kpi.members and "rank" in kpi.members.columns:
            columns.append((escape(say("Rank")), [escape(row.rank) for row in level.rows]))
        heads, cells = zip(*columns, strict=True)
        yield from table(heads, zip(*cells, strict=True), right=(1, 3))
        for note in (level.more, *level.notes):
            if note:
                yield escape(note)
                yield ""


def _methods(view: Report, formats: Formats) -> Iterator[str]:
    say = formats.say
    if view.methods.unmeasured or view.methods.unevaluated:
        yield f"## {say('Not measured')}"
        yield ""
        for kpi in view.methods.unmeasured:
            needs = "; ".join(
                f"{escape(source)}: {', '.join(map(code, columns))}" if columns else escape(source)
                for source, columns in kpi.needs
            )
            yield f"- {say('{kpi} needs {columns}', kpi=f'**{escape(kpi.title)}**', columns=needs)}"
        for rule in view.methods.unevaluated:
            names = ", ".join(map(code, rule.needs))
            yield f"- {say('The rule {rule} asks for {names}', rule=f'**{escape(rule.title)}**', names=names)}"
        yield ""
    yield f"## {say('Data and methods')}"
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
    heads = (say("Source"), say("Rows"), say("Rows used"), say("Dates"), say("Worth knowing"))
    yield from table([*map(escape, heads)], rows, right=(1, 2))
    for trouble in view.methods.troubles:
        said, where = f"{trouble.message} {trouble.hint}", f"{trouble.place} [{trouble.code}]"
        yield f"- **{escape(trouble.severity)}** {escape(said)} {code(where)}"
    yield ""
    if view.methods.restated:
        yield from _restated(view.methods.restated, formats)
    for term, words in view.methods.about:
        yield f"- {escape(formats.termed(term, words))}"


def _restated(restated: Restated, formats: Formats) -> Iterator[str]:
    yield from (f"### {formats.say('What was reported before')}", "", escape(restated.summary), "")
    yield from (
        table([*map(escape, restated.heads)], ([*map(escape, row.cells)] for row in restated.rows))
        if restated.rows
        else ()
    )


def _verdict(reading: Reading) -> str:
    return f"{_SIGNS[reading.status.tone]} {escape(reading.verdict)}"


def _sign(reading: Reading) -> str:
    return _SIGNS[reading.status.tone] + ("?" if reading.uncertain else "")

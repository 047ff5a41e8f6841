"""The first sheet of a workbook: why the run is red, what it is about, each KPI in a row that leads to its sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.render.words import FOLDER_COMMAND
from kpieval.render.workbook.kpi_cells import NARROWEST, change, colors, figures, remark, verdict, width
from kpieval.render.workbook.sheets import Column, Jump, numeric

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.render.views.reading import Reader
    from kpieval.render.views.report import Views
    from kpieval.render.views.view import Glance, Overview
    from kpieval.render.workbook.sheets import Cell, Sheet

Json = dict[str, Any]

FAILURES = 10
"""So many reasons why a gate is closed stand here; all are on a sheet of their own."""
STATUS = 4
"""The place of the status among the columns."""


@dataclass(frozen=True, slots=True)
class FirstSheet:
    """Writes it. `kpis` are the sheets of measured KPIs by name; `listed` has each other sheet with what it lists."""

    views: Views
    overview: Overview
    kpis: Mapping[str, Sheet]
    listed: Iterable[tuple[str, str, Sheet]]

    def write(self, sheet: Sheet) -> None:
        """All of it."""
        self._gate(sheet)
        self._top(sheet)
        sheet.heads()
        glances = (row for group in self.overview.groups for row in group.rows)
        for (name, reader), glance in zip(self.views.readers.items(), glances, strict=True):
            sheet.row(self._measured(Jump(reader.kpi["title"], self.kpis[name].name), reader, glance))
        for kpi in self.views.index.kpis.values():
            if not kpi["measured"]:
                sheet.row(
                    _silent(Jump(kpi["title"], self._place("unmeasured")), kpi, self.views.formats.say("Not measured"))
                )
        sheet.filtered()
        self._bottom(sheet)

    def _gate(self, sheet: Sheet) -> None:
        """Why the run is red, or that it isn't, in the words of the command line, before everything else."""
        gate = self.views.gate()
        if not gate:
            return
        sheet.line(gate.sentence, "red" if gate.closed else "strong")
        for failure in gate.failures[:FAILURES]:
            sheet.line(failure)
        more = len(gate.failures) - FAILURES
        if more > 0:
            sheet.line(Jump(self.views.formats.counted(more, "{count} more", "{count} more"), self._place("gate")))
        for note in gate.notes:
            sheet.line(note)
        sheet.gap()

    def _top(self, sheet: Sheet) -> None:
        frame, overview = self.views.frame(), self.overview
        sheet.line(frame.title, "title")
        sheet.line(frame.period, "strong", frame.dates)
        for text in filter(None, (frame.brand.classification, overview.verdict, frame.caution)):
            sheet.line(text)
        if overview.findings_summary:
            to = Jump(self.views.formats.say("Findings"), self._place("findings"))
            sheet.line(to, "plain", overview.findings_summary)
        sheet.gap()

    def _bottom(self, sheet: Sheet) -> None:
        """The other sheets, and what had no room in any."""
        sheet.gap()
        sheet.line(self.views.formats.say("Contents"), "strong")
        for _, title, to in self.listed:
            sheet.line(Jump(title, to.name))
        titles = [(reader.kpi["title"], self.kpis[name]) for name, reader in self.views.readers.items()]
        for title, to in [*titles, *((title, to) for _, title, to in self.listed)]:
            if to.left_out:
                sheet.line(
                    self.views.formats.counted(
                        to.left_out,
                        "{title}: {count} row doesn’t fit into a sheet; all are in the figures of the run ({command}).",
                        "{title}: {count} rows don’t fit into a sheet; all are in the figures of the run ({command}).",
                        title=title,
                        command=FOLDER_COMMAND,
                    )
                )

    def _measured(self, title: Jump, reader: Reader, glance: Glance) -> tuple[Cell, ...]:
        """A KPI for the whole."""
        name, index = reader.kpi["name"], self.views.index
        key = index.top(name)
        row = index.one(name, key) if key else None
        if row is None:
            return _silent(title, reader.kpi, glance.note or glance.reading.reason)
        moved = glance.reading.change
        return (
            title, *figures(reader, row), verdict(reader.kpi, row["status"]), remark(reader, row), change(reader, row),
            moved.word if moved else None, row["n"], reader.kpi["owner"],
        )  # fmt: skip

    def _place(self, kind: str) -> str:
        """The name of the sheet that lists it."""
        return next(sheet.name for each, _, sheet in self.listed if each == kind)


def columns(views: Views, before: str) -> tuple[Column, ...]:
    """Those of its table; `before` is the period that changes are counted from, if there is one."""
    say = views.formats.say
    wide = max((width(reader, views.index) for reader in views.readers.values()), default=NARROWEST)
    since = say("Since {period}", period=before) if before else say("Change")
    return (
        Column(say("KPI"), 38),
        numeric(say("Value"), wide),
        numeric(say("Target"), wide),
        numeric(say("Target to"), wide),
        Column(say("Status"), 14),
        Column(say("Remark"), 34, wrapped=True),
        numeric(since, wide),
        Column(say("Better or worse"), 12),
        numeric(say("Cases"), 10),
        Column(say("Owner"), 18),
    )


def shared_colors(views: Views) -> Mapping[str, str]:
    """The words of statuses that have the same colour in all KPIs."""
    found: dict[str, set[str]] = {}
    for reader in views.readers.values():
        for word, color in colors(reader.kpi).items():
            found.setdefault(word, set()).add(color)
    return {word: next(iter(ways)) for word, ways in found.items() if len(ways) == 1}


def _silent(title: Jump, kpi: Json, why: str) -> tuple[Cell, ...]:
    """A KPI without a figure for the whole."""
    return (title, None, None, None, None, why, None, None, None, kpi["owner"])

"""Sheets of a workbook, with cells of their own types: heads that stay and filter, widths, colours, and how it prints.

A text is always written as text, whatever it begins with, and stays one where somebody edits the cell. Rows go to a
file as they are written, from the top down, so that a sheet of a million rows doesn't take its size in memory.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.render.palette import INK, TINT
from kpieval.render.prose import clean
from kpieval.render.workbook.texts import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kpieval.render.workbook.looks import Looks

ROWS = 1_048_576
"""Excel has no more in a sheet."""
LONGEST = 32_767
"""UTF-16 units of a cell."""
LITERAL = 255
"""Signs of a text within a rule."""
LINE = 15
"""The height of a line of text, in points."""
_MOST_LINES = 20
FROZEN = 12
"""Heads that are further down than this stay where they are: in view, all above them would fill the window."""
_FOOTER = 80
"""Signs of a title in a footer, which holds 255 with all that is in it."""

_EARLIEST = 1900
_A4 = 9
_SCALE = {"min": "red", "mid": "amber", "max": "green"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its width in digits, whether long texts in it are broken into lines, or it has numbers."""

    head: str
    width: int
    wrapped: bool = False
    numbers: bool = False


def numeric(head: str, width: int) -> Column:
    """A column of numbers or days."""
    return Column(head, width, numbers=True)


@dataclass(frozen=True, slots=True)
class Number:
    """A number with the code of its format."""

    value: float
    code: str


@dataclass(frozen=True, slots=True)
class Jump:
    """A text that leads to a sheet."""

    text: str
    sheet: str


@dataclass(frozen=True, slots=True)
class Tinted:
    """A word in a colour of the palette: a status."""

    word: str
    color: str


Cell = str | int | float | dt.date | Number | Jump | Tinted | None


class Sheet:
    """One sheet, written from its first row to its last: lines, then heads and rows of a table, then lines again.

    `colors` are those of words that have one colour throughout, in the column `tinted`: a rule gives it to them, so
    that it stays right where somebody edits the sheet. Any other tinted word has its colour in its own cell.
    """

    def __init__(
        self,
        looks: Looks,
        page: Any,  # noqa: ANN401 - of an extra
        name: str,
        columns: Sequence[Column],
        *,
        colors: Mapping[str, str] | None = None,
        tinted: int = 0,
        kept: int = 0,
    ) -> None:
        self.name, self.columns = name, columns
        self.left_out = 0
        self._looks, self._page, self._tinted, self._kept = looks, page, tinted, kept
        texts = {_text(word): color for word, color in (colors or {}).items()}
        self._colors = {word: color for word, color in texts.items() if len(word) <= LITERAL}
        self._next = self._head = 0
        self._wrapped = {at for at, column in enumerate(columns) if column.wrapped}
        for at, column in enumerate(columns):
            page.set_column(at, at, column.width)
        page.set_landscape()
        page.set_paper(_A4)
        page.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        page.fit_to_pages(1, 0)
        page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})

    def line(self, cell: Cell, look: str = "plain", *more: Cell) -> None:
        """A line outside the table; what is long runs over the cells beside it, which look the same."""
        cells = (cell, *more)
        if look == "title":
            self._page.set_row(self._next, 2 * LINE)
        for column, each in enumerate(cells):
            self._put(column, each, look)
        for column in range(len(cells), len(self.columns) if look in INK else 0):
            self._page.write_blank(self._next, column, None, self._looks.named(look))
        self._next += 1

    def gap(self) -> None:
        """An empty line."""
        self._next += 1

    def heads(self) -> None:
        """The heads of the table, which stay in view and repeat on each sheet of paper."""
        self._head = self._next
        for at, column in enumerate(self.columns):
            text = _text(column.head)
            look = self._looks.text("number head" if column.numbers else "head", text)
            self._page.write_string(self._head, at, text, look)
        self._stretch((column.head, column.width) for column in self.columns)
        self._page.freeze_panes(self._head + 1 if self._head < FROZEN else 0, self._kept)
        self._page.repeat_rows(self._head)
        self._next += 1

    def row(self, cells: Iterable[Cell]) -> None:
        """A row of the table; one that doesn't fit into a sheet of Excel is counted."""
        if self._next >= ROWS:
            self.left_out += 1
            return
        texts = []
        for column, cell in enumerate(cells):
            if column in self._wrapped:
                self._put(column, cell, "wrapped")
                texts.append((str(cell or ""), self.columns[column].width))
            else:
                self._put(column, cell, "plain")
        self._stretch(texts)
        self._next += 1

    def filtered(self) -> None:
        """The table is whole: it filters, and its words have their colours."""
        last = max(self._next - 1, self._head + 1)
        self._page.autofilter(self._head, 0, last, len(self.columns) - 1)
        for word, color in self._colors.items():
            quoted = word.replace('"', '""')
            rule = {
                "type": "formula",
                "criteria": f'=${chr(ord("A") + self._tinted)}{self._head + 2}="{quoted}"',
                "format": self._looks.rule(color),
            }
            self._page.conditional_format(self._head + 1, self._tinted, last, self._tinted, rule)

    def scaled(self, columns: range, *, bars: bool = False) -> None:
        """Points from 0 to 100 in these columns are seen at a glance: as bars, or from red to green."""
        ends = {"min_type": "num", "max_type": "num", "min_value": 0, "max_value": 100}
        if bars:
            rule = {"type": "data_bar", "bar_solid": True, "bar_color": TINT["blue"], **ends}
        else:
            colors = {f"{place}_color": TINT[color] for place, color in _SCALE.items()}
            rule = {"type": "3_color_scale", "mid_type": "num", "mid_value": 50, **ends, **colors}
        last = max(self._next - 1, self._head + 1)
        if columns:
            self._page.conditional_format(self._head + 1, columns.start, last, columns.stop - 1, rule)

    def footed(self, left: str, above: str, *, turned: bool) -> None:
        """What stands on paper: a title and the sheet's name, the pages, and above all who may see it."""
        title = _text(left)[:_FOOTER].replace("&", "&&")
        self._page.set_footer(f"&L{title}&C&A&R&P / &N")
        if above:
            self._page.set_header(f"&C{_text(above)[:_FOOTER].replace('&', '&&')}")
        if turned:
            self._page.right_to_left()

    def _stretch(self, texts: Iterable[tuple[str, int]]) -> None:
        """Make a row as high as its texts need, each in so many digits of width: not every reader does that itself."""
        lines = max((_lines(text, width) for text, width in texts), default=1)
        if lines > 1:
            self._page.set_row(self._next, LINE * min(lines, _MOST_LINES))

    def _put(self, column: int, cell: Cell, look: str) -> None:
        """Write one cell by its type."""
        page, at, looks = self._page, self._next, self._looks
        match cell:
            case None | "":
                pass
            case Number(value, code):
                page.write_number(at, column, value, looks.number(code))
            case Tinted(word, color):
                word = _text(word)
                plain = column == self._tinted and self._colors.get(word) == color
                page.write_string(at, column, word, looks.text("plain" if plain else color, word))
            case Jump(text, sheet):
                place = "internal:'" + sheet.replace("'", "''") + "'!A1"
                text = _text(text)
                page.write_url(at, column, place, looks.text("link", text), text)
            case dt.date() if cell.year >= _EARLIEST:
                page.write_datetime(at, column, dt.datetime.combine(cell, dt.time()), looks.number("yyyy-mm-dd"))
            case int() | float():
                page.write_number(at, column, cell, looks.number("#,##0" if isinstance(cell, int) else "General"))
            case _:
                text = _text(str(cell))
                page.write_string(at, column, text, looks.text(look, text))


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in so many digits of width, at most."""
    return sum(1 + (len(line) - 1) // max(width - 2, 1) if line else 1 for line in text.split("\n"))


def _text(text: str) -> str:
    """A text as a cell holds it."""
    found = clean(text)
    return found if len(found) * 2 <= LONGEST else cut(found, LONGEST)

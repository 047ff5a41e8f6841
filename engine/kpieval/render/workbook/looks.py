"""How the cells of a workbook look, each way made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render.palette import INK, TINT
from kpieval.render.spreadsheet import FORMULA

if TYPE_CHECKING:
    from collections.abc import Mapping

CODES = 200
"""So many formats of numbers Excel takes in a workbook, in any language."""

_INDENTED: dict[str, Any] = {"align": "left", "indent": 1}
"""So that a text doesn't touch the number before it."""


class Looks:
    """How cells look, each way made once."""

    def __init__(self, book: Any) -> None:  # noqa: ANN401 - of an extra
        self._book = book
        self._ways: dict[str, dict[str, Any]] = {
            "plain": _INDENTED,
            "wrapped": {"text_wrap": True, **_INDENTED},
            "title": {"bold": True, "font_size": 16, **_INDENTED},
            "strong": {"bold": True, **_INDENTED},
            "head": {"bold": True, "bottom": 1, "text_wrap": True, "bg_color": TINT["grey"], **_INDENTED},
            "number head": {"bold": True, "bottom": 1, "text_wrap": True, "bg_color": TINT["grey"], "align": "right"},
            "link": {"font_color": INK["blue"], "underline": 1, **_INDENTED},
            **{color: {"font_color": INK[color], "bg_color": TINT[color], **_INDENTED} for color in INK},
        }
        self._made: dict[tuple[str, str], Any] = {}
        self._rules: dict[str, Any] = {}

    def named(self, way: str) -> Any:  # noqa: ANN401 - of an extra
        """One of the ways."""
        return self._format(way, way, self._ways[way])

    def text(self, way: str, text: str) -> Any:  # noqa: ANN401 - of an extra
        """The way of a text: one that Excel would take for a formula when somebody edits it is marked as a text."""
        if not FORMULA.match(text):
            return self.named(way)
        return self._format("text", way, {**self._ways[way], "quote_prefix": True})

    def number(self, code: str) -> Any:  # noqa: ANN401 - of an extra
        """The way of a number with a format's code; where there are too many of them, with all its digits."""
        if ("number", code) not in self._made and sum(kind == "number" for kind, _ in self._made) >= CODES:
            code = "General"
        return self._format("number", code, {"num_format": code})

    def rule(self, color: str) -> Any:  # noqa: ANN401 - of an extra
        """What a rule does to a word."""
        if color not in self._rules:
            self._rules[color] = self._book.add_format({"font_color": INK[color], "bg_color": TINT[color]})
        return self._rules[color]

    def _format(self, kind: str, name: str, way: Mapping[str, Any]) -> Any:  # noqa: ANN401 - of an extra
        key = (kind, name)
        if key not in self._made:
            self._made[key] = self._book.add_format({"valign": "top", **way})
        return self._made[key]

"""The text of an expression -> its words, each of a kind that is allowed, with its offset; anything else is refused.

sqlglot's tokenizer cuts the text. What it skips (comments) and what it makes out of the ordinary (`$$`, `e''`, `1_000`)
shows because each word is compared with the piece of text it was cut from, and only blanks may lie between two words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NoReturn

from sqlglot import TokenType
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import TokenError

from kpieval.expressions.language import POINT, SHORTER, SIGNS_INSTEAD, SYMBOLS
from kpieval.problems import DefinitionError, Place, Problem

MAX_LENGTH = 2_000
MAX_TEXT = 1_000
_MAX_POWER = 99

Kind = Literal["word", "quoted", "number", "string", "symbol", "end"]

_WORD = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"(?P<whole>\d+)(\.(?P<part>\d+))?(?P<power>[eE][+-]?\d{1,3})?")
_UNPRINTABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_MAX_WHOLE, _MAX_PART = 18, 15


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of the text. `text` is its meaning: a word as written, a string or quoted name without its quotes."""

    kind: Kind
    text: str
    start: int
    raw: str

    @property
    def key(self) -> str:
        """The word as keywords, functions and signs are looked up; empty where it is none of them."""
        return self.text.lower() if self.kind in {"word", "symbol"} else ""

    def __str__(self) -> str:
        """The word as a message shows it."""
        return f"`{self.raw}`" if self.kind != "end" else "the end"


@dataclass(frozen=True, slots=True)
class Writing:
    """The text of an expression and where it stands, for messages that point into it.

    With `fields` a name may have a second part after a point, as in `win_rate.change`.
    """

    text: str
    place: Place
    fields: bool = False

    def problem(self, code: str, message: str, offset: int = 0, hint: str | None = None) -> Problem:
        """A problem so many characters into the text; of a text with several lines, at its start."""
        place = self.place if "\n" in self.text else self.place.shifted(offset)
        return Problem("error", code, message, place, hint)

    def refuse(self, code: str, message: str, offset: int = 0, hint: str | None = None) -> NoReturn:
        """Stop with this problem."""
        raise DefinitionError(self.problem(code, message, offset, hint))

    def words(self) -> list[Word]:
        """Cut the text into its words, with one of kind `end` after the last."""
        self._bounded()
        try:
            tokens = DuckDB().tokenize(self.text)
        except TokenError:
            self.refuse(
                "expression-syntax", "A quote or comment is opened here, or later, and never closed.", self._open()
            )
        words: list[Word] = []
        reached = 0
        for token in tokens:
            self._blank(reached, token.start)
            reached = token.end + 1
            words.append(self._word(token.token_type, token.text, token.start, self.text[token.start : reached]))
        self._blank(reached, len(self.text))
        return [*words, Word("end", "", len(self.text.rstrip()), "")]

    def _bounded(self) -> None:
        if not self.text.strip():
            self.refuse("expression-syntax", "The expression is empty.")
        if len(self.text) > MAX_LENGTH:
            message = f"The expression has {len(self.text):,} characters; {MAX_LENGTH:,} are allowed."
            self.refuse("expression-too-big", message, hint=SHORTER)
        if found := _UNPRINTABLE.search(self.text):
            message = f"The expression holds a character that can't be seen: U+{ord(found[0]):04X}."
            self.refuse("expression-not-allowed", message, found.start(), "Leave it out.")

    def _open(self) -> int:
        """Offset of the last quote: where the text that never ends probably begins."""
        return max(self.text.rfind(mark) for mark in ("'", '"', "/*", "$"))

    def _blank(self, start: int, end: int) -> None:
        gap = self.text[start:end]
        if rest := gap.strip():
            offset = start + gap.index(rest)
            if rest.startswith(("--", "/*", "//", "#")):
                hint = "Write it as a YAML comment."
                self.refuse("expression-not-allowed", "An expression holds no comment.", offset, hint)
            self.refuse("expression-not-allowed", f"`{rest[:20]}` has no place in an expression.", offset)

    def _word(self, kind: TokenType, text: str, start: int, raw: str) -> Word:
        if kind == TokenType.STRING and raw[0] == "'":
            if len(text) > MAX_TEXT:
                self.refuse("expression-too-big", f"The text is longer than {MAX_TEXT:,} characters.", start)
            return Word("string", text, start, raw)
        if kind == TokenType.IDENTIFIER and raw[0] == '"':
            if not text:
                self.refuse("expression-syntax", "The name in double quotes is empty.", start)
            return Word("quoted", text, start, raw)
        if kind == TokenType.NUMBER:
            return self._number(start, raw)
        if raw in SYMBOLS or (raw == POINT and self.fields):
            return Word("symbol", raw, start, raw)
        if _WORD.fullmatch(raw):
            return Word("word", raw, start, raw)
        hint = SIGNS_INSTEAD.get(raw) or SIGNS_INSTEAD.get(raw[0])
        return self.refuse("expression-not-allowed", f"`{raw[:20]}` has no place in an expression.", start, hint)

    def _number(self, start: int, raw: str) -> Word:
        parts = _NUMBER.fullmatch(raw)
        if parts is None:
            self.refuse("expression-syntax", f"`{raw}` is not a number.", start, "Numbers look like 3, 0.25 or 1.5e6.")
        digits = len(parts["whole"].lstrip("0")), len(parts["part"] or "")
        if (
            digits[0] > _MAX_WHOLE
            or digits[1] > _MAX_PART
            or (parts["power"] and abs(int(parts["power"][1:])) > _MAX_POWER)
        ):
            message = f"`{raw[:40]}` has more digits than can be kept exactly."
            hint = f"At most {_MAX_WHOLE} digits before the point, {_MAX_PART} after it, and a power of ten below 100."
            self.refuse("expression-too-big", message, start, hint)
        return Word("number", raw, start, raw)

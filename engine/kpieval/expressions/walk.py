"""The walk over the words of an expression: where it is, what is open, and what it hands on to the parser."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NoReturn

from sqlglot import Token, TokenType

from kpieval.expressions.language import NO_SUBQUERY, QUERIES, SHORTER, WORDS_INSTEAD

if TYPE_CHECKING:
    from kpieval.expressions.words import Word, Writing

MAX_DEPTH = 16
MAX_WORDS = 400

LeafKind = Literal["name", "field", "number", "text", "null", "true", "false", "call"]
Opener = Literal["expression", "bracket", "call", "list", "cast", "filter", "case"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a placeholder stands for: a name, a literal, or the name of a called function; `start` is its offset.

    A field is that of the name in `of`, which stands at `start`; the field itself begins at `part`.
    """

    kind: LeafKind
    text: str
    start: int
    of: str = ""
    part: int = 0


@dataclass(slots=True)
class Open:
    """Something begun and not yet ended. `last` is its latest keyword, `between` those still without an `and`.

    `compared` tells whether there was a comparison since the last `and`, `or` or comma.
    """

    kind: Opener
    word: Word
    last: str = ""
    between: list[Word] = field(default_factory=list)
    compared: bool = False


class Walk:
    """One walk. `tokens` are for the parser; `leaves` are what its placeholders stand for."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing
        self.words = writing.words()
        self.tokens: list[Token] = []
        self.leaves: list[Leaf] = []
        self._index = 0
        self._open = [Open("expression", self.words[0])]
        if len(self.words) > MAX_WORDS:
            writing.refuse("expression-too-big", f"The expression has more than {MAX_WORDS} words.", hint=SHORTER)

    @property
    def _word(self) -> Word:
        return self.words[self._index]

    def _ahead(self, distance: int = 1) -> Word:
        return self.words[min(self._index + distance, len(self.words) - 1)]

    def _put(self, kind: TokenType, text: str, start: int) -> None:
        self.tokens.append(Token(kind, text, 1, start + 1, start, start + len(text)))

    def _keep(self, kind: TokenType) -> None:
        """Hand the word on as it is."""
        self._put(kind, self._word.raw, self._word.start)
        self._index += 1

    def _leaf(self, kind: LeafKind, text: str, word: Word) -> None:
        """Hand a placeholder on."""
        self._place(Leaf(kind, text, word.start))

    def _place(self, leaf: Leaf) -> None:
        self._put(TokenType.VAR, f"k{len(self.leaves)}", leaf.start)
        self.leaves.append(leaf)

    def _begin(self, kind: Opener, word: Word, last: str = "") -> None:
        self._open.append(Open(kind, word, last))
        if len(self._open) > MAX_DEPTH + 1:
            message = f"Brackets and cases stand more than {MAX_DEPTH} deep in each other."
            self.writing.refuse("expression-too-big", message, word.start, SHORTER)

    def _fail(self, expected: str, hint: str | None = None) -> NoReturn:
        word, before = self._word, self.words[self._index - 1]
        if {word.key, before.key} & QUERIES:
            start = before.start if before.key in QUERIES else word.start
            self.writing.refuse(
                "expression-not-allowed", "An expression is one value, not a query.", start, NO_SUBQUERY
            )
        if word.key == "=" and word.start == 0:
            hint = "Leave the `=` out: all of it is the expression."
        if before.key == "%":
            hint = "A percentage is written as a fraction: `0.2` for 20 %."
        message = f"{expected} is expected before {word}."
        if word.kind == "end":
            message = f"{expected} is expected, but the expression ends."
        self.writing.refuse("expression-syntax", message, word.start, hint or WORDS_INSTEAD.get(word.key))

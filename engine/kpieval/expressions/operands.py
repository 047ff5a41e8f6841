"""Where a value is expected: signs, brackets, cases, calls, names and literals.

Spellings that differ only in looks are made one: `extract(year from d)` and `year(d)`, `date '2026-01-31'` and a cast,
`interval 3 day` and a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, cast

from sqlglot import TokenType

from kpieval.expressions.catalogue import FUNCTIONS, INTERVALS, PARTS
from kpieval.expressions.language import CLOCK, FUNCTIONS_INSTEAD, KEYWORDS, NO_CLOCK, POINT, QUERIES, TYPES
from kpieval.expressions.walk import Leaf, Walk
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from kpieval.expressions.walk import LeafKind
    from kpieval.expressions.words import Word

MAX_SIGNS = 3
MAX_AMOUNT = 99_999
"""Of an interval, in any unit."""

_BEFORE_NOT = frozenset({"(", ",", "and", "or", "not", "case", "when", "then", "else", "where"})


class Operands(Walk):
    """The half of the walk that reads up to the end of a value."""

    def _before_value(self) -> bool:
        """Read signs, an opener, or a value by itself; true if a value is still expected."""
        word = self._word
        if word.key in {"not", "+", "-"}:
            return self._sign(word)
        if word.key == "(":
            self._begin("bracket", word)
            self._keep(TokenType.L_PAREN)
            return True
        if word.key == "case":
            self._begin("case", word, "case")
            self._keep(TokenType.CASE)
            if self._word.key == "when":
                self._open[-1].last = "when"
                self._keep(TokenType.WHEN)
            return True
        if self._ahead().key == "(" and word.kind in {"word", "quoted"} and word.key not in KEYWORDS:
            return self._call(word)
        self._single(word)
        return False

    def _sign(self, word: Word) -> bool:
        signs = [self._ahead(distance).key in {"not", "+", "-"} for distance in range(MAX_SIGNS + 1)]
        if all(signs):
            message = f"More than {MAX_SIGNS} signs or `not` stand in a row."
            self.writing.refuse("expression-too-big", message, word.start)
        if word.key == "not" and self._index and self.words[self._index - 1].key not in _BEFORE_NOT:
            self._fail("A value", "Put brackets around `(not ...)`.")
        if word.key == "+":
            self._index += 1
        else:
            self._keep(TokenType.NOT if word.key == "not" else TokenType.DASH)
        return True

    def _single(self, word: Word) -> None:
        if word.key in {"date", "timestamp"} and self._ahead().kind == "string":
            self._literal_of(word)
        elif word.key == "interval" and self._ahead().kind in {"number", "string"}:
            self._interval(word)
        elif self.writing.fields and self._ahead().key == POINT and _leaf_kind(word) == "name":
            self._field(word)
        elif (kind := _leaf_kind(word)) is not None:
            self._leaf(kind, word.text, word)
            self._index += 1
        else:
            self._fail("A value")

    def _field(self, word: Word) -> None:
        """`win_rate.change` is one name in two parts."""
        self._index += 2
        part = self._word
        if part.kind not in {"word", "quoted"}:
            self._fail("The name of a field", "Write `win_rate.value`.")
        self._place(Leaf("field", part.text, word.start, of=word.text, part=part.start))
        self._index += 1

    def _literal_of(self, word: Word) -> None:
        """`date '2026-01-31'` is the same as `cast('2026-01-31' as date)`."""
        self._put(TokenType.VAR, "cast", word.start)
        self._put(TokenType.L_PAREN, "(", word.start)
        self._leaf("text", self._ahead().text, self._ahead())
        self._put(TokenType.ALIAS, "as", word.start)
        self._put(TYPES[word.key], word.key, word.start)
        self._put(TokenType.R_PAREN, ")", word.start)
        self._index += 2

    def _interval(self, word: Word) -> None:
        """`interval 3 day`, `interval '3' day` and `interval '3 days'` are the same call."""
        amount, _, unit = self._ahead().text.strip().partition(" ")
        self._index += 2
        if not unit:
            unit = self._word.key
            self._index += 1 if unit else 0
        name = unit.strip().lower().removesuffix("s")
        if not amount.isdecimal() or not amount.isascii() or int(amount) > MAX_AMOUNT or name not in INTERVALS:
            hint = f"Write `interval 3 day`; the units are {', '.join(INTERVALS)}."
            self.writing.refuse("expression-syntax", "This is not an interval.", word.start, hint)
        self._leaf("call", "interval", word)
        self._put(TokenType.L_PAREN, "(", word.start)
        self._leaf("number", amount, word)
        self._put(TokenType.COMMA, ",", word.start)
        self._leaf("text", name, word)
        self._put(TokenType.R_PAREN, ")", word.start)

    def _call(self, word: Word) -> bool:
        """Open a call; false if that was all of its arguments: `count()`, `count(*)`."""
        name = word.key
        if name == "extract" and self._ahead(3).key == "from":
            self._extract(word)
            return True
        if name == "cast":
            self._put(TokenType.VAR, name, word.start)
        elif name in FUNCTIONS:
            self._leaf("call", name, word)
        else:
            self._unknown(word)
        self._index += 1
        self._begin("cast" if name == "cast" else "call", word)
        self._keep(TokenType.L_PAREN)
        if self._word.key == ")":
            if name != "count":
                self._fail(f"An argument of `{name}`")
            return False
        if self._word.key == "*" and name == "count" and self._ahead().key == ")":
            self._keep(TokenType.STAR)
            return False
        if self._word.key == "distinct" and name == "count":
            self._keep(TokenType.DISTINCT)
        return True

    def _unknown(self, word: Word) -> NoReturn:
        if word.key in QUERIES:
            self._index += 1
            self._fail("A value")
        hint = did_you_mean(word.text, FUNCTIONS) or "docs/expressions.md lists all functions."
        if word.kind == "quoted":
            hint = "A function is written without quotes."
        elif word.key in FUNCTIONS_INSTEAD:
            hint = f"Write `{FUNCTIONS_INSTEAD[word.key]}`."
        elif word.key in CLOCK:
            hint = NO_CLOCK
        self.writing.refuse("unknown-function", f"There is no function `{word.text}`.", word.start, hint)

    def _extract(self, word: Word) -> None:
        """`extract(year from d)` is the same as `year(d)`."""
        part = self._ahead(2)
        if part.key not in PARTS:
            hint = did_you_mean(part.text, PARTS) or f"The parts are {', '.join(PARTS)}."
            self.writing.refuse("unknown-function", f"{part} is no part of a date.", part.start, hint)
        self._leaf("call", part.key, word)
        self._put(TokenType.L_PAREN, "(", word.start)
        self._begin("call", word)
        self._index += 4


def _leaf_kind(word: Word) -> LeafKind | None:
    """What the word is as a value by itself, if it is one."""
    if word.kind == "word" and word.key in {"null", "true", "false"}:
        return cast("LeafKind", word.key)
    kinds: dict[str, LeafKind] = {"string": "text", "number": "number", "quoted": "name", "word": "name"}
    return None if word.key in KEYWORDS else kinds.get(word.kind)

"""Words -> tokens for sqlglot's parser, after each word was found where the grammar of expressions lets it stand.

sqlglot repairs broken text and reads far more than expressions. So this walks over the words with one question, is a
value or an operator expected here?, and refuses at the first word that doesn't fit. Whatever isn't a keyword of the
language becomes a plain name, whatever it means elsewhere in SQL. `operands` reads values, this what comes after them.

The parser never sees a word of the author's: names, literals and functions reach it as `k0`, `k1`, ... and are put back
into the tree afterwards (`parsing`), where each must be found once and in order. So no word can have a second meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import TokenType

from kpieval.expressions.language import (
    COMPARISONS,
    KEYWORDS,
    OPERATORS,
    SYMBOLS,
    TYPES,
)
from kpieval.expressions.operands import Operands
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

    from kpieval.expressions.walk import Open
    from kpieval.expressions.words import Writing

_IN_CASE = {"case": ("when",), "when": ("then",), "then": ("when", "else", "end"), "else": ("end",)}


class Grammar(Operands):
    """The walk over a whole expression."""

    def __init__(self, writing: Writing) -> None:
        super().__init__(writing)
        self._read()

    def _read(self) -> None:
        while True:
            while self._before_value():
                pass
            while not self._after_value():
                if self._word.kind == "end":
                    self._ended()
                    return

    def _after_value(self) -> bool:
        """Read what ends values or joins them; true if a value is expected next."""
        if self._word.kind == "end":
            return False
        by_word: dict[str, Callable[[], bool]] = {
            "and": self._and, ",": self._comma, ")": self._close, "::": self._double_colon, "as": self._as,
            "is": self._is, "escape": self._escape, "end": self._case_part, "when": self._case_part,
            "then": self._case_part, "else": self._case_part,
        }  # fmt: skip
        if self._word.key in OPERATORS:
            if self._word.key in COMPARISONS:
                self._compare()
            if self._word.key == "or":
                self._open[-1].compared = False
            self._keep({**SYMBOLS, **KEYWORDS}[self._word.key])
            return True
        return by_word.get(self._word.key, self._predicate)()

    def _ended(self) -> None:
        self._whole(self._open[-1])
        if len(self._open) > 1:
            begun = self._open[-1]
            what = "`end`" if begun.kind == "case" else "`)`"
            message = f"{what} is missing: {begun.word} is not ended."
            self.writing.refuse("expression-syntax", message, begun.word.start)

    def _whole(self, begun: Open) -> None:
        if begun.between:
            message = "`and` is missing after this `between`."
            self.writing.refuse("expression-syntax", message, begun.between[-1].start, "Write `x between 1 and 2`.")

    def _compare(self) -> None:
        """Engines read `a = b = c` and `a = b is null` differently, or not at all."""
        if self._open[-1].compared:
            message = "Two comparisons in a row are told apart by brackets."
            self.writing.refuse("expression-syntax", message, self._word.start, "Write `(a = b) = c`, or `and`.")
        self._open[-1].compared = True

    def _and(self) -> bool:
        if self._open[-1].between:
            self._open[-1].between.pop()
        else:
            self._open[-1].compared = False
        self._keep(TokenType.AND)
        return True

    def _predicate(self) -> bool:
        """`[not] in (`, `[not] between`, `[not] like`."""
        verb = self._ahead() if self._word.key == "not" else self._word
        if verb.key not in {"in", "between", "like"}:
            self._fail("An operator")
        self._compare()
        if verb is not self._word:
            self._keep(TokenType.NOT)
        self._keep(KEYWORDS[verb.key])
        if verb.key == "between":
            self._open[-1].between.append(verb)
        if verb.key == "in":
            if self._word.key != "(":
                self._fail("A list in brackets", "Write `x in (1, 2)`.")
            self._begin("list", self._word)
            self._keep(TokenType.L_PAREN)
        return True

    def _escape(self) -> bool:
        if self._ahead().kind != "string":
            self._fail("An operator")
        self._keep(TokenType.ESCAPE)
        self._put(TokenType.STRING, self._word.text, self._word.start)
        self._index += 1
        return False

    def _is(self) -> bool:
        self._compare()
        self._keep(TokenType.IS)
        if self._word.key == "not":
            self._keep(TokenType.NOT)
        if self._word.key not in {"null", "true", "false"}:
            self._fail("`null`, `true` or `false`", "Two values are compared with `=` or `<>`.")
        self._keep(KEYWORDS[self._word.key])
        return False

    def _double_colon(self) -> bool:
        self._keep(TokenType.DCOLON)
        return self._type()

    def _as(self) -> bool:
        if self._open[-1].kind != "cast" or self._open[-1].last:
            self._fail("An operator", "A value gets its name from the file, not from `as`.")
        self._whole(self._open[-1])
        self._open[-1].last = "as"
        self._keep(TokenType.ALIAS)
        self._type()
        if self._word.key != ")":
            self._fail("`)`")
        return False

    def _type(self) -> bool:
        word = self._word
        if word.key not in TYPES:
            hint = did_you_mean(word.key, TYPES) or f"The types are {', '.join(TYPES)}."
            message = f"{word} is no type." if word.kind != "end" else "A type is expected, but the expression ends."
            self.writing.refuse("unknown-type", message, word.start, hint)
        self._keep(TYPES[word.key])
        return False

    def _comma(self) -> bool:
        if self._open[-1].kind not in {"call", "list"}:
            self._fail("An operator", "An expression is one value; lists only stand after `in` and in calls.")
        self._whole(self._open[-1])
        self._open[-1].compared = False
        self._keep(TokenType.COMMA)
        return True

    def _close(self) -> bool:
        """Close a bracket; if it was that of a call, `filter (where` may follow."""
        begun = self._open[-1]
        self._whole(begun)
        if begun.kind == "expression":
            self.writing.refuse("expression-syntax", "This `)` closes nothing.", self._word.start)
        if begun.kind == "case":
            self._fail("`end`", f"{begun.word} is not ended.")
        if begun.kind == "cast" and not begun.last:
            self._fail("`as` and a type", "Write `cast(x as date)`.")
        self._open.pop()
        self._keep(TokenType.R_PAREN)
        if begun.kind != "call" or self._word.key != "filter":
            return False
        self._keep(TokenType.FILTER)
        if self._word.key != "(" or self._ahead().key != "where":
            self._fail("`(where`", "Write `count(*) filter (where stage = 'won')`.")
        self._begin("filter", self._word)
        self._keep(TokenType.L_PAREN)
        self._keep(TokenType.WHERE)
        return True

    def _case_part(self) -> bool:
        """`when`, `then`, `else`, `end` of a case."""
        begun, part = self._open[-1], self._word.key
        self._whole(begun)
        if begun.kind != "case":
            self._fail("An operator", "`when`, `then`, `else` and `end` belong to a `case`.")
        if part not in _IN_CASE[begun.last]:
            self._fail(" or ".join(f"`{word}`" for word in _IN_CASE[begun.last]))
        begun.last, begun.compared = part, False
        self._keep(KEYWORDS[part])
        if part == "end":
            self._open.pop()
        return part != "end"

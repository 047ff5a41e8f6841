"""Words -> tokens for sqlglot's parser, after each word was found where the grammar of expressions lets it stand.

sqlglot repairs broken text and reads far more than expressions. So this walks over the words with one question, is a
value or an operator expected here?, and refuses at the first word that doesn't fit. Whatever isn't a keyword of the
language becomes a plain name, whatever it means elsewhere in SQL. Spellings that differ only in looks are made one:
`extract(year from d)` and `year(d)`, `date '2026-01-31'` and a cast, `interval 3 day` and a call.

The parser never sees a word of the author's: names, literals and functions reach it as `k0`, `k1`, ... and are put back
into the tree afterwards (`parsing`), where each must be found once and in order. So no word can have a second meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NoReturn, cast, get_args

from sqlglot import Token, TokenType

from kpieval.expressions.catalogue import CLOCK, FUNCTIONS, INSTEAD, INTERVALS, NO_CLOCK, PARTS
from kpieval.model import Type
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from kpieval.expressions.words import Word, Writing

MAX_DEPTH = 16
MAX_WORDS = 400

KEYWORDS = {
    "and": TokenType.AND, "or": TokenType.OR, "not": TokenType.NOT, "is": TokenType.IS, "null": TokenType.NULL,
    "true": TokenType.TRUE, "false": TokenType.FALSE, "in": TokenType.IN, "between": TokenType.BETWEEN,
    "like": TokenType.LIKE, "escape": TokenType.ESCAPE, "case": TokenType.CASE, "when": TokenType.WHEN,
    "then": TokenType.THEN, "else": TokenType.ELSE, "end": TokenType.END, "distinct": TokenType.DISTINCT,
    "as": TokenType.ALIAS,
}  # fmt: skip
SYMBOLS = {
    "(": TokenType.L_PAREN, ")": TokenType.R_PAREN, ",": TokenType.COMMA, "+": TokenType.PLUS, "-": TokenType.DASH,
    "*": TokenType.STAR, "/": TokenType.SLASH, "%": TokenType.MOD, "=": TokenType.EQ, "<>": TokenType.NEQ,
    "!=": TokenType.NEQ, "<": TokenType.LT, "<=": TokenType.LTE, ">": TokenType.GT, ">=": TokenType.GTE,
    "||": TokenType.DPIPE, "::": TokenType.DCOLON,
}  # fmt: skip
TYPES = {
    "text": TokenType.TEXT, "integer": TokenType.BIGINT, "decimal": TokenType.DECIMAL, "number": TokenType.DOUBLE,
    "boolean": TokenType.BOOLEAN, "date": TokenType.DATE, "timestamp": TokenType.TIMESTAMP,
}  # fmt: skip
OPERATORS = frozenset({"+", "-", "*", "/", "%", "=", "<>", "!=", "<", "<=", ">", ">=", "||"})
_ELSEWHERE = {
    "select": "An expression has no subquery; give what it needs a name: a computed column, a measure, a KPI.",
    "over": "An expression has no windows; `prior`, `year_ago`, `to_date` and `trailing` look at other periods.",
    "ilike": "Write `lower(x) like 'abc%'`.",
    "using": None, "collate": None, "similar": "Write `like`.", "regexp": "Write `like`.", "rlike": "Write `like`.",
    "union": "An expression is one value, not a query.", "from": "An expression has no `from`; its source is fixed.",
    "exists": "An expression has no subquery.", "isnull": "Write `is null`.", "notnull": "Write `is not null`.",
    "xor": "Write `a <> b`.", "div": "Write `floor(a / b)`.", "mod": "Write `a % b`.",
    "within": "Write `quantile(x, 0.9)`.", "at": "A timestamp is already in the project's time zone.",
}  # fmt: skip

LeafKind = Literal["name", "number", "text", "null", "true", "false", "call"]
Opener = Literal["group", "call", "list", "cast", "filter", "case"]


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a placeholder stands for: a name, a literal, or the name of a called function; `start` is its offset."""

    kind: LeafKind
    text: str
    start: int


@dataclass(slots=True)
class Open:
    """Something begun and not yet ended. `phase` of a case: what came last of case, when, then, else."""

    kind: Opener
    word: Word
    phase: str = ""


@dataclass(slots=True)
class Grammar:
    """One walk over the words of an expression."""

    writing: Writing
    words: list[Word]
    tokens: list[Token] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    stack: list[Open] = field(default_factory=list)
    index: int = 0

    def read(self) -> None:
        """Walk over the whole expression; afterwards `tokens` and `leaves` hold it."""
        if len(self.words) > MAX_WORDS:
            message = f"The expression has more than {MAX_WORDS} words."
            self.writing.refuse(
                "expression-too-big", message, hint="Give parts of it a name: a computed column, a measure, a KPI."
            )
        while True:
            self._value()
            if self._after_value():
                return

    @property
    def word(self) -> Word:
        """The word that is looked at."""
        return self.words[self.index]

    def _ahead(self, distance: int = 1) -> Word:
        return self.words[min(self.index + distance, len(self.words) - 1)]

    def _put(self, kind: TokenType, text: str, start: int) -> None:
        self.tokens.append(Token(kind, text, 1, start + 1, start, start + len(text)))

    def _keep(self, kind: TokenType) -> None:
        """Hand the word on as it is."""
        self._put(kind, self.word.raw, self.word.start)
        self.index += 1

    def _leaf(self, kind: LeafKind, text: str, word: Word) -> None:
        """Hand a placeholder on."""
        self._put(TokenType.VAR, f"k{len(self.leaves)}", word.start)
        self.leaves.append(Leaf(kind, text, word.start))

    def _begin(self, kind: Opener, word: Word, phase: str = "") -> None:
        self.stack.append(Open(kind, word, phase))
        if len(self.stack) > MAX_DEPTH:
            message = f"Brackets and cases stand more than {MAX_DEPTH} deep in each other."
            self.writing.refuse("expression-too-big", message, word.start)

    def _fail(self, expected: str, hint: str | None = None) -> NoReturn:
        word = self.word
        hint = hint or _ELSEWHERE.get(word.lower)
        message = f"{expected} is expected, but the expression ends."
        if word.kind != "end":
            message = f"{expected} is expected before {word}."
        self.writing.refuse("expression-syntax", message, word.start, hint)

    # where a value is expected

    def _value(self) -> None:
        """Read signs, `not` and openers, up to the first word that is a value by itself."""
        signs = 0
        while True:
            word = self.word
            if word.lower == "not" or (word.kind == "symbol" and word.text in "+-"):
                signs += 1
                if signs > 3:  # noqa: PLR2004
                    self.writing.refuse("expression-too-big", "More than three signs or `not` in a row.", word.start)
                if word.text == "+":
                    self.index += 1
                else:
                    self._keep(KEYWORDS["not"] if word.lower == "not" else TokenType.DASH)
                continue
            if word.kind == "symbol" and word.text == "(":
                self._begin("group", word)
                self._keep(TokenType.L_PAREN)
                if self.word.lower == "select":
                    self.writing.refuse(
                        "expression-not-allowed",
                        "An expression has no subquery.",
                        self.word.start,
                        _ELSEWHERE["select"],
                    )
            elif word.lower == "case":
                self._begin("case", word, "case")
                self._keep(TokenType.CASE)
                if self.word.lower == "when":
                    self.stack[-1].phase = "when"
                    self._keep(TokenType.WHEN)
            elif self._ahead().raw == "(" and word.kind in {"word", "quoted"} and word.lower not in KEYWORDS:
                if self._call(word):
                    return
            else:
                self._single(word)
                return
            signs = 0

    def _single(self, word: Word) -> None:
        if word.kind == "word" and word.lower in {"date", "timestamp"} and self._ahead().kind == "string":
            self._literal_of(word)
        elif word.lower == "interval" and self._ahead().kind in {"number", "string"}:
            self._interval(word)
        elif (kind := _leaf_kind(word)) is not None:
            self._leaf(kind, word.text, word)
            self.index += 1
        else:
            self._fail("A value")

    def _literal_of(self, word: Word) -> None:
        """`date '2026-01-31'` is the same as `cast('2026-01-31' as date)`."""
        self._put(TokenType.VAR, "cast", word.start)
        self._put(TokenType.L_PAREN, "(", word.start)
        self._leaf("text", self._ahead().text, self._ahead())
        self._put(TokenType.ALIAS, "as", word.start)
        self._put(TYPES[word.lower], word.lower, word.start)
        self._put(TokenType.R_PAREN, ")", word.start)
        self.index += 2

    def _interval(self, word: Word) -> None:
        """`interval 3 day`, `interval '3' day` and `interval '3 days'` are the same call."""
        amount, _, unit = self._ahead().text.strip().partition(" ")
        self.index += 2
        if not unit:
            unit = self.word.lower
            self.index += 1 if unit else 0
        name = unit.strip().lower().removesuffix("s")
        if not amount.isdecimal() or not amount.isascii() or len(amount) > 5 or name not in INTERVALS:  # noqa: PLR2004
            hint = f"Write `interval 3 day`; the units are {', '.join(INTERVALS)}."
            self.writing.refuse("expression-syntax", "This is not an interval.", word.start, hint)
        self._leaf("call", "interval", word)
        self._put(TokenType.L_PAREN, "(", word.start)
        self._leaf("number", amount, word)
        self._put(TokenType.COMMA, ",", word.start)
        self._leaf("text", name, word)
        self._put(TokenType.R_PAREN, ")", word.start)

    def _call(self, word: Word) -> bool:
        """Open a call; true if it is over already, having no arguments (`count()`, `count(*)`)."""
        name = word.lower
        if word.kind == "word" and name == "extract" and self._ahead(3).lower == "from":
            self._extract(word)
            return False
        if name != "cast" and name not in FUNCTIONS:
            hint = did_you_mean(name or word.text, FUNCTIONS) or "docs/expressions.md lists all functions."
            if name in INSTEAD:
                hint = f"Write `{INSTEAD[name]}`."
            if name in CLOCK:
                hint = NO_CLOCK
            self.writing.refuse("unknown-function", f"There is no function `{word.text}`.", word.start, hint)
        if name == "cast":
            self._put(TokenType.VAR, "cast", word.start)
        else:
            self._leaf("call", name, word)
        self.index += 1
        self._begin("cast" if name == "cast" else "call", word)
        self._keep(TokenType.L_PAREN)
        if self.word.raw == ")" and self.word.kind == "symbol":
            if name != "count":
                self._fail(f"An argument of `{name}`")
            return True
        if self.word.raw == "*" and name == "count" and self._ahead().raw == ")":
            self._keep(TokenType.STAR)
            return True
        if self.word.lower == "distinct" and name == "count":
            self._keep(TokenType.DISTINCT)
        return False

    def _extract(self, word: Word) -> None:
        """`extract(year from d)` is the same as `year(d)`."""
        part = self._ahead(2)
        if part.lower not in PARTS:
            hint = did_you_mean(part.lower, PARTS) or f"The parts are {', '.join(PARTS)}."
            self.writing.refuse("unknown-function", f"`{part.raw}` is no part of a date.", part.start, hint)
        self._leaf("call", part.lower, word)
        self._put(TokenType.L_PAREN, "(", word.start)
        self._begin("call", word)
        self.index += 4

    # where an operator is expected

    def _after_value(self) -> bool:
        """Read what ends values and joins them, up to the next value; true at the end of the expression."""
        while True:
            word = self.word
            if word.kind == "end":
                if self.stack:
                    what = "`end`" if self.stack[-1].kind == "case" else "`)`"
                    begun = self.stack[-1].word
                    message = f"{what} is missing: {begun} is not ended."
                    self.writing.refuse("expression-syntax", message, begun.start)
                return True
            if word.kind == "symbol" and word.text in OPERATORS:
                self._keep(SYMBOLS[word.text])
                return False
            if word.lower in {"and", "or"}:
                self._keep(KEYWORDS[word.lower])
                return False
            if word.raw == "," and word.kind == "symbol":
                self._comma()
                return False
            if word.raw == ")" and word.kind == "symbol":
                if self._close():
                    return False
            elif word.raw == "::" and word.kind == "symbol":
                self._keep(TokenType.DCOLON)
                self._type()
            elif word.lower == "end":
                self._case_end()
            elif word.lower in {"when", "then", "else"}:
                self._case_part()
                return False
            elif word.lower == "as":
                if not self.stack or self.stack[-1].kind != "cast" or self.stack[-1].phase:
                    self._fail("An operator", "A value gets its name from the file, not from `as`.")
                self.stack[-1].phase = "as"
                self._keep(TokenType.ALIAS)
                self._type()
            elif word.lower == "is":
                self._is()
            elif self._predicate():
                return False

    def _predicate(self) -> bool:
        """`[not] in (`, `[not] between`, `[not] like`, `escape '\\'`; true if a value follows."""
        if self.word.lower == "escape" and self._ahead().kind == "string":
            self._keep(TokenType.ESCAPE)
            self._put(TokenType.STRING, self.word.text, self.word.start)
            self.index += 1
            return False
        negated = self.word.lower == "not"
        verb = self._ahead() if negated else self.word
        if verb.lower not in {"in", "between", "like"}:
            self._fail("An operator")
        if negated:
            self._keep(TokenType.NOT)
        self._keep(KEYWORDS[verb.lower])
        if verb.lower == "in":
            if self.word.raw != "(" or self.word.kind != "symbol":
                self._fail("A list in brackets", "Write `x in (1, 2)`.")
            self._begin("list", self.word)
            self._keep(TokenType.L_PAREN)
        return True

    def _is(self) -> None:
        self._keep(TokenType.IS)
        if self.word.lower == "not":
            self._keep(TokenType.NOT)
        if self.word.lower not in {"null", "true", "false"}:
            self._fail("`null`, `true` or `false`", "Two values are compared with `=` or `<>`.")
        self._keep(KEYWORDS[self.word.lower])

    def _type(self) -> None:
        word = self.word
        if word.lower not in TYPES:
            hint = (
                did_you_mean(word.lower, TYPES) if word.lower else None
            ) or f"The types are {', '.join(get_args(Type))}."
            message = f"{word} is no type." if word.kind != "end" else "A type is expected, but the expression ends."
            self.writing.refuse("unknown-type", message, word.start, hint)
        self._keep(TYPES[word.lower])

    def _comma(self) -> None:
        if not self.stack or self.stack[-1].kind not in {"call", "list"}:
            self._fail("An operator", "An expression is one value; lists only stand after `in` and in calls.")
        self._keep(TokenType.COMMA)

    def _close(self) -> bool:
        """Close a bracket; true if it was that of a call and `filter (where` follows, so that a value is next."""
        if not self.stack:
            self.writing.refuse("expression-syntax", "This `)` closes nothing.", self.word.start)
        begun = self.stack.pop()
        if begun.kind == "case":
            self._fail("`end`", f"{begun.word} is not ended.")
        if begun.kind == "cast" and not begun.phase:
            self._fail("`as` and a type", "Write `cast(x as date)`.")
        self._keep(TokenType.R_PAREN)
        if begun.kind != "call" or self.word.lower != "filter":
            return False
        self._keep(TokenType.FILTER)
        if self.word.raw != "(" or self._ahead().lower != "where":
            self._fail("`(where`", "Write `count(*) filter (where stage = 'won')`.")
        self._begin("filter", self.word)
        self._keep(TokenType.L_PAREN)
        self._keep(TokenType.WHERE)
        return True

    def _case(self) -> Open:
        if not self.stack or self.stack[-1].kind != "case":
            self._fail("An operator", "`when`, `then`, `else` and `end` belong to a `case`.")
        return self.stack[-1]

    def _case_part(self) -> None:
        begun, part = self._case(), self.word.lower
        if part not in {"case": {"when"}, "when": {"then"}, "then": {"when", "else"}, "else": set()}[begun.phase]:
            self._fail(
                {"case": "`when`", "when": "`then`", "then": "`when`, `else` or `end`", "else": "`end`"}[begun.phase]
            )
        begun.phase = part
        self._keep(KEYWORDS[part])

    def _case_end(self) -> None:
        if self._case().phase not in {"then", "else"}:
            self._fail("`when`" if self._case().phase == "case" else "`then`")
        self.stack.pop()
        self._keep(TokenType.END)


def _leaf_kind(word: Word) -> LeafKind | None:
    """What the word is as a value by itself, if it is one."""
    if word.lower in {"null", "true", "false"}:
        return cast("LeafKind", word.lower)
    kinds: dict[str, LeafKind] = {"string": "text", "number": "number", "quoted": "name", "word": "name"}
    return None if word.lower in KEYWORDS else kinds.get(word.kind)

"""Numbers, money, dates and periods become words in the project's locale (Babel knows how; this knows what)."""

from __future__ import annotations

import copy
import datetime as dt
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError, localedata
from babel.dates import format_date, format_interval
from babel.lists import format_list
from babel.numbers import NumberPattern, format_compact_currency, format_scientific, get_currency_symbol
from babel.units import format_unit

from kpieval.model import Unit
from kpieval.problems import DefinitionError, Problem
from kpieval.translation import Words, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

MOST_DECIMALS = 12
"""Two different numbers that agree in so many decimals are shown alike: a double holds hardly more."""

MINUS = "\N{MINUS SIGN}"
_MARKS = re.compile("[\u061c\u200e\u200f]")
_EXACT = Context(prec=330, rounding=ROUND_HALF_EVEN)
"""Holds all digits of the largest double, and a few decimals."""
HUGE = 10**15
"""A number that nobody can read in full."""
_COMPACT_FROM = 10_000
_BRIEF = 4
"""So many digits a number in brief has at most: three and one decimal."""
_DECIMALS = {"percent": 0, "points": 0, "currency": 0, "hours": 1, "days": 0, "ratio": 2}
_WRITTEN = 10_000
"""So many numbers are remembered as they were written: of all on the pages of a site, nine in ten come again."""
_UNITS = {"hours": "duration-hour", "days": "duration-day"}
_SCALED = ("percent", "points")
_MANY = 7
"""A number that takes the form of many things in every language."""


class Formats:
    """How one report writes and says things: `locale` as in `en_GB`, `currency` as in `EUR`.

    Its words are those of the locale, or those that are given.
    """

    def __init__(self, locale: str, currency: str | None, own: Words | None = None) -> None:
        try:
            self.locale = Locale.parse(locale.replace("-", "_"))
            _own_names(str(self.locale))
        except (ValueError, UnknownLocaleError) as error:
            message = f"'{locale}' is not a locale."
            hint = "Write it like en_GB, de_DE or cs_CZ, under `locale:` in kpieval.yaml."
            raise DefinitionError(Problem("error", "unknown-locale", message, hint=hint)) from error
        self.currency = currency
        self._patterns: dict[tuple[str, int], NumberPattern] = {}
        self._periods: dict[str, str] = {}
        self._applied = lru_cache(_WRITTEN)(self._by_pattern)
        self._written = lru_cache(_WRITTEN, typed=True)(self._rounded_first)
        self._points = lru_cache(_WRITTEN)(self._in_points)
        self.words = own or words(locale)
        own_words = self.words.language.split("_")[0] == self.locale.language
        self._lists = self.locale if own_words else Locale.parse(self.words.language)

    @property
    def language(self) -> str:
        """The language tag for `lang=`."""
        return str(self.locale).replace("_", "-")

    def say(self, message: str, /, **values: object) -> str:
        """A message of our own."""
        return self.words.say(message, **values)

    def counted(self, number: int, one: str, many: str, /, **values: object) -> str:
        """A message about so many things; `{count}` in it is the number."""
        return self.words.counted(number, one, many, count=self.count(number), **values)

    def value(self, number: float, unit: Unit, *, decimals: int | None = None, short: bool = False) -> str:
        """A KPI's value with its unit; `short` drops the unit's word where it stands elsewhere, and shortens money."""
        places = unit_decimals(unit) if decimals is None else decimals
        if abs(number) >= HUGE:
            return self.number(number)
        if unit.kind == "percent":
            return self._written(number, "percent", places)
        if unit.kind == "currency" and self.currency:
            compact = short and decimals is None and abs(number) >= _COMPACT_FROM
            return self._compact(number, self.currency) if compact else self._written(number, "currency", places)
        if unit.kind == "points":
            amount = self._signed(_decimal(number) * 100, places)
            return amount if short else self._points(amount)
        amount, word = self.number(number, places), unit.suffix or ""
        if not short and unit.kind in _UNITS:
            return self._measured(number, places, unit.kind)
        return amount if short or not word else f"{amount}\N{NO-BREAK SPACE}{word}"

    def difference(self, number: float, unit: Unit, *, signed: bool = True, short: bool = False, most: int = 1) -> str:
        """A difference of two values: of percentages in points, of the rest in the unit itself.

        Up to `most` digits more than usual are shown where a difference would look like none.
        """
        points = unit.kind in _SCALED
        kept = Unit("points" if points else unit.kind, unit.decimals, unit.suffix)
        places = self.difference_decimals(number, unit, most=most)
        decimals = None if unit.kind == "currency" and places == unit_decimals(unit) else places
        text = self.value(number if signed else abs(number), kept, decimals=decimals, short=short)
        if points:
            return text if signed else text.removeprefix("+")
        return f"+{text}" if signed and number > 0 and re.search("[1-9]", text) else text

    def difference_decimals(self, number: float, unit: Unit, most: int = 1) -> int:
        """So many decimals a difference is shown with."""
        return self.apart(number, [0.0], unit, most=unit_decimals(unit) + most)

    def apart(self, number: float, others: Iterable[float], unit: Unit, most: int = MOST_DECIMALS) -> int:
        """As few decimals as the unit asks for, and as many as it takes to tell `number` from each of the `others`.

        So 0.795 beside an edge of 0.8 is not shown as 80 %.
        """
        scale = 2 if unit.kind in _SCALED else 0
        places = unit_decimals(unit)
        for other in others:
            if abs(number - other) > 2 * 10.0 ** -(places + scale):  # further apart than rounding brings them
                continue
            exact, rival = _decimal(number), _decimal(other)
            while (
                exact != rival and places < most and _rounded(exact, places + scale) == _rounded(rival, places + scale)
            ):
                places += 1
        return places

    def number(self, number: float | Decimal, decimals: int = 0) -> str:
        """A plain number; one that nobody can read in full as a power of ten."""
        if not -HUGE < number < HUGE:
            return _minus(format_scientific(number, format="0.###E0", locale=self.locale))
        return self._written(number, "decimal", decimals)

    def count(self, number: int) -> str:
        """A whole number of things."""
        return self.number(number)

    def date(self, day: str) -> str:
        """`2026-07-01` as a date that is read aloud."""
        return _or_raw(day, lambda date: format_date(date, "long", locale=self.locale))

    def dates(self, start: str, end: str) -> str:
        """From the day `start` to the day before `end`, with each part said once."""
        try:
            first, last = dt.date.fromisoformat(start), dt.date.fromisoformat(end) - dt.timedelta(days=1)
        except ValueError:
            return self.stretch(start, end)
        if first == last:
            return self.date(start)
        return _unmarked(format_interval(first, last, "yMMMd", locale=self.locale))

    def period(self, label: str, start: str) -> str:
        """`2026-Q3` as `Q3 2026`, `2026-07` as `July 2026`; a label of another form stays as it is."""
        if label not in self._periods:
            self._periods[label] = self._period(label, start)
        return self._periods[label]

    def _period(self, label: str, start: str) -> str:
        if found := re.fullmatch(r"((?:FY)?\d{4})-Q(\d)", label):
            return self.say("Q{quarter} {year}", quarter=found[2], year=found[1])
        if re.fullmatch(r"\d{4}-\d{2}", label):
            return _or_raw(start, lambda date: format_date(date, "LLLL y", locale=self.locale))
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", label):
            return self.date(label)
        if found := re.fullmatch(r"(\d{4})-W(\d{2})", label):
            return self.say("Week {week} of {year}", week=int(found[2]), year=found[1])
        return label

    def period_short(self, label: str, start: str) -> tuple[str, str]:
        """A period in two short lines, for the axis of a chart: what tells it apart, and its year."""
        if found := re.fullmatch(r"((?:FY)?\d{4})-Q(\d)", label):
            return self.say("Q{quarter}", quarter=found[2]), found[1]
        if found := re.fullmatch(r"(\d{4})-W(\d{2})", label):
            return self.say("W{week}", week=found[2]), found[1]
        if re.fullmatch(r"\d{4}-\d{2}", label):
            return _or_raw(start, lambda date: format_date(date, "LLL", locale=self.locale)), label[:4]
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", label):
            return _or_raw(start, lambda date: format_date(date, "d MMM", locale=self.locale)), label[:4]
        return label, ""

    def listed(self, words: Iterable[str]) -> str:
        """`a, b and c`."""
        text: str = format_list(list(words), locale=self._lists)
        return text

    def named(self, names: Sequence[str], most: int) -> str:
        """The names in a list; beyond so many of them only how many more there are."""
        more = len(names) - most
        rest = [self.counted(more, "{count} more", "{count} more")] if more > 0 else []
        return self.listed([*names[:most], *rest])

    def termed(self, term: str, words: str) -> str:
        """`term: words`, with the colon as the language sets it."""
        return self.say("{term}: {words}", term=term, words=words)

    def stretch(self, first: str, last: str) -> str:
        """`a to b`."""
        return self.say("{first} to {last}", first=first, last=last)

    def unit_sign(self, kind: str) -> str:
        """What hours and days are called in brief, as `Std.`; empty of other units."""
        if kind not in _UNITS:
            return ""
        return _unmarked(format_unit(_MANY, _UNITS[kind], "short", locale=self.locale)).replace(str(_MANY), "").strip()

    def money_sign(self) -> tuple[str, bool, bool]:
        """The sign of the currency, whether it stands before a number, and whether there is a blank between them."""
        if not self.currency:
            return "", False, False
        pattern = _unmarked(self.locale.currency_formats["standard"].pattern).split(";")[0]
        sign = _unmarked(get_currency_symbol(self.currency, locale=self.locale))
        return sign, pattern.startswith("¤"), bool(re.search(r"¤\s|\s¤", pattern))

    def _in_points(self, amount: str) -> str:
        """Percentage points, which read as one where the amount does."""
        one = amount.strip("+" + MINUS) == "1"
        return self.words.counted(
            1 if one else 2, "{amount}\N{NO-BREAK SPACE}point", "{amount}\N{NO-BREAK SPACE}points", amount=amount
        )

    def _rounded_first(self, number: float | Decimal, kind: str, decimals: int) -> str:
        """A number by the pattern of its kind; it is rounded first, since few rounded numbers are new."""
        places = decimals + 2 if kind == "percent" else decimals
        return self._applied(_rounded(_decimal(number), places), kind, decimals)

    def _by_pattern(self, number: Decimal, kind: str, decimals: int) -> str:
        pattern = self._pattern(kind, decimals)
        text: str = pattern.apply(number, self.locale, currency=self.currency, currency_digits=False)
        return _minus(text)

    def _compact(self, number: float, currency: str) -> str:
        """Money in brief; in full where the locale has no shorter way to say it, as German has none for thousands."""
        text = format_compact_currency(number, currency, locale=self.locale, fraction_digits=1)
        brief = sum(sign.isdigit() for sign in text) <= _BRIEF
        return _minus(text) if brief else self._written(number, "currency", 0)

    def _measured(self, number: float, decimals: int, kind: str) -> str:
        rounded, pattern = _rounded(_decimal(number), decimals), self._pattern("decimal", decimals).pattern
        text = format_unit(rounded, _UNITS[kind], "long", format=pattern, locale=self.locale)
        if _UNITS[kind] in text:  # Babel gives the name of the unit where it has no form for the number
            return f"{self.number(number, decimals)}\N{NO-BREAK SPACE}{self.say(kind)}"
        return _minus(text)

    def _signed(self, number: Decimal, decimals: int) -> str:
        text = self.number(number, decimals)
        return f"+{text}" if number > 0 and re.search(r"[1-9]", text) else text

    def _pattern(self, kind: str, decimals: int) -> NumberPattern:
        """The locale's way to write a `decimal`, a `percent` or a `currency` with so many decimals."""
        if (kind, decimals) not in self._patterns:
            locale = self.locale
            formats = {"decimal": locale.decimal_formats, "percent": locale.percent_formats}.get(kind)
            pattern: NumberPattern = copy.copy(formats[None] if formats else locale.currency_formats["standard"])
            pattern.frac_prec = (decimals, decimals)
            if kind == "decimal":
                pattern.pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._patterns[kind, decimals] = pattern
        return self._patterns[kind, decimals]


def unit_decimals(unit: Unit) -> int:
    """How many decimals values of this unit are shown with, where nothing asks for more."""
    return _DECIMALS.get(unit.kind, 0) if unit.decimals is None else unit.decimals


def settled(unit: Unit, values: Iterable[float]) -> Unit:
    """The unit with its decimals chosen once for all `values`, so that they line up: whole numbers have none."""
    if unit.decimals is not None or unit.kind in _DECIMALS:
        return unit
    known = [abs(value) for value in values]
    if all(value == int(value) for value in known):
        return Unit(unit.kind, 0, unit.suffix)
    largest = max(known)
    return Unit(unit.kind, 0 if largest >= 1000 else 1 if largest >= 1 else 2, unit.suffix)  # noqa: PLR2004 - four digits say enough


def _decimal(number: float | Decimal) -> Decimal:
    """The number as its shortest text says it: 0.795 is 0.795, not the double beside it."""
    return number if isinstance(number, Decimal) else Decimal(repr(number))


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(_last_digit(places), context=_EXACT)


@cache
def _last_digit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


@cache
def _own_names(locale: str) -> None:
    """Let a locale have its names of months and days for itself.

    Babel fills in what a locale takes from elsewhere where all locales share it, so that after a report in Hebrew
    those in Arabic would name its months (Babel 2.18, `LocaleDataDict.__getitem__`).
    """
    known = localedata.load(locale)
    for names in ("months", "days", "quarters"):
        known[names] = copy.deepcopy(known[names])


def _unmarked(text: str) -> str:
    """The text without marks of direction: the page says what reads from left to right, and lets no mark in."""
    return _MARKS.sub("", text)


def _minus(text: str) -> str:
    """The text with a real minus sign, which is as wide as a plus; and none before a zero."""
    text = _unmarked(text)
    if text.startswith("-") and not re.search(r"[1-9]", text):
        text = text[1:]
    return text.replace("-", MINUS, 1) if re.match(r"-|[^\w\s]?-", text) else text


def _or_raw(day: str, write: Callable[[dt.date], str]) -> str:
    """A date written by `write`; what is no date stays as it is."""
    try:
        return _unmarked(write(dt.date.fromisoformat(day)))
    except ValueError:
        return day

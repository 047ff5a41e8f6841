"""What stands on a page, read back: each number of a text must be one that its place allows.

A place knows the figures that may stand there, texts of the result that hold numbers themselves, and the messages of
the report with a place for each of their holes. Numbers are read as the locale writes them, by Babel and not by the
code that wrote them; a figure agrees with a number that it rounds to at the digits that are shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from typing import TYPE_CHECKING

from babel import Locale
from babel.numbers import format_compact_currency, parse_decimal

from kpieval.translation import words
from reading.tree import plainly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MINUS = "\N{MINUS SIGN}"
PLURALS = (0, 1, 2, 5)
COUNTS = ("count", "number")
"""Holes of messages that hold a whole number and nothing else."""
Message = str | tuple[str, str]
"""A message, or that of one and that of many."""


@dataclass(frozen=True)
class Figure:
    """A number as it is written: a share of one in per cent."""

    number: Decimal
    percent: bool = False

    def within(self, shown: Shown) -> bool:
        """Whether it rounds to what is shown."""
        off = abs(self.number - shown.figure.number)
        return self.percent == shown.figure.percent and off <= shown.unit / 2 * Decimal("1.000001")


@dataclass(frozen=True)
class Shown:
    """A number in a text, and the unit of its last digit."""

    figure: Figure
    unit: Decimal
    start: int
    end: int


@dataclass(frozen=True)
class Place:
    """What may stand somewhere. `said` are messages with a place for each hole; `after`, what follows a name."""

    name: str
    figures: Sequence[Figure] = ()
    texts: Sequence[str] = ()
    said: Sequence[tuple[Message, Mapping[str, Place]]] = ()
    after: Mapping[str, Sequence[Figure]] = field(default_factory=dict)


class Tongue:
    """Reads the numbers and the messages of a locale."""

    def __init__(self, locale: str, currency: str | None, names: Sequence[str] = ()) -> None:
        self.locale = Locale.parse(locale.replace("-", "_"))
        self.words = words(locale)
        self._currency = currency
        symbols = self.locale.number_symbols["latn"]
        group, point = re.escape(symbols["group"]), re.escape(symbols["decimal"])
        self._number = re.compile(
            rf"(?P<sign>[+{MINUS}]?)(?P<money>[^\w\s.,;:()]?)(?P<digits>\d{{1,3}}(?:{group}\d{{3}})+(?!\d)|\d+)(?P<rest>{point}\d+)?"
            rf"(?P<scale>\s?(?:{'|'.join(map(re.escape, self._scales)) or '(?!)'})\b)?(?P<percent>\s?%)?"
        )
        self._names = _longest_first(names)

    @cached_property
    def _scales(self) -> Mapping[str, int]:
        """The short words for thousands, millions and milliards of money."""
        found: dict[str, int] = {}
        for power in (3, 6, 9, 12):
            text = format_compact_currency(10**power, self._currency or "EUR", locale=self.locale, fraction_digits=1)
            if word := re.search(r"[^\W\d]+\.?", text.replace(self._currency or "EUR", "")):
                found.setdefault(word[0].rstrip("."), 10**power)  # Spanish has thousands of millions
        return found

    def numbers(self, text: str) -> Iterator[Shown]:
        """The numbers of a text."""
        for found in self._number.finditer(text):
            number = parse_decimal(found["digits"] + (found["rest"] or ""), locale=self.locale)
            scale = Decimal(self._scales[found["scale"].strip()] if found["scale"] else 1)
            unit = scale / 10 ** max(0, len(found["rest"] or ".") - 1)
            number = -number if found["sign"] == MINUS else number
            yield Shown(Figure(number * scale, bool(found["percent"])), unit, found.start(), found.end())

    def unexplained(self, text: str, place: Place) -> list[str]:
        """The numbers of a text that its place doesn't allow, each with what stands around it."""
        text = plainly(text)
        wrong: list[str] = []
        for message, holes in place.said:
            for pattern in self._patterns(message):
                while found := pattern.search(text):
                    for hole, told in found.groupdict().items():
                        inside = holes.get(hole, Place(place.name))
                        wrong += self.unexplained(told, inside)
                    text = f"{text[: found.start()]} {text[found.end() :]}"
        if not re.search(r"\d", text):
            return wrong
        for label in _longest_first(place.after):
            text = self._followed(label, text, place.after[label], wrong)
        for known in (*_longest_first(place.texts), *self._names):
            text = _without(known, text)
        for shown in self.numbers(text):
            if not any(figure.within(shown) for figure in place.figures):
                wrong.append(f"{place.name}: {text[shown.start : shown.end]} in {text[: shown.end + 30][-80:]!r}")
        return wrong

    def _followed(self, label: str, text: str, figures: Sequence[Figure], wrong: list[str]) -> str:
        """The text without a name and the figure after it, which must be its own."""
        for found in reversed(list(re.finditer(rf"(?<!\w){re.escape(label)}(?!\w)[\s(:]*", text))):
            shown = next(self.numbers(text[found.end() :]), None)
            if shown is None or shown.start:
                continue
            if not any(figure.within(shown) for figure in figures):
                wrong.append(f"after {label}: {text[found.start() : found.end() + shown.end]!r}")
            text = f"{text[: found.start()]} {text[found.end() + shown.end :]}"
        return text

    def _patterns(self, message: Message) -> Sequence[re.Pattern[str]]:
        return _patterns(self.words.language, message)


@cache
def _patterns(language: str, message: Message) -> Sequence[re.Pattern[str]]:
    """How a message reads in a language, with a group for each of its holes; of a counted one, all of its forms."""
    told = words(language)
    forms = [told.say(message)] if isinstance(message, str) else [told.counted(n, *message) for n in PLURALS]
    return tuple(map(_pattern, dict.fromkeys(forms)))


def _pattern(form: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", form)
    literals = [r"\s".join(map(re.escape, re.split(r"\s", part))) for part in parts[::2]]
    joined = "".join(text + hole for text, hole in zip(literals, [*map(_hole, parts[1::2]), ""], strict=True))
    counts = len(parts) > 1 and parts[1] in COUNTS
    start = r"(?<!\w)" if parts[0] or counts else r"\A\s*"
    end = r"(?=\s|\Z)" if parts[-1].endswith(".") else "" if parts[-1] else r"(?=[,;]\s|\s*\Z)"
    return re.compile(start + joined + end)


def _hole(name: str) -> str:
    """What may stand in a hole: a count is a number, names go as far as they can."""
    if name in COUNTS:
        return rf"(?P<{name}>\d(?:[\d.,\N{{NO-BREAK SPACE}}\N{{NARROW NO-BREAK SPACE}}]*\d)?)"
    return f"(?P<{name}>.+{'' if name == 'names' else '?'})"


def _longest_first(texts: Sequence[str] | Mapping[str, object]) -> list[str]:
    return sorted(set(texts), key=lambda text: (-len(text), text))


def _without(known: str, text: str) -> str:
    """The text without a known one, where that stands for itself."""
    known = plainly(known)
    if not known or known not in text:
        return text
    return re.sub(rf"(?<![\w.,]){re.escape(known)}(?![\w%])(?![.,]\d)", " ", text)

"""What a template of a stranger's may take: each text that it makes, and each value that it looks through, is charged.

Nothing interrupts a single step, so no value gets heavy.
"""

from __future__ import annotations

import functools
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from jinja2.exceptions import SecurityError
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SECONDS = 20.0
"""So long may one document take in templates of one's own."""
CHARACTERS = 50_000_000
"""So much may one document write and put together in templates of one's own; a page of a report has 1 to 2 % of it."""
LARGEST_NUMBER = 10**15
LONGEST_LIST = 250_000
"""A list has no more than this, so that a filter, which nothing interrupts, takes seconds at most."""


class TooMuchError(Exception):
    """A template took more than it may."""


@dataclass(slots=True)
class Meter:
    """What a document may still take."""

    characters: int = CHARACTERS
    end: float = field(default_factory=lambda: time.monotonic() + SECONDS)

    def charge(self, characters: int) -> None:
        """Take so much. Raises TooMuchError."""
        self.characters -= characters + 1
        if self.characters < 0:
            raise TooMuchError(f"It writes more than {CHARACTERS:,} characters")
        if time.monotonic() > self.end:
            raise TooMuchError(f"It takes more than {SECONDS:g} seconds")


_METER: ContextVar[Meter | None] = ContextVar("meter", default=None)


@contextmanager
def metered() -> Iterator[None]:
    """What templates take within it is limited."""
    token = _METER.set(Meter())
    try:
        yield
    finally:
        _METER.reset(token)


def charge(characters: int) -> None:
    """Charge a text of so many characters, where anything is measured. Raises TooMuchError."""
    meter = _METER.get()
    if meter is not None:
        meter.charge(characters)


def weigh(*values: object) -> None:
    """Charge values with all the texts and lists in them; a view weighs nothing. Raises TooMuchError."""
    waiting: list[object] = list(values)
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            charge(len(value))
        elif isinstance(value, (list, tuple, dict)):
            if len(value) > LONGEST_LIST:
                raise TooMuchError(f"It holds a list of more than {LONGEST_LIST:,}")
            charge(len(value))
            inner = (*value, *value.values()) if isinstance(value, dict) else value
            waiting += [each for each in inner if isinstance(each, (str, list, tuple, dict))]


def charged(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter or test, which takes as much as it is given, and one more for each that it gives on."""

    @functools.wraps(filter_)
    def charged(*given: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever the filter takes
        weigh(*given, *options.values())
        made = filter_(*given, **options)
        return _each(made) if isinstance(made, GeneratorType) else made

    return charged


def _each(values: Iterator[object]) -> Iterator[object]:
    """The values one after the other, each charged."""
    for count, value in enumerate(values):
        charge(0)
        if count >= LONGEST_LIST:
            raise TooMuchError(f"It holds a list of more than {LONGEST_LIST:,}")
        yield value


def small(filter_: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, of which no number comes that takes long to reckon with."""

    @functools.wraps(filter_)
    def small(*given: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        number = filter_(*given, **options)
        if isinstance(number, int) and abs(number) > LARGEST_NUMBER:
            raise SecurityError("The number is too large")
        return number

    return small


def join(parts: Iterable[object], between: str = "") -> str:
    """Texts in one."""
    listed = list(parts)
    weigh(listed)
    charge(sum(len(str(part)) for part in listed) + len(between) * len(listed))
    if any(hasattr(part, "__html__") for part in (*listed, between)):
        return Markup.escape(between).join(map(Markup.escape, listed))
    return between.join(map(str, listed))

"""The engine's own words in the language of a project, from the catalogues in `reports/locale`.

The source text is English. A language is a folder with a `kpieval.po`, as gettext has them; a locale without one reads
English. A message is said whole, with what is inserted by name, since no two languages order a sentence alike.
"""

from __future__ import annotations

import re
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from typing import TYPE_CHECKING

from kpieval import folders

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_HOLE = re.compile(r"\{(\w+)\}")

SOURCE = "en"
"""The language of the messages in the sources."""

_LOWERED = frozenset({"en", "fr", "es", "cs"})
"""Languages that write a common noun small within a sentence. German doesn't, and of the others nothing is known."""


def marked(message: str) -> str:
    """The message itself: marks a constant for the catalogues. It is translated where it is said."""
    return message


class Words:
    """Says messages in one language, whose tag is `language`; the one of `SOURCE` where there is no catalogue."""

    def __init__(self, language: str, catalogue: NullTranslations) -> None:
        self.language, self._catalogue = language, catalogue

    def say(self, message: str, /, **values: object) -> str:
        """A message, with the values in the places that it names; what is inserted is never read as a message."""
        if not message:
            return ""
        told = self._catalogue.gettext(message)
        return _filled(told, values)

    def counted(self, number: float, one: str, many: str, /, **values: object) -> str:
        """A message about so many things, in the form that the number asks for; a fraction takes that of many."""
        whole = abs(int(number)) if number == int(number) else 2
        return _filled(self._catalogue.ngettext(one, many, whole), values)


def words(locale: str) -> Words:
    """The words for a locale such as `de_AT`: those of the nearest language that has a catalogue."""
    parts = locale.replace("-", "_").split("_")
    tags = ("_".join(parts[:end]) for end in range(len(parts), 0, -1))
    return _read(next((tag for tag in tags if catalogue(tag).is_file()), SOURCE))


def catalogue(language: str) -> Path:
    """Where the messages of a language are."""
    return folders.reports() / "locale" / language / "kpieval.po"


def inside(word: str, locale: str) -> str:
    """An author's noun as it stands within a sentence."""
    return word.lower() if locale.replace("-", "_").split("_")[0] in _LOWERED else word


def begun(sentence: str) -> str:
    """A sentence of our own that goes on after a comma or a colon, without the capital of its first letter."""
    return sentence[:1].lower() + sentence[1:]


def _filled(text: str, values: Mapping[str, object]) -> str:
    """The text with values in its places: by name and no more, since a stranger's template can say a message."""
    return _HOLE.sub(lambda hole: str(values[hole[1]]), text) if values else text


@cache
def _read(language: str) -> Words:
    if language == SOURCE:
        return Words(SOURCE, NullTranslations())
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - what is English needs no catalogue
    from babel.messages.pofile import read_po  # noqa: PLC0415 - as above

    with catalogue(language).open("rb") as file:
        messages = read_po(file, locale=language)
    packed = BytesIO()
    write_mo(packed, messages)
    packed.seek(0)
    return Words(language, GNUTranslations(packed))

"""`locale:` -> a locale that there are data for, so that the report doesn't take another one in silence.

Babel knows every locale, but importing it costs more than the rest of `validate`. It keeps the data of each in a file,
and whether that is there is soon seen; Babel itself is asked only about a name that has none.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from kpieval.nearest import most_alike, nearest

_SHAPE = re.compile(r"[a-z]{2,3}(_[A-Z][a-z]{3})?(_([A-Z]{2}|\d{3}))?")
_USUAL = "Write it as en_GB or de."
_SHOWN = 3


def known(written: str) -> str | None:
    """The locale in Babel's own spelling; None where there is none.

    >>> known("en-GB"), known("zh_CN"), known("en_UK")
    ('en_GB', 'zh_CN', None)
    """
    name = written.replace("-", "_")
    return name if name in _names() or (_SHAPE.fullmatch(name) and _implied(name)) else None


def meant(written: str) -> str:
    """The hint for a locale that there is none of: the right name of the same one, or of those most like it.

    >>> meant("en_UK"), meant("en_gb"), meant("english")
    ('Did you mean `en_GB`?', 'Did you mean `en_GB`?', 'Write it as en_GB or de.')
    """
    name = written.replace("-", "_")
    same = next((each for each in _names() if each.casefold() == name.casefold()), None) or _aliased(name)
    if same is not None:
        return f"Did you mean `{same}`?"
    language = name.split("_")[0].casefold()
    if language in _names():
        own = [each for each in _names() if each.startswith(f"{language}_") and _SHAPE.fullmatch(each)]
        home = [each for each in own if each == f"{language}_{language.upper()}"]
        nearby = dict.fromkeys([*home, *most_alike(name, own, _SHOWN)])
        others = ", ".join(f"`{each}`" for each in list(nearby)[:_SHOWN])
        return f"Write `{language}`" + (f", or with a country: {others}." if others else ".")
    found = nearest(name, (each for each in _names() if "_" in each or len(each) > len("xx")), 0.8)
    return f"Did you mean `{found}`?" if found else _USUAL


@cache
def _names() -> frozenset[str]:
    """The locales that Babel has data for."""
    babel = find_spec("babel")
    folder = Path(babel.origin or "").parent / "locale-data" if babel else Path()
    return frozenset(path.stem for path in folder.glob("*.dat")) - {"root"}


def _aliased(name: str) -> str | None:
    """The locale that Babel takes for a name that it has no data for, such as one with a country's former letters."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - see above

    try:
        return str(Locale.parse(name))
    except (ValueError, UnknownLocaleError):
        return None


def _implied(name: str) -> bool:
    """Whether all that Babel adds to a name is the script in which the country writes the language."""
    language, *rest = (_aliased(name) or "").split("_")
    return [language, *rest[1:]] == name.split("_")

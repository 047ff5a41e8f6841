"""How the report looks, and what happened that its charts should tell of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something that happened on a day and explains figures; of some KPIs, or of all where none is named."""

    day: dt.date
    text: str
    kpis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Theme:
    """What makes a report the organisation's own, and the address where it is published.

    Accents are colours such as `#14549c`; the logo is a data URI.
    """

    name: str | None = None
    logo: str | None = None
    accent: str | None = None
    accent_dark: str | None = None
    footer: str | None = None
    classification: str | None = None
    url: str | None = None

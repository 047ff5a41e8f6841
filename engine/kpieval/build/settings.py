"""The head of `kpieval.yaml` -> calendar, locale, currency, connections and limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from kpieval.build import locales
from kpieval.model import Calendar, Connection, Grain, Limits
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from kpieval.build.node import Node

MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
GRAINS: tuple[str, ...] = get_args(Grain)

_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for the whole project."""

    name: str
    title: str
    calendar: Calendar
    grain: Grain
    history: int
    locale: str
    currency: str | None
    connections: Mapping[str, Connection]
    limits: Limits
    min_group: int | None
    as_of: dt.date | None


def settings(project: Node) -> Settings:
    """Read the head of the project."""
    name = project.text("project") or "project"
    privacy = project.get("privacy")
    return Settings(
        name=name,
        title=project.text("title") or name,
        calendar=_calendar(project),
        grain=cast("Grain", project.choice("period", GRAINS) or "month"),
        history=project.whole("history") or 8,
        locale=_locale(project),
        currency=project.text("currency"),
        connections=_connections(project),
        limits=_limits(project),
        min_group=privacy.whole("min_group") if privacy else None,
        as_of=project.date("as_of"),
    )


def _calendar(project: Node) -> Calendar:
    node = project.get("calendar")
    if node is None:
        return Calendar()
    start = node.get("fiscal_year_starts")
    month = node.whole("fiscal_year_starts") if start is not None and isinstance(start.value, int) else None
    month = month or MONTHS.index(node.choice("fiscal_year_starts", MONTHS) or "january") + 1
    weekday = WEEKDAYS.index(node.choice("week_starts", WEEKDAYS) or "monday") + 1
    return Calendar(month, weekday, _timezone(node))


def _timezone(node: Node) -> str:
    name = node.text("timezone") or "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a name may also be a path out of the zones, or a folder
        hint = did_you_mean(name, available_timezones()) or "A time zone is written as Europe/Prague."
        node.error("unknown-timezone", f"There is no time zone `{name}`.", "timezone", hint=hint)
        return "UTC"
    return name


def _locale(project: Node) -> str:
    written = project.text("locale") or "en"
    found = locales.known(written)
    if found is None:
        project.error("unknown-locale", f"`{written}` is no locale.", "locale", hint=locales.meant(written))
    return found or "en"


def _connections(project: Node) -> dict[str, Connection]:
    return {
        name: Connection(name, url, node.place)
        for name, node in project.items("connections")
        if (url := node.text("url")) is not None
    }


def _limits(project: Node) -> Limits:
    node = project.get("limits")
    default = Limits()
    if node is None:
        return default
    memory = default.memory
    written = _MEMORY.fullmatch((node.text("memory") or "").strip())
    if written is not None:
        number, unit, binary = written.groups()
        memory = int(float(number) * (1024 if binary else 1000) ** " KMGT".index(unit.upper() or " "))
    elif node.get("memory") is not None:
        node.misshapen("an amount of memory", "memory")
    return Limits(memory, node.whole("seconds") or default.seconds, node.whole("rows") or default.rows)

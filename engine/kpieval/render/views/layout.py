"""Where things stand: on one page, as anchors, on the pages of a site, as files of one folder, or far from a mail.

All pages of a site lie side by side, so that a link is a file name: right from a disk, from a share, and below any path
of a web server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

INDEX, METHODS, FIND = "index.html", "methods.html", "find.html"


class Layout(Protocol):
    """Gives the address of each thing, as it is written in a link; empty where a thing has no place."""

    def part(self, anchor: str) -> str:
        """A part of the overview."""

    def kpi(self, slug: str, *, measured: bool) -> str:
        """A KPI: its section, or where it is listed as not measured."""

    def member(self, slug: str) -> str:
        """A member that has a scorecard."""

    def everybody(self) -> str:
        """Where all KPIs and all members with a score are listed."""

    def methods(self, anchor: str) -> str:
        """A part of what is said of data and methods."""


@dataclass(frozen=True, slots=True)
class OnePage:
    """Everything is on the page at hand. Members have no section of their own there."""

    def part(self, anchor: str) -> str:
        """An anchor."""
        return f"#{anchor}"

    def kpi(self, slug: str, *, measured: bool) -> str:
        """The section, or the line in the list of what is not measured; both have the same anchor."""
        del measured
        return f"#kpi-{slug}"

    def member(self, slug: str) -> str:
        """Nowhere."""
        del slug
        return ""

    def everybody(self) -> str:
        """Nowhere."""
        return ""

    def methods(self, anchor: str) -> str:
        """An anchor."""
        return f"#{anchor}"


@dataclass(frozen=True, slots=True)
class Site:
    """Every KPI and every member with a scorecard has a page."""

    def part(self, anchor: str) -> str:
        """An anchor of the first page."""
        return f"{INDEX}#{anchor}"

    def kpi(self, slug: str, *, measured: bool) -> str:
        """The KPI's page."""
        return f"kpi-{slug}.html" if measured else f"{METHODS}#kpi-{slug}"

    def member(self, slug: str) -> str:
        """The member's page."""
        return f"member-{slug}.html"

    def everybody(self) -> str:
        """A page of its own."""
        return FIND

    def methods(self, anchor: str) -> str:
        """An anchor of the page about data and methods."""
        return f"{METHODS}#{anchor}"


@dataclass(frozen=True, slots=True)
class Mail:
    """Nothing but a message, which leads to the report at `url`: a site, or one page; nowhere, if it is empty."""

    url: str

    def part(self, anchor: str) -> str:
        """An anchor of the page, or of the site's first one."""
        return f"{self._page or self._file(INDEX)}#{anchor}" if self.url else ""

    def kpi(self, slug: str, *, measured: bool) -> str:
        """The section or the page of a KPI."""
        return self._at(OnePage().kpi(slug, measured=measured), Site().kpi(slug, measured=measured))

    def member(self, slug: str) -> str:
        """The member's page."""
        return "" if self._page else self._at("", Site().member(slug))

    def everybody(self) -> str:
        """The page of the site."""
        return self._at("", FIND)

    def methods(self, anchor: str) -> str:
        """An anchor of the page, or of that about data and methods."""
        return self._at(OnePage().methods(anchor), Site().methods(anchor))

    @property
    def _page(self) -> str:
        """The address, where it is that of one page."""
        return self.url if self.url.endswith((".html", ".htm")) else ""

    def _at(self, anchor: str, file: str) -> str:
        return f"{self._page}{anchor}" if self._page else self._file(file) if self.url else ""

    def _file(self, name: str) -> str:
        return f"{self.url.rstrip('/')}/{name}"

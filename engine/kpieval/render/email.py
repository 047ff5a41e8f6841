"""The overview of a result becomes one HTML message that mail programs show: tables, inline styles, nothing to load."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any

from kpieval.problems import DefinitionError, OutputError, Problem
from kpieval.render.palette import INK, TINT
from kpieval.render.templates import templates
from kpieval.render.templates.errors import problem
from kpieval.render.views.layout import Mail
from kpieval.render.views.report import Views

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LARGEST = 100_000
"""Bytes: Gmail clips a message of more than 102 kB."""

LISTED = (1000, 100, 50, 25, 12, 6, 3, 1, 0)
"""So many of each list are shown: the first number with which the message is small enough."""

_WEB = re.compile(r"https?://[^\s<>\"']+")


def page(result: Mapping[str, Any], own: Path | None = None) -> str:
    """The message of a result. What it leaves out for its size, it says.

    It leads to the report where `report: {url: ...}` says where that is. Raises OutputError where nothing of it is
    small enough, DefinitionError for what is wrong in the templates in the folder `own`.
    """
    url = result["report"].get("url") or ""
    made = Views(result, Mail(url if _WEB.fullmatch(url) else ""))
    made_of = templates(own, made.formats.language)
    frame = dataclasses.replace(made.frame(), home=url if _WEB.fullmatch(url) else "")
    views = {"frame": frame, "overview": made.overview(), "gate": made.gate(), "ink": INK, "tint": TINT}
    for listed in LISTED:
        text = made_of.render("email.html", listed=listed, **views)
        if own is not None and re.search(r"<script\b", text, re.IGNORECASE):
            message = "A mail runs no script, and mail programs take one for an attack."
            raise DefinitionError(problem(own, "template-unsafe", message, None, own / "email.html"))
        if len(text.encode()) <= LARGEST:
            return text
    message = f"Not even the top of this report fits into a mail of {LARGEST:,} bytes."
    raise OutputError(
        Problem("error", "mail-too-large", message, hint="Shorten the texts, or the template `email.html`.")
    )

"""A result becomes the documents that are published of it, by their paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render import render
from kpieval.render.html import site

if TYPE_CHECKING:
    from collections.abc import Mapping

BESIDE: Mapping[str, str] = {"report.md": "md", "result.json": "json"}
"""What there is beside the pages, and its format."""


def documents(result: Mapping[str, Any]) -> dict[str, str]:
    """The documents of a result: the pages of its site, and the same for wikis and programs."""
    return {**dict(site(result)), **{path: render(result, format_) for path, format_ in BESIDE.items()}}

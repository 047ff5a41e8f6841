"""A result becomes the documents that are published of it, by their paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render import render

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCUMENTS: Mapping[str, str] = {"index.html": "html", "report.md": "md", "result.json": "json"}
"""The path of each document, and its format."""


def documents(result: Mapping[str, Any]) -> dict[str, str]:
    """The documents of a result."""
    return {path: render(result, format_) for path, format_ in DOCUMENTS.items()}

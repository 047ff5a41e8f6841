"""A result becomes the documents that are published of it, by their paths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render import render
from kpieval.render.html import site

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BESIDE: Mapping[str, str] = {"report.md": "md", "result.json": "json"}
"""What there is beside the pages, and its format."""


def documents(result: Mapping[str, Any], own: Path | None = None) -> dict[str, str]:
    """The documents of a result: the pages of its site, made by the templates in `own`, and what stands beside them."""
    return {**dict(site(result, own)), **{path: render(result, format_) for path, format_ in BESIDE.items()}}

"""`report:` and `annotations:` of the project -> a theme that can be read, and what happened when."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from kpieval import colors
from kpieval.build.references import known
from kpieval.model import Annotation, Theme

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kpieval.build.node import Node

LARGEST_LOGO = 100_000
"""Bytes: it goes into every page."""

_LOGOS = {".svg": "image/svg+xml", ".png": "image/png"}
_PNG = b"\x89PNG\r\n\x1a\n"
_URL = re.compile(r"https?://[^\s/?#<>\"'\\]+(/[^\s?#<>\"'\\]*)?")
_COLOR = re.compile(r"#([0-9a-fA-F]{3}){1,2}")


def theme(project: Node, root: Path) -> Theme:
    """Read `report:`."""
    node = project.get("report")
    if node is None:
        return Theme()
    accent = _color(node, "accent", "light")
    dark = _color(node, "accent_dark", "dark")
    return Theme(
        name=node.text("name"),
        logo=_logo(node, root),
        accent=accent,
        accent_dark=dark or (colors.readable(accent, colors.PAPER["dark"]) if accent else None),
        footer=node.text("footer"),
        classification=node.text("classification"),
        url=_url(node),
    )


def annotations_of(project: Node, kpis: Mapping[str, Node]) -> tuple[Annotation, ...]:
    """Read `annotations:`, in the order of their days."""
    found = []
    for node in project.elements("annotations"):
        day, text, named = node.date("on"), node.text("text"), node.texts("kpis")
        for element in node.elements("kpis"):
            known(element, element.text(), kpis, "KPI")
        if day and text:
            found.append(Annotation(day, text, named))
    return tuple(sorted(found, key=lambda each: (each.day, each.text)))


def _color(node: Node, key: str, scheme: str) -> str | None:
    """A colour that can be read on the paper of a scheme."""
    color = node.text(key)
    if color is None:
        return None
    if not _COLOR.fullmatch(color):
        node.misshapen('a colour such as "#14549c"', key)
        return None
    paper = colors.PAPER[scheme]
    found = colors.contrast(color, paper)
    if found < colors.ENOUGH:
        node.error(
            "low-contrast",
            f"`{color}` can't be read on the {scheme} page: its contrast is {found:.1f}, and text needs 4.5.",
            key,
            hint=f"The nearest one that can be read is {colors.readable(color, paper)}.",
        )
        return None
    return color.lower()


def _url(node: Node) -> str | None:
    """An address on the web."""
    url = node.text("url")
    if url is not None and not _URL.fullmatch(url):
        node.misshapen("an address such as https://reports.example.org/sales/", "url")
        return None
    return url


def _logo(node: Node, root: Path) -> str | None:
    """The picture as a data URI: a page holds all that it shows."""
    name = node.text("logo")
    if name is None:
        return None
    path = root / name
    kind = _LOGOS.get(path.suffix.lower())
    if kind is None:
        node.error("unknown-logo", f"`{name}` is neither an SVG nor a PNG file.", "logo")
        return None
    try:
        data = path.read_bytes()
    except OSError as error:
        node.error("unknown-logo", f"`{name}` can't be read: {error.strerror}.", "logo")
        return None
    if len(data) > LARGEST_LOGO:
        size = f"It has {len(data):,} bytes, and every page holds it: {LARGEST_LOGO:,} are allowed."
        node.error("unknown-logo", f"`{name}` is too large. {size}", "logo")
        return None
    if not (data.startswith(_PNG) if kind == _LOGOS[".png"] else b"<svg" in data):
        node.error("unknown-logo", f"`{name}` doesn't hold what its name says.", "logo")
        return None
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"

"""Markdown of an author becomes clean HTML, or plain words; text of the data becomes text that can do no harm."""

from __future__ import annotations

import html
import re
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {
    "p",
    "em",
    "strong",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
    "a",
    "blockquote",
    "br",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
}
SCHEMES = {"http", "https", "mailto"}

# Controls that HTML forbids, halves of surrogate pairs, and characters that turn the direction of the text around them.
_HARMFUL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
)


def clean(text: str) -> str:
    """The text with every character that could break or reorder a page replaced by a visible mark."""
    return type(text)(_HARMFUL.sub("\N{REPLACEMENT CHARACTER}", text)) if _HARMFUL.search(text) else text


def prose(markdown: str | None) -> Markup:
    """Clean HTML of a description: no images, no headings, no raw HTML, links to the web and to mail only."""
    if not markdown:
        return Markup("")
    rendered = _parser().render(clean(markdown))
    safe = nh3.clean(
        rendered, tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel="noopener noreferrer"
    )
    return Markup(clean(safe))  # noqa: S704, as nh3 has cleaned it; `&#x202e;` is a character only now


def verbatim(text: str | None) -> Markup:
    """Text for the inside of an element, with its quotes as they are: a query is full of them."""
    return Markup(html.escape(clean(text or ""), quote=False))  # noqa: S704, as it is escaped


def plain(markdown: str | None) -> str:
    """The words of the first paragraph of a description, without their markup."""
    if not markdown:
        return ""
    tokens = _parser().parse(markdown)
    inline = next((token for token in tokens if token.type == "inline"), None)
    words = [child.content or " " for child in (inline.children or [])] if inline else []
    return " ".join("".join(words).split())


@cache
def _parser() -> MarkdownIt:
    return (
        MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
        .enable("table")
        .disable(["image", "heading", "lheading", "hr"])
    )

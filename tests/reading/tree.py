"""A page as a tree, for tests that ask where something stands: elements with their words, found by tag and class."""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
UNSEEN = frozenset({"head", "style", "script", "template"})


@dataclass(eq=False, repr=False)
class Element:
    """An element; its children are elements and texts."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None
    page: Page
    start: int
    """Its place in the page."""
    end: int
    """The place of the last element in it."""
    children: list[Element | str] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<{self.tag} {self.attributes}: {self.text[:60]!r}>"

    @cached_property
    def classes(self) -> frozenset[str]:
        """The classes."""
        return frozenset(self.attributes.get("class", "").split())

    def is_a(self, what: str) -> bool:
        """Whether it is a `tag`, a `.class`, a `tag.class` or an `#id`."""
        if what.startswith("#"):
            return self.attributes.get("id") == what[1:]
        tag, _, name = what.partition(".")
        return (not tag or tag == self.tag) and (not name or name in self.classes)

    def all(self, path: str) -> list[Element]:
        """The elements in it that a path such as `.kpi table.members tr` leads to, each once."""
        found = [self]
        for what in path.split():
            named = self.page.named(what)
            spans = [(bisect(named.places, each.start), bisect(named.places, each.end)) for each in found]
            found = list(dict.fromkeys(each for start, end in spans for each in named.elements[start:end]))
        return found

    def one(self, path: str) -> Element | None:
        """The first of them."""
        return next(iter(self.all(path)), None)

    def own(self, tag: str) -> list[Element]:
        """The children of a tag."""
        return [child for child in self.children if isinstance(child, Element) and child.tag == tag]

    def above(self, what: str) -> Element | None:
        """The nearest element around it that is such a one."""
        found = self.parent
        while found and not found.is_a(what):
            found = found.parent
        return found

    @cached_property
    def text(self) -> str:
        """Its words, as a reader sees them."""
        return plainly(" ".join(self.texts()))

    def texts(self) -> Iterator[str]:
        """Its pieces of text."""
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in UNSEEN:
                yield from child.texts()


@dataclass
class Named:
    """The elements that are such a one, and their places."""

    elements: list[Element] = field(default_factory=list)
    places: list[int] = field(default_factory=list)


class Page:
    """The elements of a page in order, to be looked for once all are there."""

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self._named: dict[str, Named] = {}

    def named(self, what: str) -> Named:
        """Those that are a `tag`, a `.class`, a `tag.class` or an `#id`."""
        if what not in self._named:
            found = [each for each in self.elements if each.is_a(what)]
            self._named[what] = Named(found, [each.start for each in found])
        return self._named[what]


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = Page()
        self.root = self._at = self._made("", [], None)
        self.feed(page)
        self.root.end = len(self._page.elements) - 1

    def _made(self, tag: str, attrs: list[tuple[str, str | None]], parent: Element | None) -> Element:
        place = len(self._page.elements)
        attributes = {name: value or "" for name, value in attrs}
        made = Element(tag, attributes, parent, self._page, place, place)
        self._page.elements.append(made)
        if parent:
            parent.children.append(made)
        return made

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = self._made(tag, attrs, self._at)
        if tag not in VOID:
            self._at = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._made(tag, attrs, self._at)

    def handle_endtag(self, tag: str) -> None:
        assert self._at.tag == tag, (tag, self._at.tag)
        assert self._at.parent
        self._at.end = len(self._page.elements) - 1
        self._at = self._at.parent

    def handle_data(self, data: str) -> None:
        self._at.children.append(data)


def plainly(text: str) -> str:
    """The text in one line; the spaces that don't break stay, since some locales have them in numbers."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")


def tree(page: str) -> Element:
    """The page; its tags must be closed in order, as the shipped templates close them."""
    return _Reader(page).root

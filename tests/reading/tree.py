"""A page as a tree, for tests that ask where something stands: elements with their words, found by tag and class."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
UNSEEN = frozenset({"head", "style", "script", "template"})


@dataclass(eq=False)
class Element:
    """An element; its children are elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> frozenset[str]:
        """The classes."""
        return frozenset(self.attributes.get("class", "").split())

    def is_a(self, what: str) -> bool:
        """Whether it is a `tag`, a `.class`, a `tag.class` or an `#id`."""
        if what.startswith("#"):
            return self.attributes.get("id") == what[1:]
        tag, _, name = what.partition(".")
        return (not tag or tag == self.tag) and (not name or name in self.classes)

    def walk(self) -> Iterator[Element]:
        """It and all elements in it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, path: str) -> list[Element]:
        """The elements in it that a path such as `.kpi table.members tr` leads to, each once."""
        found = [self]
        for what in path.split():
            within = [each for start in found for each in start.walk() if each is not start and each.is_a(what)]
            found = list(dict.fromkeys(within))
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

    @property
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


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = Element("")
        self._at = self.root
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self._at)
        self._at.children.append(made)
        if tag not in VOID:
            self._at = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._at.children.append(Element(tag, {name: value or "" for name, value in attrs}, self._at))

    def handle_endtag(self, tag: str) -> None:
        assert self._at.tag == tag, (tag, self._at.tag)
        assert self._at.parent
        self._at = self._at.parent

    def handle_data(self, data: str) -> None:
        self._at.children.append(data)


def plainly(text: str) -> str:
    """The text in one line; the spaces that don't break stay, since some locales have them in numbers."""
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")


def tree(page: str) -> Element:
    """The page; its tags must be closed in order, as the shipped templates close them."""
    return _Reader(page).root

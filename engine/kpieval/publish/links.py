"""A page that moves to another folder takes its links along; and gets ways out of its run at its foot.

Only start tags are touched, where an HTML parser says that they are: text that looks like a link stays as it is.
"""

from __future__ import annotations

import posixpath
import re
from html import escape, unescape
from html.parser import HTMLParser

_LINKS = re.compile(r"""(\s(?:href|src)\s*=\s*)("[^"]*"|'[^']*')""", re.IGNORECASE)
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|/|#|$", re.IGNORECASE)
"""How a link begins that doesn't depend on where its page is: a scheme, a slash, a place on the page itself."""


def moved(page: str, folder: str) -> str:
    """The page as it reads outside `folder`, a relative path, in which it was: its relative links lead back there."""

    def rewritten(found: re.Match[str]) -> str:
        link = unescape(found[2][1:-1])
        if _ELSEWHERE.match(link):
            return found[0]
        # every text matches
        path, mark, rest = re.fullmatch(r"([^?#]*)([?#]?)(.*)", link, re.DOTALL).groups()  # type: ignore[union-attr]
        joined = posixpath.normpath(posixpath.join(folder, path)) + ("/" if path.endswith("/") else "")
        return f'{found[1]}"{escape(joined + mark + rest)}"'

    tags = _Tags(page)
    made, end = [], 0
    for start, text in tags.starts:
        made += [page[end:start], _LINKS.sub(rewritten, text)]
        end = start + len(text)
    return "".join([*made, page[end:]])


def with_footer(page: str, more: str) -> str:
    """The page with `more`, HTML, at the end of its last footer; as it is where it has none. Text has no bare `<`."""
    at = page.rfind("</footer>")
    return page if at < 0 else page[:at] + more + page[at:]


class _Tags(HTMLParser):
    """The start tags that may hold a link, and where they are, in characters."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=False)
        self.starts: list[tuple[int, str]] = []
        self._lines = [0, *(found.end() for found in re.finditer("\n", page))]
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- its signature
        if any(name in {"href", "src"} for name, _ in attrs):
            line, column = self.getpos()
            self.starts.append((self._lines[line - 1] + column, self.get_starttag_text() or ""))

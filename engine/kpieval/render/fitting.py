"""Markdown that is too long for a comment loses details from its end, and says which."""

from __future__ import annotations

import re
from dataclasses import dataclass

LIMIT = 60_000
"""Characters: a comment or a description on GitHub holds 65,536, and somebody may want to write something above it."""

NAMED = 8
"""So many of the parts that are left out are named."""

_HEADING = re.compile(r"^(#{1,6}) (.*)$")


@dataclass(frozen=True, slots=True)
class _Part:
    """A heading with what stands below it, up to the next one of whatever depth; the first part may have none."""

    depth: int
    title: str
    text: str


def fitted(text: str, limit: int = LIMIT) -> str:
    """The text; or, where it is longer than `limit`, what is left of it without as few parts as possible.

    Parts of parts (`###`: each KPI, each scorecard) are left out from the end, then the parts themselves. What
    comes before the second part stays, cut at the end of a line if it must be. The last line says what is left out.
    """
    if len(text) <= limit:
        return text
    parts = _parts(text)
    order = sorted(range(2, len(parts)), key=lambda at: (parts[at].depth <= 2, -at))  # noqa: PLR2004 - `##` is a part
    left: set[int] = set()
    for at in (*order, None):
        kept = "".join(part.text for number, part in enumerate(parts) if number not in left)
        said = _said([parts[number].title for number in sorted(left)], len(text))
        if len(kept) + len(said) <= limit:
            return kept.rstrip("\n") + said
        if at is not None:
            left.add(at)
    return kept[: limit - len(said)].rpartition("\n")[0] + said


def _parts(text: str) -> list[_Part]:
    parts = [_Part(0, "", "")]
    for line in text.splitlines(keepends=True):
        heading = _HEADING.match(line.rstrip("\n"))
        if heading:
            parts.append(_Part(len(heading[1]), heading[2], line))
        else:
            last = parts[-1]
            parts[-1] = _Part(last.depth, last.title, last.text + line)
    return parts


def _said(titles: list[str], length: int) -> str:
    named = ", ".join(titles[:NAMED])
    more = f" and {len(titles) - NAMED} more parts" if len(titles) > NAMED else ""
    left = f"Left out: {named}{more}. " if titles else "The end is left out. "
    why = f"The whole would have {length:,} characters, more than a comment holds; `--format html` has all of it."
    return f"\n\n**{left}{why}**\n"

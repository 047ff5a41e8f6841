"""Texts, code and tables as Markdown, in which what is text stays text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpieval.render.prose import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SPECIAL = re.compile(r"[\\`*_{}\[\]#|~$^]")
_START = re.compile(r"^(\d*)([-+=.)])(?=[-+=\s]|$)")
_LINE = re.compile(r"\s+")
JOINER = "\N{WORD JOINER}"


def escape(text: str) -> str:
    r"""A text that reads as itself wherever it stands in Markdown: no markup, entity, cell, link, mention comes of it.

    >>> escape("a | b <i> https://x.example @all")
    'a \\| b &lt;i&gt; https:\u2060//x.example @\u2060all'
    """
    flat = _LINE.sub(" ", clean(text)).strip(" ")
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    flat = flat.replace("://", f":{JOINER}//").replace("@", f"@{JOINER}")
    flat = re.sub(r"(?i)\bwww\.", lambda found: f"{found[0][:-1]}{JOINER}.", flat)
    flat = _SPECIAL.sub(r"\\\g<0>", flat)
    return _START.sub(r"\1\\\2", flat)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> Iterator[str]:
    """The lines of a table; the columns `right` are aligned to the right. Cells are escaped already."""
    ends = set(right)
    yield f"| {' | '.join(heads)} |"
    yield f"| {' | '.join('---:' if index in ends else '---' for index in range(len(heads)))} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def code(text: str, *, cell: bool = False) -> str:
    """Text as code, in one line, whatever backticks it holds; in a `cell` of a table, whatever bars."""
    flat = _LINE.sub(" ", clean(text)).strip(" ")
    flat = flat.replace("|", "\\|") if cell else flat
    runs = [len(run) for run in re.findall("`+", flat)]
    fence = "`" * (max(runs, default=0) + 1)
    return f"{fence} {flat} {fence}" if runs else f"`{flat}`" if flat else ""

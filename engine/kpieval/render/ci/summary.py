"""A result as the summary of a pipeline's step: why it is red, the KPIs at a glance, the findings. Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render.gated import in_markdown
from kpieval.render.markup import escape
from kpieval.render.tables import markdown_table

if TYPE_CHECKING:
    from collections.abc import Mapping

LIMIT = 1024 * 1024
"""GitHub takes no step's summary of more bytes (`AttachmentSizeLimit` in the code of its runner)."""


def page(result: Mapping[str, Any]) -> str:
    """The summary; it may be longer than `LIMIT`."""
    title = f"## {escape(result['title'])}, {escape(result['period'])}"
    secret = result["report"]["classification"]
    said = [f"**{escape(secret)}**", ""] if secret else []
    return "\n".join([title, "", *said, *in_markdown(result, head="###"), markdown_table(result)]).rstrip("\n") + "\n"


def cut(text: str, limit: int) -> str:
    """The text, or as many whole lines of it as fit into so many bytes with one that says how many are left out."""
    if len(text.encode()) <= limit:
        return text
    lines = text.splitlines(keepends=True)
    room = limit - len(_left_out(len(lines)).encode())
    kept = []
    for line in lines:
        room -= len(line.encode())
        if room < 0:
            break
        kept.append(line)
    said = _left_out(len(lines) - len(kept))
    return "".join(kept) + said if len(said.encode()) <= limit else ""


def _left_out(lines: int) -> str:
    return f"\n**{lines} more lines are left out: a summary holds 1 MiB.**\n"

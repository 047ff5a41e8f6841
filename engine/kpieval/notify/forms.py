"""A message as each receiver wants it. Names and words go in as plain text, which no receiver reads as markup.

Slack     blocks of `plain_text`, and the text of the notification, in which `&`, `<` and `>` are escaped
          (docs.slack.dev: Block Kit; 50 blocks, 3,000 characters a section, 150 a header)
Teams     an Adaptive Card in an attachment, of text runs, which know no Markdown (Workflows; 28 KB a message)
JSON      the same for programs: `docs/publishing.md` tells its fields
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kpieval.render.prose import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kpieval.notify.changes import Message, Told

Json = dict[str, Any]

SHOWN = (15, 8, 3, 0)
"""So many lines of each group are told, or fewer where the message would be too long; the report has all."""

MOST: Mapping[str, int] = {"slack": 40_000, "teams": 24_000}
"""Bytes of a message, below what the receivers take."""

_LINE, _HEADER, _SECTION = 250, 150, 2900
"""Characters of a line; and of what Slack puts them in."""


def slack(message: Message, shown: int) -> Json:
    """For an incoming webhook of Slack."""
    sections = [message.verdict, *("\n".join([head, *lines]) for head, lines in _groups(message, shown))]
    blocks: list[Json] = [{"type": "header", "text": _plain(message.title, _HEADER)}]
    blocks += [{"type": "section", "text": _plain(text, _SECTION)} for text in sections]
    if message.link:
        link = f"<{_escaped(message.link)}|{_escaped(message.formats.say('Read the report'))}>"
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": link}]})
    return {"text": _escaped(_one_line(f"{message.title}. {message.verdict}", _SECTION)), "blocks": blocks}


def teams(message: Message, shown: int) -> Json:
    """For a workflow of Teams that posts when a webhook request is received."""
    body = [_run(message.title, size="Large", weight="Bolder"), _run(message.verdict)]
    for head, lines in _groups(message, shown):
        body.append(_run(head, weight="Bolder"))
        body += [_run(line) for line in lines]
    card: Json = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    if message.link:
        card["actions"] = [
            {"type": "Action.OpenUrl", "title": message.formats.say("Read the report"), "url": message.link}
        ]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def plain(message: Message) -> Json:
    """For a program of one's own. What has a name is told by it, and the words are in the language of the report."""
    return {
        "format": 1,
        "project": message.project,
        "title": message.title,
        "period": message.period,
        "verdict": message.verdict,
        "link": message.link,
        **{sense: [_fields(each, _CHANGE) for each in changes] for sense, changes in message.changes.items()},
        "still_poor": [_fields(each, _STILL) for each in message.still],
    }


_WHOSE = ("kpi", "title", "level", "member", "label", "status_now", "now")
_CHANGE = (*_WHOSE, "status_before", "before")
_STILL = (*_WHOSE, "since", "since_period")


def _fields(told: Told, names: Sequence[str]) -> Json:
    return {name: getattr(told, name) for name in names}


FORMS: Mapping[str, Callable[[Message, int], Json]] = {
    "slack": slack,
    "teams": teams,
    "json": lambda message, _: plain(message),
}
"""What makes each form."""


def body(message: Message, form: str) -> bytes:
    """The message as it is posted."""
    data = b""
    for shown in SHOWN:
        data = json.dumps(FORMS[form](message, shown), ensure_ascii=False, allow_nan=False).encode()
        if form not in MOST or len(data) <= MOST[form]:
            break
    return data


def _groups(message: Message, shown: int) -> list[tuple[str, list[str]]]:
    """The headings, each with its lines; of many only the first."""
    found = []
    for head, told in message.groups:
        lines = [f"• {_one_line(each.line, _LINE)}" for each in told[:shown]]
        more = len(told) - shown
        if more > 0:
            counted = message.formats.counted
            lines.append(
                counted(more, "… and {count} more", "… and {count} more")
                if shown
                else counted(more, "{count} in all", "{count} in all")
            )
        found.append((head, lines))
    return found


def _one_line(text: str, most: int) -> str:
    """A text without what isn't seen, in one line of at most so many characters."""
    found = " ".join(clean(text).split())
    return found if len(found) <= most else f"{found[: most - 1]}…"


def _plain(text: str, most: int) -> Json:
    lines = "\n".join(" ".join(clean(line).split()) for line in text.splitlines())
    return {"type": "plain_text", "text": lines if len(lines) <= most else f"{lines[: most - 1]}…", "emoji": False}


def _run(text: str, **look: str) -> Json:
    run = {"type": "TextRun", "text": _one_line(text, _SECTION), **look}
    return {"type": "RichTextBlock", "inlines": [run]}


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

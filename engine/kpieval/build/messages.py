"""`message:` and `action:` of a rule -> their pieces: text, and holes that a finding fills in. Nothing is computed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpieval.model import Hole
from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from kpieval.build.node import Node
    from kpieval.expressions.expression import Ask
    from kpieval.model import Message

PLAIN = ("member", "level", "period")
SIZE = "size"
_NUMBERS = frozenset({"integer", "decimal", "number"})
_HOLE = re.compile(r"\{\{((?:(?!\{\{).)*?)\}\}", re.DOTALL)
_STRAY = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_INSIDE = re.compile(r"([A-Za-z_]\w*)(?:\.([A-Za-z_]\w*))?(?:\s*\|\s*(.*))?", re.DOTALL)


def message(node: Node | None, ask: Ask) -> Message:
    """The pieces of the text at `node`; what is wrong with it is noted, and left out."""
    text = node.text() if node is not None else None
    if node is None or text is None:
        return ()
    pieces: list[str | Hole] = []
    reached = 0
    for found in _HOLE.finditer(text):
        pieces += _words(node, text, reached, found.start())
        inside = found[1].strip()
        offset = found.start(1) + len(found[1]) - len(found[1].lstrip())
        hole = _hole(node, inside, offset, ask)
        pieces += [hole] if hole is not None else []
        reached = found.end()
    return tuple(pieces + _words(node, text, reached, len(text)))


def _words(node: Node, text: str, start: int, end: int) -> list[str | Hole]:
    """The text between two holes, in which no hole begins or ends."""
    for stray in _STRAY.finditer(text, start, end):
        said = {
            "{{": "`{{` is opened here, and never closed.",
            "}}": "`}}` closes nothing.",
        }.get(stray[0], f"`{stray[0]}` does nothing in a message.")
        hint = "A hole is written `{{ win_rate.value }}`; there are no conditions and no loops."
        node.error("message-syntax", said, offset=stray.start(), hint=hint)
    return [text[start:end]] if end > start else []


def _hole(node: Node, inside: str, offset: int, ask: Ask) -> Hole | None:
    parts = _INSIDE.fullmatch(inside)
    name, field, modifier = parts.groups() if parts else (None, None, None)
    if name is None or (field is None and name not in PLAIN):
        _nothing(node, inside, offset, ask)
        return None
    if modifier is not None and modifier != SIZE:
        hint = did_you_mean(modifier, [SIZE]) or f"There is only `| {SIZE}`, which shows a number without its sign."
        node.error("message-syntax", f"`{modifier}` changes nothing in a message.", offset=offset, hint=hint)
        return None
    if field is None:
        if modifier:
            node.error("type-mismatch", f"`{SIZE}` is of a number, and `{name}` is text.", offset=offset)
        return Hole(name)
    answer = ask(name, field)
    for mistake in answer.mistakes:
        at = offset + len(name) + 1 if mistake.of_field else offset
        node.error(mistake.code, mistake.message, offset=at, hint=mistake.hint)
    if modifier and answer.type is not None and answer.type not in _NUMBERS:
        told = f"`{SIZE}` is of a number, and `{name}.{field}` is {answer.type}."
        node.error("type-mismatch", told, offset=offset)
    return Hole(name, field, modifier == SIZE)


def _nothing(node: Node, inside: str, offset: int, ask: Ask) -> None:
    hint = did_you_mean(inside, PLAIN) or f"It shows {', '.join(PLAIN)}, and fields as in win_rate.value."
    if ask(inside, "value").known:
        hint = f"Say which of its fields: `{{{{ {inside}.value }}}}`."
    elif inside.startswith("prior"):
        hint = "The value of the period before is `{{ win_rate.previous }}`."
    elif parts := re.search(r"[-+*/(]", inside):
        hint = f"Nothing is computed in a message, so `{parts[0]}` has no place in it: make a KPI of it."
    shown = " ".join(["{{", *inside.split(), "}}"])
    node.error("unknown-field", f"`{shown}` is nothing that a message can show.", offset=offset, hint=hint)

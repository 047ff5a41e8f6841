"""Who is told when something has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kpieval.problems import Place

Form = Literal["slack", "teams", "json"]
Occasion = Literal["change", "always"]


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that gets one message for each published run. The URL is a secret and is never printed.

    `on` is `change` where only a change of status is worth a message. It is about these `levels` and, where any are
    named, about changes from or to these `statuses`. `link` is where people read the report.
    """

    url: str = field(repr=False)
    form: Form
    place: Place
    on: Occasion
    levels: tuple[str, ...]
    statuses: tuple[str, ...] = ()
    link: str | None = None

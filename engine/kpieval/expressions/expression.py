"""An expression that passed the checks: the author's text, the tree that runs in its place, and its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp

    from kpieval.model import Type
    from kpieval.problems import Place


@dataclass(frozen=True, slots=True)
class Expression:
    """What the author wrote (`text`), what is computed (`tree`), what comes out (`type`), and where it stands.

    The tree is shared: copy it before changing it.
    """

    text: str
    tree: exp.Expression
    type: Type
    place: Place

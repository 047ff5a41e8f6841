"""An expression that passed the checks: the author's text, the tree that runs in its place, and its type.

And what the fields of a condition are checked by: an `Ask` answers what can be asked of whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

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


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why something can't be asked for; `of_field`: it is the field that is wrong, and not whom it is asked of."""

    code: str
    message: str
    hint: str | None = None
    of_field: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a field is: its type, and the `words` that it can be where they are known; or the mistakes.

    `known` tells whether there is a KPI or scorecard of that name at all.
    """

    known: bool
    type: Type | None = None
    words: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()


if TYPE_CHECKING:
    Ask = Callable[[str, str], Answer]

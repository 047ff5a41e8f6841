"""A table -> for each column a name, a type, a format of dates and a meaning of values, with what remains uncertain."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kpieval.propose import dates, numbers

if TYPE_CHECKING:
    from kpieval.propose.numbers import Numbers
    from kpieval.propose.table import Table

NULL_WORDS = ("NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "none", "nan", "NaN", "-", "--", "?")
"""Words that stand for no value, in a column where every other value is a number or a date."""

FEW = 12
"""So many distinct values may be words of a list, such as the stages of a deal."""

_RESERVED = """
    all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default
    deferrable desc describe distinct do else end except false fetch for foreign from group having in initially
    intersect into is lambda lateral leading like limit not null offset on only or order organisation period_days
    period_end period_start pivot placing primary qualify references returning select show some summarize symmetric
    table then to trailing true union unique unpivot using variadic when where window with
"""
RESERVED = frozenset(_RESERVED.split())
"""Words that can't be the name of a column in an expression."""

KEY = re.compile(r"(^|_)(id|key|no|nr|number|code|uuid|guid)$")
STATUS = re.compile(r"(^|_)(stage|status|state|outcome|result|phase)$")
WORDY = re.compile(r"(^|_)(type|kind|category|class|channel)$")


@dataclass
class Proposal:
    """What a column is taken for."""

    name: str
    origin: str
    type: str
    format: str | None = None
    values: dict[str, list[str]] = field(default_factory=dict)
    comment: str | None = None
    distinct: int = 0
    filled: int = 0
    unique: bool = False
    nulls: tuple[str, ...] = ()
    ways: tuple[Numbers, ...] = ()
    numbers: Numbers | None = None


def propose(table: Table) -> list[Proposal]:
    """One proposal for each column that can be used, in the order of the file."""
    names: set[str] = set()
    found = []
    for origin, native in table.columns.items():
        proposal = look(table, origin, native)
        if proposal is not None:
            proposal.name = identifier(origin, names)
            names.add(proposal.name)
            found.append(proposal)
    numbers.settle(table, found)
    dates.settle(table, found)
    for each in found:
        settle_text(table, each)
    return found


def look(table: Table, origin: str, native: str) -> Proposal | None:
    """A first idea of a column: from the file's own type, else from what all its values look like."""
    column = table.cell(origin)
    filled, distinct = table.ask(f"select count({column}), count(distinct {column}) from data")[0]
    proposal = Proposal("", origin, "text", distinct=distinct, filled=filled, unique=distinct == filled == table.rows)
    if native != "VARCHAR":
        type_ = declared(native)
        if type_ is None:
            return None
        proposal.type = type_
    elif filled:
        look_at_text(table, proposal)
    return proposal


def declared(native: str) -> str | None:
    """The type for one that the file declares; None for what is no single value."""
    kind = native.partition("(")[0]
    if kind.endswith(("INT", "INTEGER")):
        return "integer"
    return {
        "DECIMAL": "decimal",
        "DOUBLE": "number",
        "FLOAT": "number",
        "BOOLEAN": "boolean",
        "DATE": "date",
        "VARCHAR": "text",
        "UUID": "text",
        "ENUM": "text",
    }.get(kind, "timestamp" if kind.startswith("TIMESTAMP") and "[]" not in native else None)


def look_at_text(table: Table, proposal: Proposal) -> None:
    """Find the type that every value of a column can be read as, but for words that stand for no value."""
    column = table.cell(proposal.origin)
    words = [
        word
        for (word,) in table.ask(f"select distinct {column} from data where list_contains(?, {column})", [NULL_WORDS])
    ]
    for nulls in ((), tuple(sorted(words))) if words else ((),):
        if len(nulls) == proposal.distinct:
            return
        rest = f"from data where {column} is not null and not list_contains(?, {column})"
        if numbers.look(table, proposal, nulls):
            proposal.nulls = nulls
            return
        if not table.ask(f"select 1 {rest} and lower({column}) not in ('true', 'false') limit 1", [nulls]):
            proposal.type, proposal.nulls = "boolean", nulls
            return
        if dates.like_a_date(table, proposal, nulls):
            proposal.type, proposal.nulls = "date", nulls
            return


def settle_text(table: Table, proposal: Proposal) -> None:
    """Say what the words of a list mean; and keep identifiers text, so that none loses its zeros."""
    if proposal.type == "integer" and KEY.search(proposal.name) and not table.columns[proposal.origin].endswith("INT"):
        proposal.type = "text"
    listed = STATUS.search(proposal.name) or WORDY.search(proposal.name)
    if proposal.type == "text" and listed and 0 < proposal.distinct <= FEW and not proposal.unique:
        column = table.cell(proposal.origin)
        for (value,) in table.ask(f"select distinct {column} from data where {column} is not null order by 1"):
            proposal.values.setdefault(word(value) or value, []).append(value)
        merged = [each for each in proposal.values.values() if len(each) > 1]
        if merged:
            proposal.comment = f"{' and '.join(repr(each) for each in merged[0])} are taken for the same."


def word(text: str) -> str:
    """A value or a header as a word of the language: `Closed Won` -> `closed_won`, `CloseDate` -> `close_date`."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
    return re.sub(r"[^a-z0-9]+", "_", split.casefold()).strip("_")


def identifier(text: str, taken: set[str]) -> str:
    """A name for a column that no other one has."""
    name = word(text) or "field"
    if not name[0].isalpha():
        name = f"c_{name}"
    if name in RESERVED:
        name = f"{name}_"
    number, free = 2, name
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free

"""How the numbers of a file are written: in one way everywhere, found by what fits all values of its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpieval.propose.columns import Proposal
    from kpieval.propose.table import Table


@dataclass(frozen=True)
class Numbers:
    """How a file writes numbers; one file, one way."""

    decimal: str = "."
    thousands: str | None = None

    def plain(self, text: str) -> str:
        """A number as it is written in this way -> in plain digits."""
        whole, _, fraction = text.replace(self.thousands or "", "").partition(self.decimal)
        return f"{whole}.{fraction}".rstrip("0").rstrip(".") if fraction else whole


INTEGER = r"[+-]?(0|[1-9]\d{0,17})"

WAYS = {
    r"[+-]?(0|[1-9]\d*)(\.\d+)?": Numbers(),
    r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?|[+-]?(0|[1-9]\d{0,2})(\.\d+)?": Numbers(thousands=","),
    r"[+-]?(0|[1-9]\d*)(,\d+)?": Numbers(","),
    r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d+)?|[+-]?(0|[1-9]\d{0,2})(,\d+)?": Numbers(",", "."),
}
"""The ways to write numbers; of two with the same decimal sign the plainer first."""


def look(table: Table, proposal: Proposal, nulls: tuple[str, ...]) -> bool:
    """Whether all values but these are numbers; if so, the proposal has their type and the ways that fit them all."""
    column = table.cell(proposal.origin)
    rest = f"from data where {column} is not null and not list_contains(?, {column})"

    def fits(pattern: str) -> bool:
        return not table.ask(f"select 1 {rest} and not regexp_full_match({column}, ?) limit 1", [nulls, pattern])

    if fits(INTEGER):
        proposal.type = "integer"
        return True
    proposal.ways = tuple(way for pattern, way in WAYS.items() if fits(pattern))
    if proposal.ways:
        proposal.type = "decimal"
    return bool(proposal.ways)


def settle(table: Table, proposals: list[Proposal]) -> None:
    """Agree on one way for the file. A column that is written in another one stays text.

    The decimal sign is the one that most columns have for certain. Where `3,250` is all there is, which may be more
    than three thousand or a little more than three, it is a guess: who puts semicolons between values needs the comma
    for decimals.
    """
    numeric = [each for each in proposals if each.ways]
    certain = [each.ways[0].decimal for each in numeric if _certain(each)]
    decimal = "," if table.options.get("delimiter") == ";" else "."
    if certain:
        decimal = max((",", "."), key=certain.count)
    for each in numeric:
        way = next((way for way in each.ways if way.decimal == decimal), None)
        if way is None:
            each.type, each.comment = "text", "Numbers here are written in another way than in the other columns."
        elif not certain:
            each.comment = _guess(table, each, way)
        each.numbers = way
    thousands = next((each.numbers.thousands for each in numeric if each.numbers and each.numbers.thousands), None)
    for each in numeric:
        each.numbers = each.numbers and Numbers(decimal, thousands)


def _certain(each: Proposal) -> bool:
    return len({way.decimal for way in each.ways}) == 1


def _guess(table: Table, each: Proposal, way: Numbers) -> str:
    """What is taken for what, by the example of a value that may be read in two ways."""
    column = table.cell(each.origin)
    example = table.ask(f"select min({column}) from data where contains({column}, ',') or contains({column}, '.')")[0][
        0
    ]
    other = next(other for other in each.ways if other.decimal != way.decimal)
    return (
        f"Not certain: {example} is taken for {way.plain(example)}, but may also be {other.plain(example)}; "
        "nothing in the file decides."
    )

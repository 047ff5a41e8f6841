"""How the dates of a column are written: found by reading all its values in each way, decided by what fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpieval.propose.columns import Proposal
    from kpieval.propose.table import Table

LIKE = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?|\d{1,2}[- ]\w{3,9}[- ,]+\d{2,4}|\w{3,9} \d{1,2}, \d{4}"
"""What may be a date at all."""

ISO = r"\d{4}-\d\d-\d\d"
ISO_TIMESTAMP = ISO + r"[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?"

DAYS = {
    "%Y-%m-%d": r"\d{4}-.*",
    "%Y/%m/%d": r"\d{4}/.*",
    "%Y.%m.%d": r"\d{4}\..*",
    "%d.%m.%Y": r"\d+\.\d+\.\d{4}.*",
    "%d/%m/%Y": r"\d+/\d+/\d{4}.*",
    "%m/%d/%Y": r"\d+/\d+/\d{4}.*",
    "%d-%m-%Y": r"\d+-\d+-\d{4}.*",
    "%m-%d-%Y": r"\d+-\d+-\d{4}.*",
    "%d.%m.%y": r"\d+\.\d+\.\d\d( .*)?",
    "%d/%m/%y": r"\d+/\d+/\d\d( .*)?",
    "%m/%d/%y": r"\d+/\d+/\d\d( .*)?",
    "%d-%m-%y": r"\d+-\d+-\d\d( .*)?",
    "%m-%d-%y": r"\d+-\d+-\d\d( .*)?",
    "%y-%m-%d": r"\d\d-\d+-\d\d( .*)?",
    "%d-%b-%Y": ".*",
    "%d %b %Y": ".*",
    "%d %B %Y": ".*",
    "%B %d, %Y": ".*",
    "%b %d, %Y": ".*",
}
"""Ways to write a day, and what must be true of the text, since parsers take `17` for the year 17."""

TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")


def like_a_date(table: Table, proposal: Proposal, nulls: tuple[str, ...]) -> bool:
    """Whether all values but these can be read as dates in at least one way."""
    column = table.cell(proposal.origin)
    rest = f"from data where {column} is not null and not list_contains(?, {column})"
    if table.ask(f"select 1 {rest} and not regexp_full_match({column}, ?) limit 1", [nulls, LIKE]):
        return False
    return bool(readings(table, proposal, nulls))


def readings(table: Table, proposal: Proposal, nulls: tuple[str, ...]) -> list[str]:
    """Every way in which all values can be read; `` for ISO, which needs no format."""
    column = table.cell(proposal.origin)
    rest = f"from data where {column} is not null and not list_contains(?, {column})"

    def fails(condition: str, *parameters: str) -> bool:
        return bool(table.ask(f"select 1 {rest} and not ({condition}) limit 1", [nulls, *parameters]))

    iso = f"regexp_full_match({column}, ?) and try_cast({column} as timestamptz) is not null"
    if not fails(iso, ISO) or not fails(iso, ISO_TIMESTAMP):
        return [""]
    reads = f"coalesce(regexp_full_match({column}, ?) and try_strptime({column}, ?) is not null, false)"
    return [day + time for day, shape in DAYS.items() for time in TIMES if not fails(reads, shape, day + time)]


def settle(table: Table, proposals: list[Proposal]) -> None:
    """Decide each column of dates; one that may be read in two ways follows a sibling that may be in one only."""
    open_: list[tuple[Proposal, list[str]]] = []
    decided: list[str] = []
    for each in proposals:
        if each.type != "date" or table.columns[each.origin] != "VARCHAR":
            continue
        found = readings(table, each, each.nulls)
        if len(found) == 1:
            each.format = found[0] or None
            decided.append(day(found[0]))
        else:
            open_.append((each, found))
        column = table.cell(each.origin)
        if "%H" in found[0] or "%I" in found[0] or table.ask(f"select 1 from data where {column} like '%:%' limit 1"):
            each.type = "timestamp"
    for each, found in open_:
        sibling = next((way for way in found if day(way) in decided), None)
        each.format = sibling or likelier(table, each, found)
        if sibling is None:
            example = table.ask(f"select min({table.cell(each.origin)}) from data")[0][0]
            others = " or ".join(f'"{way}"' for way in found if way != each.format)
            each.comment = f"Not certain: {example} may also be {others}; nothing in the column decides."


def day(way: str) -> str:
    """The part of a format that is about the day."""
    return way.partition(" %H")[0].partition(" %I")[0]


def likelier(table: Table, proposal: Proposal, found: list[str]) -> str:
    """Without zeros in front, and slashes: the American way. Else the first, which has the day in front."""
    column = table.cell(proposal.origin)
    padded = not table.ask(f"select 1 from data where regexp_matches({column}, '^\\d[-/.]') limit 1")
    american = next((way for way in found if way.startswith("%m/")), None)
    return american if american and not padded else found[0]

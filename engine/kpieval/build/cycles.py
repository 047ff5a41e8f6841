"""Where names lead to: which lead back to themselves, each round once, and all that one leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def cycles(leads_to: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """The rounds in a graph, each from its first name in the graph's own order back to that name.

    Of rounds that share a name only one is told: mending it shows the next.

    >>> cycles({"a": ["b"], "b": ["c"], "c": ["b"], "d": ["d"]})
    [('b', 'c', 'b'), ('d', 'd')]
    """
    rounds: list[tuple[str, ...]] = []
    done: set[str] = set()
    for start in leads_to:
        if start in done:
            continue
        done.add(start)
        way = [start]
        open_ = [iter(leads_to[start])]
        while open_:  # no recursion: a chain may be longer than Python's stack
            following = next(open_[-1], None)
            if following is None:
                open_.pop()
                way.pop()
            elif following in way:
                rounds.append(_from_first((*way[way.index(following) :], following), leads_to))
            elif following in leads_to and following not in done:
                done.add(following)
                way.append(following)
                open_.append(iter(leads_to[following]))
    return rounds


def reached(start: str, leads_to: Mapping[str, Iterable[str]]) -> set[str]:
    """All names that one leads to, on any way."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        following = [name for name in leads_to.get(waiting.pop(), ()) if name not in found]
        found.update(following)
        waiting += following
    return found


def _from_first(round_: tuple[str, ...], leads_to: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    names = round_[:-1]
    first = next(index for name in leads_to for index, other in enumerate(names) if other == name)
    return (*names[first:], *names[:first], names[first])

"""Where everybody in a large group stands on one line: a dot plot, whose columns are counts (Wilkinson 1999)."""

from __future__ import annotations

import itertools
import math
import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.render.charts.parts import Label
from kpieval.render.charts.scale import Scale, short, ticks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kpieval.render.charts.parts import Point

WIDTH = 400
LEFT, RIGHT = 24, 376
TOP = 28
"""Above it two lines of words."""
FOOT = 30
PITCH = 5
ROWS = 24
MOST = 420
"""So many marks at most: where there are more members, a mark stands for several of them."""
_FENCE = 3
_SIGN = 6.6
"""So wide is a sign of a word, about, where letters are largest: on a phone."""
_ORDER = ("poor", "fair", "good", "none")
_TRIANGLE = "h4l-2-4z"
_Look = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Swarm:
    """All marks of one status; `tone` names their shape.

    Triangles are drawn one by one. Squares and circles are lines from the foot of a column up, which the style sheet
    dashes: a dash and its gap are a mark.
    """

    path: str
    tone: str
    color: str


@dataclass(frozen=True, slots=True)
class Strip:
    """A box of 400 by `height`: marks above `foot`, the scale below it. A mark is up to `each` members.

    The `target` and the `whole` are lines with a word, `aim` is the stretch of a target range; the middle half is the
    stretch `half`, with the `median` in it. `below` of a word says whether it stands to the left of its line.
    """

    height: int
    foot: str
    swarms: tuple[Swarm, ...]
    each: int
    target: Label | None
    aim: tuple[str, str] | None
    whole: Label | None
    half: tuple[str, str]
    median: Label
    along: tuple[Label, ...]
    text: str


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The quarter points of two values or more, as the engine makes quantiles: definition 7 of Hyndman and Fan."""
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, median, high


def strip_scale(
    values: Sequence[float], besides: Iterable[float] = (), least: float = 0.0
) -> tuple[Scale, list[float]]:
    """The scale of a strip and the round numbers along it, whose steps are `least` or more.

    It ends at the outer fences (Tukey 1977), three middle halves beyond the quartiles, so that one odd value doesn't
    press all others into a corner; what is held `besides`, such as the target, is always on it.
    """
    low, _, high = quartiles(values)
    reach = _FENCE * (high - low)
    inside = [value for value in values if not reach or low - reach <= value <= high + reach]
    marks = ticks(min(*inside, *besides), max(*inside, *besides), 4, least)
    return Scale(marks[0], marks[-1], LEFT, RIGHT), marks


def strip(
    points: Sequence[Point],
    scale: Scale,
    along: Mapping[float, str],
    target: tuple[tuple[float, ...], str] | None,
    whole: tuple[float, str] | None,
    median: str,
    text: str,
    *,
    descending: bool,
) -> Strip:
    """The strip of members that have a value. Words stand beside what they name: `target`, `whole` and `median`.

    A target is one number, or the two ends of a range. The columns begin at it, so that no mark stands across it: who
    has just reached it is on its good side, to the left of it where less is better (`descending`).
    """
    ends = [scale.at(end) for end in target[0]] if target else []
    start = ends[0] if ends else LEFT
    total = scale.at(whole[0]) if whole and scale.low <= whole[0] <= scale.high else None
    columns: dict[int, Counter[_Look]] = defaultdict(Counter)
    for point in points:
        place = round((scale.at(point.value or 0.0) - start) / PITCH, 6)  # at the target is at it, whatever floats say
        columns[math.ceil(place) - 1 if descending else math.floor(place)][point.tone, point.color] += 1
    each = next(size for size in _sizes() if _fits(columns.values(), size))
    rows = max(sum(_marks(column, each).values()) for column in columns.values())
    foot = TOP + rows * PITCH
    low, middle, high = quartiles([point.value for point in points if point.value is not None])
    left, right = scale.at(low), scale.at(high)
    turned = right + _width(median) > WIDTH
    return Strip(
        height=foot + FOOT,
        foot=str(foot),
        swarms=_swarms(columns, each, start, foot),
        each=each,
        target=_word(ends[0], 9, target[1], total) if target else None,
        aim=(short(ends[0]), short(ends[1] - ends[0])) if len(ends) > 1 else None,
        whole=_word(total, 21, whole[1], ends[0] if ends else None) if whole and total is not None else None,
        half=(short(left), short(max(1.0, right - left))),
        median=Label(scale.text(middle), short(left - 4 if turned else right + 4), median, "left" if turned else ""),
        along=tuple(Label(scale.text(value), str(foot + 25), said) for value, said in along.items()),
        text=text,
    )


def _sizes() -> Iterable[int]:
    """1 to 9, 10 to 90 in tens, and so on: for so many members stands a mark."""
    return (digit * 10**power for power in itertools.count() for digit in range(1, 10))


def _fits(columns: Iterable[Counter[_Look]], each: int) -> bool:
    heights = [sum(_marks(column, each).values()) for column in columns]
    return max(heights) <= ROWS and sum(heights) <= MOST


def _marks(column: Counter[_Look], each: int) -> dict[_Look, int]:
    """How many marks each status has in a column. The last one is drawn whole, so that nobody is too few to be seen."""
    return {look: math.ceil(count / each) for look, count in column.items()}


def _swarms(columns: Mapping[int, Counter[_Look]], each: int, start: float, foot: int) -> tuple[Swarm, ...]:
    """The marks by status, in each column the worst at the foot."""
    paths: dict[_Look, list[str]] = defaultdict(list)
    for place, column in sorted(columns.items()):
        row = 0
        for look, count in sorted(_marks(column, each).items(), key=_worst_first):
            paths[look].append(_stack(look[0], count, start + place * PITCH, foot - row * PITCH))
            row += count
    return tuple(Swarm("".join(found), *look) for look, found in sorted(paths.items(), key=_worst_first))


def _worst_first(item: tuple[_Look, object]) -> tuple[int, str]:
    (tone, color), _ = item
    return _ORDER.index(tone), color


def _stack(tone: str, count: int, left: float, foot: float) -> str:
    """So many marks on top of each other."""
    if tone == "fair":
        return f"M{short(left + 0.5)} {short(foot - 0.5)}{_TRIANGLE}" + f"m0-{PITCH}{_TRIANGLE}" * (count - 1)
    gap = 0.5 if tone == "poor" else PITCH / 2
    return f"M{short(left + PITCH / 2)} {short(foot - gap)}v-{count * PITCH - 4 + (3 if tone == 'poor' else 0)}"


def _word(x: float, y: int, text: str, other: float | None) -> Label:
    """A word beside a line: to the left where it would end outside, or run over the `other` line."""
    left = x + _width(text) > WIDTH or (other is not None and _width(text) < x < other)
    return Label(short(x), str(y), text, "left" if left else "")


def _width(text: str) -> float:
    return len(text) * _SIGN + 4

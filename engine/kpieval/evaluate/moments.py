"""What holds for everybody in a period: its days, the runs of periods that windows see, and which sources have rows.

The table `moments` has a row per evaluated period, with for each window its first period and its days, and for each
source and window whether it is live; `windows` has a row per window and period.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.collect.sql import name
from kpieval.model import ORGANISATION
from kpieval.plan.inputs import Aggregate, Measured
from kpieval.plan.scans import parts_of
from kpieval.plan.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import duckdb

    from kpieval.collect.cells import Cells
    from kpieval.collect.timeline import Timeline
    from kpieval.model import Time

Run = tuple[int, int, int]


class Moments:
    """The tables of periods and windows; its methods name the columns of `moments`.

    `begins` has the first period that a source has a row in, by its date; where it is not known, that of the rows read.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        cells: Cells,
        timeline: Timeline,
        windows: Mapping[Window, list[Run]],
        items: Iterable[Measured],
        begins: Mapping[tuple[str, Time], int],
    ) -> None:
        self._numbers = {window: number for number, window in enumerate(windows)}
        self._timeline = timeline
        evaluated = timeline.evaluated
        runs = [(self._numbers[window], *run) for window, found in windows.items() for run in found]
        fill(connection, "windows (number bigint, period bigint, first bigint, last bigint)", runs)
        columns: dict[str, list[Any]] = {
            "period bigint": [p.index for p in evaluated],
            "period_label period_name": [p.label for p in evaluated],
            "start_day date": [p.start for p in evaluated],
            "end_day date": [p.end for p in evaluated],
        }
        for window, found in windows.items():
            by_period = {period: (first, last) for period, first, last in found}
            bounds = [by_period.get(p.index) for p in evaluated]
            columns[f"{self.first(window)} bigint"] = [b and b[0] for b in bounds]
            columns[f"{self.days(window, elapsed=False)} double"] = [b and self._days(*b) for b in bounds]
            columns[f"{self.days(window, elapsed=True)} double"] = [b and timeline.elapsed(*b) for b in bounds]
        self._live: dict[tuple[str, object, Window], str] = {}
        for item in items:
            key = (item.aggregate.source, item.aggregate.time, item.window)
            if key not in self._live:
                self._live[key] = f"live_{len(self._live)}"
                rows = _rows_by_period(connection, cells, item)
                found = windows[item.window]
                begin = begins.get(key[:2], min(rows, default=None))
                alive = {run[0]: _alive(item.window, rows, begin, *run[1:]) for run in found}
                columns[f"{self._live[key]} boolean"] = [alive.get(p.index, False) for p in evaluated]
        fill(connection, f"moments ({', '.join(columns)})", list(zip(*columns.values(), strict=True)))

    def number(self, window: Window) -> int:
        """The number of a window in the table `windows`."""
        return self._numbers[window]

    def first(self, window: Window) -> str:
        """The column with the first period of a window."""
        return f"first_{self._numbers[window]}"

    def days(self, window: Window, *, elapsed: bool) -> str:
        """The column with the days of a window, or with those gone by on the day of the run."""
        return f"{'elapsed' if elapsed else 'days'}_{self._numbers[window]}"

    def live(self, item: Measured) -> str:
        """The column that tells whether a source has any row in a window, and reaches back far enough for it."""
        return self._live[item.aggregate.source, item.aggregate.time, item.window]

    def _days(self, first: int, last: int) -> int:
        return (self._timeline.periods.at(last).end - self._timeline.periods.at(first).start).days


def fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Make a small temporary table with these rows, in one statement each."""
    connection.execute(f"create temp table {table}")
    if rows:
        row = f"({', '.join('?' * len(rows[0]))})"
        target = table.split(" ", 1)[0]
        connection.execute(f"insert into {target} values {', '.join([row] * len(rows))}", [v for r in rows for v in r])


def _rows_by_period(connection: duckdb.DuckDBPyConnection, cells: Cells, item: Measured) -> dict[int, int]:
    """How many rows the source has in each period, whoever they belong to."""
    aggregate = item.aggregate
    rows = Aggregate(aggregate.source, aggregate.time, "rows")
    grouping = cells.find(Measured(rows, Window(point=item.window.point)), ORGANISATION)
    if grouping is None:
        message = f"the rows of {aggregate.source} were not counted"
        raise LookupError(message)
    column = name(cells.columns[grouping, parts_of(rows)["count"]])
    found = connection.execute(f"select period, {column} from {cells.tables[grouping, ORGANISATION]}").fetchall()
    return {period: count for period, count in found if count}


def _alive(window: Window, rows: Mapping[int, int], begin: int | None, first: int, last: int) -> bool:
    if window.point == "start":
        last = first
    elif window.point == "end":
        first = last
    if window.complete and (begin is None or first < begin):
        return False
    return any(first <= period <= last for period in rows)

"""Which of the published runs is shown, and which are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from kpieval.publish.run import Run


def newest(runs: Iterable[Run], period: str) -> Run | None:
    """The newest run of a period."""
    return max((run for run in runs if run.period == period), key=lambda run: run.order, default=None)


def shown(runs: Collection[Run]) -> Run:
    """The run of the front page: the newest one of the period that ends last."""
    return max(runs, key=lambda run: run.order)


def kept(runs: Collection[Run], keep: int) -> set[str]:
    """The names of the `keep` newest runs, and of the newest run of each of the `keep` last periods."""
    last = sorted(runs, key=lambda run: (run.published, run.name))[-keep:]
    of_periods = {run.period: run for run in sorted(runs, key=lambda run: run.order)}
    return {run.name for run in [*last, *[*of_periods.values()][-keep:]]}

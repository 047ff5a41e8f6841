"""The page of all runs, the same for programs, and the ways from a report to both."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from markupsafe import escape

from kpieval.render.html import document, style_sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpieval.publish.run import Run
    from kpieval.translation import Words

PLAIN = {"accent": None, "accent_dark": None}
"""The look of the page of runs, which is of many runs, that may have had many looks."""

_NAMED = {"report.md": "Markdown", "result.json": "JSON"}
"""Files of a run that the page links to beside the report, and what it calls them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A run: when it was published, what it says in a sentence, where it and its other files are."""

    published: str
    verdict: str
    link: str
    files: tuple[tuple[str, str], ...]
    shown: bool


@dataclass(frozen=True, slots=True)
class Period:
    """A period with its runs, the newest first."""

    heading: str
    dates: str
    runs: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All runs, by period, the last one first."""

    language: str
    direction: str
    title: str
    periods: tuple[Period, ...]


def ways_out(up: str, own: Words) -> str:
    """What stands at the foot of each page of a run, `up` leading to the folder that holds all."""
    newest, runs = escape(own.say("The newest report")), escape(own.say("All runs"))
    return f'<p><a href="{up}index.html">{newest}</a> <a href="{up}runs.html">{runs}</a></p>\n'


def catalogue(runs: Sequence[Run], front: Run) -> str:
    """`runs.json`: which run is shown, and what is known of each, by its name."""
    known = {"format": 1, "shown": front.name, "runs": {run.name: run.data() for run in runs}}
    return json.dumps(known, ensure_ascii=False) + "\n"


def runs_page(runs: Sequence[Run], front: Run) -> str:
    """`runs.html`: all runs, period by period."""
    ordered = sorted(runs, key=lambda run: run.order, reverse=True)
    periods = tuple(
        Period(heading, dates, tuple(_row(run, shown=run == front) for run in group))
        for (heading, dates), group in groupby(ordered, lambda run: (run.heading, run.dates))
    )
    shelf = Shelf(front.language, front.direction, front.title, periods)
    return document("runs.html", front.language, style_sheet(PLAIN), shelf=shelf)


def _row(run: Run, *, shown: bool) -> Row:
    folder = f"runs/{run.name}"
    files = tuple((word, f"{folder}/{path}") for path, word in _NAMED.items() if path in run.files)
    moment = f"{run.published[:10]} {run.published[11:16]} UTC"
    return Row(moment, run.verdict, f"{folder}/index.html", files, shown)

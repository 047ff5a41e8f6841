"""The documents of a result become a folder that a web server or a shared drive shows, with the runs before it.

    stage    all that is new is written beside, and flushed
    swap     the run's folder takes its place by one renaming, then the pages that lead to it, each by another
    prune    runs that the rule doesn't keep are taken away, once nothing leads to them

Whoever reads, at whatever moment, finds pages whose links all lead somewhere: see docs/decisions/0032-publish.md.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.problems import OutputError, Place, Problem
from kpieval.publish import links, pages
from kpieval.publish.keeping import kept, newest, shown
from kpieval.publish.run import FILE, Run, digest, run_of
from kpieval.publish.site import CATALOGUE, Site
from kpieval.translation import words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any

    from kpieval.publish.staging import Staging

KEEP = 12
"""How many runs, and how many periods, are kept unless it is said."""

FRONT = "index.html"


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a publishing: the run; whether it is a `new` one; which one the front page shows."""

    run: Run
    new: bool
    front: Run


def publish(
    result: Mapping[str, Any],
    source: Path,
    folder: Path,
    *,
    keep: int = KEEP,
    now: dt.datetime | None = None,
) -> Published:
    """Publish the documents of a result, the files in the folder `source`, `index.html` among them, into `folder`.

    A run of the same period with the same files makes nothing new. `now` is the time of the run, the clock's unless it
    is given. Raises OutputError where the folder isn't kpieval's, belongs to another project, or can't be written; what
    was there is still shown then.
    """
    files = sorted(path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file())
    run = run_of(result, digest(source, files), files, now or dt.datetime.now(dt.UTC))
    try:
        with Site.opened(folder, run.project) as site, site.staging() as staging:
            site.sweep()
            before = site.runs()
            last = newest(before.values(), run.period)
            new = last is None or last.digest != run.digest
            if new:
                _stage(run, source, staging)
                staging.move_folder(run.name, site.shelf)
            front = _swap(site, staging, keep)
            return Published(run if new or last is None else last, new, front)
    except OSError as error:
        what = f" ({error.filename})" if error.filename else ""
        message = f"`{folder}` can't be published into: {error.strerror or error}{what}."
        hint = "Make room or permit it, or name another folder. Readers still find what was published before."
        raise OutputError(Problem("error", "output-not-written", message, Place(str(folder)), hint)) from error


def _stage(run: Run, source: Path, staging: Staging) -> None:
    for path in run.files:
        if path.endswith(".html"):
            out = pages.ways_out("../" * (2 + path.count("/")), words(run.language))
            staging.put(f"{run.name}/{path}", links.with_footer((source / path).read_bytes().decode(), out))
        else:
            staging.copy(f"{run.name}/{path}", source / path)
    staging.put(f"{run.name}/{FILE}", run.text())
    staging.flush(run.name)


def _swap(site: Site, staging: Staging, keep: int) -> Run:
    """Let all pages lead to the runs that are kept, then take the others away; the run of the front page.

    What is written rests on the folders that are there and on nothing else. So where locks don't work and another
    publishes at the same time, it is enough to look again afterwards, and to begin anew if there is another run.
    The run that was shown before stays once more, for those who have just opened it.
    """
    before = site.shown()
    while True:
        runs = site.runs()
        front = shown(runs.values())
        stay = kept(runs.values(), keep) | {front.name, before}
        listed = [run for name, run in runs.items() if name in stay]
        staging.replace("runs.html", pages.runs_page(listed, front), site.folder)
        staging.replace(
            FRONT, links.moved(site.read(front.name, FRONT), f"{site.shelf.name}/{front.name}"), site.folder
        )
        staging.replace(CATALOGUE, pages.catalogue(listed, front), site.folder)
        if site.names() == set(runs):
            break
    for name in sorted(set(runs) - stay):
        staging.take_away(site.shelf / name)
    return front


__all__ = ["KEEP", "Published", "publish"]

"""A folder that kpieval publishes into: how it knows that it is its own, and what has been published there.

    index.html      the report of the run that is shown
    runs.html       all runs; runs.json says the same for programs
    runs/NAME/      the files of one run, and run.json
    .kpieval/       that the folder is kpieval's, and of which project; what is being written

All the rest in such a folder is somebody else's, and is left alone.
"""

from __future__ import annotations

import json
import os
import stat
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpieval.problems import OutputError, Place, Problem
from kpieval.publish.lock import locked
from kpieval.publish.modes import Modes
from kpieval.publish.run import FILE, is_name, read_run
from kpieval.publish.staging import PREFIX, Staging, remove

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpieval.publish.run import Run

OWN = ".kpieval"
SITE = "site.json"
CATALOGUE = "runs.json"
TOLD = "told.json"
"""The run that each webhook was told of last, by a hash of its URL."""

FORMAT = 1
"""The version of how such a folder is laid out."""

ABANDONED = 6 * 3600
"""What nobody has touched for so many seconds was left behind by a run that was killed."""


@dataclass(frozen=True, slots=True)
class Site:
    """The folder, with the modes that everything in it gets."""

    folder: Path
    modes: Modes

    @property
    def own(self) -> Path:
        """What nobody reads but kpieval."""
        return self.folder / OWN

    @property
    def shelf(self) -> Path:
        """Where the runs are."""
        return self.folder / "runs"

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, project: str) -> Iterator[Site]:
        """Take the folder for this project, and keep others from changing it meanwhile.

        It is made where it is missing. Raises OutputError where it holds anything that kpieval hasn't put there.
        """
        modes = Modes.of(folder)
        _refuse_foreign(folder)
        modes.make_folder(folder / OWN)
        modes.make_folder(folder / "runs")
        site = cls(folder, modes)
        with locked(site.own / "lock", modes):
            site._claim(project)
            yield site

    @contextmanager
    def staging(self) -> Iterator[Staging]:
        """A folder to prepare things in, on the same disk as all the others; it is gone afterwards."""
        made = Staging.beside(self.own, self.modes)
        try:
            yield made
        finally:
            remove(made.folder)

    def sweep(self) -> None:
        """Remove what killed runs left behind."""
        now = time.time()
        with os.scandir(self.own) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):  # whoever prepared it may take it away meanwhile
                    if entry.name.startswith(PREFIX) and now - entry.stat(follow_symlinks=False).st_mtime > ABANDONED:
                        remove(Path(entry.path))

    def names(self) -> set[str]:
        """The names of the published runs."""
        return set(self.runs())

    def runs(self) -> dict[str, Run]:
        """The published runs by name. Only those that `runs.json` doesn't know yet are opened."""
        listed = self._catalogue().get("runs")
        listed = listed if isinstance(listed, dict) else {}
        with os.scandir(self.shelf) as entries:
            names = sorted(entry.name for entry in entries if is_name(entry.name))
        found = {}
        for name in names:
            run = read_run(listed.get(name)) or read_run(_json(self.shelf / name / FILE))
            if run is not None and run.name == name:
                found[name] = run
        return found

    def shown(self) -> str | None:
        """The name of the run that the front page shows, or has shown until a moment ago."""
        name = self._catalogue().get("shown")
        return name if isinstance(name, str) else None

    def read(self, name: str, path: str) -> str:
        """A file of the run of a name."""
        if not is_name(name):
            raise FileNotFoundError(name)
        return (self.shelf / name / path).read_text("utf-8")

    def told(self) -> dict[str, str]:
        """The run that each webhook was told of last."""
        known = _json(self.own / TOLD)
        return {key: name for key, name in known.items() if isinstance(name, str)} if isinstance(known, dict) else {}

    def _catalogue(self) -> dict[str, Any]:
        known = _json(self.folder / CATALOGUE)
        return known if isinstance(known, dict) else {}

    def _claim(self, project: str) -> None:
        """Write down whose the folder is, or find that it is somebody else's."""
        known = _json(self.own / SITE)
        if known is None:
            with self.staging() as staging:
                staging.replace(SITE, json.dumps({"format": FORMAT, "project": project}) + "\n", self.own)
            return
        if not isinstance(known, dict) or known.get("format") != FORMAT:
            message = f"`{self.folder}` is laid out in a way that this kpieval doesn't know."
            raise _refused(self.folder, message, "Publish by the version that made it, or name another folder.")
        if known.get("project") != project:
            message = f"`{self.folder}` shows the project `{known.get('project')}`, not `{project}`."
            raise _refused(self.folder, message, "Give each project a folder of its own.")


def _refuse_foreign(folder: Path) -> None:
    """Raise OutputError where something is in the folder, and kpieval didn't put it there; hidden files don't count."""
    if not stat.S_ISDIR(folder.stat().st_mode):
        raise _refused(folder, f"`{folder}` is no folder.", "Name a folder.")
    for path in (folder / OWN, folder / "runs"):
        if path.is_symlink():
            raise _refused(folder, f"`{path}` is a link.", "Put a folder in its place.")
    if (folder / OWN).is_dir():
        return
    foreign = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    if foreign:
        message = f"`{folder}` holds things that kpieval hasn't published, such as `{foreign[0]}`."
        raise _refused(folder, message, "Name an empty folder, or one that isn't there yet.")


def _refused(folder: Path, message: str, hint: str) -> OutputError:
    return OutputError(Problem("error", "not-published-here", message, Place(str(folder)), hint))


def _json(path: Path) -> Any:  # noqa: ANN401 -- whatever is in the file
    """What a file holds; None where there is none, or it isn't JSON."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None

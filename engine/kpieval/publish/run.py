"""What is known of a published run without opening its report: the small file beside it, and the name of its folder."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

FILE = "run.json"
"""Its name in the run's folder."""

CHUNK = 1 << 20
"""So many bytes are read at once."""

_NAME = re.compile(r"[\w.-]*-\d{8}T\d{12}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Run:
    """A published run. `end` is the day after its period; `published` a moment in UTC; the rest are finished words.

    `digest` is a hash of all its files, whose paths are `files`.
    """

    project: str
    title: str
    language: str
    direction: str
    period: str
    heading: str
    dates: str
    end: str
    verdict: str
    published: str
    digest: str
    files: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its folder: `2026-Q3-20261005T070012345678Z-1a2b3c4d`, in the order of periods, then of runs."""
        period = re.sub(r"[^\w.-]+", "-", self.period).lstrip(".")
        moment = re.sub(r"[-:.]", "", self.published)
        return f"{period}-{moment}-{self.digest[:8]}"

    @property
    def order(self) -> tuple[str, str, str]:
        """What puts runs in order: the period's end, then when it was published."""
        return self.end, self.published, self.name

    def data(self) -> dict[str, Any]:
        """The run as JSON has it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def text(self) -> str:
        """The run as its file has it."""
        return json.dumps(self.data(), ensure_ascii=False, indent=1) + "\n"


def run_of(result: Mapping[str, Any], digest: str, files: Iterable[str], now: dt.datetime) -> Run:
    """The run that made a result."""
    from kpieval.render.views.report import Views  # noqa: PLC0415 - it formats numbers, which takes a moment to load

    views = Views(result)
    frame = views.frame()
    return Run(
        project=result["project"],
        title=frame.title,
        language=frame.language,
        direction=frame.direction,
        period=result["period"],
        heading=frame.period,
        dates=frame.dates,
        end=result["periods"][-1]["end"],
        verdict=views.overview().verdict,
        published=now.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        digest=digest,
        files=tuple(files),
    )


def read_run(data: object) -> Run | None:
    """The run that a file of its kind tells of; None for anything else, which is then not kpieval's."""
    names = {field.name for field in fields(Run)}
    if not isinstance(data, dict) or not names <= data.keys():
        return None
    files = data["files"]
    texts = [data[name] for name in names - {"files"}]
    if not isinstance(files, list) or not all(isinstance(each, str) for each in [*texts, *files]):
        return None
    return Run(**{**{name: data[name] for name in names}, "files": tuple(files)})


def is_name(text: str) -> bool:
    """Whether a folder is called as runs are."""
    return _NAME.fullmatch(text) is not None


def digest(folder: Path, files: Iterable[str]) -> str:
    """A hash of the files in a folder: their paths, lengths and contents."""
    found = hashlib.sha256()
    for name in files:
        path = folder / name
        found.update(f"{name}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as file:
            while data := file.read(CHUNK):
                found.update(data)
    return found.hexdigest()

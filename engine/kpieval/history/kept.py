"""A run as two files: its observations in Parquet, and JSON that says of what and when. The JSON comes last."""

from __future__ import annotations

import datetime as dt
import json
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval import __version__
from kpieval.evaluate.describe import describe_source
from kpieval.evaluate.fingerprints import fingerprint
from kpieval.problems import DataError, OutputError, Place, Problem
from kpieval.render.write import write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kpieval.evaluate import Evaluated

FORMAT = 1
"""The version of what these files hold."""

_SOURCE = ("name", "rows", "rows_used", "first", "last", "quarantined")


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept run: its period, when it was made (UTC), the hashes of its KPIs by name, and its observations."""

    name: str
    period: str
    made: str
    kpieval: str
    kpis: Mapping[str, Mapping[str, str]]
    observations: Path


def told_of(run: Evaluated, period: str) -> dict[str, Any]:
    """What is to be kept of a run beside its observations."""
    project = run.plan.project
    return {
        "kpieval": __version__,
        "project": project.name,
        "grain": project.grain,
        "as_of": run.given_day.isoformat() if run.given_day else None,
        "period": period,
        "kpis": {name: fingerprint(project, kpi) for name, kpi in project.kpis.items()},
        "sources": [describe_source(project.sources[each.source], each) for each in run.accounts],
    }


def keep(told: Mapping[str, Any], observations: bytes, folder: Path, now: dt.datetime | None = None) -> str:
    """Keep a run, and return its name.

    `told` is what `told_of` says of it, `observations` a Parquet file of what the result shows.

    Raises OutputError where it can't be written; then nobody will find half of it.
    """
    moment = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
    name = f"{_stem(told['project'], told['period'])}-{moment:%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(4)}"
    sources = [{key: source[key] for key in _SOURCE} for source in told["sources"]]
    about = {"format": FORMAT, "made": f"{moment:%Y-%m-%dT%H:%M:%SZ}", **told, "sources": sources}
    write(folder / f"{name}.parquet", observations)
    write(folder / f"{name}.json", json.dumps(about, ensure_ascii=False, indent=1) + "\n")
    return name


def newest(folder: Path, project: str, periods: Iterable[str]) -> list[Kept]:
    """The newest kept run of each of these periods that has one. Of all others only the names are looked at.

    Raises DataError where a run can't be read, and OutputError where the folder can't be.
    """
    try:
        names = [path.name for path in folder.iterdir()] if folder.exists() else []
    except OSError as error:
        message = f"The history in `{folder}` can't be read: {error.strerror}."
        raise OutputError(Problem("error", "unreadable-history", message, Place(str(folder)))) from error
    found = []
    for period in periods:
        form = re.compile(re.escape(_stem(project, period)) + r"-\d{8}T\d{12}Z-[0-9a-f]{8}\.json")
        ours = [name for name in names if form.fullmatch(name)]
        if ours:
            found.append(_read(folder / max(ours), project, period))
    return found


def _stem(project: str, period: str) -> str:
    return re.sub(r"[^\w.-]+", "-", f"{project}-{period}").lstrip(".")


def _read(file: Path, project: str, period: str) -> Kept:
    try:
        told = json.loads(file.read_text("utf-8"))
        if told["format"] != FORMAT:
            raise unreadable(file, f"It has the form {told['format']}; kpieval {__version__} reads form {FORMAT}.")
        if (told["project"], told["period"]) != (project, period):
            raise unreadable(file, f"It is of {told['project']} and {told['period']}, and its name says otherwise.")
        kpis = {
            str(name): {"definition": str(each["definition"]), "judgement": str(each["judgement"])}
            for name, each in told["kpis"].items()
        }
        made, version = str(told["made"]), str(told["kpieval"])
        dt.datetime.fromisoformat(made)
    except OSError as error:
        raise unreadable(file, f"{error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise unreadable(file, "It isn't what kpieval writes.") from error
    observations = file.with_suffix(".parquet")
    if not observations.is_file():
        raise unreadable(file, f"`{observations.name}` isn't beside it.")
    return Kept(file.stem, period, made, version, kpis, observations)


def unreadable(file: Path, why: str) -> DataError:
    """The error of a kept run that can't be read, with the way out."""
    message = f"This kept run can't be read. {why}"
    hint = "Restore it; or remove it with its other file, and the run before it counts."
    return DataError(Problem("error", "unreadable-history", message, Place(str(file)), hint))

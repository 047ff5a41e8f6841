"""The patterns of a source -> the files that match, sorted; each one there, readable and no folder."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING

from kpieval.nearest import did_you_mean
from kpieval.problems import DataError, Problem
from kpieval.sources.shown import location

if TYPE_CHECKING:
    from kpieval.model import Source


def located(source: Source, root: Path) -> tuple[Path, ...]:
    """All files of the source. The order of the names is the order of the rows, on every machine."""
    found: dict[Path, None] = {}
    problems: list[Problem] = []
    for pattern in source.files:
        # a name with brackets in it may simply be the name of a file
        matches = [pattern] if Path(pattern).exists() else sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - absolute
        files = [Path(match) for match in matches if Path(match).is_file()]
        found.update(dict.fromkeys(files))
        if not files:
            problems.append(_nothing(source, pattern, root, folder=bool(matches)))
    for file in found:
        try:
            with file.open("rb"):
                pass
        except OSError as error:
            message = f"`{location(file, root)}` can't be read: {error.strerror or error}."
            problems.append(Problem("error", "unreadable-file", message, source.place))
    if problems:
        raise DataError(problems)
    return tuple(found)


def _nothing(source: Source, pattern: str, root: Path, *, folder: bool) -> Problem:
    shown = location(pattern, root)
    if folder:
        suffix = source.options.format if source.options else "csv"
        which = f"Say which of its files: `{shown}/*.{suffix}`."
        return Problem("error", "no-file", f"`{shown}` is a folder.", source.place, which)
    if glob.has_magic(pattern):
        return Problem("error", "no-file", f"No file matches `{shown}`.", source.place)
    parent = Path(pattern).parent
    beside = [path.name for path in parent.iterdir() if path.is_file()] if parent.is_dir() else []
    hint = did_you_mean(Path(pattern).name, beside) if beside else f"There is no folder `{location(parent, root)}`."
    return Problem("error", "no-file", f"There is no file `{shown}`.", source.place, hint)


def as_pattern(path: Path) -> str:
    """The path as DuckDB takes it: what it would read as a pattern stands for itself.

    >>> as_pattern(Path("/a[1]*.csv"))
    '/a[[]1][*].csv'
    """
    return "".join(f"[{character}]" if character in "*?[" else character for character in str(path))

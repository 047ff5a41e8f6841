"""Text becomes a file that is either the old one or the new one, whatever happens in between."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from kpieval.problems import OutputError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def write(path: Path, content: str | bytes) -> Path:
    """Puts `content` into the file `path`, and makes its folder where it is missing.

    It is written beside the old file, flushed to the disk, and renamed; the old file's mode is kept. A link in the
    place of the file is replaced, not followed. Raises OutputError, and leaves what was there.
    """
    with _unwritten(path):
        _replace(path, content)
        flush_folder(path.parent)
    return path


def write_each(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    """Puts texts into the files of these names in a folder, as `write` does; the folder itself is flushed at the end.

    Raises OutputError for the first that can't be written, and writes no more.
    """
    for name, text in files:
        with _unwritten(folder / name):
            _replace(folder / name, text)
    with _unwritten(folder):
        flush_folder(folder)


@contextmanager
def _unwritten(path: Path) -> Iterator[None]:
    """What the system says within it becomes an OutputError about the file."""
    try:
        yield
    except OSError as error:
        why, hint = error.strerror or error, "Make room or permit it, or name another place by --output."
        in_the_way = next((place for place in path.parents if place.exists() and not place.is_dir()), None)
        if in_the_way is not None:
            why, hint = f"`{in_the_way}` is a file, and no folder", "Name another place by --output."
        message = f"`{path}` can't be written: {why}."
        raise OutputError(Problem("error", "output-not-written", message, Place(str(path)), hint)) from error


def _replace(path: Path, content: str | bytes) -> None:
    """Put content into a file that is either the old one or the new one."""
    data = content.encode("utf-8") if isinstance(content, str) else content
    beside = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        raise IsADirectoryError(0, "it is a folder")
    try:
        _fill(beside, data, _mode(path))
        beside.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise


def _fill(path: Path, data: bytes, mode: int | None) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    with os.fdopen(handle, "wb") as file:
        if mode is not None:
            path.chmod(mode)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _mode(path: Path) -> int | None:
    """The mode of the file that is there; None for a new one, which gets what the user's mask allows."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return stat.S_IMODE(found.st_mode) if stat.S_ISREG(found.st_mode) else None


def flush_folder(folder: Path) -> None:
    """Makes the renaming itself last through a loss of power, where the system lets a folder be flushed."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:  # what shares say that can't flush a folder
            raise
    finally:
        os.close(handle)

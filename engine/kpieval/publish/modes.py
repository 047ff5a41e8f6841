"""Who may read what is published: those who may read the folder that it is published into, whatever the umask."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MASK = 0o022
"""What a folder is made under that has to be made: a web server, which is another user, must get in."""


@dataclass(frozen=True, slots=True)
class Modes:
    """The modes of folders and of files."""

    folder: int
    file: int

    @classmethod
    def of(cls, folder: Path) -> Modes:
        """The modes that go with a folder, which is made where it is missing.

        Folders in it get its own mode, with the bit that keeps the group. Whoever may enter it may read the files.
        """
        if not folder.exists():
            before = os.umask(MASK)  # not `chmod` afterwards, which would not be reached by a run that is killed
            try:
                folder.mkdir(parents=True, exist_ok=True)
            finally:
                os.umask(before)
        mode = stat.S_IMODE(folder.stat().st_mode)
        return cls(mode, (mode & 0o111) << 2 | mode & 0o222)

    def make_folder(self, path: Path) -> None:
        """Make a folder, unless it is there, and give it its mode."""
        path.mkdir(exist_ok=True)
        _set(path, self.folder)

    def release(self, path: Path) -> None:
        """Give a file its mode, whatever the umask made of it."""
        _set(path, self.file)

    def write_file(self, path: Path, parts: Iterable[bytes]) -> None:
        """Write a new file, and flush it to the disk."""
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), self.file)
        with os.fdopen(handle, "wb") as file:
            self.release(path)
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())


def _set(path: Path, mode: int) -> None:
    if stat.S_IMODE(path.stat().st_mode) == mode:
        return
    try:
        path.chmod(mode)
    except PermissionError:  # somebody else's, or a mounted share with no modes of its own
        return

"""What is new is written where nobody looks, then takes its place by one renaming."""

from __future__ import annotations

import errno
import secrets
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kpieval.publish.run import CHUNK
from kpieval.render.write import flush_folder

if TYPE_CHECKING:
    from pathlib import Path

    from kpieval.publish.modes import Modes

PREFIX = "staging-"


@dataclass(frozen=True, slots=True)
class Staging:
    """A folder of a name that nobody else has, on the disk of what is published."""

    folder: Path
    modes: Modes

    @classmethod
    def beside(cls, own: Path, modes: Modes) -> Staging:
        """Make one."""
        folder = own / f"{PREFIX}{secrets.token_hex(8)}"
        modes.make_folder(folder)
        return cls(folder, modes)

    def put(self, path: str, text: str) -> None:
        """Write a file, and the folders that lead to it."""
        self.modes.write_file(self._place(path), [text.encode()])

    def copy(self, path: str, source: Path) -> None:
        """Write a file like the one at `source`, in the same way."""
        with source.open("rb") as file:
            self.modes.write_file(self._place(path), iter(partial(file.read, CHUNK), b""))

    def _place(self, path: str) -> Path:
        """Where a file of this path goes; the folders are made."""
        parts = PurePosixPath(path).parts
        for depth in range(1, len(parts)):
            self.modes.make_folder(self.folder.joinpath(*parts[:depth]))
        return self.folder.joinpath(*parts)

    def flush(self, name: str) -> None:
        """Flush a folder and those in it to the disk, so that what it holds outlasts a loss of power."""
        for folder in (self.folder / name, *(path for path in (self.folder / name).rglob("*") if path.is_dir())):
            flush_folder(folder)

    def move_folder(self, name: str, into: Path) -> None:
        """Let a folder take its place; where there is one of that name, it is the same run."""
        try:
            (self.folder / name).rename(into / name)
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
        flush_folder(into)

    def replace(self, name: str, text: str, into: Path) -> None:
        """Let a file take its place, unless the one that is there says the same."""
        target = into / name
        if target.is_file() and not target.is_symlink() and target.read_bytes() == text.encode():
            return
        self.put(name, text)
        (self.folder / name).replace(target)
        flush_folder(into)

    def take_away(self, folder: Path) -> None:
        """Remove a folder: whole from where it is, then file by file."""
        try:
            folder.rename(self.folder / folder.name)
        except FileNotFoundError:  # another run has done it
            return
        remove(self.folder / folder.name)


def remove(folder: Path) -> None:
    """Remove a folder of ours that nothing leads to; what can't be removed is left for the next sweep."""
    shutil.rmtree(folder, ignore_errors=True)

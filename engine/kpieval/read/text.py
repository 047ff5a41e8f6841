"""A file -> its text: one that can be read, of a sane size, in UTF-8, without characters that hide what it says."""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING

from kpieval.problems import DefinitionError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path

LARGEST = 1_000_000
"""No file of definitions is longer than this, in bytes."""

HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # control characters but tab and line ends
    "\u2028\u2029"  # line ends to some readers, not to others
    "\u202a-\u202e\u2066-\u2069"  # a text that is shown in another order than it is read
    "\ufeff\ufffe\uffff\ud800-\udfff]"
)
"""Characters that show as nothing, or as something else than what is read."""

LINE_END = re.compile(r"\r\n|\r|\n")


def clipped(message: str, longest: int = 600) -> str:
    """The message, without most of what a file put into it if that was too much to read."""
    return message if len(message) <= longest else f"{message[: longest - 3]}..."


def text_of(path: Path, file: str) -> str:
    """The text of a file. Raises `DefinitionError`."""
    raw = _bytes_of(path, file)
    if len(raw) > LARGEST:
        raise _refused(
            file, "too-large", f"The file is larger than {LARGEST:,} bytes.", "Split it, or keep data elsewhere."
        )
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(file, "not-utf8", "The file is in UTF-16.", "Save it as UTF-8.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(file, raw, error) from error
    hidden = HIDDEN.search(text)
    if hidden:
        raise _hidden(file, text, hidden)
    return text


def _bytes_of(path: Path, file: str) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise _refused(file, "unreadable-file", "This is a folder, not a file.", "Give it a name without .yaml.")
        if not stat.S_ISREG(mode):  # reading a pipe or a device may never end
            raise _refused(file, "unreadable-file", "This is no ordinary file.", None)
        with path.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        reason = "it is a link that leads round in a circle" if "symbolic link" in str(error) else error.strerror
        raise _refused(file, "unreadable-file", f"The file can't be read: {reason or error}.", None) from error


def _refused(file: str, code: str, message: str, hint: str | None) -> DefinitionError:
    return DefinitionError(Problem("error", code, message, Place(file), hint))


def _not_utf8(file: str, raw: bytes, error: UnicodeDecodeError) -> DefinitionError:
    before = raw[: error.start].decode("utf-8-sig", errors="replace")
    byte = raw[error.start]
    message = f"The file is not in UTF-8: the byte 0x{byte:02X} belongs to no character."
    guess = bytes([byte]).decode("cp1252", errors="replace")
    line = LINE_END.split(raw.decode("cp1252", errors="replace"))[_line(before) - 1] if guess.isprintable() else None
    hint = f"Save it as UTF-8 (in Windows-1252 it would be `{guess}`)." if guess.isalpha() else "Save it as UTF-8."
    return DefinitionError(Problem("error", "not-utf8", message, _place(file, before), hint, line))


def _hidden(file: str, text: str, hidden: re.Match[str]) -> DefinitionError:
    place = _place(file, text[: hidden.start()])
    message = f"The character U+{ord(hidden.group()):04X} can't be seen, and changes what is read."
    line = LINE_END.split(text)[place.line - 1]
    return DefinitionError(Problem("error", "control-character", message, place, "Delete it.", line))


def _place(file: str, before: str) -> Place:
    return Place(file, _line(before), len(LINE_END.split(before)[-1]) + 1)


def _line(before: str) -> int:
    return len(LINE_END.findall(before)) + 1

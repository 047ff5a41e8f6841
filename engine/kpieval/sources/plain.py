"""A text file as it came -> UTF-8 without surprises that DuckDB can read: no NUL, one kind of line end, not packed.

The bytes are looked at once. Only a file that needs a change is copied, into a folder that goes with the session.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from kpieval.problems import DataError, Place, Problem
from kpieval.sources.shown import location

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CHUNK = 1 << 22
_START = 512
_UTF8 = codecs.lookup("utf-8").name

_OTHER_KINDS = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd; unpack it first"),
)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Plain:
    """A text file: where its UTF-8 lies, and how messages name it."""

    path: Path
    shown: str


def plain(path: Path, root: Path, encoding: str, spool: Path, most: int) -> Plain:
    """Check the file and, where it is needed, make a plain copy in `spool` of at most `most` bytes."""
    shown = location(path, root)
    with path.open("rb") as file:
        start = file.read(_START)
    if start.startswith(b"\x1f\x8b"):
        path = _unpacked(path, spool, shown, most)
        with path.open("rb") as file:
            start = file.read(_START)
    try:
        codec = codecs.lookup(encoding).name
    except LookupError:
        message = f"There is no encoding `{encoding}`."
        raise DataError(_problem("unknown-encoding", message, shown, hint="Write utf-8, cp1252 or utf-16.")) from None
    _refuse_other_kinds(start, shown, codec)
    ends = _checked(path, shown, codec)
    if codec == _UTF8 and len(ends) < 2:  # noqa: PLR2004 - two kinds of line ends
        return Plain(path, shown)
    return Plain(_rewritten(path, codec, spool), shown)


def _refuse_other_kinds(start: bytes, shown: str, codec: str) -> None:
    for magic, kind in _OTHER_KINDS:
        if start.startswith(magic):
            raise DataError(_problem("wrong-format", f"The file is {kind}, not text.", shown))
    if not start.removeprefix(codecs.BOM_UTF8).strip():
        raise DataError(_problem("empty-data", "The file is empty.", shown))
    if start.startswith(_UTF16) and codec == _UTF8:
        hint = "Declare `encoding: utf-16`."
        raise DataError(_problem("wrong-encoding", "The file is UTF-16, not UTF-8.", shown, hint=hint))
    words = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    if words.startswith((b"<!doctype html", b"<html", b"<?xml")):
        hint = "A download that asks to log in gives such a page; export the data again."
        raise DataError(_problem("wrong-format", "The file is a web page or XML, not a table.", shown, hint=hint))


def _checked(path: Path, shown: str, codec: str) -> set[str]:
    """Refuse bytes that are no text in this encoding; tell which line ends there are."""
    decoder = codecs.getincrementaldecoder(codec)()
    lines, counts = 1, {"\r\n": 0, "\n": 0, "\r": 0}
    with path.open("rb") as file:
        for chunk in _chunks(file):
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                before = error.object[: error.start].decode(codec, "replace")
                raise DataError(_undecodable(error, shown, lines + before.count("\n"), codec)) from None
            if "\0" in text:
                line = lines + text[: text.index("\0")].count("\n")
                raise DataError(
                    _problem("nul-byte", "The file holds a NUL byte; it is damaged, or no text.", shown, line)
                )
            returns = text.count("\r")
            if returns:
                both = text.count("\r\n")  # one that is split between two chunks counts as two kinds, which is harmless
                counts["\r\n"] += both
                counts["\r"] += returns - both
            feeds = text.count("\n")
            counts["\n"] += feeds - (text.count("\r\n") if returns else 0)
            lines += feeds
    return {end for end, count in counts.items() if count}


def _undecodable(error: UnicodeDecodeError, shown: str, line: int, codec: str) -> Problem:
    byte = error.object[error.start]
    message = f"Byte 0x{byte:02x} is not {codec.upper()}."
    hint = "Declare the encoding of the file, on Windows often `encoding: cp1252`." if codec == _UTF8 else None
    return _problem("wrong-encoding", message, shown, line, hint)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
    yield b""


def _rewritten(path: Path, codec: str, spool: Path) -> Path:
    copy = spool / f"{len(list(spool.iterdir()))}.txt"
    with (
        path.open(encoding="utf-8-sig" if codec == _UTF8 else codec) as old,
        copy.open("w", encoding="utf-8", newline="\n") as new,
    ):
        while text := old.read(_CHUNK):
            new.write(text)
    return copy


def _unpacked(path: Path, spool: Path, shown: str, most: int) -> Path:
    copy = spool / f"{len(list(spool.iterdir()))}.txt"
    size = 0
    try:
        with gzip.open(path) as packed, copy.open("wb") as new:
            while chunk := packed.read(_CHUNK):
                size += len(chunk)
                if size > most:
                    message = f"Unpacked, the file has more than {most:,} bytes."
                    raise DataError(_problem("memory-limit", message, shown, hint="Raise `limits: {memory: ...}`."))
                new.write(chunk)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(_problem("damaged-file", f"The file can't be unpacked: {error}.", shown)) from None
    return copy


def _problem(code: str, message: str, shown: str, line: int = 1, hint: str | None = None) -> Problem:
    return Problem("error", code, message, Place(shown, line), hint)

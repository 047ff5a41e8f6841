"""`file:` of a source and the options beside it -> how the file is read."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from kpieval.model import FileOptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpieval.build.node import Node

Format = Literal["csv", "tsv", "json", "ndjson", "parquet", "xlsx"]
FORMATS: tuple[str, ...] = get_args(Format)
_SUFFIXES: Mapping[str, str] = {**{f".{name}": name for name in FORMATS}, ".jsonl": "ndjson", ".pq": "parquet"}
_OLD_SHEETS = (".xls", ".xlsb", ".xlsm", ".ods")
_PACKED = (".gz", ".zst")
_OF_TEXT = ("delimiter", "encoding", "decimal", "thousands")
_OPTIONS = {"csv": _OF_TEXT, "tsv": _OF_TEXT, "xlsx": ("sheet",)}


def options(node: Node, files: Iterable[str]) -> FileOptions | None:
    """How the files of a source are read, by their suffix or as it is said."""
    format_ = _format(node, files)
    if format_ is None:
        return None
    given: dict[str, Any] = {name: text for name in (*_OF_TEXT, "sheet") if (text := node.text(name)) is not None}
    for name in given:
        if name not in _OPTIONS.get(format_, ()):
            node.error("unused-option", f"`{name}` has no effect on a {format_} file.", name, key=True)
    if node.get("nulls") is not None:
        given["nulls"] = node.texts("nulls")
    if given.get("decimal", ".") == given.get("thousands"):
        node.error("same-separator", "The decimal sign and the sign between thousands are the same.", "thousands")
    return FileOptions(cast("Format", format_), **given)


def _format(node: Node, files: Iterable[str]) -> str | None:
    said = node.text("format")
    if said is not None:
        return node.choice("format", FORMATS)
    formats = {_by_suffix(file) for file in files}
    if len(formats) == 1 and None not in formats:
        return formats.pop()
    message = "Its name doesn't tell the format of the file." if None in formats else "The files have several formats."
    hint = f"Add `format:`, one of {', '.join(FORMATS)}." if None in formats else "Make a source of each format."
    if any(PurePosixPath(file).suffix.lower() in _OLD_SHEETS for file in files):
        hint = "Save it as .xlsx or .csv: older and other workbooks can't be read."
    node.error("unknown-format", message, "file", hint=hint)
    return None


def _by_suffix(file: str) -> str | None:
    path = PurePosixPath(file)
    while path.suffix in _PACKED:
        path = path.with_suffix("")
    return _SUFFIXES.get(path.suffix.lower())

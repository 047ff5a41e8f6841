"""A pack's file and a project's file of the same definition -> what holds: mappings merge, all else is replaced.

A field that is set to nothing (`target:`) is taken away. Some mappings are one statement and replaced as a whole: the
bands of a KPI don't mix with those of another.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kpieval.read.document import Document, Kind, Path_

_WHOLE: dict[Kind, tuple[Path_, ...]] = {
    "project": (
        ("bands",),
        ("sources", "*", "time"),
        ("sources", "*", "columns", "*", "values"),
        ("sources", "*", "measures", "*", "time"),
        ("dimensions", "*", "parent"),
        ("dimensions", "*", "valid"),
    ),
    "kpi": (("bands",), ("target",), ("unit",)),
    "scorecard": (("bands",), ("points",)),
    "rule": (),
    "benchmark": (("value",),),
}
"""Mappings that replace instead of merging; `*` stands for any name."""

_SHORT: tuple[tuple[Path_, str], ...] = (
    (("sources", "*", "columns", "*"), "type"),
    (("sources", "*", "measures", "*"), "value"),
)
"""Where a bare text stands for a mapping with this one key."""


def overlay(layers: Sequence[Document]) -> tuple[dict[str, Any], tuple[Document, ...]]:
    """What the layers say together, and the layers with short forms written out, so that each value is found in one."""
    if len(layers) == 1:
        return layers[0].data, tuple(layers)
    kind = layers[0].kind
    long = tuple(_written_out(layer) for layer in layers)
    data: dict[str, Any] = long[0].data
    for layer in long[1:]:
        data = _merged(kind, data, layer.data, ())
    return {key: value for key, value in data.items() if key != "extends"}, long


def without_removals(kind: Kind, data: dict[str, Any], path: Path_ = ()) -> dict[str, Any]:
    """The data without the fields that are there to take something away.

    What replaces a mapping as a whole takes nothing away from it: an empty field there is a mistake, and stays.
    """
    return {
        key: without_removals(kind, value, (*path, key)) if isinstance(value, dict) else value
        for key, value in data.items()
        if value is not None or _keeps_nothing(kind, (*path, key)) or _within_whole(kind, path)
    }


def _merged(kind: Kind, below: dict[str, Any], above: dict[str, Any], path: Path_) -> dict[str, Any]:
    merged = dict(below)
    for key, given in above.items():
        way = (*path, key)
        beneath = merged.get(key)
        value = {} if given is None and _keeps_nothing(kind, way) else given
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(beneath, dict) and not _whole(kind, way):
            merged[key] = _merged(kind, beneath, value, way)
        else:
            merged[key] = without_removals(kind, value, way) if isinstance(value, dict) else value
    return merged


def _keeps_nothing(kind: Kind, path: Path_) -> bool:
    """`region:` under `dimensions` is a level about which there is nothing to say."""
    return kind == "project" and _matches(path, ("dimensions", "*"))


def _whole(kind: Kind, path: Path_) -> bool:
    return any(_matches(path, pattern) for pattern in _WHOLE[kind])


def _within_whole(kind: Kind, path: Path_) -> bool:
    return any(_whole(kind, path[:length]) for length in range(1, len(path) + 1))


def _matches(path: Path_, pattern: Path_) -> bool:
    return len(path) == len(pattern) and all(want in ("*", step) for step, want in zip(path, pattern, strict=True))


def _written_out(document: Document) -> Document:
    """The document with its short forms as mappings, whose one value stands where the text stood."""
    short = [
        (path, key)
        for pattern, key in _SHORT
        if document.kind == "project"
        for path in _paths(document.data, pattern)
        if isinstance(document.value(path), str)
    ]
    if not short:
        return document
    data = document.data
    places = dict(document.places)
    for path, key in short:
        data = _with(data, path, {key: document.value(path)})
        places[(*path, key)] = places[path]
    return replace(document, data=data, places=places)


def _paths(data: object, pattern: Iterable[str | int], path: Path_ = ()) -> Iterator[Path_]:
    step, *rest = pattern
    if isinstance(data, dict):
        for name in list(data) if step == "*" else [step] if step in data else []:
            if rest:
                yield from _paths(data[name], rest, (*path, name))
            else:
                yield (*path, name)


def _with(data: dict[str, Any], path: Path_, value: object) -> dict[str, Any]:
    """A copy of the data with another value at the path."""
    step, *rest = path
    return {**data, str(step): _with(data[str(step)], tuple(rest), value) if rest else value}

"""What a project lays over its packs, by name -> a warning where a name is new, but much like one of theirs.

A source that is misspelt is not mapped, and all that needs it is "not measured". But a project may well add sources,
columns, measures and levels of its own, so a name counts as misspelt only where the pack's is not there as well.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from kpieval.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpieval.build.node import Node
    from kpieval.read import Path_

_MUCH_ALIKE = 0.8
_KINDS = {"sources": "source", "dimensions": "level", "columns": "column", "measures": "measure"}
_BELOW = {"sources": ("columns", "measures"), "dimensions": ()}


def check_overlays(project: Node) -> None:
    """Note the names that the project's own file adds to those of its packs, where it may have meant one of them."""
    *packs, own = (layer.data for layer in project.definition.layers)
    for path in _mappings(own):
        given = _at(own, path)
        theirs = set(chain.from_iterable(_at(pack, path) for pack in packs))
        for name in (name for name in given if name not in theirs):
            meant = nearest(name, theirs - given.keys(), _MUCH_ALIKE)
            if meant is None or name.startswith(f"{meant}_"):
                continue
            if path[-1] == "columns" and meant.casefold() == name.casefold():
                continue  # two columns can't differ in capitals alone, which is told of them
            project.warn(
                "beside-pack",
                f"`{name}` is a new {_KINDS[path[-1]]}, beside `{meant}` of the pack.",
                *path,
                name,
                key=True,
                hint=f"If you mean the pack's, write `{meant}`.",
            )


def _mappings(own: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """The ways to what has names in the project's file."""
    for key, inner in _BELOW.items():
        yield (key,)
        for name in _at(own, (key,)):
            yield from ((key, name, below) for below in inner)


def _at(data: Any, path: Path_) -> dict[str, Any]:  # noqa: ANN401 - what a file says
    """The mapping at a path; an empty one where there is none."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}

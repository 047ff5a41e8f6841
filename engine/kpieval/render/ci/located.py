"""Places as a pipeline opens them: files as seen from the repository, not from the project's folder within it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

PROJECT_FILE = "kpieval.yaml"
PACK = "pack:"
"""So begin the names of files of packs."""


def located(result: Mapping[str, Any], folder: str, shipped: str | None = None) -> Json:
    """The result with its places as seen from the repository, in whose `folder` the project is.

    What a pack defines is shown in the pack's own file where that lies in the repository: one of the project's own
    does, and one that ships with kpieval where the folder of those, `shipped`, does. Else it is shown where the project
    uses the pack. What has no place, or one outside, is shown at the project's own file: a pipeline shows no mark that
    is nowhere.
    """
    project = {"file": posixpath.join(folder, PROJECT_FILE), "line": 1, "column": 1}
    packs = {pack["name"]: pack for pack in result.get("packs", ())}

    def within(base: str, file: str) -> str | None:
        """A file as seen from the repository, None outside."""
        way = posixpath.normpath(posixpath.join(base, file.replace("\\", "/")))
        return None if way.startswith(("../", "/")) else way

    def in_pack(place: Json) -> Json:
        name, _, inner = place["file"].removeprefix(PACK).partition("/")
        pack = packs.get(name)
        if pack is None:
            return project
        if pack["folder"] is not None:
            file = within(posixpath.join(folder, pack["folder"]), inner)
        else:
            file = within(posixpath.join(shipped, name), inner) if shipped is not None else None
        used = {**pack["place"], "file": project["file"]}
        return used if file is None else {**place, "file": file}

    def seen(place: Json | None) -> Json:
        if place is None:
            return project
        if place["file"].startswith(PACK):
            return in_pack(place)
        file = within(folder, place["file"])
        return project if file is None else {**place, "file": file}

    def each(listed: list[Json]) -> list[Json]:
        return [{**item, "place": seen(item["place"])} for item in listed]

    def problem(item: Json) -> Json:
        place = {key: item[key] for key in ("file", "line", "column")}
        return {**item, **seen(place if item["file"] is not None else None)}

    gate = result["gate"]
    return {
        **result,
        "gate": gate and {**gate, "failures": each(gate["failures"]), "changes": each(gate.get("changes", []))},
        "kpis": each(result["kpis"]),
        "scorecards": each(result["scorecards"]),
        "rules": each(result["rules"]),
        "findings": each(result["findings"]),
        "benchmarks": each(result["benchmarks"]),
        "problems": [problem(item) for item in result["problems"]],
    }

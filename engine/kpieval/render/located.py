"""Places as a pipeline opens them: files as seen from the repository, not from the project's folder within it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]

PROJECT_FILE = "kpieval.yaml"


def located(result: Mapping[str, Any], folder: str) -> Json:
    """The result with its places as seen from the repository, in whose `folder` the project is.

    What is defined outside it, in a pack that ships with kpieval, is shown at the project's own file, which uses it; so
    are failures and problems that have no place, for a pipeline shows none of those.
    """
    project = {"file": posixpath.join(folder, PROJECT_FILE), "line": 1, "column": 1}

    def seen(place: Json | None) -> Json:
        if place is None:
            return project
        file = posixpath.normpath(posixpath.join(folder, place["file"].replace("\\", "/")))
        if place["file"].startswith("pack:") or file.startswith(("../", "/")):
            return project
        return {**place, "file": file}

    def each(listed: list[Json]) -> list[Json]:
        return [{**item, "place": seen(item["place"])} for item in listed]

    def problem(item: Json) -> Json:
        place = {key: item[key] for key in ("file", "line", "column")}
        return {**item, **seen(place if item["file"] is not None else None)}

    gate = result["gate"]
    return {
        **result,
        "gate": gate and {**gate, "failures": each(gate["failures"])},
        "kpis": each(result["kpis"]),
        "scorecards": each(result["scorecards"]),
        "rules": each(result["rules"]),
        "findings": each(result["findings"]),
        "benchmarks": each(result["benchmarks"]),
        "problems": [problem(item) for item in result["problems"]],
    }

"""A result that was written by `kpieval evaluate -o run/` is read back, to be shown again without the data."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kpieval.problems import DefinitionError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
"""The version of the result's form that this kpieval reads."""

KEYS = ("project", "title", "period", "periods", "levels", "members", "kpis", "sources", "problems")
"""What every result has, besides its observations."""

FILE = "result.json"


def saved_result(path: Path) -> Path | None:
    """The result file that a path means, if it doesn't mean a project."""
    if path.is_dir():
        file = path / FILE
        return file if file.is_file() and not (path / "kpieval.yaml").exists() else None
    return path if path.suffix == ".json" else None


def load_result(file: Path) -> dict[str, Any]:
    """The result in a file.

    Raises DefinitionError where it holds something else, or a form of a result that this version doesn't know.
    """
    try:
        result = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise not_a_result(file, f"This file can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise not_a_result(file, f"This file isn't JSON: {error}.") from error
    if not isinstance(result, dict) or "observations" not in result or "format" not in result:
        raise not_a_result(file, "This JSON file isn't a result of `kpieval evaluate`.")
    if result["format"] != FORMAT:
        raise not_a_result(file, f"This result has the form {result['format']}; this kpieval reads form {FORMAT}.")
    lacking = [key for key in KEYS if key not in result]
    if lacking:
        raise not_a_result(file, f"This result has no `{lacking[0]}`.")
    return result


def not_a_result(file: Path, message: str) -> DefinitionError:
    """The error, with the way out."""
    hint = "Write one by `kpieval evaluate PROJECT -o FOLDER/`."
    return DefinitionError(Problem("error", "not-a-result", message, Place(str(file)), hint))

"""A result that was written by `kpieval evaluate -o run/` is read back, to be shown again without the data."""

from __future__ import annotations

import json
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from kpieval.problems import DefinitionError, Place, Problem

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
"""The version of the result's form that this kpieval reads."""

ENOUGH = 100
"""So many observations are compared with the schema."""

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
    wrong = deviation(result)
    if wrong:
        raise not_a_result(file, f"This result isn't as kpieval writes it: {wrong}.")
    return result


def deviation(result: dict[str, Any]) -> str | None:
    """Where a result is not as its schema says; the first observations stand for all, which may be millions."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    from kpieval import folders

    schema = json.loads((folders.schemas() / "result.schema.json").read_text("utf-8"))
    observations = result["observations"]
    looked_at = {**result, "observations": observations[:ENOUGH] if isinstance(observations, list) else observations}
    error = best_match(Draft202012Validator(schema).iter_errors(looked_at))
    return error and f"{error.json_path[2:] or 'the whole'}: {shorten(error.message, 120)}"


def not_a_result(file: Path, message: str) -> DefinitionError:
    """The error, with the way out."""
    hint = "Write one by `kpieval evaluate PROJECT -o FOLDER/`."
    return DefinitionError(Problem("error", "not-a-result", message, Place(str(file)), hint))

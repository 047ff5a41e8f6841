"""A document and the JSON Schema of its kind -> problems, in the author's words and at the place of the mistake."""

from __future__ import annotations

import json
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry

from kpieval import folders
from kpieval.check.words import Broken, findings

if TYPE_CHECKING:
    from jsonschema import ValidationError

    from kpieval.problems import Problem
    from kpieval.read.definition import Definition
    from kpieval.read.document import Document, Kind

MOST = 50
"""Of one file no more is told than this."""


def schema_problems(kind: Kind, data: dict[str, Any], written: Document | Definition) -> list[Problem]:
    """All that the schema of this kind has against the data, in the order of the file."""
    validator = _validator(kind)
    fields = _schema(kind)["properties"]
    errors = islice(validator.iter_errors(data), MOST)
    said = list(islice((finding for error in errors for finding in findings(_broken(error), kind, fields)), MOST))
    misspelt = {finding.path[:-1] for finding in said if finding.code == "unknown-key"}
    found: dict[tuple[object, ...], Problem] = {}
    for finding in said:
        if finding.code == "wrong-combination" and finding.path in misspelt:
            continue  # what is lacking is there, under a name that nobody knows
        problem = written.problem(finding.code, finding.message, *finding.path, hint=finding.hint, key=finding.key)
        # One mistake may break several rules of the schema, and the first of them says enough.
        found.setdefault((problem.place, finding.missing), problem)
    return sorted(found.values(), key=lambda problem: (problem.place is not None, problem.place))


def _broken(error: ValidationError) -> Broken:
    return Broken(
        rule=str(error.validator),
        limit=error.validator_value,
        value=error.instance,
        schema=error.schema if isinstance(error.schema, dict) else {},
        path=tuple(error.absolute_path),
        named="propertyNames" in error.absolute_schema_path,
    )


@cache
def _validator(kind: Kind) -> Draft202012Validator:
    """One validator for each kind, built once; it resolves nothing outside its own schema."""
    return Draft202012Validator(_schema(kind), registry=Registry(), format_checker=FormatChecker(["date"]))


@cache
def _schema(kind: Kind) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((folders.schemas() / f"{kind}.schema.json").read_text(encoding="utf-8"))
    definitions = schema.pop("$defs")
    inlined: dict[str, Any] = _inlined(schema, definitions)
    return inlined


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:  # noqa: ANN401  # any part of a schema
    """The schema with what its references mean in their place: looking them up takes longer than the checks."""
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**definitions[schema["$ref"].removeprefix("#/$defs/")], **beside}
    return {key: _inlined(part, definitions) for key, part in schema.items()}

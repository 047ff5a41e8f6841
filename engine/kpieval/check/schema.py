"""A document and the JSON Schema of its kind -> problems, in the author's words and at the place of the mistake."""

from __future__ import annotations

import json
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry

from kpieval import folders
from kpieval.check.words import findings

if TYPE_CHECKING:
    from kpieval.problems import Problem
    from kpieval.read.definition import Definition
    from kpieval.read.document import Document, Kind

MOST = 50
"""Of one file no more is told than this."""


def schema_problems(kind: Kind, data: dict[str, Any], written: Document | Definition) -> list[Problem]:
    """All that the schema of this kind has against the data, in the order of the file."""
    found: dict[tuple[object, ...], Problem] = {}
    validator = _validator(kind)
    fields = validator.schema["properties"]
    for error in islice(validator.iter_errors(data), MOST):
        for finding in findings(error, kind, fields):
            problem = written.problem(
                finding.code, finding.message, *finding.path, hint=finding.hint, key=finding.key, severity="error"
            )
            # One mistake may break several rules of the schema, and the first of them says enough.
            found.setdefault((problem.place, finding.key, finding.missing), problem)
            if len(found) >= MOST:
                break
    return sorted(found.values(), key=lambda problem: (problem.place is not None, problem.place))


@cache
def _validator(kind: Kind) -> Draft202012Validator:
    """One validator for each kind, built once; it resolves nothing outside its own schema."""
    schema = json.loads((folders.schemas() / f"{kind}.schema.json").read_text(encoding="utf-8"))
    return Draft202012Validator(schema, registry=Registry(), format_checker=FormatChecker(["date"]))

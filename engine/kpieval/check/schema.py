"""A document and the JSON Schema of its kind -> problems, in the author's words and at the place of the mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpieval.problems import Problem
    from kpieval.read.definition import Definition
    from kpieval.read.document import Document, Kind


def schema_problems(kind: Kind, data: dict[str, Any], written: Document | Definition) -> list[Problem]:
    """All that the schema of this kind has against the data."""
    return [] if data.get(kind) else [written.problem("missing-key", f"`{kind}` is missing.")]

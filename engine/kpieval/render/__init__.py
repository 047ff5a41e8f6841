"""A result becomes a document: HTML, Markdown, JSON, CSV, a table for the terminal, or what a pipeline reads.

Each format is a function from the result (the dict that `schemas/result.schema.json` describes) to text, and knows
nothing else. A new one is a file in this folder and a line in `FORMATS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kpieval.problems import OutputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FORMATS: Mapping[str, str] = {
    "html": "kpieval.render.html:page",
    "md": "kpieval.render.gated:markdown_page",
    "email": "kpieval.render.email:page",
    "json": "kpieval.render.tables:json_text",
    "csv": "kpieval.render.tables:csv_text",
    "csv-scores": "kpieval.render.scores:csv_text",
    "table": "kpieval.render.gated:text_table",
    "md-table": "kpieval.render.gated:markdown_table",
    "csv-gate": "kpieval.render.gated:csv_text",
    "junit": "kpieval.render.junit:text",
    "sarif": "kpieval.render.sarif:text",
    "gitlab": "kpieval.render.gitlab:text",
    "github": "kpieval.render.commands:github",
    "azure": "kpieval.render.commands:azure",
    "summary": "kpieval.render.summary:page",
    "openmetrics": "kpieval.render.openmetrics:text",
}
"""Where the function of each format is; imported when it is asked for, so that a command starts quickly."""


TEMPLATED = ("html", "email")
"""Those that are made of templates, which may be one's own."""


def render(result: Mapping[str, Any], format: str, own: Path | None = None) -> str:  # noqa: A002, as the option is called
    """The document of a result in one of `FORMATS`; where it is made of templates, those in the folder `own` come first.

    Raises OutputError where there is no such format, DefinitionError for what is wrong in one's own templates.
    """
    if format not in FORMATS:
        message = f"There is no format '{format}'."
        raise OutputError(Problem("error", "unknown-output-format", message, hint=f"Use one of: {', '.join(FORMATS)}."))
    module, function = FORMATS[format].split(":")
    make = getattr(import_module(module), function)
    text: str = make(result, own) if format in TEMPLATED else make(result)
    return text

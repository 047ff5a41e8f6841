"""A result becomes a document: HTML, Markdown, a mail, a workbook, JSON, CSV, a table, or what a pipeline reads.

Each format is a function from the result (the dict that `schemas/result.schema.json` describes) to text, and knows
nothing else. A new one is a module in this folder, or in the folder of its kind, and a line below.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kpieval.problems import OutputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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
    "junit": "kpieval.render.ci.junit:text",
    "sarif": "kpieval.render.ci.sarif:text",
    "gitlab": "kpieval.render.ci.gitlab:text",
    "github": "kpieval.render.ci.commands:github",
    "azure": "kpieval.render.ci.commands:azure",
    "summary": "kpieval.render.ci.summary:page",
    "openmetrics": "kpieval.render.ci.openmetrics:text",
}
"""Where the function of each format is; imported when it is asked for, so that a command starts quickly."""

BINARY: Mapping[str, str] = {"xlsx": "kpieval.render.workbook:workbook"}
"""The same for those that are no text."""

FOLDERS: Mapping[str, str] = {"site": "kpieval.render.html:site"}
"""The same for those that are several files in one folder."""

TEMPLATED = ("html", "email")
"""Those that are made of templates, which may be one's own."""


def render(result: Mapping[str, Any], format: str, own: Path | None = None) -> str:  # noqa: A002, as the option is called
    """The document of a result in one of `FORMATS`; templates in the folder `own` come before the shipped ones.

    Raises OutputError where there is no such format, DefinitionError for what is wrong in one's own templates.
    """
    make = _function(FORMATS, format)
    text: str = make(result, own) if format in TEMPLATED else make(result)
    return text


def document(result: Mapping[str, Any], format: str, own: Path | None = None) -> str | bytes:  # noqa: A002, as above
    """The same in any format: those in `BINARY` are bytes."""
    if format not in BINARY:
        return render(result, format, own)
    data: bytes = _function(BINARY, format)(result)
    return data


def files(result: Mapping[str, Any], format: str, own: Path | None = None) -> Iterator[tuple[str, str]]:  # noqa: A002, as above
    """The files of a result in one of `FOLDERS`, each with its name, one after the other."""
    made: Iterator[tuple[str, str]] = _function(FOLDERS, format)(result, own)
    return made


def _function(formats: Mapping[str, str], format_: str) -> Any:  # noqa: ANN401, a function of another module
    if format_ not in formats:
        message = f"There is no format '{format_}'."
        hint = f"Use one of: {', '.join(formats)}."
        raise OutputError(Problem("error", "unknown-output-format", message, hint=hint))
    module, function = formats[format_].split(":")
    return getattr(import_module(module), function)

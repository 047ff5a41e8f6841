"""The view of a result becomes one HTML page that needs nothing else: no request, no script, a style named by hash."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from kpieval import folders
from kpieval.render.prose import clean
from kpieval.render.report import report

if TYPE_CHECKING:
    from collections.abc import Mapping

UNTRUSTED = ("safe", "xmlattr", "pprint", "tojson", "format", "center", "indent")
"""Filters that a template may not use: they mark text as safe, or make much of little."""


def page(result: Mapping[str, Any]) -> str:
    """The page of a result. The same result gives the same bytes."""
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    template = environment().get_template("report.html")
    return template.render(report=report(result), style=Markup(style), policy=policy)  # noqa: S704, our own style sheet


@cache
def environment() -> ImmutableSandboxedEnvironment:
    """Where templates run: they see plain frozen data, can change nothing, and what they don't know is an error."""
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders.reports()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    for name in UNTRUSTED:
        made.filters.pop(name)
    made.globals.clear()
    return made


def _finalize(value: object) -> object:
    """What goes out of a template: text without harmful characters."""
    return clean(value) if isinstance(value, str) else value


def _style() -> str:
    """The style sheet without comments and indentation."""
    lines = (folders.reports() / "report.css").read_text(encoding="utf-8").splitlines()
    return "\n".join(line.strip() for line in lines if line.strip() and not line.strip().startswith("/*"))

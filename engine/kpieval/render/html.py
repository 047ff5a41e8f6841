"""The views of a result become HTML that needs nothing else: one page, or the pages of a site with their style."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from kpieval import folders
from kpieval.render.layout import INDEX, METHODS, Site
from kpieval.render.prose import clean
from kpieval.render.report import Views, contents, report
from kpieval.render.view import Link

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpieval.render.view import Frame

METHODS_TITLE = "Data and methods"

_COLOR = re.compile(r"#([0-9a-f]{3}){1,2}")

UNTRUSTED = ("safe", "xmlattr", "pprint", "tojson", "format", "center", "indent")
"""Filters that a template may not use: they mark text as safe, or make much of little."""


def page(result: Mapping[str, Any]) -> str:
    """The one page of a result. The same result gives the same bytes."""
    made = report(result)
    views = {"frame": made.frame, "overview": made.overview, "kpis": made.kpis, "methods": made.methods}
    return document("report.html", style_sheet(result["report"]), gate=result["gate"], **views)


def document(template: str, style: str, **views: object) -> str:
    """A template filled with views: a page that has its style in it."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return _rendered(template, f"'sha256-{digest}'", style=Markup(style), **views)  # noqa: S704, our own style sheet


def site(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The pages of a result, each with its file's name, one after the other: all go into one folder."""
    views = Views(result, Site())
    overview = views.overview()
    parts = (*contents(overview, None), Link(METHODS_TITLE, METHODS))
    style = style_sheet(result["report"])
    write = partial(_site_page, style_name(style))
    yield style_name(style), style
    frame = views.frame(contents=parts)
    yield INDEX, write("site_index.html", frame, overview=overview, gate=result["gate"])
    for name in views.kpis:
        kpi = views.kpi(name)
        yield views.address(name), write("site_kpi.html", views.frame(kpi.title), kpi=kpi)
    for key in views.index.scored():
        member = views.member(key)
        frame = views.frame(member.label)
        yield views.index.layout.member(member.slug), write("site_member.html", frame, member=member)
    frame = views.frame(METHODS_TITLE)
    yield METHODS, write("site_methods.html", frame, methods=views.methods())


def style_name(style: str) -> str:
    """The file's name of a style sheet: with a part of its hash, so that no cache gives an old one to a new page."""
    return f"report-{hashlib.sha256(style.encode()).hexdigest()[:8]}.css"


def style_sheet(theme: Mapping[str, Any]) -> str:
    """The style sheet of a report, with the accents of its theme."""
    style, accent, dark = _style(), theme["accent"], theme["accent_dark"]
    if accent and _COLOR.fullmatch(accent):
        style += f"\n:root {{ --accent: {accent}; --link: {accent}; }}"
    if dark and _COLOR.fullmatch(dark):
        style += f"\n@media screen and (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; --link: {dark}; }} }}"
    return style


def _site_page(style_file: str, template: str, frame: Frame, **views: object) -> str:
    """A page of a site, which takes its style from the file beside it."""
    return _rendered(template, "'self'", frame=frame, style=None, style_file=style_file, **views)


def _rendered(template: str, style_source: str, **views: object) -> str:
    """A template filled with views. The page's policy lets in its own style and the icons in it, and nothing else."""
    policy = f"default-src 'none'; style-src {style_source}; img-src data:; base-uri 'none'; form-action 'none'"
    return environment().get_template(template).render(policy=policy, **views)


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


@cache
def _style() -> str:
    """The style sheet without comments and indentation."""
    lines = (folders.reports() / "report.css").read_text(encoding="utf-8").splitlines()
    return "\n".join(line.strip() for line in lines if line.strip() and not line.strip().startswith("/*"))

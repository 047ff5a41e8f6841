"""The views of a result become HTML that needs nothing else: one page, or the pages of a site with their style.

Each page has the one script in it and names its hash in the policy, so that no other runs, whoever wrote the templates.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from kpieval import folders
from kpieval.render.templates import templates
from kpieval.render.views.layout import INDEX, METHODS, Site
from kpieval.render.views.report import Views, contents, report
from kpieval.render.views.view import Link

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kpieval.render.templates import Templates

_COLOR = re.compile(r"#([0-9a-f]{3}){1,2}")


def page(result: Mapping[str, Any], own: Path | None = None) -> str:
    """The one page of a result. The same result gives the same bytes.

    Templates in the folder `own` come before the shipped ones. Raises DefinitionError for what is wrong in them.
    """
    made = report(result)
    views = {name: getattr(made, name) for name in ("frame", "gate", "overview", "kpis", "methods")}
    made_of = templates(own, made.frame.language)
    style = style_sheet(result["report"], made_of.style())
    return _whole(made_of, "report.html", style, _script(), **views)


def document(template: str, language: str, style: str, **views: object) -> str:
    """A shipped template filled with views, in a language: a page that has its style in it, and no script."""
    return _whole(templates(None, language), template, style, "", **views)


def _whole(made_of: Templates, template: str, style: str, script: str, **views: object) -> str:
    inside = {"style": Markup(style), "style_file": "", "script": Markup(script)}  # noqa: S704, neither ends itself
    return made_of.page(template, _policy(_hash(style), script), **inside, **views)


def site(result: Mapping[str, Any], own: Path | None = None) -> Iterator[tuple[str, str]]:
    """The pages of a result, each with its file's name, one after the other: all go into one folder.

    Templates in the folder `own` come before the shipped ones, as for `page`.
    """
    views = Views(result, Site())
    made_of = templates(own, views.formats.language)
    overview = views.overview()
    methods, everybody = views.formats.say("Data and methods"), overview.everybody
    ways = [Link(methods, METHODS), *([everybody] if everybody.href else [])]
    parts = (*contents(overview, None, views.formats), *ways)
    style = style_sheet(result["report"], made_of.style())
    script = _script()
    write = partial(
        made_of.page,
        policy=_policy("'self'", script),
        style=None,
        style_file=style_name(style),
        script=Markup(script),  # noqa: S704, a script that can't end itself
    )
    yield style_name(style), style
    yield INDEX, write("site_index.html", frame=views.frame(contents=parts), overview=overview, gate=views.gate())
    for name in views.kpis:
        kpi = views.kpi(name)
        yield views.address(name), write("site_kpi.html", frame=views.frame(kpi.title), kpi=kpi)
    if everybody.href:
        frame = views.frame(everybody.text)
        yield everybody.href, write("site_find.html", frame=frame, groups=overview.groups, rolls=views.rolls())
    for key in views.index.scored():
        member = views.member(key)
        frame = views.frame(member.label)
        yield views.index.layout.member(member.slug), write("site_member.html", frame=frame, member=member)
    frame = views.frame(methods)
    yield METHODS, write("site_methods.html", frame=frame, methods=views.methods())


def style_name(style: str) -> str:
    """The file's name of a style sheet: with a part of its hash, so that no cache gives an old one to a new page."""
    return f"report-{hashlib.sha256(style.encode()).hexdigest()[:8]}.css"


def style_sheet(theme: Mapping[str, Any], extra: str = "") -> str:
    """The style sheet of a report, with the accents of its theme, and with what is added to it."""
    style, accent, dark = _style(), theme["accent"], theme["accent_dark"]
    if accent and _COLOR.fullmatch(accent):
        style += f"\n:root {{ --accent: {accent}; --link: {accent}; }}"
    if dark and _COLOR.fullmatch(dark):
        style += f"\n@media screen and (prefers-color-scheme: dark) {{ :root {{ --accent: {dark}; --link: {dark}; }} }}"
    return f"{style}\n{extra}" if extra else style


def _policy(style_source: str, script: str) -> str:
    """What a page lets in: its own style, the icons in it, the script if it has one, and nothing else."""
    scripts = f"script-src {_hash(script)}; " if script else ""
    return f"default-src 'none'; {scripts}style-src {style_source}; img-src data:; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    """What stands inside a tag, as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _style() -> str:
    """The style sheet."""
    return _compact("report.css", "/*")


def _script() -> str:
    """The script."""
    return _compact("report.js", "//")


@cache
def _compact(name: str, comment: str) -> str:
    """A file of the report without comments and indentation."""
    lines = (folders.reports() / name).read_text(encoding="utf-8").splitlines()
    return "\n".join(line.strip() for line in lines if line.strip() and not line.strip().startswith(comment))

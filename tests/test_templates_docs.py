"""docs/templates.md says what a template sees: every field of every view, every template and every block."""

from __future__ import annotations

import dataclasses
import importlib
import re
import types
import typing
from pathlib import Path
from typing import Any

from markupsafe import Markup

from kpieval import folders, render
from kpieval.render import charts
from kpieval.render.templates.metering import CHARACTERS, SECONDS
from kpieval.render.templates.sandbox import METHODS
from kpieval.render.templates.trusted import FILTERS
from kpieval.render.views import drivers, findings, kpi_view, member_view, restated, score_view, view

PAGE = Path(__file__).parent.parent / "docs" / "templates.md"
MODULES = (view, kpi_view, member_view, score_view, findings, drivers, restated, charts)
ROOTS = (view.Frame, view.Gate, view.Overview, kpi_view.Kpi, member_view.Member, score_view.Roll, view.Methods)
SHARED = {
    view.Group: "Group of KPIs",
    view.SeriesTable: "Series table",
    view.SeriesRow: "Series row",
    findings.Group: "Group of findings",
    score_view.Group: "Group of scores",
}
"""Views of one name."""
WORDS = {str: "text", bool: "yes or no", int: "number", Markup: "HTML"}


def name_of(view_: type) -> str:
    return SHARED.get(view_, view_.__name__)


def hints(view_: type) -> dict[str, Any]:
    """The types of a view's fields and properties. Modules know each other's views as types only, so all are here."""
    own = vars(importlib.import_module(view_.__module__))
    known: dict[str, Any] = {
        name: value for module in MODULES for name, value in vars(module).items() if dataclasses.is_dataclass(value)
    }
    known |= {"Markup": Markup, "driver_views": drivers, "finding_views": findings}
    if view_ is member_view.Member:
        known["Group"] = findings.Group
    known |= {name: value for name, value in own.items() if isinstance(value, type)}
    found = {each.name: each.type for each in dataclasses.fields(view_)}
    found |= {
        name: value.fget.__annotations__["return"] for name, value in vars(view_).items() if isinstance(value, property)
    }
    return {name: eval(str(kind), known) for name, kind in found.items()}


def inner(kind: Any) -> list[Any]:  # noqa: ANN401 - a type is anything
    """The types that a type is made of."""
    parts = [part for part in typing.get_args(kind) if part not in {Ellipsis, types.NoneType}]
    return [each for part in parts for each in inner(part)] if parts else [kind]


def classes() -> list[type]:
    """Every view that a template can get at, from the roots on."""
    found: list[type] = []
    waiting = list(ROOTS)
    while waiting:
        one = waiting.pop(0)
        if one not in found:
            found.append(one)
            kinds = [each for kind in hints(one).values() for each in inner(kind)]
            waiting += [kind for kind in kinds if dataclasses.is_dataclass(kind) and isinstance(kind, type)]
    return found


def words(kind: Any) -> str:  # noqa: ANN401 - a type is anything
    """A type as the page names it."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is types.UnionType:
        return f"{words(next(part for part in parts if part is not types.NoneType))} or none"
    if origin is tuple:
        if parts[1] is Ellipsis:
            return f"list of {words(parts[0])}"
        return "pair of " + " and ".join(dict.fromkeys(map(words, parts)))
    return WORDS.get(kind) or f"[{name_of(kind)}](#{name_of(kind).lower().replace(' ', '-')})"


def kinds_of(view_: type) -> dict[str, str]:
    return {name: words(kind) for name, kind in hints(view_).items()}


def told() -> dict[str, dict[str, str]]:
    """The tables of the page, by the heading above each."""
    found: dict[str, dict[str, str]] = {}
    for section in re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", section, re.MULTILINE)
        found[section.splitlines()[0]] = dict(rows)
    return found


def test_the_page_tells_every_field_of_every_view_and_no_other() -> None:
    assert told() == {name_of(each): kinds_of(each) for each in classes()}


def test_the_page_tells_every_template_with_its_blocks() -> None:
    rows = dict(re.findall(r"^\| `([\w.]+\.html)` \|.*\| ([^|]*) \|$", PAGE.read_text("utf-8"), re.MULTILINE))
    blocks = {
        path.name: re.findall(r"{% block (\w+) %}", path.read_text("utf-8"))
        for path in folders.reports().glob("*.html")
    }
    assert {name: re.findall(r"`(\w+)`", said) for name, said in rows.items()} == blocks


def test_the_page_tells_what_a_template_may_use() -> None:
    page = PAGE.read_text("utf-8")
    assert re.findall(r"`(\w+)`", page.partition("Filters: ")[2].partition("\n\n")[0]) == list(FILTERS)
    assert re.findall(r"`(\w+)`", page.partition("Methods of texts: ")[2].partition("\n\n")[0]) == list(METHODS)
    assert f"{SECONDS:g} seconds" in page
    assert f"{CHARACTERS // 1_000_000} million characters" in page


def test_every_problem_of_templates_and_formats_has_its_page() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(render.__path__[0]).rglob("*.py"))
    codes = set(re.findall(r'"((?:template|unknown|mail|missing)-[a-z-]+)"', source))
    assert codes >= {"template-error", "template-unsafe", "template-limit", "unknown-in-template", "mail-too-large"}
    assert sorted(code for code in codes if not (PAGE.parent / "problems" / f"{code}.md").is_file()) == []

"""The templates of a report: those of a folder of one's own come before the shipped ones of the same name.

A shipped one that is overridden is still there as `kpieval/NAME`, so that a template of one's own can extend it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, ChoiceLoader, FileSystemLoader, PrefixLoader, TemplateNotFound
from jinja2.loaders import split_template_path

from kpieval import folders
from kpieval.problems import DefinitionError
from kpieval.render.templates.errors import SHIPPED, checked, problem, translated
from kpieval.render.templates.metering import metered
from kpieval.render.templates.sandbox import Sandbox
from kpieval.render.templates.trusted import Trusted
from kpieval.translation import words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jinja2 import Environment

    from kpieval.translation import Words

FOLDER = "reports"
"""The folder of a project's own templates."""

STYLE = "extra.css"
"""A style sheet of one's own, after the shipped one."""

LARGEST = 250_000
"""Bytes of a file of one's own."""

_HEAD_BYTES = 4_096
"""By so many bytes a page of ours is known."""

_WRITTEN = re.compile(r"""<meta http-equiv="Content-Security-Policy" content="default-src""")
_HEAD = (
    r'\s*<!DOCTYPE html>\s*<html[^<>]*>\s*<head>\s*<meta charset="utf-8">\s*'
    r'<meta http-equiv="Content-Security-Policy" content="'
)


class Templates:
    """Templates and the style sheet, those of one's own first. Raises DefinitionError for what is wrong in these."""

    def __init__(self, own: Path | None, said: Words) -> None:
        self.own = own
        shipped = FileSystemLoader(folders.reports())
        loaders: list[BaseLoader] = [PrefixLoader({SHIPPED: shipped}), shipped]
        if own is not None:
            loaders.insert(1, _Own(own))
        self.environment: Environment = (
            Trusted(ChoiceLoader(loaders), said) if own is None else Sandbox(ChoiceLoader(loaders), said)
        )
        if own is not None:
            checked(self.environment, own, {path.name for path in folders.reports().glob("*.html")})

    def render(self, name: str, **views: Any) -> str:  # noqa: ANN401 - each template gets views of its own
        """A template filled with views."""
        if self.own is None:
            return self.environment.get_template(name).render(**views)
        with translated(self.environment, self.own), metered():
            return self.environment.get_template(name).render(**views)

    def page(self, name: str, policy: str, **views: Any) -> str:  # noqa: ANN401 - as above
        """A page, whose policy stands before everything that it could forbid."""
        text = self.render(name, policy=policy, **views)
        if self.own is not None and not re.match(_HEAD + re.escape(policy.replace("'", "&#39;")), text):
            message = f"The page that `{name}` makes doesn't begin with its security policy."
            hint = 'Extend "kpieval/page.html", or begin the page as that one does, up to the second <meta>.'
            raise _unsafe(self.own, self.own, message, hint)
        return text

    def style(self) -> str:
        """The style sheet of one's own; empty where there is none."""
        if self.own is None or not (self.own / STYLE).exists():
            return ""
        path = self.own / STYLE
        text = read(self.own, STYLE)
        if "</" in text:
            message = "This style sheet holds `</`, which would end it."
            raise _unsafe(self.own, path, message)
        return text


@cache
def shipped_templates(said: Words) -> Templates:
    """The shipped templates alone, in one language."""
    return Templates(None, said)


def templates(own: Path | None, language: str) -> Templates:
    """The templates of a report in a language; those of one's own are read anew each time."""
    said = words(language)
    return shipped_templates(said) if own is None else Templates(own, said)


def own_templates(project: Path) -> Path | None:
    """The folder of a project's own templates, if it has one.

    Raises DefinitionError where it leads out of the project.
    """
    folder = project / FOLDER
    if not folder.is_dir():
        return None
    if not folder.resolve().is_relative_to(project.resolve()):
        message = f"The folder `{FOLDER}` is a link that leads out of the project."
        hint = "Name the folder by `--templates` to use it nevertheless."
        raise _unsafe(folder, folder, message, hint)
    return folder


def read(own: Path, name: str) -> str:
    """The text of a file in a folder of one's own.

    Raises DefinitionError where it is outside of the folder, no plain file, too large, or not text.
    """
    path = own / name
    try:
        inside = path.resolve(strict=True).is_relative_to(own.resolve())
        plain = inside and path.is_file()
        large = plain and path.stat().st_size > LARGEST
        text = _begun(path) if large else path.read_bytes().decode("utf-8") if plain else ""
    except OSError as error:
        raise _unsafe(own, path, f"This file can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise _unsafe(own, path, "This file isn't text in UTF-8.") from error
    if not inside:
        raise _unsafe(own, path, "This file is a link that leads out of the folder of templates.")
    if not plain:
        raise _unsafe(own, path, "This is no file.")
    if _WRITTEN.search(text):
        message = "This is a page that kpieval wrote, and no template."
        hint = f"Write reports into another folder: `{FOLDER}` in a project is for templates."
        raise _unsafe(own, path, message, hint)
    if large:
        raise _unsafe(own, path, f"This file is larger than {LARGEST:,} bytes.")
    return text


def _begun(path: Path) -> str:
    """How a large file begins."""
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES).decode("utf-8", "ignore")


class _Own(BaseLoader):
    """Reads the templates of a folder of one's own, and nothing outside of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template, and the path of its file. Raises TemplateNotFound; for `../` as well."""
        del environment
        path = self.folder.joinpath(*split_template_path(template))
        if not path.is_symlink() and not path.exists():
            raise TemplateNotFound(template)
        return read(self.folder, template), str(path), lambda: True

    def list_templates(self) -> list[str]:
        """The names of the templates, as they are included."""
        return [path.relative_to(self.folder).as_posix() for path in sorted(self.folder.rglob("*.html"))]


def _unsafe(own: Path, path: Path, message: str, hint: str | None = None) -> DefinitionError:
    return DefinitionError(problem(own, "template-unsafe", message, hint, path))

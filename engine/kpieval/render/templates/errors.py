"""What is wrong in a template of one's own, with its file, its line and the nearest right name."""

from __future__ import annotations

import re
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError, UndefinedError, nodes
from jinja2.exceptions import SecurityError
from jinja2.meta import find_referenced_templates

from kpieval.nearest import did_you_mean
from kpieval.problems import DefinitionError, Place, Problem
from kpieval.render.templates.metering import TooMuchError
from kpieval.render.templates.trusted import FILTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jinja2 import Environment

SHIPPED = "kpieval"
"""What stands before the name of a shipped template: `kpieval/page.html`."""

_NAMED = re.compile(r"No (filter|test) named '(\w+)'")
_WRONG = (TemplateError, TooMuchError, RecursionError, TypeError, ValueError, ArithmeticError, LookupError, MemoryError)


@contextmanager
def translated(environment: Environment, own: Path) -> Iterator[None]:
    """Errors within it that a template of one's own made become DefinitionErrors; others are our own and stay."""
    try:
        yield
    except _WRONG as error:
        place = _place(error, own)
        if place is None and not isinstance(error, (TooMuchError, RecursionError, MemoryError)):
            raise
        code, message, hint = _said(error, environment)
        raise DefinitionError(problem(own, code, message, hint, *(place or (own, 1)))) from error


def problem(own: Path, code: str, message: str, hint: str | None, path: Path, line: int | None = None) -> Problem:
    """What is wrong in a file of the folder `own`, which is named as an author knows it.

    That is, as seen from the project, or as the folder was given; with the text of the line, if it is about one.
    """
    file = (Path(own.name) if own.is_absolute() else own) / path.relative_to(own)
    lines = path.read_text("utf-8").splitlines() if line is not None and path.is_file() else []
    excerpt = lines[line - 1] if line is not None and line <= len(lines) else None
    return Problem("error", code, message, Place(file.as_posix(), line or 1), hint, excerpt)


def checked(environment: Environment, own: Path, shipped: set[str]) -> None:
    """Look through the templates of a folder for names that nothing has: of blocks, and of the templates themselves.

    Raises DefinitionError with all of them.
    """
    files = {path.relative_to(own).as_posix(): path for path in sorted(own.rglob("*.html"))}
    problems: list[Problem] = []
    used: set[str] = set(shipped)
    for name, path in files.items():
        with translated(environment, own):
            tree = _tree(environment, name)
            used |= {each for each in find_referenced_templates(tree) if each and not each.startswith(f"{SHIPPED}/")}
            problems += _blocks(environment, tree, own, path)
    for name in sorted(files.keys() - used):
        message = f"No template is called `{name}`, and no other uses it."
        problems.append(problem(own, "unknown-in-template", message, did_you_mean(name, shipped), files[name]))
    if problems:
        raise DefinitionError(problems)


def _tree(environment: Environment, name: str) -> nodes.Template:
    if environment.loader is None:
        raise TemplateNotFound(name)
    source, filename, _ = environment.loader.get_source(environment, name)
    return environment.parse(source, name, filename)


def _blocks(environment: Environment, tree: nodes.Template, own: Path, path: Path) -> Iterator[Problem]:
    """Blocks that override nothing: they stand in no parent, and in no other block of the template."""
    known: set[str] = set()
    seen = tree
    passed: set[str] = set()
    while (parent := _parent(seen)) is not None and parent not in passed:
        passed.add(parent)
        try:
            seen = _tree(environment, parent)
        except TemplateNotFound as error:
            if seen is tree:  # else it is said of the template that names it
                code, message, hint = _said(error, environment)
                extends = next(tree.find_all(nodes.Extends))
                yield problem(own, code, message, hint, path, extends.lineno)
            return
        known |= {block.name for block in seen.find_all(nodes.Block)}
    if not passed:
        return
    inner = {
        block.name
        for outer in tree.find_all(nodes.Block)
        for child in outer.body
        for block in child.find_all(nodes.Block)
    }
    inner |= {
        child.name for outer in tree.find_all(nodes.Block) for child in outer.body if isinstance(child, nodes.Block)
    }
    for block in tree.find_all(nodes.Block):
        if block.name not in known | inner:
            hint = did_you_mean(block.name, known) or f"It has: {', '.join(sorted(known))}."
            message = f"The template that this one extends has no block `{block.name}`."
            yield problem(own, "unknown-in-template", message, hint, path, block.lineno)


def _parent(tree: nodes.Template) -> str | None:
    found = tree.find(nodes.Extends)
    return found.template.value if found and isinstance(found.template, nodes.Const) else None


def _said(error: BaseException, environment: Environment) -> tuple[str, str, str | None]:
    """The code, the message and the hint of an error."""
    text, code, hint = str(error).rstrip("."), "template-error", None
    match error:
        case TemplateNotFound(name=name):
            code, text = "unknown-in-template", f"There is no template `{name}`"
            hint = did_you_mean(str(name), environment.list_templates())
            hint = hint or "A name is seen from the folder of templates, and stays in it."
        case TemplateError() if named := _NAMED.match(text):
            known = FILTERS if named[1] == "filter" else environment.tests
            code, text = "unknown-in-template", f"There is no {named[1]} `{named[2]}`"
            hint = did_you_mean(named[2], known) or f"There are: {', '.join(sorted(known))}."
        case TemplateSyntaxError():
            text = (error.message or "This is no template").rstrip(".")
        case SecurityError():
            code = "template-unsafe"
        case UndefinedError():
            code = "unknown-in-template"
            text, _, said = text.partition(".\n")
            hint = f"{said}." if said and not said.endswith("?") else said or None
        case TooMuchError():
            code, hint = "template-limit", "Loop over less, or look for a macro that calls itself."
        case MemoryError():
            code, text = "template-limit", "It is nested too deep, or holds too much"
        case RecursionError():
            code, text = "template-limit", "A template extends, includes or calls itself without an end"
            hint = 'To extend the shipped template of the same name, write "kpieval/" before it.'
        case _:
            text = f"{type(error).__name__}: {text}"
    return code, f"{text}.", hint


def _place(error: BaseException, own: Path) -> tuple[Path, int] | None:
    """The line of a template of one's own that an error comes from."""
    if isinstance(error, TemplateSyntaxError) and error.filename:
        return (Path(error.filename), error.lineno) if Path(error.filename).is_relative_to(own) else None
    lines = [
        (Path(frame.f_code.co_filename), line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if Path(frame.f_code.co_filename).is_relative_to(own)
    ]
    return lines[-1] if lines else None

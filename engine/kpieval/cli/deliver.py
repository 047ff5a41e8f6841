"""A result goes where it was asked to go: every output is written, whatever becomes of the others, and then the gate.

Files come before stdout, so that a reader of it that goes away costs none of them.
"""

from __future__ import annotations

import gc
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from kpieval.cli.options import chosen_templates
from kpieval.cli.outputs import put, put_each, put_summary, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from kpieval.cli.outputs import Delivery, Output

Result = dict[str, Any]

CI = ("junit", "sarif", "github", "gitlab", "azure", "summary", "openmetrics")
"""What a pipeline or a monitor reads; any command that has a result can write it."""


LINES = ("table", "github", "azure")
"""What a log shows line by line, so that several may go to stdout."""


@dataclass(frozen=True, slots=True)
class Target:
    """One format that goes into one file; None is stdout."""

    format: str
    path: Path | None


def targets(outputs: Iterable[Output], each: Callable[[Output], Iterable[Target]]) -> list[Target]:
    """All targets, those on stdout last.

    Raises UsageError where two go to one place, or a workbook to stdout.
    """
    from kpieval.render import BINARY

    found = sorted((target for output in outputs for target in each(output)), key=lambda target: target.path is None)
    for target in found:
        if target.path is None and target.format in BINARY:
            raise click.UsageError(f"{target.format} goes into a file: say which by --output.")
    for path, count in Counter(target.path for target in found if target.path is not None).items():
        if count > 1:
            raise click.UsageError(f"Two outputs go into {path}.")
    shown = [target.format for target in found if target.path is None]
    if len(shown) > 1 and (alone := next((name for name in shown if name not in LINES), None)):
        raise click.UsageError(
            f"Two outputs go to stdout, and {alone} is read as a whole: name a file for one of them."
        )
    return found


def with_gate(result: Result, gate: Any) -> Result:  # noqa: ANN401 -- a Gate, which is not loaded where there is none
    """The result with what was found of the gate in it."""
    return {**result, "gate": gate.to_dict()} if gate is not None else result


def deliver(
    result: Result, wanted: Iterable[Target], root: Path | None, delivery: Delivery, templates: Path | None = None
) -> None:
    """Write what is rendered, by the templates of a folder, or of the project's folder, `root`.

    Places are told as seen from the repository that holds it.
    """
    from kpieval.render import FOLDERS, TEMPLATED

    rendered = list(wanted)
    made_of_templates = any(target.format in (*TEMPLATED, *FOLDERS) for target in rendered)
    own = chosen_templates(templates, root) if made_of_templates else None
    seen = seen_from_repository(result, root) if rendered else result
    with uncollected():
        for target in rendered:
            at_terminal = target.path is None and target.format == "table"  # there, the gate is told on stderr
            told = {**result, "gate": None} if at_terminal else seen if target.format in CI else result
            _write(told, target, own, delivery)


@contextmanager
def uncollected() -> Iterator[None]:
    """Whatever is there now stays: it needn't be looked through again and again for what could go."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _write(told: Result, target: Target, own: Path | None, delivery: Delivery) -> None:
    """Write what one target asks for."""
    from kpieval.render import FOLDERS, files, render

    if target.path is None:
        show(render(told, target.format, own))
    elif target.format in FOLDERS:
        delivery.attempt(partial(put_each, target.path, files(told, target.format, own)))
    elif target.format == "summary":
        delivery.attempt(partial(put_summary, render(told, target.format), target.path))
    else:
        delivery.attempt(partial(_put, told, target.format, own, target.path))


def _put(result: Result, format_: str, own: Path | None, path: Path) -> None:
    """Render, and write what became of it."""
    from kpieval.render import document

    put(document(result, format_, own), path)


def seen_from_repository(result: Result, root: Path | None) -> Result:
    """The result with its places as seen from the repository that holds the project, else from the current folder.

    Where the project is not known, they stay as seen from its folder.
    """
    from pathlib import Path

    from kpieval import folders
    from kpieval.render.ci.located import located

    if root is None:
        return located(result, "")
    inner = root.absolute()
    outer = next((folder for folder in (inner, *inner.parents) if (folder / ".git").exists()), Path.cwd())
    shipped = _way(folders.kpis(), outer) if folders.checkout() else None  # what is installed is in no repository
    return located(result, _way(inner, outer) or "", shipped)


def _way(inner: Path, outer: Path) -> str | None:
    """A folder as seen from one around it: `metrics/acme`; empty for that itself, None outside."""
    return "/".join(inner.relative_to(outer).parts) if inner.is_relative_to(outer) else None

"""The arguments that commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpieval.cli.console import Console

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.shell_completion import CompletionItem

    type_ = Callable[..., Any]


def names_of_kpis(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a KPI of the project at hand. Half-written definitions complete to nothing."""
    from click.shell_completion import CompletionItem

    from kpieval.problems import KpievalError
    from kpieval.read import read

    try:
        kpis = read(ctx.params.get("path") or Path()).kpis
    except KpievalError:
        return []
    return [
        CompletionItem(name, help=str(kpi.data.get("title") or ""))
        for name, kpi in kpis.items()
        if name.startswith(incomplete)
    ]


def talk(function: type_) -> type_:
    """Add --quiet and --verbose, which set up the console."""

    def remember(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: FBT001 -- click's signature
        setattr(ctx.ensure_object(Console), str(param.name), value)

    quiet = click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=remember, help="Say errors only.")
    verbose = click.option(
        "-v", "--verbose", is_flag=True, expose_value=False, callback=remember, help="Say notes and tracebacks, too."
    )
    return quiet(verbose(function))


project_path = click.argument("path", type=click.Path(path_type=Path), default=Path())


def formats(*names: str, default: str | None = None, help: str) -> Callable[[type_], type_]:  # noqa: A002 -- click's word
    """Add --format with these choices."""
    return click.option("-f", "--format", "format_", type=click.Choice(names), default=default, help=help)


templates_option = click.option(
    "--templates",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Templates of your own; default: the project's folder reports/.",
)


def chosen_templates(given: Path | None, root: Path | None) -> Path | None:
    """The folder of templates that was given, or that of the project in `root`; None for the shipped ones alone."""
    from kpieval.render.templates import own_templates

    return given if given is not None or root is None else own_templates(root)

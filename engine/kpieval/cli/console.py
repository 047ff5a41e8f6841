"""What is said to the person at the terminal: everything but results, on stderr, coloured only where colours show."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kpieval.problems import Problem


@dataclass
class Console:
    """How much is said: `quiet` leaves errors only, `verbose` adds notes and tracebacks."""

    quiet: bool = False
    verbose: bool = False
    secrets: tuple[str, ...] = ()
    """What must never be shown, whoever says it."""

    def error(self, text: str) -> None:
        """Say what must be heard."""
        from kpieval.read import redact
        from kpieval.render.terminal import visible

        for line in redact(text, self.secrets).splitlines():
            click.echo(visible(line), err=True)

    def say(self, text: str) -> None:
        """Say what helps."""
        if not self.quiet:
            click.echo(text, err=True)

    def problems(self, problems: Iterable[Problem], stream: TextIO | None = None) -> None:
        """Show problems: errors always, warnings unless quiet, notes when verbose."""
        from kpieval.render.terminal import format_problem

        stream = stream or sys.stderr
        silent = {"warning", "note"} if self.quiet else set() if self.verbose else {"note"}
        for problem in in_order(problems):
            if problem.severity not in silent:
                click.echo(format_problem(problem, color=in_color(stream)), file=stream, color=True)

    @contextlib.contextmanager
    def working(self, text: str) -> Iterator[None]:
        """Show on a terminal what takes its time, and wipe it away afterwards."""
        shown = sys.stderr.isatty() and not self.quiet
        if shown:
            click.echo(f"{text} ...", err=True, nl=False)
        try:
            yield
        finally:
            if shown:
                click.echo("\r\x1b[K", err=True, nl=False)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Problems as one meets them when reading the files from top to bottom."""
    return sorted(
        problems, key=lambda each: (each.place.file, each.place.line, each.place.column) if each.place else ("", 0, 0)
    )


def in_color(stream: TextIO) -> bool:
    """Whether a stream is a terminal whose owner has not said NO_COLOR."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

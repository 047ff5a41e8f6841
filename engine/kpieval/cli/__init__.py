"""The command line: arguments in; results on stdout, all else on stderr, and an exit code out.

Each command is a module of this folder, imported when it is called: it parses, hands over, and returns its exit code.
What goes wrong comes up here as an exception and becomes a message and an exit code in this one place.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
import traceback
from typing import TYPE_CHECKING, Any

import click

from kpieval import __version__
from kpieval.cli.console import Console
from kpieval.problems import KpievalError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COMMANDS = {
    "init": "init",
    "validate": "validate",
    "evaluate": "evaluate",
    "report": "report",
    "publish": "publish",
    "list": "listing",
}
"""Each command and its module, in the order in which a newcomer meets them."""

INTERRUPTED = 130
PIPE_CLOSED = 141
"""What a shell reports for a program that was stopped by Ctrl-C, or by a reader that went away."""


class Commands(click.Group):
    """The commands, each from its own module."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """In the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module; an unknown name is refused with the nearest right one."""
        if cmd_name in COMMANDS:
            command: click.Command = importlib.import_module(f"kpieval.cli.{COMMANDS[cmd_name]}").command
            return command
        if not ctx.resilient_parsing and not cmd_name.startswith("-"):
            from kpieval.nearest import did_you_mean

            ctx.fail(f"There is no command `{cmd_name}`. {did_you_mean(cmd_name, COMMANDS) or ''}".rstrip())
        return None

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:  # noqa: ANN401 -- click's signature
        """Read the command line; where that already shows something, its reader may have gone away."""
        with _noticing_readers():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 -- click's signature
        """Run a command to the last byte of its output."""
        with _noticing_readers():
            code = super().invoke(ctx)
            sys.stdout.flush()
        return code


class ReaderGoneError(Exception):
    """Whoever read stdout or stderr has closed it."""


@contextlib.contextmanager
def _noticing_readers() -> Iterator[None]:
    """Turn a broken pipe into an exception that click lets through; it would leave with the code of a failed gate."""
    try:
        yield
    except BrokenPipeError as error:
        raise ReaderGoneError from error


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="kpieval", message="%(prog)s %(version)s")
def commands() -> None:
    """KPIs as code: declare them in YAML, get verdicts that can be trusted.

    A project is a folder with a kpieval.yaml. Commands take its path, or find it from the current folder upwards.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code: see docs/commands.md for what each one means."""
    try:
        return _answered(arguments)
    except (ReaderGoneError, BrokenPipeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):  # what is still in them has no reader either
            os.dup2(nowhere, stream.fileno())
        return PIPE_CLOSED


def _answered(arguments: Sequence[str]) -> int:
    """Run one command line, and say what went wrong with it."""
    console = Console()
    try:
        return commands.main(list(arguments), "kpieval", standalone_mode=False, obj=console) or 0
    except ReaderGoneError:
        raise
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        console.say("Interrupted.")
        return INTERRUPTED
    except KpievalError as error:
        console.problems(error.problems)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 -- the last resort: a user never meets a traceback unasked
        console.error(f"kpieval {__version__} failed unexpectedly: {type(error).__name__}: {error}")
        if console.verbose:
            console.error(traceback.format_exc())
        else:
            console.error("This is a fault of kpieval; please report it, with what --verbose adds.")
        return KpievalError.exit_code

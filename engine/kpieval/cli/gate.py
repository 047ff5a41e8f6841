"""`--fail-on`, `--baseline` and `--tolerance`: what is asked of a result before a run may be green, and the answer."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from kpieval.cli.saved import FILE, load_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from click.shell_completion import CompletionItem

    from kpieval.cli.console import Console
    from kpieval.gate import Gate

    type_ = Callable[..., Any]

SHOWN = 10
"""So many failures are told at the terminal; the outputs have them all."""

BASELINES = "baselines"
"""The folder of a project that holds its named baselines."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for on the command line; nothing, where `names` is empty."""

    names: tuple[str, ...]
    baseline: str | None
    tolerance: float


def asking(function: type_) -> type_:
    """Add the options, which come to the command as one value, `asked`."""

    @functools.wraps(function)
    def command(
        *given: object, fail_on: tuple[str, ...], baseline: str | None, tolerance: float, **others: object
    ) -> object:
        names = tuple(name.strip() for listed in fail_on for name in listed.split(","))
        if baseline is not None and "regression" not in names:
            raise click.UsageError("--baseline goes with --fail-on regression.")
        if tolerance and baseline is None:
            raise click.UsageError("--tolerance goes with --baseline.")
        return function(*given, asked=Asked(names, baseline, tolerance), **others)

    fail_on_ = click.option(
        "--fail-on",
        multiple=True,
        metavar="CONDITION",
        shell_complete=_names,
        help="Exit with 1 when anything of the reported period meets this: a status or reason (poor, no_data), "
        "finding:SEVERITY, problem:SEVERITY, regression, benchmark-expired, stale.",
    )
    baseline_ = click.option(
        "--baseline",
        metavar="RESULT",
        help="What a regression is seen from: an earlier result.json, its folder, or a name in the project's "
        "folder baselines/.",
    )
    tolerance_ = click.option(
        "--tolerance",
        metavar="PERCENT",
        default="0%",
        callback=_share,
        help="By how much of the baseline's value one may be worse, such as 2%.",
    )
    return fail_on_(baseline_(tolerance_(command)))


def closed_by(asked: Asked, result: dict[str, Any], root: Path | None) -> Gate | None:
    """The gate of a result, None where none was asked for. `root` is the project's folder, if there is one."""
    if not asked.names:
        return None
    from kpieval.gate.closing import close
    from kpieval.gate.conditions import UnknownConditionError, conditions

    try:
        wanted = conditions(result, asked.names)
    except UnknownConditionError as error:
        raise click.BadParameter(str(error), param_hint="--fail-on") from error
    if wanted.regression and asked.baseline is None:
        raise click.UsageError("--fail-on regression needs a --baseline to compare with.")
    baseline = (asked.baseline, _baseline(asked.baseline, result, root)) if asked.baseline is not None else None
    return close(result, wanted, baseline, asked.tolerance)


def say(gate: Gate | None, console: Console) -> None:
    """Tell why a gate is closed: the first failures, which are the worst. What wasn't compared is told in any case."""
    if gate is None:
        return
    if gate.closed:
        console.error(gate.sentence)
        for failure in gate.failures[:SHOWN]:
            console.error("  " + " ".join(failure.sentence.splitlines()))
        if len(gate.failures) > SHOWN:
            console.error(f"  ... and {len(gate.failures) - SHOWN} more")
    if not console.quiet:
        for note in gate.notes:
            console.error(f"note: {note}")


def _baseline(name: str, result: dict[str, Any], root: Path | None) -> dict[str, Any]:
    """The earlier result. Raises DefinitionError where there is none, or one that says nothing about this project."""
    from pathlib import Path

    from kpieval.problems import DefinitionError, Place, Problem

    named = root / BASELINES / name if root else None
    places = [Path(name), Path(name) / FILE]
    places += [named / FILE, named.with_name(f"{named.name}.json")] if named else []
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        message = f"There is no baseline `{name}`."
        where = f"{BASELINES}/{name}/" if "/" not in name else name
        hint = f"Write one by `kpieval evaluate PROJECT -o {where}`, where the figures are as they should be."
        raise DefinitionError(Problem("error", "no-baseline", message, hint=hint))
    earlier = load_result(file)
    for what in ("project", "grain"):
        if earlier[what] != result[what]:
            message = f"The {what} of this baseline is `{earlier[what]}`, not `{result[what]}`."
            raise DefinitionError(Problem("error", "other-baseline", message, Place(str(file))))
    return earlier


def _share(_context: click.Context, _option: click.Parameter, given: str) -> float:
    """`2%` as 0.02."""
    try:
        share = float(given.removesuffix("%")) / 100
    except ValueError:
        share = -1.0
    if not given.endswith("%") or not 0 <= share < float("inf"):
        raise click.BadParameter(f"`{given}` is no percentage such as 2%.", param_hint="--tolerance")
    return share


def _names(_context: click.Context, _option: click.Parameter, incomplete: str) -> Iterable[CompletionItem]:
    """What can be asked for in every project."""
    from click.shell_completion import CompletionItem

    from kpieval.gate.conditions import FIXED

    done, comma, begun = incomplete.rpartition(",")
    return [CompletionItem(done + comma + name) for name in FIXED if name.startswith(begun)]

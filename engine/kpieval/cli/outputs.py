"""Where outputs go: each `-o` as a file, a folder or stdout, in which format, and the file names that it gets there."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kpieval.problems import OutputError, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NAMES = {
    "table": "kpis.txt",
    "json": "result.json",
    "csv": "observations.csv",
    "parquet": "observations.parquet",
    "html": "report.html",
    "md": "report.md",
    "email": "report.email.html",
    "xlsx": "report.xlsx",
    "junit": "kpis.junit.xml",
    "sarif": "kpis.sarif",
    "gitlab": "gl-code-quality-report.json",
    "github": "github.txt",
    "azure": "azure.txt",
    "summary": "summary.md",
    "openmetrics": "kpis.prom",
}
"""Every format that can be asked for, and the name of its file in a folder."""

ENDINGS = {
    "gl-code-quality-report.json": "gitlab",
    ".sarif.json": "sarif",
    ".sarif": "sarif",
    ".xml": "junit",
    ".prom": "openmetrics",
    ".json": "json",
    ".csv": "csv",
    ".parquet": "parquet",
    ".md": "md",
    ".xlsx": "xlsx",
    ".email.html": "email",
    ".html": "html",
    ".htm": "html",
}
"""The format that a file's name asks for, by how it ends; the first one that fits."""

STDOUT = "-"
SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
_PREFIX = re.compile(r"([a-z]{2,}):(?!//)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Output:
    """What `-o` says: stdout, a folder (one that is there, or is written with a slash at its end), or else a file.

    `asked` is the format that stands in front of it, as in `junit:build/kpis.xml`.
    """

    given: str
    asked: str | None = None

    @classmethod
    def parse(cls, text: str) -> Output:
        """An output as it is written. Raises BadParameter for a format that there isn't, and where no file is named."""
        if not text:
            raise click.BadParameter("it is empty, and names no file.", param_hint="--output")
        prefix = _PREFIX.match(text)
        if not prefix:
            return cls(text)
        name, given = prefix[1], text[prefix.end() :]
        if name not in NAMES:
            from kpieval.nearest import did_you_mean

            hint = did_you_mean(name, NAMES) or f"Write `./{text}` for a file of that name."
            raise click.BadParameter(f"there is no format `{name}`. {hint}", param_hint="--output")
        if not given:
            raise click.BadParameter(f"`{text}` names no file.", param_hint="--output")
        return cls(given, name)

    @property
    def is_stdout(self) -> bool:
        """Whether it goes to stdout."""
        return self.given == STDOUT

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder, which gets files of their usual names."""
        return not self.is_stdout and (self.given.endswith(("/", "\\")) or Path(self.given).is_dir())

    @property
    def path(self) -> Path:
        """The file or the folder."""
        return Path(self.given)

    @property
    def folder(self) -> Path | None:
        """The folder that it is, or that it goes into; none for stdout."""
        return None if self.is_stdout else self.path if self.is_folder else self.path.parent

    def format(self, among: Iterable[str]) -> str | None:
        """The format that was asked for, or that the name of an output file stands for."""
        if self.asked or self.is_stdout or self.is_folder:
            return self.asked
        name = self.path.name.lower()
        found = next((format_ for ending, format_ in ENDINGS.items() if name.endswith(ending)), None)
        return found if found in set(among) else None


class Delivery:
    """Writes outputs, each whole or not at all; one that can't be written costs none of the others."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def attempt(self, write: Callable[[], object]) -> None:
        """Write one, and remember what goes wrong."""
        try:
            write()
        except OutputError as error:
            self.problems += error.problems

    def finish(self) -> None:
        """Raise OutputError with all that went wrong."""
        if self.problems:
            raise OutputError(self.problems)


def chosen(outputs: tuple[Output, ...], format_: str | None) -> tuple[Output, ...]:
    """The outputs, a single one in the format of `--format`, whatever its name says; each of several says its own."""
    if format_ is None or len(outputs) != 1 or outputs[0].asked:
        return outputs
    return (replace(outputs[0], asked=format_),)


def report_name(result: dict[str, Any], format_: str) -> str:
    """The file name of a report: `acme-sales-2026-Q3.html`."""
    ending = "email.html" if format_ == "email" else format_
    return slug(f"{result['project']}-{result['period']}") + f".{ending}"


def quarantine_folder(outputs: Iterable[Output], project: str) -> Path | None:
    """Where rows that can't be read are kept: beside the first output; nowhere, if all go to stdout."""
    folder = next((output.folder for output in outputs if output.folder is not None), None)
    return folder / f"{slug(project)}-quarantine" if folder is not None else None


def slug(text: str) -> str:
    """A text as the name of a file."""
    return re.sub(r"[^\w.-]+", "-", text).strip("-.")


def put(data: str | bytes, path: Path) -> None:
    """Write a file whole or not at all, and the folders that lead to it."""
    from kpieval.render.write import write

    write(path, data)


def put_each(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    """Write the files of a folder, each whole or not at all."""
    from kpieval.render.write import write_each

    write_each(folder, files)


def put_summary(data: str, path: Path) -> None:
    """Write a summary, cut where GitHub would refuse it. The one of the running step keeps what is in it already."""
    from kpieval.render.ci.summary import LIMIT, cut

    before = ""
    if str(path) == os.environ.get(SUMMARY_VARIABLE) and path.is_file():
        try:
            before = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            message = f"The summary `{path}` can't be read: {error}."
            raise OutputError(Problem("error", "output-not-written", message, Place(str(path)))) from error
        before += "" if before.endswith("\n") or not before else "\n"
    put(before + cut(data, LIMIT - len(before.encode())), path)


def show(data: str) -> None:
    """Write to stdout: text in the encoding that every format has, UTF-8, whatever the locale says."""
    raw = data.encode()
    sys.stdout.buffer.write(raw if raw.endswith(b"\n") else raw + b"\n")
    sys.stdout.flush()

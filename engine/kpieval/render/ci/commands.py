"""Marks as commands that a runner reads from the log: GitHub Actions, Azure Pipelines.

Both show ten errors, ten warnings and ten notices of a step (`_maxCountPerIssueType` in the code of GitHub's runner,
`_maxIssueCount` in that of Azure's agent), so no more are written: the worst ones, and how many more there are. Texts
are escaped as both undo it (`ActionCommand.cs`, `CommandStringConvertor.cs`): no text can end a command or begin one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render.ci.marks import GATE, LEVELS, capped, marks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.render.ci.marks import Mark

MOST = 10
"""So many of each level are shown for a step."""

_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}
_AZURE = {"error": "error", "warning": "warning"}
_DATA = {ord("%"): "%25", ord("\r"): "%0D", ord("\n"): "%0A"}
_PROPERTY = {**_DATA, ord(":"): "%3A", ord(","): "%2C"}
_VSO = {ord("%"): "%AZP25", ord(";"): "%3B", ord("\r"): "%0D", ord("\n"): "%0A", ord("]"): "%5D"}


def github(result: Mapping[str, Any]) -> str:
    """Workflow commands: `::error file=...,line=...::message`."""
    marks = marks_of(result)
    return "".join(_github(mark) for level in LEVELS for mark in capped(marks, MOST, level))


def azure(result: Mapping[str, Any]) -> str:
    """Logging commands: `##vso[task.logissue type=error;...]message`. There are none for notes."""
    marks = marks_of(result)
    return "".join(_azure(mark) for level in _AZURE for mark in capped(marks, MOST, level))


def _github(mark: Mark) -> str:
    place = {} if mark.file is None or mark.code == GATE else {"file": mark.file, "line": mark.line, "col": mark.column}
    given = {**place, "title": mark.title}
    properties = ",".join(f"{key}={_escaped(str(value), _PROPERTY)}" for key, value in given.items())
    return f"::{_GITHUB[mark.level]} {properties}::{_escaped(mark.message, _DATA)}\n"


def _azure(mark: Mark) -> str:
    place = (
        {}
        if mark.file is None or mark.code == GATE
        else {"sourcepath": mark.file, "linenumber": mark.line, "columnnumber": mark.column}
    )
    given = {"type": _AZURE[mark.level], **place, "code": mark.code}
    properties = "".join(f"{key}={_escaped(str(value), _VSO)};" for key, value in given.items())
    return f"##vso[task.logissue {properties}]{_escaped(mark.message, _VSO)}\n"


def _escaped(text: str, signs: dict[int, str]) -> str:
    """The text with signs replaced, each once."""
    return text.translate(signs)

"""A result as GitLab's Code Quality report: a list of issues, as its documentation describes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kpieval.render.ci.marks import GATE, marks_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_SEVERITY = {"error": "critical", "warning": "minor", "note": "info"}


def text(result: Mapping[str, Any]) -> str:
    """The issues; the first one is the gate's, where it is closed. GitLab wants each fingerprint once."""
    issues = {
        mark.fingerprint: {
            "description": mark.message,
            "check_name": mark.code,
            "fingerprint": mark.fingerprint,
            "severity": "blocker" if mark.code == GATE else _SEVERITY[mark.level],
            "location": {"path": mark.file or "kpieval.yaml", "lines": {"begin": mark.line or 1}},
        }
        for mark in marks_of(result)
    }
    return json.dumps(list(issues.values()), indent=1) + "\n"

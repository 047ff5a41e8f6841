"""How the result tells what a report looks like, and what happened."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kpieval.model import Annotation, Theme


def describe_theme(theme: Theme) -> dict[str, Any]:
    """A theme, with all of its fields."""
    return asdict(theme)


def describe_annotation(annotation: Annotation) -> dict[str, Any]:
    """What happened on a day; no KPI named means all of them."""
    return {"on": annotation.day.isoformat(), "text": annotation.text, "kpis": list(annotation.kpis)}

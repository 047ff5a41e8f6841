"""The results of the shipped examples, evaluated once, and the pages of their sites."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from kpieval.api import load
from kpieval.render.html import site
from sample_result import result

Json = dict[str, Any]

FOLDER = Path(__file__).parent.parent / "examples"
HOSPITALS, SALES = "hospital-waiting-times", "sales-leadership"


@cache
def evaluated(example: str) -> Json:
    """The result of an example, or of the made-up `sample`."""
    return result() if example == "sample" else load(FOLDER / example).evaluate().to_dict()


@cache
def pages(example: str, locale: str = "en_GB") -> dict[str, str]:
    """The files of its site in a locale."""
    return dict(site(evaluated(example) | {"locale": locale}))

"""KPIs as code: definitions in YAML in, verdicts that can be trusted out.

The way of a KPI, one direction:

    read      YAML files       -> Definitions   text with line and column of every key and value, packs merged in
    build     Definitions      -> Project       what the author meant, and everything that is wrong, at once
    plan      Project          -> Plan          which scan of which source answers which KPI; trees, no data
    collect   Plan             -> cells         one aggregate query per source, run where the data live
    evaluate  cells            -> observations  roll-up, KPI values, targets, statuses, uncertainty
    judge     observations     -> Result        peers, limits over time, scorecards, findings
    gate      Result           -> Result        whether a run may be green, and why not
    render    Result           -> HTML, Markdown, mails, workbooks, JSON, CSV, Parquet, JUnit, SARIF and more

Beside it: `history` keeps runs and tells what was restated, `publish` swaps a site in, `notify` tells who waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpieval.api import Project, load

__all__ = ["Project", "__version__", "load"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """`load` and `Project`, imported when they are first asked for: `kpieval --version` needs neither."""
    if name in {"load", "Project"}:
        from kpieval import api  # noqa: PLC0415 - see above

        return getattr(api, name)
    message = f"module 'kpieval' has no attribute {name!r}"
    raise AttributeError(message)

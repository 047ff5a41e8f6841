"""What a rule may ask of a KPI and of a scorecard: each field with its type, and its SQL over the tables of a run.

In the SQL `{now}` is the row of the period that is looked at, `{before}` that of the period before it, both of `judged`
or of `scores`. What an extension of the observations adds stands in a table of its own, named like the key by which a
KPI asks for it: there a field is the column of its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpieval.model.kpis import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.model import Type


@dataclass(frozen=True, slots=True)
class Field:
    """A field; with `extension` it is a column of the table of that name, and else what `sql` says."""

    type: Type
    sql: str = ""
    extension: str | None = None

    @property
    def looks_back(self) -> bool:
        """Whether it needs the period before."""
        return "{before}" in self.sql


_REASON = f"list_extract({list(REASONS)}, {{now}}.reason)"
_STATUS = "(select cast(b.name as varchar) from bands as b where b.kpi = {now}.kpi and b.status = {now}.status)"
_LABEL = "(select cast(w.label as varchar) from people as w where w.level = {now}.level and w.mid = {now}.mid)"

OF_KPI: Mapping[str, Field] = {
    "value": Field("number", "{now}.value"),
    "status": Field("text", _STATUS),
    "reason": Field("text", _REASON),
    "target": Field("number", "{now}.target"),
    "previous": Field("number", "{before}.value"),
    "change": Field("number", "changed({now}.value, {before}.value)"),
    "attainment": Field("number", "{now}.attainment"),
    "n": Field("number", "{now}.n"),
    "numerator": Field("number", "{now}.numerator"),
    "denominator": Field("number", "{now}.denominator"),
    "uncertain": Field("boolean", "{now}.uncertain"),
    "interval_low": Field("number", "{now}.low_limit"),
    "interval_high": Field("number", "{now}.high_limit"),
    "label": Field("text", _LABEL),
    # of extensions
    "rank": Field("number", extension="peers"),
    "percentile": Field("number", extension="peers"),
    "count": Field("number", extension="peers"),
    "variation": Field("text", extension="process"),
    "assurance": Field("text", extension="process"),
    "streak": Field("number", extension="process"),
}

OF_SCORECARD: Mapping[str, Field] = {
    "score": Field("number", "{now}.score"),
    "status": Field("text", "cast({now}.status as varchar)"),
    "reason": Field("text", "cast({now}.reason as varchar)"),
    "coverage": Field("number", "{now}.coverage"),
    "rank": Field("number", "{now}.rank"),
    "previous": Field("number", "{now}.previous"),
    "change": Field("number", "{now}.change"),
}

"""What a rule may ask of a KPI and of a scorecard: each field with its type, and its SQL over the tables of a run.

In the SQL `{now}` is the row of the period that is looked at, of `verdicts` or of `scores`. What an extension of the
observations adds stands in a table of its own: there a field is the column of its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpieval.model import Type


@dataclass(frozen=True, slots=True)
class Field:
    """A field. With `extension` it is a column of the table of that name, and else what `sql` says.

    `key` is that of the KPI without which the extension has no row for it. `words` are the texts that it can be, where
    they are the same for every KPI. `back` is how many periods before the one that is looked at it needs.
    """

    type: Type
    sql: str = ""
    extension: str | None = None
    key: str | None = None
    words: tuple[str, ...] = ()
    back: int = 0


_NUMBER = "{{now}}.{}".format

OF_KPI: Mapping[str, Field] = {
    "value": Field("number", _NUMBER("value")),
    "status": Field("text", "cast({now}.status as varchar)"),
    "reason": Field("text", "cast({now}.reason as varchar)"),
    "target": Field("number", _NUMBER("target")),
    "previous": Field("number", _NUMBER("previous"), back=1),
    "change": Field("number", "minus({now}.value, {now}.previous)", back=1),
    "attainment": Field("number", _NUMBER("attainment")),
    "n": Field("number", _NUMBER("n")),
    "numerator": Field("number", _NUMBER("numerator")),
    "denominator": Field("number", _NUMBER("denominator")),
    "uncertain": Field("boolean", _NUMBER("uncertain")),
    "interval_low": Field("number", _NUMBER("low_limit")),
    "interval_high": Field("number", _NUMBER("high_limit")),
    "label": Field("text", "cast({now}.label as varchar)"),
    # of extensions
    "rank": Field("number", extension="peers", key="peers"),
    "percentile": Field("number", extension="peers", key="peers"),
    "count": Field("number", extension="peers", key="peers"),
    "variation": Field(
        "text", extension="process", key="process",
        words=("common_cause", "improvement", "concern", "special_cause"),
    ),
    "assurance": Field("text", extension="process", key="process", words=("passing", "failing", "hit_and_miss")),
    "streak": Field("number", extension="trend"),
}  # fmt: skip

OF_SCORECARD: Mapping[str, Field] = {
    "score": Field("number", _NUMBER("score")),
    "status": Field("text", "cast({now}.status as varchar)"),
    "reason": Field(
        "text", "cast({now}.reason as varchar)",
        words=("not_applicable", "no_data", "incomplete", "insufficient_coverage"),
    ),
    "coverage": Field("number", _NUMBER("coverage")),
    "previous": Field("number", _NUMBER("previous"), back=1),
    "change": Field("number", _NUMBER("change"), back=1),
    "rank": Field("number", _NUMBER("peers_rank"), key="peers"),
    "percentile": Field("number", _NUMBER("peers_percentile"), key="peers"),
    "count": Field("number", _NUMBER("peers_count"), key="peers"),
}  # fmt: skip

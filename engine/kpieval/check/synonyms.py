"""Words of other languages and tools -> those of this one: what an author may write first, and is told instead."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from kpieval.read.document import Kind

_TYPES = {
    "string": "text", "str": "text", "varchar": "text", "char": "text", "int": "integer", "bigint": "integer",
    "float": "number", "double": "number", "numeric": "decimal", "money": "decimal", "currency": "decimal",
    "bool": "boolean", "datetime": "timestamp",
}  # fmt: skip
_VALUES = {
    "excel": "xlsx", "json lines": "ndjson", "jsonl": "ndjson",
    "%": "percent", "pct": "percent", "share": "percent", "pp": "points", "count": "number", "h": "hours", "d": "days",
    **dict.fromkeys(("eur", "usd", "gbp", "chf", "€", "$", "£", "euro", "dollar", "money"), "currency"),
    **dict.fromkeys(("up", "more", "max", "maximize", "maximise", "increase", "ascending"), "higher_is_better"),
    **dict.fromkeys(("down", "less", "min", "minimize", "minimise", "decrease", "descending"), "lower_is_better"),
    **dict.fromkeys(("between", "range", "within"), "target_range"),
    **dict.fromkeys(("none", "neither", "no_direction", "informational"), "neutral"),
    **dict.fromkeys(("average", "avg"), "mean_of_members"),
}  # fmt: skip
_KEYS = {
    **dict.fromkeys(("formula", "expression", "calculation", "calc", "sql", "metric"), ("value",)),
    **dict.fromkeys(("goal", "objective", "targets"), ("target",)),
    **dict.fromkeys(("threshold", "thresholds", "rag", "colors", "colours", "ranges"), ("bands",)),
    **dict.fromkeys(("column", "field", "header", "source_column", "original"), ("from", "column")),
    "name": ("from", "label", "title"),
    **dict.fromkeys(("id", "primary_key", "keys"), ("key",)),
    **dict.fromkeys(("dimension", "dimensions", "by"), ("levels", "level")),
    **dict.fromkeys(("path", "filename", "filepath", "csv", "location"), ("file",)),
    **dict.fromkeys(("date", "date_column", "timestamp"), ("time",)),
    **dict.fromkeys(("metrics", "aggregates"), ("measures",)),
    **dict.fromkeys(("fields", "mapping", "mappings"), ("columns",)),
    **dict.fromkeys(("packs", "imports", "include", "extends"), ("uses",)),
    **dict.fromkeys(("frequency", "grain", "granularity", "interval"), ("period",)),
    **dict.fromkeys(("aggregation", "aggregate"), ("rollup",)),
    **dict.fromkeys(("minimum", "min_n", "min_count", "sample_size"), ("min_sample",)),
    **dict.fromkeys(("better", "trend", "polarity"), ("direction",)),
    **dict.fromkeys(("filter", "filters", "condition"), ("where",)),
    **dict.fromkeys(("separator", "sep"), ("delimiter",)),
    **dict.fromkeys(("unit_of_measure", "format"), ("unit",)),
    "above": ("parent",),
}
_CURRENCIES = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "$": "USD", "us$": "USD", "dollar": "USD", "dollars": "USD",
    "£": "GBP", "pound": "GBP", "pounds": "GBP", "¥": "JPY", "yen": "JPY", "kč": "CZK", "fr.": "CHF", "zł": "PLN",
}  # fmt: skip
_FILTERS = frozenset({"where", "filter", "filters", "condition"})


def value_meant(word: str, known: Collection[str]) -> str | None:
    """The one of the known words that another one stands for, or begins."""
    folded = word.casefold().strip()
    begun = next((name for name in known if name.startswith(f"{folded}_")), None)
    candidates = (begun, _VALUES.get(folded), _TYPES.get(folded))
    return next((each for each in candidates if each in known), None)


def key_meant(key: str, known: Collection[str]) -> str | None:
    """The known field that another name stands for."""
    return next((each for each in _KEYS.get(key.casefold(), ()) if each in known), None)


def key_instead(key: str, kind: Kind) -> str | None:
    """What to do instead of writing a field that a file of this kind can't have."""
    if kind == "kpi" and key.casefold() in _FILTERS:
        return "Rows are filtered in a measure, `count(*) filter (where ...)`; members are chosen by `applies_to`."
    return None


def currency_meant(text: str) -> str | None:
    """The letters of a currency for its sign or name."""
    return _CURRENCIES.get(text.casefold().strip()) or (text.upper() if re.fullmatch(r"[A-Za-z]{3}", text) else None)

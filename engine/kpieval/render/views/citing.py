"""Targets and benchmarks become words: which one was taken and why, and who published what of whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kpieval.render.views.kpi_view import Citation
from kpieval.translation import marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpieval.render.views.reading import Reader

Json = dict[str, Any]

_WEB = ("https://", "http://")
_SET = ("value", "range")
"""Kinds of targets that are what they are: there is nothing to say of where they come from."""
_GRADES = {
    "primary": marked("primary source"),
    "secondary": marked("secondary source"),
    "unknown": marked("unknown source"),
}


def target_words(reader: Reader, row: Json) -> str:
    """The target of an observation, where it comes from, for whom and when: `28 %, its value a year before`."""
    target = taken(reader.kpi, row)
    value = reader.target(row)
    if target is None:
        return value
    return ", ".join([value, *_said(target, reader)])


def other_targets(reader: Reader, row: Json) -> tuple[str, ...]:
    """The targets that are declared beside the one that was taken, in words."""
    now = taken(reader.kpi, row)
    return tuple(_declared(target, reader) for target in reader.kpi["targets"] if target is not now)


def taken(kpi: Json, row: Json) -> Json | None:
    """The target that is in force for an observation."""
    number = row["target_by"]
    target: Json | None = kpi["targets"][number - 1] if number else None
    return target


def citations(kpi: Json, ledger: Mapping[str, Json], reader: Reader) -> tuple[Citation, ...]:
    """What is published about a KPI, each with who says so, of whom and what."""
    return tuple(_citation(ledger[name], reader) for name in kpi["benchmarks"] if name in ledger)


def published(kpi: Json, ledger: Mapping[str, Json]) -> tuple[float, ...]:
    """The published values of a KPI, for a chart."""
    found: list[float] = []
    for name in kpi["benchmarks"]:
        each = ledger.get(name, {"value": None, "quantiles": None})
        found += [] if each["value"] is None else [each["value"]]
        found += (each["quantiles"] or {}).values()
    return tuple(found)


def _citation(each: Json, reader: Reader) -> Citation:
    source, say = each["source"], reader.formats.say
    figures = [] if each["value"] is None else [reader.exact(each["value"])]
    figures += [_quantile(name, reader.exact(value), reader) for name, value in (each["quantiles"] or {}).items()]
    named = [
        source["publisher"] or "",
        str(source["year"] or ""),
        say(_GRADES[source["grade"]]) if source["grade"] else "",
    ]
    url = source["url"] or ""
    return Citation(
        title=each["title"],
        figures=", ".join(figures),
        population=(each["population"] or "").strip(),
        definition=(each["definition"] or "").strip(),
        source=": ".join(part for part in (", ".join(filter(None, named)), source["title"] or "") if part),
        url=url if url.startswith(_WEB) else "",
        expired=say("Out of date since {date}", date=reader.formats.date(each["expires"]))
        if each["expired"] and each["expires"]
        else "",
    )


def _quantile(name: str, value: str, reader: Reader) -> str:
    """`p50` is the median, `p75` says of whom it is the limit."""
    if name == "p50":
        return reader.formats.say("median {value}", value=value)
    return reader.formats.say("{share}% are below {value}", share=name.removeprefix("p"), value=value)


def _said(target: Json, reader: Reader) -> Sequence[str]:
    """Where a target comes from, for whom and when, as far as that says anything."""
    say = reader.formats.say
    words = [] if target["kind"] in _SET else [target["text"]]
    level = (target["level"] or "").replace("_", " ")
    if level and target["where"]:
        words.append(say("for each {level} where {condition}", level=level, condition=target["where"]))
    elif level:
        words.append(say("for each {level}", level=level))
    elif target["where"]:
        words.append(say("for those where {condition}", condition=target["where"]))
    if target["from"]:
        words.append(say("from {date} on", date=reader.formats.date(target["from"])))
    if target["to"]:
        words.append(say("until {date}", date=reader.formats.date(target["to"])))
    return [*words, *([target["note"]] if target["note"] else [])]


def _declared(target: Json, reader: Reader) -> str:
    """A target as it is declared; what is computed has no figure of its own."""
    if target["range"]:
        figure = reader.formats.stretch(*map(reader.exact, target["range"]))
    else:
        figure = "" if target["value"] is None else reader.exact(target["value"])
    return ", ".join(filter(None, [figure, *_said(target, reader)]))

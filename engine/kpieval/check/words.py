"""A broken rule of a schema -> what an author can act on: the field's own words, the nearest name, the way out."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.check.synonyms import currency_meant, key_instead, key_meant, value_meant
from kpieval.check.written import date_in, number_in, percent_in
from kpieval.nearest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from kpieval.read.document import Kind, Path_

NOUNS: dict[Kind, str] = {
    "project": "kpieval.yaml", "kpi": "a KPI", "scorecard": "a scorecard", "rule": "a rule", "benchmark": "a benchmark",
}  # fmt: skip
_TYPES = {
    "string": "text", "number": "a number", "integer": "a whole number", "boolean": "true or false",
    "object": "a mapping", "array": "a list", "null": "nothing",
}  # fmt: skip
_TRUTHS = dict.fromkeys(("yes", "on", "y", "true"), "true") | dict.fromkeys(("no", "off", "n", "false"), "false")
_A_DATE = "a date"
_MUCH_ALIKE = 0.8
_LONGEST = 60
_FILL_IN = "Give it a value, or delete the line."


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a value breaks: a keyword of `schema`, and what it asks for; `named` if it is about a key."""

    rule: str
    limit: Any
    value: Any
    schema: Mapping[str, Any]
    path: Path_
    named: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake: what is wrong at which path; `missing` names the field that isn't there."""

    code: str
    message: str
    path: Path_
    hint: str | None = None
    key: bool = False
    missing: str | None = None


def findings(broken: Broken, kind: Kind, fields: Collection[str]) -> Iterator[Finding]:
    """What one broken rule means; `fields` are those of the file as a whole."""
    if broken.named:
        yield _wrong_name(str(broken.value), broken.path)
    elif "errorMessage" in broken.schema and broken.rule in ("not", "required"):
        yield Finding("wrong-combination", broken.schema["errorMessage"], broken.path)
    elif broken.rule == "additionalProperties":
        yield from _unknown_keys(broken, kind, fields)
    elif broken.rule == "required":
        yield from _missing_keys(broken, kind, fields)
    else:
        yield _WORDS.get(broken.rule, _other)(broken)


def _unknown_keys(broken: Broken, kind: Kind, fields: Collection[str]) -> Iterator[Finding]:
    known = broken.schema.get("properties", {})
    for key in broken.value:
        if key in known:
            continue
        if broken.path and key in fields and kind != "project":
            hint = f"`{key}` belongs to the {NOUNS[kind].split()[-1]} itself: indent it less."
        else:
            hint = _instead(key, known, None if broken.path else kind) or f"Known here: {', '.join(known)}."
        message = f"`{_short(key)}` is no field of {_owner(broken, kind)}."
        yield Finding("unknown-key", message, (*broken.path, key), hint, key=True)


def _instead(key: str, known: Collection[str], kind: Kind | None) -> str | None:
    meant = key_meant(key, known)
    return (key_instead(key, kind) if kind else None) or (f"Write `{meant}`." if meant else did_you_mean(key, known))


def _missing_keys(broken: Broken, kind: Kind, fields: Collection[str]) -> Iterator[Finding]:
    """The fields that are not there; one that is only misspelt is told as such."""
    known = fields if not broken.path else broken.schema.get("properties", {})
    unknown = [name for name in broken.value if name not in known]
    for key in broken.limit:
        misspelt = did_you_mean(key, unknown) or any(key_meant(name, known) == key for name in unknown)
        if key not in broken.value and not misspelt:
            message = f"`{key}` is missing; {_owner(broken, kind)} needs it."
            yield Finding("missing-key", message, (*broken.path, key), f"Add `{key}: ...`.", key=True, missing=key)


def _wrong_name(name: str, path: Path_) -> Finding:
    message = f"`{_short(name)}` can't be a name: it needs letters, digits and `_`, and no digit first."
    return Finding("wrong-name", message, (*path, name), _call_it(name), key=True)


def _call_it(name: str) -> str | None:
    proposal = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()
    proposal = f"_{proposal}" if proposal[:1].isdigit() else proposal
    return f"Call it `{proposal}`." if proposal and len(proposal) <= _LONGEST else None


def _type(broken: Broken) -> Finding:
    wanted = [broken.limit] if isinstance(broken.limit, str) else list(broken.limit)
    value = broken.value
    if value is None:
        listed = broken.path[-2:-1] == ("values",)
        hint = "Several values stand in brackets: `won: [Closed Won, Signed]`." if listed else _FILL_IN
        return Finding("empty-value", f"{_named(broken.path)} is empty.", broken.path, hint)
    expected = str(broken.schema.get("patternErrorMessage", ""))
    if expected.startswith(_A_DATE) and isinstance(value, int):
        message = f"{_named(broken.path)} must be {expected}, not {value}."
        return Finding("wrong-type", message, broken.path, _day(str(value)))
    words = _either([_TYPES[name] for name in wanted if name != "null"])
    message = f"{_named(broken.path)} must be {words}, not {_described(value)}."
    return Finding("wrong-type", message, broken.path, _type_hint(wanted, value) or _example(broken.schema))


def _type_hint(wanted: list[str], value: object) -> str | None:
    if isinstance(value, str):
        return _hint_for_text(wanted, value)
    if isinstance(value, bool | int | float) and "string" in wanted:
        return f"Quote it if it is text: '{_described(value)}'."
    return "Leave out the decimals." if isinstance(value, float) and "integer" in wanted else None


def _hint_for_text(wanted: list[str], text: str) -> str | None:
    if "boolean" in wanted:
        truth = _TRUTHS.get(text.lower())
        return _bare(truth, text) if truth else "Write true or false."
    if ("number" in wanted or "integer" in wanted) and (number := number_in(text)):
        return _bare(number, text)
    return f"Write it in brackets: [{_short(text)}]." if wanted == ["array"] else None


def _bare(word: str, text: str) -> str:
    return f"Write {word}, without quotes." if word == text else f"Write {word}."


def _example(schema: Mapping[str, Any]) -> str | None:
    examples = schema.get("examples")
    return f"For example: {_flow(examples[0])}" if examples else None


def _flow(value: object) -> str:
    """The value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _enum(broken: Broken) -> Finding:
    value, known = broken.value, [str(word) for word in broken.limit]
    if value is None:
        return Finding("empty-value", f"{_named(broken.path)} is empty.", broken.path, f"One of {', '.join(known)}.")
    near = _meant(value, known, broken.path) if isinstance(value, str) else None
    shown = f"`{_short(value)}`" if isinstance(value, str) else _described(value)
    what = "The type of " if _is_type(broken.path) else ""
    hint = near or f"One of {', '.join(f'`{word}`' if word in (',', '.', ' ') else word for word in known)}."
    return Finding("unknown-value", f"{what}{_named(broken.path)} can't be {shown}.", broken.path, hint)


def _is_type(path: Path_) -> bool:
    """Whether the value is the short form of a column, which is its type."""
    return [*path[:1], *path[2:3]] == ["sources", "columns"] and path[3:] == path[-1:]


def _meant(word: str, known: list[str], path: Path_) -> str | None:
    other = value_meant(word, known)
    if other is not None:
        return f"Write `{other}`."
    near = nearest(word, known, _MUCH_ALIKE)
    if _is_type(path) and near is None:
        return f"If that is what the data call it, write `{path[-1]}: {{from: {word}}}`."
    if path == ("period",) and word[:4].isdigit():
        return f"It is the length of a period, {', '.join(known)}; which one is reported is said by --period {word}."
    return did_you_mean(word, known)


def _pattern(broken: Broken) -> Finding:
    expected, value = broken.schema.get("patternErrorMessage", "written in another way"), broken.value
    hint = None
    if expected.startswith("a name"):
        hint = _call_it(value)
    elif expected.startswith(_A_DATE):
        hint = _day(value)
    elif expected.startswith("the three letters"):
        currency = currency_meant(value)
        hint = f"Write {currency}." if currency else None
    elif "percentage" in expected or "number" in expected:
        percent, number = percent_in(value), number_in(value)
        hint = f"Write {percent}." if percent and re.fullmatch(broken.limit, percent) else None
        allowed = number is not None and float(number) >= broken.schema.get("minimum", -math.inf)
        hint = hint or (_bare(number, value) if number and allowed else None)
    return Finding(
        "wrong-value", f"{_named(broken.path)} must be {expected}, not `{_short(value)}`.", broken.path, hint
    )


def _day(text: str) -> str:
    day = date_in(text)
    return f"Write {day}." if day else "Write year-month-day; for a longer time its first day."


def _date(broken: Broken) -> Finding:
    return Finding("impossible-date", f"`{_short(broken.value)}` is no day of the calendar.", broken.path)


def _bound(word: str) -> Callable[[Broken], Finding]:
    def bound(broken: Broken) -> Finding:
        message = f"{_named(broken.path)} must be {word} {broken.limit}, not {broken.value}."
        return Finding("wrong-value", message, broken.path)

    return bound


def _size(broken: Broken) -> Finding:
    value = broken.value
    if not value:
        return Finding(
            "empty-value", f"{_named(broken.path)} is empty.", broken.path, "Fill it in, or delete the line."
        )
    least, most = broken.schema.get("minItems"), broken.schema.get("maxItems")
    if isinstance(value, str):
        message = f"{_named(broken.path)} is longer than {broken.limit} characters."
    elif least == most:
        message = f"{_named(broken.path)} needs exactly {least} elements, not {len(value)}."
    else:
        word = "at least" if str(broken.rule).startswith("min") else "at most"
        message = f"{_named(broken.path)} needs {word} {broken.limit} elements, not {len(value)}."
    return Finding("wrong-value", message, broken.path)


def _unique(broken: Broken) -> Finding:
    values = broken.value
    again = next(index for index, value in enumerate(values) if value in values[:index])
    message = f"`{_short(str(values[again]))}` is listed twice."
    return Finding("listed-twice", message, (*broken.path, again), "Keep one.")


def _other(broken: Broken) -> Finding:
    message = broken.schema.get("errorMessage", f"{_named(broken.path)} is not as it should be ({broken.rule}).")
    return Finding("wrong-value", message, broken.path)


_WORDS: dict[str, Callable[[Broken], Finding]] = {
    "type": _type, "enum": _enum, "pattern": _pattern, "format": _date, "uniqueItems": _unique,
    "minimum": _bound("at least"), "maximum": _bound("at most"),
    "minLength": _size, "maxLength": _size, "minItems": _size, "maxItems": _size, "minProperties": _size,
}  # fmt: skip


def _named(path: Path_) -> str:
    """How a sentence calls the value at a path."""
    if not path:
        return "The file"
    if isinstance(path[-1], int):
        names = [step for step in path if isinstance(step, str)]
        return f"Element {path[-1] + 1} of `{names[-1]}`" if names else f"Element {path[-1] + 1}"
    return f"`{_short(path[-1])}`"


def _owner(broken: Broken, kind: Kind) -> str:
    """What a field belongs to: the kind of file, a field with fields of its own, or one of many with the same form."""
    if not broken.path:
        return NOUNS[kind]
    name = broken.path[-1]
    title = str(broken.schema.get("title", name)).lower()
    if title.replace(" ", "_") == name:
        return f"`{name}`"
    return f"{'an' if title[:1] in 'aeiou' else 'a'} {title}"


def _described(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text `{_short(value)}`"
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "nothing" if value is None else str(value)


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else f"{flat[: _LONGEST - 3]}..."

"""What jsonschema says of a value -> what an author can act on: the field's words, the nearest right name, the way out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from jsonschema import ValidationError

    from kpieval.read.document import Kind, Path_

_NOUNS: dict[Kind, str] = {
    "project": "kpieval.yaml", "kpi": "a KPI", "scorecard": "a scorecard", "rule": "a rule", "benchmark": "a benchmark",
}  # fmt: skip
_TYPES = {
    "string": "text", "number": "a number", "integer": "a whole number", "boolean": "true or false",
    "object": "a mapping", "array": "a list", "null": "nothing",
}  # fmt: skip
_TRUTHS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
_NUMBERLIKE = re.compile(r"[-+]?[0-9][0-9_ ,.']*")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake: what is wrong at which path; `missing` names the field that isn't there."""

    code: str
    message: str
    path: Path_
    hint: str | None = None
    key: bool = False
    missing: str | None = None


def findings(error: ValidationError, kind: Kind, fields: Collection[str]) -> Iterator[Finding]:
    """What one error of jsonschema says; `fields` are those of the file as a whole."""
    schema: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    path: Path_ = tuple(error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        yield _wrong_name(str(error.instance), path)
    elif isinstance(error.instance, dict | list) and not error.instance and error.validator != "type" and path:
        yield Finding("empty-value", f"{_named(path)} is empty.", path, "Fill it in, or delete the line.")
    elif "errorMessage" in schema and error.validator in ("not", "required"):
        yield Finding("wrong-combination", schema["errorMessage"], path)
    elif error.validator == "additionalProperties":
        yield from _unknown_keys(error, schema, path, kind, fields)
    elif error.validator == "required":
        yield from _missing_keys(error, schema, path, kind, fields)
    else:
        yield _WORDS.get(str(error.validator), _other)(error, schema, path)


def _unknown_keys(
    error: ValidationError, schema: Mapping[str, Any], path: Path_, kind: Kind, fields: Collection[str]
) -> Iterator[Finding]:
    known = schema.get("properties", {})
    for key in error.instance:
        if key in known:
            continue
        hint = did_you_mean(key, known)
        if hint is None and path and key in fields:
            hint = f"`{key}` belongs to {_NOUNS[kind]} itself: indent it less."
        elif hint is None and len(known) <= 12:  # noqa: PLR2004  # what one takes in at a glance
            hint = f"Known here: {', '.join(known)}."
        message = f"`{_short(key)}` is no field of {_owner(schema, path, kind)}."
        yield Finding("unknown-key", message, (*path, key), hint, key=True)


def _missing_keys(
    error: ValidationError, schema: Mapping[str, Any], path: Path_, kind: Kind, fields: Collection[str]
) -> Iterator[Finding]:
    """The fields that are not there; one that is only misspelt is told as such."""
    known = fields if not path else schema.get("properties", {})
    unknown = [name for name in error.instance if name not in known]
    for key in error.validator_value:
        if key not in error.instance and did_you_mean(key, unknown) is None:
            message = f"`{key}` is missing; {_owner(schema, path, kind)} needs it."
            yield Finding("missing-key", message, path, f"Add `{key}: ...`.", key=True, missing=key)


def _wrong_name(name: str, path: Path_) -> Finding:
    proposal = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_").lower()
    proposal = f"_{proposal}" if proposal[:1].isdigit() else proposal
    hint = f"Call it `{proposal}`." if proposal and proposal != name else None
    message = f"`{_short(name)}` can't be a name: it needs letters, digits and `_`, and no digit first."
    return Finding("wrong-name", message, (*path, name), hint, key=True)


def _type(error: ValidationError, _schema: Mapping[str, Any], path: Path_) -> Finding:
    wanted = [error.validator_value] if isinstance(error.validator_value, str) else list(error.validator_value)
    value = error.instance
    if value is None:
        return Finding("empty-value", f"{_named(path)} is empty.", path, "Give it a value, or delete the line.")
    words = _either([_TYPES[name] for name in wanted if name != "null"])
    message = f"{_named(path)} must be {words}, not {_described(value)}."
    return Finding("wrong-type", message, path, _type_hint(wanted, value))


def _type_hint(wanted: list[str], value: object) -> str | None:
    if isinstance(value, bool) and "string" in wanted:
        return "Quote it if it is text."
    if isinstance(value, int | float) and not isinstance(value, bool):
        if "string" in wanted:
            return f"Quote it if it is text: '{value}'."
        return "Leave out the decimals." if "integer" in wanted else None
    if isinstance(value, str):
        if "boolean" in wanted:
            truth = _TRUTHS.get(value.lower(), value.lower() if value.lower() in ("true", "false") else None)
            return f"Write {truth}, without quotes." if truth else "Write true or false."
        if "number" in wanted or "integer" in wanted:
            if value.endswith("%"):
                return "Write the bare number, without %."
            return "Write the bare number: digits, `.` before the decimals, no quotes." if _NUMBERLIKE.fullmatch(value) else None
        if wanted == ["array"]:
            return f"Write it in brackets: [{_short(value)}]."
    return None


def _enum(error: ValidationError, _schema: Mapping[str, Any], path: Path_) -> Finding:
    value, known = error.instance, [str(word) for word in error.validator_value]
    if value is None:
        return Finding("empty-value", f"{_named(path)} is empty.", path, f"One of {', '.join(known)}.")
    near = did_you_mean(value, known) if isinstance(value, str) else None
    shown = f"`{_short(value)}`" if isinstance(value, str) else _described(value)
    hint = near or f"One of {', '.join(f'`{word}`' if word in (',', '.', ' ') else word for word in known)}."
    return Finding("unknown-value", f"{_named(path)} can't be {shown}.", path, hint)


def _pattern(error: ValidationError, schema: Mapping[str, Any], path: Path_) -> Finding:
    expected = schema.get("patternErrorMessage", "written in another way")
    message = f"{_named(path)} must be {expected}, not `{_short(error.instance)}`."
    return Finding("wrong-value", message, path)


def _date(error: ValidationError, _schema: Mapping[str, Any], path: Path_) -> Finding:
    return Finding("impossible-date", f"`{_short(error.instance)}` is no day of the calendar.", path)


def _bound(word: str) -> Callable[[ValidationError, Mapping[str, Any], Path_], Finding]:
    def bound(error: ValidationError, _schema: Mapping[str, Any], path: Path_) -> Finding:
        message = f"{_named(path)} must be {word} {error.validator_value}, not {error.instance}."
        return Finding("wrong-value", message, path)

    return bound


def _size(error: ValidationError, schema: Mapping[str, Any], path: Path_) -> Finding:
    value = error.instance
    if not value:
        return Finding("empty-value", f"{_named(path)} is empty.", path, "Fill it in, or delete the line.")
    least, most = schema.get("minItems"), schema.get("maxItems")
    if isinstance(value, str):
        message = f"{_named(path)} is longer than {error.validator_value} characters."
    elif least == most:
        message = f"{_named(path)} needs exactly {least} elements, not {len(value)}."
    else:
        word = "at least" if str(error.validator).startswith("min") else "at most"
        message = f"{_named(path)} needs {word} {error.validator_value} elements, not {len(value)}."
    return Finding("wrong-value", message, path)


def _unique(error: ValidationError, _schema: Mapping[str, Any], path: Path_) -> Finding:
    values = error.instance
    again = next(index for index, value in enumerate(values) if value in values[:index])
    message = f"`{_short(str(values[again]))}` is listed twice."
    return Finding("listed-twice", message, (*path, again), "Keep one.")


def _other(error: ValidationError, schema: Mapping[str, Any], path: Path_) -> Finding:
    message = schema.get("errorMessage", f"{_named(path)} is not as it should be ({error.validator}).")
    return Finding("wrong-value", message, path)


_WORDS: dict[str, Callable[[ValidationError, Mapping[str, Any], Path_], Finding]] = {
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


def _owner(schema: Mapping[str, Any], path: Path_, kind: Kind) -> str:
    """What a field belongs to: the kind of file, a field with fields of its own, or one of many with the same form."""
    if not path:
        return _NOUNS[kind]
    title = str(schema.get("title", path[-1])).lower()
    if isinstance(path[-1], str) and title.replace(" ", "_") == path[-1]:
        return f"`{path[-1]}`"
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

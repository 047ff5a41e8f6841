"""The JSON Schemas are right by their own standard, explain themselves to an editor, and agree with each other."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, get_args

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry

from kpieval import folders
from kpieval.model import Direction, Grain, Rollup, Type
from kpieval.read.document import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS: tuple[Kind, ...] = get_args(Kind)
SCHEMAS = {kind: json.loads((folders.schemas() / f"{kind}.schema.json").read_text("utf-8")) for kind in KINDS}
SHARED = ("name", "names", "date", "number", "share", "tags", "edge", "span", "peers", "process")


@pytest.mark.parametrize("kind", KINDS)
def test_is_a_schema_that_asks_nobody_else(kind: Kind) -> None:
    Draft202012Validator.check_schema(SCHEMAS[kind])
    references = [schema["$ref"] for _, schema in parts(SCHEMAS[kind]) if "$ref" in schema]
    assert all(reference.removeprefix("#/$defs/") in SCHEMAS[kind]["$defs"] for reference in references)
    assert {reference.removeprefix("#/$defs/") for reference in references} == set(SCHEMAS[kind]["$defs"])


@pytest.mark.parametrize("kind", KINDS)
def test_lets_no_unknown_field_pass(kind: Kind) -> None:
    for path, schema in parts(SCHEMAS[kind]):
        if "properties" in schema:
            assert schema.get("additionalProperties") is False, path


@pytest.mark.parametrize("kind", KINDS)
def test_explains_every_field_to_an_editor(kind: Kind) -> None:
    for path, schema in parts(SCHEMAS[kind]):
        for name, field in schema.get("properties", {}).items():
            referred = SCHEMAS[kind]["$defs"].get(field.get("$ref", "").removeprefix("#/$defs/"), {})
            for word in ("title", "description"):
                assert word in field or word in referred, f"{word} of {path}/{name}"
        if "pattern" in schema:
            assert "patternErrorMessage" in schema, path


@pytest.mark.parametrize("kind", KINDS)
def test_gives_examples_that_are_right(kind: Kind) -> None:
    count = 0
    for path, schema in parts(SCHEMAS[kind]):
        validator = Draft202012Validator({**schema, "$defs": SCHEMAS[kind]["$defs"]}, registry=Registry())
        for example in schema.get("examples", ()):
            assert not list(validator.iter_errors(example)), f"{path}: {example}"
            count += 1
    assert count > 1


def test_what_two_schemas_share_is_the_same() -> None:
    for name in SHARED:
        written = [json.dumps(schema["$defs"][name]) for schema in SCHEMAS.values() if name in schema["$defs"]]
        assert len(set(written)) == 1, name


def test_words_are_those_of_the_model() -> None:
    project, kpi = SCHEMAS["project"], SCHEMAS["kpi"]
    assert project["$defs"]["type"]["enum"] == list(get_args(Type))
    assert project["properties"]["period"]["enum"] == list(get_args(Grain))
    assert kpi["properties"]["direction"]["enum"] == list(get_args(Direction))
    assert kpi["properties"]["rollup"]["enum"] == list(get_args(Rollup))


def parts(schema: object, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within a schema."""
    if isinstance(schema, dict):
        yield path, schema
        for key in ("items", "additionalProperties", "propertyNames", "if", "then", "else", "not"):
            yield from parts(schema.get(key), f"{path}/{key}")
        for key in ("properties", "$defs"):
            for name, inner in schema.get(key, {}).items():
                yield from parts(inner, f"{path}/{key}/{name}")

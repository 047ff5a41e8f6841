"""Values computed by hand: each file in `cases/values/` is a project, its data, and what is known of the result.

The same rows are read as CSV, Parquet, NDJSON and as tables of Postgres, and each gives the same observations.
"""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
import jsonschema
import pytest
import yaml

import kpieval
from kpieval.folders import schemas
from postgres import server as server  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from postgres import Server

VALIDATOR = jsonschema.Draft202012Validator(json.loads((schemas() / "result.schema.json").read_text("utf-8")))
CASES = sorted((Path(__file__).parent / "cases" / "values").glob("*.yaml"))
DUCKDB = {"text": "varchar", "integer": "bigint", "decimal": "decimal(18,4)", "number": "double"}
POSTGRES = {"integer": "bigint", "decimal": "numeric", "number": "double precision"}
INSTANT = "timestamptz"
Row = dict[str, str | None]


@dataclass(frozen=True)
class Case:
    """A case as it is written, with the rows of its sources."""

    name: str
    said: dict[str, Any]

    def rows(self, source: str) -> list[Row]:
        """The rows of a source as texts; an empty cell is null."""
        text = "\n".join(line.strip() for line in self.said["data"][source].splitlines() if line.strip())
        found = csv.DictReader(io.StringIO(text), skipinitialspace=True)
        return [{name.strip(): value.strip() or None for name, value in row.items()} for row in found]

    def types(self, source: str) -> dict[str, str]:
        """The type of each column of the data: as declared, text where it isn't stored as the project means it."""
        declared = self.said["project"]["sources"][source]["columns"]
        found = dict.fromkeys(self.rows(source)[0], "text")
        for name, column in declared.items():
            column = {"type": column} if isinstance(column, str) else dict(column or {})  # noqa: PLW2901
            if column.get("from", name) in found and "format" not in column:
                found[column.get("from", name)] = column.get("type", "text")
        return found

    def write(self, folder: Path, locations: Mapping[str, Mapping[str, str]], more: Mapping[str, Any]) -> Path:
        """The project in a folder, its sources at these locations."""
        project = {"project": "case", **self.said["project"], **more}
        project["sources"] = {
            name: {**source, **locations.get(name, {})} for name, source in project["sources"].items()
        }
        (folder / "kpieval.yaml").write_text(yaml.safe_dump(project, sort_keys=False), encoding="utf-8")
        for kind in ("kpi", "benchmark", "scorecard", "rule"):
            (folder / f"{kind}s").mkdir()
            for name, one in self.said.get(f"{kind}s", {}).items():
                written = yaml.safe_dump({kind: name, **one}, sort_keys=False)
                (folder / f"{kind}s" / f"{name}.yaml").write_text(written, encoding="utf-8")
        return folder

    def result(self, folder: Path) -> dict[str, Any]:
        """What the project gives, run as the case says."""
        run = self.said.get("run", {})
        period = str(run["period"]) if "period" in run else None  # a year is a number in YAML
        with kpieval.load(folder).evaluate(period, run.get("periods"), run.get("as_of")) as result:
            found: dict[str, Any] = result.to_dict()
        VALIDATOR.validate(found)
        return found


@cache
def case(path: Path) -> Case:
    return Case(path.stem, yaml.safe_load(path.read_text(encoding="utf-8")))


def as_csv(one: Case, folder: Path) -> dict[str, dict[str, str]]:
    for source in one.said["data"]:
        rows = one.rows(source)
        with (folder / f"{source}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return {source: {"file": f"{source}.csv"} for source in one.said["data"]}


def as_parquet(one: Case, folder: Path) -> dict[str, dict[str, str]]:
    as_csv(one, folder)
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for source in one.said["data"]:
            types = one.types(source)
            cells = ", ".join(f'cast("{name}" as {_duckdb(one, source, name)}) as "{name}"' for name in types)
            rows = f"read_csv('{folder / source}.csv', all_varchar = true, header = true, delim = ',')"
            connection.execute(f"copy (select {cells} from {rows}) to '{folder / source}.parquet' (format parquet)")
    return {source: {"file": f"{source}.parquet"} for source in one.said["data"]}


def as_ndjson(one: Case, folder: Path) -> dict[str, dict[str, str]]:
    for source in one.said["data"]:
        types = one.types(source)
        lines = [
            "{" + ", ".join(f"{json.dumps(name)}: {_json(value, types[name])}" for name, value in row.items()) + "}"
            for row in one.rows(source)
        ]
        (folder / f"{source}.ndjson").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return {source: {"file": f"{source}.ndjson"} for source in one.said["data"]}


def as_tables(one: Case, server: Server) -> dict[str, dict[str, str]]:
    schema = f"values_{one.name.replace('-', '_')}"
    statements = [f"drop schema if exists {schema} cascade", f"create schema {schema}"]
    for source in one.said["data"]:
        types = one.types(source)
        columns = ", ".join(f'"{name}" {_postgres(one, source, name)}' for name in types)
        statements.append(f"create table {schema}.{source} ({columns})")
        values = ", ".join(
            "(" + ", ".join("null" if v is None else "'" + v.replace("'", "''") + "'" for v in row.values()) + ")"
            for row in one.rows(source)
        )
        statements.append(f"insert into {schema}.{source} values {values}")
    server.run(";\n".join(statements))
    return {source: {"table": f"{schema}.{source}", "connection": "warehouse"} for source in one.said["data"]}


def _zoned(one: Case, source: str, name: str) -> bool:
    return any(value.endswith("Z") or "+" in value for row in one.rows(source) if (value := row[name]))


def _duckdb(one: Case, source: str, name: str) -> str:
    type_ = one.types(source)[name]
    if type_ == "timestamp" and _zoned(one, source, name):
        return INSTANT
    return DUCKDB.get(type_, type_)


def _postgres(one: Case, source: str, name: str) -> str:
    type_ = one.types(source)[name]
    if type_ == "timestamp" and _zoned(one, source, name):
        return INSTANT
    return POSTGRES.get(type_, type_)


def _json(value: str | None, type_: str) -> str:
    if value is None:
        return "null"
    return value if type_ in {"integer", "decimal", "number", "boolean"} else json.dumps(value)


FILES = {"csv": as_csv, "parquet": as_parquet, "ndjson": as_ndjson}


@cache
def result_of(path: Path, engine: str) -> dict[str, Any]:
    """The result of a case whose data are files."""
    one = case(path)
    with TemporaryDirectory() as name:
        folder = Path(name)
        return one.result(one.write(folder, FILES[engine](one, folder), {}))


@pytest.mark.parametrize("engine", FILES)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_has_the_values_that_a_person_computed(path: Path, engine: str) -> None:
    result = result_of(path, engine)
    check(case(path), result)
    for judged in ("observations", "scorecards"):
        assert result[judged] == result_of(path, "csv")[judged]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_case_has_the_same_values_in_postgres_with_one_query_a_source(
    path: Path, tmp_path: Path, server: Server
) -> None:
    one = case(path)
    locations = as_tables(one, server)
    folder = one.write(tmp_path, locations, {"connections": {"warehouse": {"url": server.url}}})
    before = len(server.statements())
    result = one.result(folder)
    check(one, result)
    for judged in ("observations", "scorecards"):
        assert alike(result[judged], result_of(path, "csv")[judged])
    if "period" not in one.said.get("run", {}):
        return
    statements = server.statements()[before:]
    for source, location in locations.items():
        schema, table = location["table"].split(".")
        scans = [
            each
            for each in statements
            if f'"{schema}"."{table}"' in each and "pg_attribute" not in each and "pg_index" not in each
        ]
        assert len(scans) == (source in {each["name"] for each in result["sources"]}), (source, scans)


def check(one: Case, result: dict[str, Any]) -> None:
    """Compare what the case mentions of the result."""
    wrong = check_scores(one, result)
    for expected in one.said.get("expect", ()):
        said = dict(expected)
        key = {
            "kpi": said.pop("kpi"),
            "level": said.pop("level", "organisation"),
            "member": said.pop("member", "organisation"),
            "period": str(said.pop("period", result["period"])),
        }
        found = [row for row in result["observations"] if all(row[name] == value for name, value in key.items())]
        if said == {"absent": True}:
            wrong += [f"{key}: is there"] if found else []
            continue
        if len(found) != 1:
            wrong.append(f"{key}: {len(found)} observations")
            continue
        wrong += [
            f"{' '.join(key.values())}: {name} is {found[0][name]!r}, not {value!r}"
            for name, value in said.items()
            if not alike(found[0][name], value)
        ]
    for name, parts in one.said.get("told", {}).items():
        wrong += [
            f"no {part} among {[{key: row.get(key) for key in part} for row in result[name]]}"
            for part in parts
            if not any(all(alike(row.get(key), value) for key, value in part.items()) for row in result[name])
        ]
        if name == "problems" and len(parts) != len(result[name]):  # what isn't said is not to be told
            wrong.append(f"other problems: {[problem['message'] for problem in result[name]]}")
    if "findings" in one.said:
        wrong += unlike(result["findings"], one.said["findings"])
    assert not wrong, "\n".join(wrong)


def unlike(found: list[Any], expected: list[Any]) -> list[str]:
    """Where the findings are not those that a case lists, in its order; of each it says what it cares about."""
    short = [{key: row[key] for key in ("rule", "level", "member", "since", "message")} for row in found]
    if len(found) != len(expected):
        return [f"{len(found)} findings, not {len(expected)}:", *map(str, short)]
    pairs = zip(found, expected, strict=True)
    return [f"{row} is not {said}" for row, said in pairs if not alike(row, said)]


def check_scores(one: Case, result: dict[str, Any]) -> list[str]:
    """What differs among the scores that the case mentions; `parts` are given by their names."""
    wrong = []
    cards = {card["name"]: card for card in result["scorecards"]}
    for expected in one.said.get("scores", ()):
        said = dict(expected)
        card, member = said.pop("scorecard"), said.pop("member", "organisation")
        period = str(said.pop("period", result["period"]))
        found = [row for row in cards[card]["scores"] if (row["member"], row["period"]) == (member, period)]
        if said == {"absent": True}:
            wrong += [f"{card} {member} {period}: is there"] if found else []
            continue
        if len(found) != 1:
            wrong.append(f"{card} {member} {period}: {len(found)} scores")
            continue
        row = found[0] | {"parts": {part["name"]: part for part in found[0]["parts"]}}
        wrong += [
            f"{card} {member} {period}: {name} is {row[name]!r}, not {value!r}"
            for name, value in said.items()
            if not alike(row[name], value)
        ]
    return wrong


def alike(found: object, expected: object) -> bool:
    """Whether a value is the expected one; numbers to 1e-12, and `17/20` is a number."""
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(alike, found, expected))
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(alike(found.get(key), value) for key, value in expected.items())
    if isinstance(found, int | float) and not isinstance(found, bool):
        if isinstance(expected, bool) or not isinstance(expected, int | float | str):
            return False
        number = float(Fraction(expected) if isinstance(expected, str) else expected)
        return math.isclose(found, number, rel_tol=1e-12, abs_tol=1e-14)
    return found == expected

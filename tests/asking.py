"""Helpers of the tests of sources: a project from its YAML, and rows that answer a query over one of its sources."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import sqlglot

from kpieval.build import build
from kpieval.read import read
from kpieval.sources import Scan, SourceReport, open_session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kpieval.model import Project
    from kpieval.sources.session import Session


def project(folder: Path, sources: str, files: Mapping[str, str | bytes] | None = None, more: str = "") -> Project:
    """The project that declares these sources, with these files beside it."""
    indented = "".join(f"  {line}\n" for line in dedent(sources).strip().splitlines())
    (folder / "kpieval.yaml").write_text(f"project: test\n{dedent(more)}\nsources:\n{indented}", encoding="utf-8")
    for name, content in (files or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return loaded(folder)


def loaded(folder: Path) -> Project:
    """The project in a folder, which must be right."""
    built, problems = build(read(folder))
    assert built is not None, "\n".join(map(str, problems))
    return built


def rows(session: Session, sql: str, source: str = "deals", columns: tuple[str, ...] | None = None) -> list[Any]:
    """What a query over the relation `rows` gives."""
    declared = session.project.sources[source]
    scan = Scan(declared, columns or tuple(declared.columns), sqlglot.parse_one(sql, dialect="duckdb"))
    session.scan(scan, "answer")
    return session.connection.execute("select * from answer").fetchall()


def ask(made: Project, sql: str, source: str = "deals", columns: tuple[str, ...] | None = None) -> list[Any]:
    """The same, in a session of its own."""
    with open_session(made) as session:
        return rows(session, sql, source, columns)


def reported(made: Project, source: str = "deals") -> SourceReport:
    """The report of a source after a scan of all its columns."""
    with open_session(made) as session:
        rows(session, "select count(*) from rows", source)
        return session.report(source)

"""A result that is too large for objects of Python is read from files, and says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpieval import result, stored
from kpieval.api import load
from kpieval.render import document, render
from kpieval.render.html import site
from kpieval.stored import StoredRows

EXAMPLE = Path(__file__).parent.parent / "examples" / "sales-leadership"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are many, so that each question crosses the ends of what is read and kept."""
    monkeypatch.setattr(result, "LISTED", 0)
    monkeypatch.setattr(stored, "KEPT", 2)
    monkeypatch.setattr(stored, "ABREAST", 3)
    monkeypatch.setattr(stored, "GROUP", 100)


def test_a_report_from_files_is_that_from_objects() -> None:
    with load(EXAMPLE).evaluate() as run:
        listed, kept = run.to_dict(), run.for_report()
        assert isinstance(kept["observations"], StoredRows)
        assert list(kept["observations"]) == listed["observations"]
        assert {**kept, "observations": None} == {**listed, "observations": None}
        assert dict(site(kept)) == dict(site(listed))
        assert render(kept, "html") == render(listed, "html")
        assert render(kept, "md") == render(listed, "md")
        assert render(kept, "csv") == render(listed, "csv")
        assert document(kept, "xlsx") == document(listed, "xlsx")


def test_who_reads_all_may_ask_for_some_meanwhile() -> None:
    with load(EXAMPLE).evaluate() as run:
        rows = run.for_report()["observations"]
        reading = iter(rows)
        first = next(reading)
        assert rows.history(first["kpi"], (first["level"], first["member"]))[first["period"]] == first
        assert [first, *reading] == list(rows)


def test_who_isn_t_there_has_nothing() -> None:
    with load(EXAMPLE).evaluate() as run:
        rows = run.for_report()["observations"]
        assert rows.of_member(("rep", "nobody")) == {}
        assert rows.of_member(("rep", "zzz")) == {}
        assert rows.now("win_rate", "nowhere") == {}
        assert rows.history("win_rate", ("rep", "nobody")) == {}
        assert rows.values("nothing") == []

"""A result that is too large for objects of Python stays in its database, and says the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpieval import queried, result
from kpieval.api import load
from kpieval.queried import QueriedRows
from kpieval.render import document, render
from kpieval.render.html import site

EXAMPLE = Path(__file__).parent.parent / "examples" / "sales-leadership"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows are many, so that each question crosses the ends of what is read and kept."""
    monkeypatch.setattr(result, "LISTED", 0)
    monkeypatch.setattr(queried, "KEPT", 20)
    monkeypatch.setattr(queried, "ABREAST", 3)


def test_a_report_from_the_database_is_that_from_objects() -> None:
    with load(EXAMPLE).evaluate() as run:
        listed, kept = run.to_dict(), run.for_report()
        assert isinstance(kept["observations"], QueriedRows)
        assert list(kept["observations"]) == listed["observations"]
        apart = dict.fromkeys(("observations", "scorecards"))
        assert {**kept, **apart} == {**listed, **apart}
        assert dict(site(kept)) == dict(site(listed))
        for format_ in ("md", "json", "csv", "csv-scores", "junit", "openmetrics"):
            assert render(kept, format_) == render(listed, format_)
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
        assert rows.some([("win_rate", ("rep", "nobody")), ("nothing", ("nowhere", "nobody"))]) == {}
        assert rows.some([]) == {}
        assert rows.values("nothing") == []

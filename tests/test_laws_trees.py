"""Laws of levels that are trees: whoever is above has the numbers of all below, whatever the shape of the tree."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import kpieval

PROJECT = {
    "project": "trees",
    "period": "month",
    "sources": {
        "deals": {
            "file": "deals.csv",
            "time": "day",
            "columns": {"person": "text", "n": "integer", "account": "text", "day": "date"},
            "measures": {"sold": "sum(n)"},
        },
        "people": {"file": "people.csv", "columns": {"id": "text", "boss": "text"}},
    },
    "dimensions": {"person": {"source": "people", "key": "id", "parent": {"self": "boss"}}},
}
KPIS: dict[str, dict[str, Any]] = {
    "sold_here": {"value": "sold"},
    "accounts": {"source": "deals", "value": "count(distinct account)"},
    "below": {"per": "person", "value": "count(*)", "levels": ["person", "organisation"]},
}
PEOPLE = [f"p{number}" for number in range(9)]
DEALS = st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(1, 9), st.sampled_from("xyz")), min_size=1, max_size=25)
BOSSES = st.tuples(*(st.none() | st.integers(0, number - 1) if number else st.none() for number in range(9)))


@given(BOSSES, DEALS, st.permutations(PEOPLE))
@settings(max_examples=8, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_whoever_is_above_has_the_numbers_of_all_below(
    bosses: tuple[int | None, ...], deals: list[tuple[str, int, str]], order: list[str]
) -> None:
    above = {person: PEOPLE[boss] if boss is not None else None for person, boss in zip(PEOPLE, bosses, strict=True)}
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "kpis").mkdir()
        (folder / "kpieval.yaml").write_text(yaml.safe_dump(PROJECT), encoding="utf-8")
        for kpi, said in KPIS.items():
            (folder / "kpis" / f"{kpi}.yaml").write_text(yaml.safe_dump({"kpi": kpi, **said}), encoding="utf-8")
        people = "".join(f"{person},{above[person] or ''}\n" for person in order)
        (folder / "people.csv").write_text(f"id,boss\n{people}", encoding="utf-8")
        rows = "".join(f"{person},{n},{account},2026-04-0{n}\n" for person, n, account in deals)
        (folder / "deals.csv").write_text(f"person,n,account,day\n{rows}", encoding="utf-8")
        with kpieval.load(folder).evaluate("2026-04", 1, dt.date(2026, 5, 5)) as result:
            found = {(o["kpi"], o["level"], o["member"]): o["value"] for o in result.to_dict()["observations"]}

    def team(person: str) -> set[str]:
        return {person}.union(*(team(each) for each in PEOPLE if above[each] == person))

    for person in PEOPLE:
        own = [deal for deal in deals if deal[0] in team(person)]
        assert found["sold_here", "person", person] == (sum(n for _, n, _ in own) or None)
        assert found["accounts", "person", person] == (len({account for _, _, account in own}) or None)
        assert found["below", "person", person] == (len(team(person)) - 1 or None)
    assert found["sold_here", "organisation", "organisation"] == sum(n for _, n, _ in deals)

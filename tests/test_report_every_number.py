"""Every number that a reader sees or hears is the result's: of its own row and period, or by a rule of the test."""

from __future__ import annotations

import copy
import re
from collections import Counter, defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from examples import HOSPITALS, SALES, evaluated, pages
from gates import gate_of
from kpieval.render import render
from kpieval.render.html import site
from reading.gate import gate
from reading.known import Known
from reading.regions import faults, regions
from reading.tree import tree
from sample_result import result

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from reading.tree import Element

Json = dict[str, Any]
READ = 0.995
"""So many of the numbers must be missed when their last digit is another one: all but those of a value between two."""
OTHERS = ("kpi-forecast-bias.html", "kpi-four-hour-share.html", "kpi-large-new-client-count.html")
"""With a target range, with a funnel, and with marks that stand for several members."""


@cache
def known(example: str, locale: str = "en_GB") -> Known:
    return Known(evaluated(example) | {"locale": locale})


@cache
def some(example: str) -> list[Element]:
    """The pages of some KPIs, of a member, of the methods, of everybody, and the front page: the cheapest first."""
    made = pages(example)
    kpis = [name for name in made if name.startswith("kpi-")]
    names = [*kpis[:3], *(name for name in kpis[3:] if name in OTHERS)]
    names += [next(name for name in reversed(made) if name.startswith("member-")), "methods.html", "find.html"]
    return [tree(made[name]) for name in (*names, "index.html")]


@pytest.mark.parametrize(
    ("example", "locale"),
    [("sample", "en_GB"), (HOSPITALS, "en_GB"), (SALES, "en_GB"), ("sample", "de_DE"), (HOSPITALS, "cs_CZ")],
)
def test_every_number_of_a_site_is_explained(example: str, locale: str) -> None:
    read, wrong = 0, []
    for name, page in pages(example, locale).items():
        if name.endswith(".html"):
            wrong += [f"{name}: {fault}" for fault in faults(known(example, locale), tree(page))]
            read += 1
    assert wrong == []
    assert read > 25


@pytest.mark.parametrize("example", ["sample", HOSPITALS])
def test_every_number_of_the_one_page_is_explained(example: str) -> None:
    assert list(faults(known(example), tree(render(evaluated(example), "html")))) == []


def test_a_number_that_is_off_by_one_in_its_last_digit_is_noticed(record_property: Any) -> None:  # noqa: ANN401, as pytest has it
    seen: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for example in ("sample", HOSPITALS, SALES):
        for page in some(example):
            for text, place in regions(known(example), page):
                for digit in re.finditer(r"\d(?!\d)", text):
                    off = f"{text[: digit.start()]}{(int(digit[0]) + 1) % 10}{text[digit.end() :]}"
                    seen[place.name] += 1
                    missed[place.name] += not known(example).tongue.unexplained(off, place)
    record_property("numbers", seen.total())
    assert seen.total() > 6000
    assert len(seen) > 50
    assert 1 - missed.total() / seen.total() > READ, missed
    assert {name for name in seen if missed[name] > seen[name] / 20} == set()


def test_every_number_of_a_closed_gate_is_explained_and_each_that_is_off_is_noticed() -> None:
    made, before = result(), copy.deepcopy(result())
    for row in before["observations"]:
        if row["kpi"] in ("win_rate", "coaching_hours") and row["value"] is not None:
            row["value"] *= 1.3 if row["member"] < "r3" else 0.9
    for row in (row for card in before["scorecards"] for row in card["scores"] if row["score"] is not None):
        row["score"] += 7.4
    next(kpi for kpi in before["kpis"] if kpi["name"] == "coaching_hours")["fingerprint"]["definition"] = "another"
    seen: Counter[str] = Counter()
    for asked in (("poor", "regression"), ("regression", "finding:note")):
        closed = made | {"gate": gate_of(made, *asked, baseline=before).to_dict()}
        agreed = Known(closed, before)
        page = tree(dict(site(closed))["index.html"])
        assert list(faults(agreed, page)) == []
        section = page.all("section.gate")[0]
        for node, place in gate(agreed, agreed.then, section):
            for digit in re.finditer(r"\d(?!\d)", node.text):
                off = f"{node.text[: digit.start()]}{(int(digit[0]) + 1) % 10}{node.text[digit.end() :]}"
                assert agreed.tongue.unexplained(off, place) != [], (place.name, off)
                seen[place.name] += 1
    assert min(seen[name] for name in GATED) > 1, seen


GATED = (
    "gate", "more failures", "observation that closes", "score that closes", "finding that closes",
    "definition that changed",
)  # fmt: skip
"""What a gate tells of."""

SHOWN_NOWHERE = frozenset({
    "benchmarks.place.column", "benchmarks.place.line", "benchmarks.quantiles.p25", "benchmarks.quantiles.p50",
    "benchmarks.quantiles.p75", "findings.place.column", "findings.place.line", "kpis.bands.edge",
    "kpis.bands.percent", "kpis.peers.min_peers", "kpis.place.column", "kpis.place.line",
    "kpis.process.min_periods", "kpis.targets.place.column", "kpis.targets.place.line", "kpis.targets.range",
    "kpis.unit.decimals", "levels.members", "observations.attainment", "observations.funnel.dispersion",
    "observations.numerator", "observations.peers.best", "observations.peers.percentile",
    "observations.peers.rank", "observations.peers.shrunken", "observations.process.mean",
    "observations.process.points", "observations.score", "observations.target_by", "observations.trend.change",
    "observations.trend.streak", "packs.place.column", "packs.place.line", "rules.place.column",
    "rules.place.line", "scorecards.kpis.weight",
    "scorecards.place.column", "scorecards.place.line", "scorecards.scorecards.weight",
    "scorecards.scores.peers.median", "scorecards.scores.peers.percentile", "scorecards.scores.previous",
    "sources.columns.missing", "sources.crossing",
})  # fmt: skip
"""What these pages don't say: where things are defined, what figures are made from, what no example has to tell."""


@cache
def numbers(example: str) -> dict[str, list[tuple[Any, Any]]]:
    """The numbers of a result by the path of their kind: what holds each of them, and where in that."""
    found: dict[str, list[tuple[Any, Any]]] = defaultdict(list)

    def collect(node: Any, path: str) -> None:  # noqa: ANN401, any part of JSON
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            here = f"{path}.{key}".strip(".") if isinstance(node, dict) else path
            if isinstance(value, dict | list):
                collect(value, here)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                found[here].append((node, key))

    collect(evaluated(example), "")
    return found


KINDS = ("sample", HOSPITALS, SALES)


def test_each_kind_of_number_of_the_result_is_read_or_shown_nowhere() -> None:
    """Once all numbers of a kind are others in the result, the pages no longer agree with it."""
    kinds = {kind for example in KINDS for kind in numbers(example)}
    assert kinds >= SHOWN_NOWHERE
    assert {kind for kind in kinds - SHOWN_NOWHERE if not any(noticed(example, {kind}) for example in KINDS)} == set()
    assert {example for example in KINDS if noticed(example, SHOWN_NOWHERE)} == set()


def noticed(example: str, kinds: AbstractSet[str]) -> bool:
    """Whether the pages disagree with the result while its numbers of these kinds are others."""
    made = some(example)  # before anything is another
    changed = [(holder, key, holder[key]) for kind in kinds for holder, key in numbers(example).get(kind, ())]
    for holder, key, number in changed:
        holder[key] = number + 1 if isinstance(number, int) else number + abs(number) * 0.07 + 0.013
    try:
        other = Known(evaluated(example))
        return bool(changed) and any(fault for page in made for fault in faults(other, page))
    except (AssertionError, LookupError, StopIteration):  # what tells a row from the others is gone
        return True
    finally:
        for holder, key, number in changed:
            holder[key] = number

"""What the report says beside a figure: which target and why, what is published, ranks, the course, the way up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kpieval.api import load
from kpieval.render import render
from kpieval.render.formatting import Formats
from kpieval.render.views import comparing
from kpieval.render.views.citing import citations, other_targets, published, target_words
from kpieval.render.views.reading import Reader, reader

Json = dict[str, Any]
EXAMPLES = Path(__file__).parent.parent / "examples"
NBSP = "\N{NO-BREAK SPACE}"
BANDS = [
    {"name": name, "label": name.title(), "icon": "", "color": "", "percent": percent, "edge": None}
    for name, percent in (("good", 1.0), ("watch", 2 / 3), ("poor", None))
]
TARGET: Json = {
    "kind": "value", "text": "a fixed value", "value": 0.3, "range": None, "benchmark": None, "level": None,
    "where": None, "from": None, "to": None, "note": None,
}  # fmt: skip
ROW: Json = {
    "value": 0.25, "target": 0.3, "target_range": None, "target_by": 1, "edges": [0.3, 0.2], "edges_high": None,
    "denominator": 40, "peers": None, "process": None, "next": None,
}  # fmt: skip
PEERS: Json = {
    "count": 12, "rank": 4, "ranks": [3, 9], "percentile": 0.7, "median": 0.2, "best": 0.4, "withheld": None,
    "shrunken": 0.24,
}  # fmt: skip
PROCESS: Json = {
    "mean": 0.24, "limits": [0.2, 0.28], "points": 12, "provisional": False, "rules": [], "variation": "common_cause",
    "assurance": "hit_and_miss",
}  # fmt: skip


def read(*targets: Json, benchmarks: tuple[str, ...] = ()) -> Reader:
    kpi = {
        "title": "Win rate", "unit": {"kind": "percent", "decimals": None, "suffix": None}, "bands": BANDS,
        "direction": "higher_is_better", "targets": [TARGET | each for each in targets], "benchmarks": benchmarks,
    }  # fmt: skip
    return reader(kpi, [], Formats("en_GB", "EUR"))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({}, "30%"),
        ({"note": "board decision"}, "30%, board decision"),
        ({"from": "2026-01-01"}, "30%, from 1 January 2026 on"),
        ({"to": "2026-12-31", "note": "for now"}, "30%, until 31 December 2026, for now"),
        (
            {"kind": "year", "text": "its value a year before, improved by 5%", "value": None},
            "30%, its value a year before, improved by 5%",
        ),
        ({"level": "sales_rep"}, "30%, for each sales rep"),
        ({"where": "segment = 'enterprise'"}, "30%, for those where segment = 'enterprise'"),
        ({"level": "rep", "where": "new"}, "30%, for each rep where new"),
    ],
)
def test_a_target_says_where_it_comes_from_for_whom_and_when(target: Json, said: str) -> None:
    assert target_words(read(target), ROW) == said


def test_of_several_targets_the_one_in_force_comes_first() -> None:
    reads = read({"value": 0.25, "to": "2025-12-31"}, {}, {"kind": "peers", "text": "the median of all", "value": None})
    row = ROW | {"target_by": 2}
    assert target_words(reads, row) == "30%"
    assert other_targets(reads, row) == ("25%, until 31 December 2025", "the median of all")
    assert target_words(reads, ROW | {"target_by": None, "target": None}) == "\N{EN DASH}"


@pytest.mark.parametrize(
    ("peers", "said"),
    [
        ({}, "4 of 12"),
        ({"rank": None, "withheld": "intervals_overlap"}, "3 to 9 of 12"),
        ({"rank": None, "ranks": None, "withheld": "group_too_small"}, "\N{EN DASH}"),
        ({"rank": 1, "ranks": [1, 1]}, "1 of 12"),
    ],
)
def test_a_rank_is_given_as_far_as_it_is_known(peers: Json, said: str) -> None:
    assert comparing.rank(read({}), ROW | {"peers": PEERS | peers}) == said


def test_among_peers_is_a_sentence() -> None:
    assert comparing.standing(read({}), ROW | {"peers": PEERS}) == (
        "Rank 4 of 12; half of them are above 20%, the best has 40%."
    )
    assert comparing.standing(read({}), ROW) == ""


def test_where_neither_more_nor_less_is_better_nobody_is_the_best() -> None:
    unordered = PEERS | {"rank": None, "ranks": None, "best": None, "withheld": "no_order"}
    said = comparing.standing(read({}), ROW | {"peers": unordered})
    assert said.startswith("One of ")
    assert "best" not in said


@pytest.mark.parametrize(
    ("process", "said"),
    [
        ({}, "As usual: chance alone takes it from 20% to 28%. Chance decides in which periods it reaches the target."),
        (
            {"rules": ["shift"], "variation": "concern", "assurance": "failing"},
            (
                "Concern, more than chance: seven or more in a row are on one side of the mean. Usual is 20% to 28%. "
                "As things are, no luck makes it reach the target."
            ),
        ),
        (
            {"rules": ["outside", "trend"], "variation": "improvement", "assurance": None, "provisional": True},
            (
                "Improvement, more than chance: it is beyond the limits and seven or more in a row go one way. "
                "Usual is 20% to 28%. These limits are provisional: fewer than twelve periods are known."
            ),
        ),
        ({"limits": None}, ""),
    ],
)
def test_the_course_over_time_is_told_in_sentences(process: Json, said: str) -> None:
    assert " ".join(comparing.over_time(read({}), ROW | {"process": PROCESS | process})) == said


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (
            {"status": "good", "edge": 0.3, "distance": 0.05, "count": 2},
            f"Good from 30%: 5{NBSP}points more, that is 2 more of the 40 cases",
        ),
        (
            {"status": "watch", "edge": 0.2, "distance": -0.05, "count": -3},
            f"Watch from 20%: 5{NBSP}points less, that is 3 fewer of the 40 cases",
        ),
        ({"status": "good", "edge": 0.3, "distance": 0.05, "count": None}, f"Good from 30%: 5{NBSP}points more"),
    ],
)
def test_the_way_to_the_next_status_is_said_in_the_units_of_the_kpi(ahead: Json, said: str) -> None:
    assert comparing.way_up(read({}), ROW | {"next": ahead}) == said


def test_a_benchmark_says_who_found_what_of_whom_and_links_to_the_web_only() -> None:
    ledger = {
        "b": {
            "title": "England", "value": 0.21, "quantiles": {"p50": 0.2, "p75": 0.25}, "population": "1,000 reps\n",
            "definition": "won / all", "expires": "2025-12-31", "expired": True,
            "source": {
                "title": "Report", "url": "javascript:alert(1)", "publisher": "X", "year": 2024, "grade": "primary",
            },
        }
    }  # fmt: skip
    reads = read({}, benchmarks=("b", "unknown"))
    (cited,) = citations(reads.kpi, ledger, reads)
    assert cited.figures == "21%, median 20%, 75% are below 25%"
    assert (cited.population, cited.definition) == ("1,000 reps", "won / all")
    assert (cited.source, cited.url) == ("X, 2024, primary source: Report", "")
    assert cited.expired == "Out of date since 31 December 2025"
    assert published(reads.kpi, ledger) == (0.21, 0.2, 0.25)


@pytest.fixture(scope="module")
def hospitals() -> Json:
    with load(EXAMPLES / "hospital-waiting-times").evaluate() as result:
        return result.to_dict()


@pytest.mark.parametrize(
    "said",
    [
        "England, September 2024",
        "All patients of emergency departments in England in September 2024, 2.21 million",
        "EIN Presswire, with figures of NHS England, 2024, secondary source",
        "Worse than chance explains are Marrow Hill Hospital (92.0%) and University Hospital Lodeham (92.3%).",
        "19 to 23 of 23",
        "As things are, no luck makes it reach the target.",
    ],
)
@pytest.mark.parametrize("format_", ["html", "md"])
def test_the_report_says_it_beside_the_figure(hospitals: Json, format_: str, said: str) -> None:
    assert said in render(hospitals, format_).replace("\\", "")


def test_a_funnel_draws_every_peer_once_and_names_those_outside(hospitals: Json) -> None:
    page = render(hospitals, "html")
    start = page.index('<svg class="funnel"')
    plot = page[start : page.index("</svg>", start)]
    peers = [row for row in hospitals["observations"] if row["period"] == hospitals["period"] and row["funnel"]]
    drawn = [row for row in peers if (row["kpi"], row["level"]) == ("four_hour_share", "provider")]
    assert plot.count("<use ") == len(drawn) == 23
    outside = [row["label"] for row in drawn if row["funnel"]["position"] != "inside"]
    assert len(outside) == 2
    assert all(f">{label}</text>" in plot for label in outside)

"""Charts, read back: each has its figures in a table or in its row, as they are drawn; and what is poor says why."""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import pytest

from examples import HOSPITALS, SALES, evaluated, pages
from reading.known import Known
from reading.strips import begin, columns, group, marks, quantile, where
from reading.tree import plainly, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reading.tongue import Shown, Tongue
    from reading.tree import Element

PIXEL = 0.06
"""Coordinates have one decimal; a figure in a table is known to half of its last digit."""
LINES = ("spark", "trend")
MARKS = ("Each mark is one.", *(f"Each mark stands for up to {each}." for each in range(2, 10)))
"""What is said of a mark that stands for one, for two, and so on."""


def drawn(svg: Element) -> list[float]:
    """The heights of the points of the line, from the left."""
    path = next(each for each in svg.all("path") if "line" in each.classes).attributes["d"]
    return [float(point.split()[1]) for point in re.findall(r"[ML]([\d.]+ [\d.]+)", path)]


def figures(cells: list[Element], tongue: Tongue) -> list[Shown]:
    """The number in each cell that has one."""
    return [shown for cell in cells for shown in list(tongue.numbers(cell.text))[:1]]


def fits(heights: list[float], shown: list[Shown]) -> bool:
    """Whether figures are at these heights on one scale, which the highest and the lowest of them give."""
    if len(heights) != len(shown):
        return False
    values = [float(each.figure.number) for each in shown]
    low, high = values.index(min(values)), values.index(max(values))
    span = values[high] - values[low]
    if not span:
        return max(heights) - min(heights) <= 24
    scale = (heights[low] - heights[high]) / span
    units = [float(each.unit) for each in shown]
    ends = max(units[low], units[high])
    steepest = (heights[low] - heights[high]) / max(span - ends, ends)
    return all(
        abs(heights[low] - (value - values[low]) * scale - height) <= 4 * PIXEL + (unit + ends) * 0.5 * steepest
        for value, height, unit in zip(values, heights, units, strict=True)
    )


def labels(svg: Element, tongue: Tongue) -> list[tuple[float, Shown]]:
    """What is written along the scale at the left, with its heights."""
    texts = next(group for group in svg.all("g") if "num" in group.classes).all("text")
    return [(float(text.attributes["y"]), shown) for text in texts for shown in list(tongue.numbers(text.text))[:1]]


def behind_spark(svg: Element) -> list[Element]:
    """The cells of the row with the same title in the table behind a sparkline."""
    row = svg.above("tr")
    around = svg.above("section")
    assert around
    title = ((row.one("a") or row.own("th")[0]) if row else around.all("h2")[0]).text
    for line in around.all("table.series tbody tr"):
        head = plainly("".join(text for text in line.own("th")[0].children if isinstance(text, str)))
        if head == title:
            return line.own("td")
    return []


def behind_trend(svg: Element) -> list[Element]:
    """The values in the table of the same figure, the oldest first."""
    figure = svg.above("figure")
    assert figure
    return [line.own("td")[0] for line in figure.all("table tbody tr")][::-1]


@pytest.mark.parametrize("example", ["sample", HOSPITALS, SALES])
def test_every_line_has_its_figures_in_a_table_as_they_are_drawn(example: str) -> None:
    tongue, seen, off = Known(evaluated(example)).tongue, Counter[str](), []
    for name, page in pages(example).items():
        for svg in tree(page).all("svg") if name.endswith(".html") else ():
            kind = next((kind for kind in LINES if kind in svg.classes), None)
            if not kind:
                continue
            cells = behind_spark(svg) if kind == "spark" else behind_trend(svg)
            if not fits(drawn(svg), figures(cells, tongue)):
                off.append((name, svg.attributes["aria-label"], drawn(svg), [cell.text for cell in cells]))
            seen[kind] += 1
    assert off == []
    assert min(seen["spark"], seen["trend"]) > 8


@pytest.mark.parametrize("example", ["sample", HOSPITALS, SALES])
def test_what_is_written_along_a_trend_is_where_its_values_are(example: str) -> None:
    tongue, seen, off = Known(evaluated(example)).tongue, 0, []
    for name, page in pages(example).items():
        for svg in tree(page).all("svg.trend") if name.startswith("kpi-") else ():
            scale = labels(svg, tongue)
            shown = figures(behind_trend(svg), tongue)
            (y0, first), (y1, last) = scale[0], scale[-1]
            step = (y0 - y1) / float(last.figure.number - first.figure.number)
            for height, each in [*zip(drawn(svg), shown, strict=True), *scale]:
                expected = y0 - float(each.figure.number - first.figure.number) * step
                if abs(expected - height) > 4 * PIXEL + float(each.unit) * step:
                    off.append((name, height, expected))
            seen += len(shown)
    assert off == []
    assert seen > 60


@pytest.mark.parametrize("example", ["sample", HOSPITALS, SALES])
def test_dots_stand_in_the_row_of_their_figure_on_the_scale_in_the_head(example: str) -> None:
    tongue, seen, off = Known(evaluated(example)).tongue, 0, []
    for name, page in pages(example).items():
        for table in tree(page).all("table.members") if name.startswith("kpi-") else ():
            ends = [shown for axis in table.all(".axis span") for shown in list(tongue.numbers(axis.text))[:1]]
            for svg in table.all("svg.dot"):
                row = svg.above("tr")
                assert row
                cell = next(each for each in row.own("td") if "a" not in each.classes)
                shown = next(iter(tongue.numbers(cell.text)))
                low, high = (float(end.figure.number) for end in ends)
                step = 228 / (high - low)
                at = 6 + (float(shown.figure.number) - low) * step
                mark = float(svg.all("use")[-1].attributes["x"])
                if abs(at - mark) > 0.6 + float(shown.unit) / 2 * step:
                    off.append((name, row.text, at, mark))
                seen += 1
    assert off == []
    assert seen > 50


@pytest.mark.parametrize("example", ["sample", HOSPITALS, SALES])
def test_bullets_say_what_they_draw_and_stand_beside_it(example: str) -> None:
    tongue, seen, off = Known(evaluated(example)).tongue, 0, []
    for name, page in pages(example).items():
        for svg in tree(page).all("svg.bullet") if name.endswith(".html") else ():
            around = svg.above("tr") or svg.above("article") or svg.above("section")
            said = svg.attributes["aria-label"]
            value = next(iter(tongue.numbers(said)), None)
            there = {shown.figure for shown in tongue.numbers(around.text)} if around else set()
            if value is None or value.figure not in there:
                off.append((name, said))
            seen += 1
            if "whisk" in {kind for path in svg.all("path") for kind in path.classes}:
                assert len(list(tongue.numbers(said))) > 2, (name, said)
    assert off == []
    assert seen > 20


def test_a_funnel_has_a_row_for_each_mark() -> None:
    seen = 0
    for name, page in [*pages(HOSPITALS).items(), *pages(SALES).items()]:
        for figure in tree(page).all(".plots figure") if name.startswith("kpi-") else ():
            if figure.one("svg.funnel"):
                assert len(figure.all("svg.funnel use")) == len(figure.all("table tbody tr"))
                seen += 1
    assert seen > 1


# strips


def strips(example: str) -> Iterator[tuple[Known, str, Element]]:
    """The KPI and the figure of each strip."""
    known = Known(evaluated(example))
    for name, page in pages(example).items():
        for figure in tree(page).all(".plots figure") if name.startswith("kpi-") else ():
            if figure.one("svg.strip"):
                yield known, name.removeprefix("kpi-").removesuffix(".html").replace("-", "_"), figure


@pytest.mark.parametrize("example", ["sample", HOSPITALS, SALES])
def test_the_columns_of_a_strip_are_as_high_as_the_members_whose_values_are_there(example: str) -> None:
    seen: Counter[int] = Counter()
    for known, name, figure in strips(example):
        svg = figure.all("svg.strip")[0]
        said = figure.all("figcaption")[0].text
        (each,) = [each for each, words in enumerate(MARKS) if words in said]
        held = group(known, name, figure.all("strong")[0].text)
        expected = {place: math.ceil(count / (each + 1)) for place, count in columns(known, name, held, svg).items()}
        assert marks(svg, begin(known, name, held, svg)) == expected, name
        seen[each + 1] += 1
    assert seen[1] > 5
    assert example != SALES or seen[2] > 0


@pytest.mark.parametrize("example", ["sample", HOSPITALS, SALES])
def test_a_strip_has_as_many_marks_as_members_in_the_table_behind_it(example: str) -> None:
    seen = 0
    for known, name, figure in strips(example):
        counts, tones = Counter[str](), {band["label"]: band["name"] for band in known.kpis[name]["bands"]}
        for line in figure.all("table tbody tr"):
            word, (count, _, values) = line.own("th")[0].text, line.own("td")
            if list(known.tongue.numbers(values.text)):
                counts[known.tone(name, {"status": tones.get(word)})] += int(count.text)
        drawn: Counter[str] = Counter()
        for (_, tone), number in marks(figure.all("svg.strip")[0], 0).items():
            drawn[tone] += number
        if MARKS[0] in figure.text:
            assert drawn == counts, name
            seen += 1
        assert figure.text.count(f"{counts.total()} ") > 0
    assert seen > 5


@pytest.mark.parametrize("example", ["sample", HOSPITALS, SALES])
def test_the_lines_and_the_middle_half_of_a_strip_are_where_their_values_are(example: str) -> None:
    seen: Counter[str] = Counter()
    for known, name, figure in strips(example):
        svg, row = figure.all("svg.strip")[0], known.top(name)
        held = group(known, name, figure.all("strong")[0].text)
        values = [row["value"] for row in held.drawn]
        at = partial(where, known, name, svg)
        half = next(each for each in svg.own("rect") if "b0" in each.classes)
        left, width = float(half.attributes["x"]), float(half.attributes["width"])
        median = next(each for each in svg.own("path") if "goal" in each.classes)
        expected = {"low": at(quantile(values, 0.25)), "median": at(quantile(values, 0.5))}
        drawn = {"low": left, "median": float(median.attributes["d"][1:].split()[0])}
        if width > 1:
            expected["high"], drawn["high"] = at(quantile(values, 0.75)), left + width
        for line in svg.all("g.names path"):
            kind = "aim" if "aim" in line.classes else "all"
            drawn[kind] = float(line.attributes["d"][1:].split()[0])
            target = held.drawn[0]["target_range"] or [held.drawn[0]["target"]]
            expected[kind] = at(target[0]) if kind == "aim" else at(row["value"]) if row else math.nan
        for stretch in svg.own("rect"):
            if "b3" in stretch.classes:
                drawn["end"] = float(stretch.attributes["x"]) + float(stretch.attributes["width"])
                expected["end"] = at(held.drawn[0]["target_range"][1])
        assert drawn == pytest.approx(expected, abs=2 * PIXEL), name
        seen.update(drawn.keys())
    assert min(seen["median"], seen["aim"], seen["all"], seen["high"]) > 2


# reasons


def poor(known: Known, name: str) -> bool:
    """Whether a KPI is in its worst band for the whole."""
    row = known.top(name)
    return bool(row and row["status"] in {band["name"] for band in known.kpis[name]["bands"][-1:]})


@pytest.mark.parametrize("example", ["sample", HOSPITALS, SALES])
def test_every_poor_kpi_says_in_words_how_far_it_is_from_its_target(example: str) -> None:
    known = Known(evaluated(example))
    made = pages(example)
    index = tree(made["index.html"])
    listed = {known.kpi_of(card.one("h3")): card.text for card in index.all("article.card")}
    assert set(listed) == {name for name in known.kpis if poor(known, name)}
    for name, said in listed.items():
        page = tree(made[f"kpi-{name.replace('_', '-')}.html"])
        for text in (said, page.all("article header")[0].text):
            assert re.search(r"\d.* (below|above) the target", text), (name, text)


@pytest.mark.parametrize("example", ["sample", HOSPITALS, SALES])
def test_every_poor_line_of_a_member_says_in_words_how_far_it_is_from_its_target(example: str) -> None:
    seen = 0
    for name, page in pages(example).items():
        for row in tree(page).all("table.lines tbody tr") if name.startswith("member-") else ():
            if row.all(".k-cross"):
                assert re.search(r"\d.* (below|above) the target", row.text), (name, row.text)
                seen += 1
    assert seen > 2


@pytest.mark.parametrize("example", ["sample", SALES])
def test_every_poor_score_names_the_gate_or_what_there_is_most_to_gain_from(example: str) -> None:
    seen = 0
    for name, page in pages(example).items():
        for around in tree(page).all("table.scores tbody tr") + tree(page).all("section.scorecard"):
            own = "p.figure .k-cross" if around.tag == "section" else "td .k-cross"
            if "behind" not in around.classes and not around.above("table.parts") and around.all(own):
                assert re.search(r"Most to gain|Gate:", around.text), (name, around.text)
                seen += 1
    assert seen > 0


def test_a_height_that_is_off_is_noticed() -> None:
    tongue = Known(evaluated(HOSPITALS)).tongue
    svg = tree(pages(HOSPITALS)["kpi-four-hour-share.html"]).all("svg.trend")[0]
    shown = figures(behind_trend(svg), tongue)
    assert fits(drawn(svg), shown)
    for number, _ in enumerate(shown):
        moved = [height + 20 * (place == number) for place, height in enumerate(drawn(svg))]
        assert not fits(moved, shown), number

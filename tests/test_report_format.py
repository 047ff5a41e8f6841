"""Numbers in words: as many digits as it takes, in the project's locale."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpieval.model import Unit
from kpieval.render.formatting import Formats, settled
from kpieval.render.prose import clean

FORMATS = Formats("en_GB", "EUR")
NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        (0.295, Unit("percent"), "30%"),
        (0.295, Unit("percent", 1), "29.5%"),
        (-0.001, Unit("percent"), "0%"),
        (-0.04, Unit("percent"), "−4%"),
        (0.14, Unit("points"), f"+14{NBSP}points"),
        (0.01, Unit("points"), f"+1{NBSP}point"),
        (0.0, Unit("points"), f"0{NBSP}points"),
        (1134672.49, Unit("currency"), "€1,134,672"),
        (-1134672.49, Unit("currency"), "−€1,134,672"),
        (3.25, Unit("hours"), "3.2 hours"),
        (1.0, Unit("days"), "1 day"),
        (1.255, Unit("ratio"), "1.26"),
        (5.2, Unit("suffix", 1, "years"), f"5.2{NBSP}years"),
        (12345.0, Unit("number"), "12,345"),
    ],
)
def test_values(number: float, unit: Unit, said: str) -> None:
    assert FORMATS.value(number, unit) == said


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        (-0.036, Unit("percent"), f"−4{NBSP}points"),
        (0.004, Unit("percent"), f"+0.4{NBSP}points"),
        (0.0004, Unit("percent"), f"0.0{NBSP}points"),
        (120.0, Unit("currency"), "+€120"),
        (-3.2, Unit("hours"), "−3.2 hours"),
        (0.0, Unit("number"), "0"),
    ],
)
def test_differences(number: float, unit: Unit, said: str) -> None:
    assert FORMATS.difference(number, unit) == said


@pytest.mark.parametrize(
    ("label", "start", "said", "brief"),
    [
        ("2026-Q3", "2026-07-01", "Q3 2026", ("Q3", "2026")),
        ("FY2026-Q3", "2025-08-01", "Q3 FY2026", ("Q3", "FY2026")),
        ("2026-07", "2026-07-01", "July 2026", ("Jul", "2026")),
        ("2026-W05", "2026-01-26", "Week 5 of 2026", ("W05", "2026")),
        ("2026-07-31", "2026-07-31", "31 July 2026", ("31 Jul", "2026")),
        ("2026", "2026-01-01", "2026", ("2026", "")),
    ],
)
def test_periods(label: str, start: str, said: str, brief: tuple[str, str]) -> None:
    assert FORMATS.period(label, start) == said
    assert FORMATS.period_short(label, start) == brief


def test_dates_say_each_part_once() -> None:
    assert FORMATS.dates("2026-07-01", "2026-10-01") == "1 Jul\u2009–\u200930 Sept 2026"
    assert FORMATS.dates("2026-07-01", "2026-07-02") == "1 July 2026"


def test_decimals_are_settled_for_all_values_of_a_kpi() -> None:
    assert settled(Unit("number"), [1.0, 2.0]).decimals == 0
    assert settled(Unit("number"), [7.25, 6.0]).decimals == 1
    assert settled(Unit("number"), [0.25, 0.5]).decimals == 2
    assert settled(Unit("number"), [2500.5]).decimals == 0
    assert settled(Unit("number", 3), [1.0]).decimals == 3


def test_a_project_without_a_currency_shows_bare_money() -> None:
    assert Formats("en_GB", None).value(1200.0, Unit("currency")) == "1,200"


finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)


@given(finite, finite, st.sampled_from(["percent", "number", "ratio", "hours", "points"]))
def test_two_different_numbers_are_never_shown_alike(number: float, other: float, kind: str) -> None:
    unit = Unit(kind)  # type: ignore[arg-type]
    decimals = FORMATS.apart(number, [other], unit)
    shown = [FORMATS.value(one, unit, decimals=decimals) for one in (number, other)]
    assert (shown[0] != shown[1]) or abs(number - other) < 1e-11


@given(st.floats(min_value=-1, max_value=2), st.floats(min_value=0, max_value=1))
def test_what_is_shown_is_on_the_same_side_of_the_edge(number: float, edge: float) -> None:
    decimals = FORMATS.apart(number, [edge], Unit("percent"))
    shown, line = (
        float(FORMATS.value(one, Unit("percent"), decimals=decimals).replace("−", "-").rstrip("%").replace(",", ""))
        for one in (number, edge)
    )
    assert (shown > line) <= (number > edge)
    assert (shown < line) <= (number < edge)


def test_marks_of_direction_stay_out_since_the_page_lets_none_in() -> None:
    for locale in ("he_IL", "ar_EG", "fa_IR", "ar"):
        formats = Formats(locale, "EUR")
        said = [
            formats.value(-1234.5, Unit("currency")), formats.value(-123456.0, Unit("currency"), short=True),
            formats.value(-0.03, Unit("percent")), formats.dates("2026-07-01", "2026-10-01"),
            formats.date("2026-07-01"),
        ]  # fmt: skip
        assert not re.search("[\u061c\u200e\u200f]", " ".join(said)), locale
        assert [clean(text) for text in said] == said


def test_a_locale_names_months_in_its_own_language_whatever_was_written_before() -> None:
    said = [Formats(locale, None).period("2026-07", "2026-07-01") for locale in ("he_IL", "ar", "de_AT", "ar_EG")]
    assert said == ["יולי 2026", "يوليو 2026", "Juli 2026", "يوليو 2026"]


@pytest.mark.parametrize("locale", ["ar", "fa_IR"])
def test_a_duration_has_a_word_where_babel_has_none(locale: str) -> None:
    assert Formats(locale, None).value(50.0, Unit("days")) == f"50{NBSP}days"


def test_money_is_in_full_where_a_language_has_no_shorter_way() -> None:
    amount = Unit("currency")
    assert Formats("de_DE", "EUR").value(-60763.52, amount, short=True) == f"−60.764{NBSP}€"
    assert Formats("de_DE", "EUR").value(2_417_956.0, amount, short=True) == f"2,4{NBSP}Mio.{NBSP}€"
    assert Formats("en_GB", "EUR").value(-60763.52, amount, short=True) == "−€60.8K"


def test_a_list_is_joined_in_the_language_of_its_words() -> None:
    said = {locale: Formats(locale, None).listed(["a", "b", "c"]) for locale in ("en_GB", "de_DE", "it_IT", "he_IL")}
    assert said == {"en_GB": "a, b and c", "de_DE": "a, b und c", "it_IT": "a, b, and c", "he_IL": "a, b, and c"}

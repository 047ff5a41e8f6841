"""The report's own words in each of its languages: complete, fitting, and none of them English."""

from __future__ import annotations

import html
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from babel import Locale
from babel.units import format_unit

from catalogues import ROOT, catalogue, faults, holes, languages, sources, translations, wrong
from kpieval.api import load
from kpieval.model import Unit
from kpieval.render import render, scores
from kpieval.render.formatting import Formats
from kpieval.render.html import site
from kpieval.render.words import several, verdict
from kpieval.translation import words
from sample_result import QUARTERS, rename, result

if TYPE_CHECKING:
    from pathlib import Path

    from catalogues import Message

Json = dict[str, Any]
LANGUAGES = ["cs", "de", "es", "fr"]
LOCALES = {"cs": "cs_CZ", "de": "de_AT", "es": "es_MX", "fr": "fr_FR"}
NBSP = "\N{NO-BREAK SPACE}"


FOREIGN = str.maketrans({letter: chr(0x430 + place) for place, letter in enumerate("abcdefghijklmnopqrstuvwxyz")})
"""Letters that are in no word of ours."""
KEPT = {"organisation", "headline", *QUARTERS}


@cache
def sample(locale: str) -> Json:
    """The sample in a locale; what its author and its data say is written in letters of its own."""
    made: Json = rename(result(), lambda text: text if text in KEPT else text.lower().translate(FOREIGN))
    made["locale"] = locale
    for each in [*made["kpis"], *made["benchmarks"]]:
        for target in each.get("targets", ()):
            target["text"] = "#"
        for measure in each.get("measures", ()):
            measure["description"] = None
    return made


def shown(page: str) -> str:
    """What a reader sees and hears of a page; what the run reported is English in any report."""
    page = re.sub(r"(?s)(<script [^>]*>).*?</script>", r"\1", page)
    page = re.sub(
        r"(?s)<style>.*?</style>|<!--.*?-->|<pre.*?</pre>|<code.*?</code>|<ul class=\"troubles\".*?</ul>", " ", page
    )
    page = re.sub(r"(?m)^- \*\*\w+\*\* .*\[[^ ]+\]`$", " ", page)
    heard = re.findall(r'(?:aria-label|data-label|data-find|data-found|data-search|alt)="([^"]*)"', page)
    return re.sub(r"\s+", " ", html.unescape(" | ".join([re.sub(r"<[^>]+>", " | ", page), *heard])).replace(NBSP, " "))


def english(language: str) -> list[str]:
    """The parts of our messages that a page in a language can't have: what stands between their places."""
    told = translations(language)
    said = " ".join(text for texts in told.values() for text in texts)
    found = set()
    for message, own in told.items():
        for text in set(message) - set(own):
            parts = re.split(r"\{\w+\}", text.replace(NBSP, " "))
            found |= {part.strip(" ,.:;()") for part in parts if part.strip(" ,.:;()") not in said}
    return sorted(part for part in found if len(part) > 3)  # shorter ones are in any text


def leftovers(text: str, language: str) -> list[str]:
    return [part for part in english(language) if re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text)]


def test_the_languages_are_those_that_the_documents_name() -> None:
    assert languages() == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_message_once_translated_and_no_other(language: str) -> None:
    assert wrong(language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_as_the_tool_writes_it(language: str) -> None:
    assert catalogue(language).num_plurals == (3 if language == "cs" else 2)
    text = (ROOT / "reports" / "locale" / language / "kpieval.po").read_text("utf-8")
    assert "POT-Creation-Date" not in text  # the same sources give the same bytes


@pytest.mark.parametrize(
    ("message", "told", "found"),
    [
        (("{a} of {b}",), ("{a} von {b}",), []),
        (("{a} of {b}",), ("{a} von {c}",), ["other places"]),
        (("Target",), ("",), ["not translated"]),
        (("Target",), ("Ziel ",), ["blanks around it"]),
        (("{count} row", "{count} rows"), ("eine Zeile", "{count} Zeilen"), ["other places"]),
        (("The only row", "{count} rows"), ("Die einzige Zeile", "{count} Zeilen"), []),
        (("{count} row", "{count} rows"), ("{count} Zeile", "Zeilen"), ["other places"]),
        (("{count} row", "{count} rows"), ("{count} Zeile",), ["not as many forms as the language has"]),
    ],
)
def test_a_translation_that_does_not_fit_is_found(message: Message, told: Message, found: list[str]) -> None:
    assert faults(message, told, 2) == found


def test_messages_have_only_named_places() -> None:
    for message in sources():
        for text in message:
            assert all(name.isidentifier() for name in holes(text)), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("format_", ["html", "md", "email"])
def test_a_report_has_no_english_word_of_ours(language: str, format_: str) -> None:
    text = shown(render(sample(LOCALES[language]), format_))
    assert leftovers(text, language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_a_site_has_an_english_word_of_ours(language: str) -> None:
    kinds: dict[str, str] = {}
    for name, page in site(sample(LOCALES[language])):
        if name.endswith(".html"):
            kinds.setdefault(name.split("-")[0], shown(page))
    assert kinds.keys() == {"index.html", "kpi", "member", "methods.html", "find.html"}
    assert {name: leftovers(text, language) for name, text in kinds.items()} == {kind: [] for kind in kinds}


LATIN = re.compile(r"[A-Za-z\u00c0-\u017f]{4,}")
CODES = {"kpieval", "evaluate", "format", "FOLDER", "kEUR", "MEUR"}


def unsaid(text: str, language: str) -> set[str]:
    """The words in Latin letters that are neither in the catalogue nor in Babel's dates: nobody has translated them."""
    locale = Locale.parse(LOCALES[language])
    months = [name for width in ("wide", "abbreviated") for name in locale.months["format"][width].values()]
    units = [
        format_unit(number, f"duration-{unit}", locale=locale) for unit in ("hour", "day") for number in (1, 2, 7.5)
    ]
    known = " ".join([*(text for texts in translations(language).values() for text in texts), *months, *units])
    return set(LATIN.findall(text)) - set(LATIN.findall(known)) - CODES


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_a_page_comes_from_elsewhere_than_the_catalogue(language: str) -> None:
    pages = {name.split("-")[0]: page for name, page in site(sample(LOCALES[language])) if name.endswith(".html")}
    pages |= {each: render(sample(LOCALES[language]), each) for each in ("md", "email")}
    assert {name: unsaid(shown(page), language) for name, page in pages.items()} == {kind: set() for kind in pages}


def test_the_search_for_english_words_finds_them() -> None:
    text = shown(render(sample("en_GB"), "html"))
    for language in LANGUAGES:
        found = leftovers(text, language)
        assert len(found) > 100
        assert {"Needs attention", "Against the target", "All KPIs", "Skip to the report"} <= set(found)


@pytest.mark.parametrize("locale", ["en_GB", "it_IT", "ar", "he_IL"])
def test_a_language_without_a_catalogue_reads_english(locale: str) -> None:
    assert words(locale).language == "en"
    assert "Needs attention" in render(sample(locale), "html")


def test_a_locale_reads_the_catalogue_of_its_language() -> None:
    assert [words(locale).language for locale in ("de", "de_AT", "de-CH", "fr_CA", "cs_CZ", "es_419")] == [
        "de", "de", "de", "fr", "cs", "es",
    ]  # fmt: skip


def test_a_number_takes_the_form_of_its_language() -> None:
    said = {
        language: [Formats(locale, None).counted(number, "{count} month", "{count} months") for number in (0, 1, 3, 7)]
        for language, locale in LOCALES.items()
    }
    assert said == {
        "cs": ["0 měsíců", "1 měsíc", "3 měsíce", "7 měsíců"],
        "de": ["0 Monate", "1 Monat", "3 Monate", "7 Monate"],
        "es": ["0 meses", "1 mes", "3 meses", "7 meses"],
        "fr": ["0 mois", "1 mois", "3 mois", "7 mois"],
    }


def test_the_sentence_on_all_kpis() -> None:
    tones = {"poor": 2, "fair": 1, "good": 5, "none": 1}
    assert {language: verdict(tones, Formats(locale, None)) for language, locale in LOCALES.items()} == {
        "cs": f"Celkem 9 KPI: 2 slabé, 1 ke sledování a{NBSP}5 dobrých. 1 bez hodnocení.",
        "de": "Von 9 KPIs: 2 schlecht, 1 zu beobachten und 5 gut. 1 ohne Bewertung.",
        "es": "De 9 KPI: 2 deficientes, 1 por vigilar y 5 buenos. 1 sin valoración.",
        "fr": f"Sur 9 KPI{NBSP}: 2 insuffisants, 1 à surveiller et 5 bons. 1 sans évaluation.",
    }


def test_periods_have_their_names_in_each_language() -> None:
    said = {
        locale: (formats.period("FY2026-Q3", "2026-05-01"), formats.period_short("2026-W31", "2026-07-27"))
        for locale in ("en_GB", *LOCALES.values())
        for formats in [Formats(locale, None)]
    }
    assert said == {
        "en_GB": ("Q3 FY2026", ("W31", "2026")),
        "cs_CZ": ("Q3 FY2026", ("T31", "2026")),
        "de_AT": ("Q3 FY2026", ("KW 31", "2026")),
        "es_MX": ("T3 FY2026", ("S31", "2026")),
        "fr_FR": ("T3 FY2026", ("S31", "2026")),
    }


def test_the_title_of_a_level_has_a_plural_in_english_and_a_small_letter_where_nouns_have_one() -> None:
    said = {locale: several("Sales rep", 3, Formats(locale, None)) for locale in ("en_GB", "de_DE", "fr_FR", "it_IT")}
    assert said == {"en_GB": "sales reps", "de_DE": "Sales rep", "fr_FR": "sales rep", "it_IT": "Sales rep"}
    assert several("Sales rep", 1, Formats("en_GB", None)) == "sales rep"


def test_what_is_inserted_is_never_read_as_a_message() -> None:
    assert words("de").say("Also for {names}.", names="{count} {x} %s") == "Auch für {count} {x} %s."
    assert words("en").say("") == ""
    assert Formats("de_DE", "EUR").value(0.02, Unit("points")) == f"+2{NBSP}Punkte"


def test_a_colon_stands_as_the_language_sets_it() -> None:
    told = sample("fr_FR")
    text = render(told, "md")
    assert text.startswith(f"# {told['title']} : T3 2026\n")  # Markdown has plain blanks
    assert re.search(r"(?m)^- Projet : ", text)


def test_a_noun_after_a_comma_keeps_its_capital() -> None:
    [(_, table), *_] = scores.tables(sample("de_DE"), Formats("de_DE", "EUR"))
    closed = [cell for row in table.rows for cell in row if "K.-o." in cell]
    assert closed
    assert all(", K.-o.-Kriterium: " in cell for cell in closed)


def told(folder: Path, locale: str) -> Json:
    """The result of a small project in a locale: one KPI has a label of its author's, the other the usual ones."""
    said = {
        "project": "small", "locale": locale, "period": "year", "as_of": "2027-01-05",
        "sources": {
            "sales": {"file": "sales.csv", "time": "day",
                      "columns": {"shop": "text", "day": "date", "amount": "number"},
                      "measures": {"sold": "sum(amount)"}},
        },
        "dimensions": {"shop": {}},
    }  # fmt: skip
    kpis: dict[str, Json] = {
        "usual": {"value": "sold", "target": {"prior": "year", "improve_by": "2.5%"}},
        "own": {"value": "sold", "target": 300, "bands": {"good": {"at": "100%", "label": "Good"}, "poor": "rest"}},
    }
    (folder / "kpis").mkdir()
    (folder / "kpieval.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    for name, kpi in kpis.items():
        (folder / "kpis" / f"{name}.yaml").write_text(yaml.safe_dump({"kpi": name, **kpi}), encoding="utf-8")
    (folder / "sales.csv").write_text("shop,day,amount\nA,2025-01-05,100\nA,2026-01-05,120\n", encoding="utf-8")
    with load(folder).evaluate("2026", 2) as made:
        return made.to_dict()


def test_what_the_engine_says_in_the_result_is_in_the_language_of_the_project(tmp_path: Path) -> None:
    made = told(tmp_path, "de_DE")
    usual, own = ({kpi["name"]: kpi for kpi in made["kpis"]}[name] for name in ("usual", "own"))
    assert usual["targets"][0]["text"] == f"der eigene Wert ein Jahr zuvor, verbessert um 2,5{NBSP}%"
    assert [band["label"] for band in usual["bands"]] == ["Gut", "Beobachten", "Schlecht"]
    assert [band["label"] for band in own["bands"]] == ["Good", "Schlecht"]  # what the author wrote stays
    assert [band["name"] for band in own["bands"]] == ["good", "poor"]
    assert made["levels"][-1]["title"] == "Organisation"
    assert {row["label"] for row in made["observations"]} >= {"Organisation", "A"}


def test_english_stays_as_it_was(tmp_path: Path) -> None:
    made = told(tmp_path, "en_GB")
    usual = next(kpi for kpi in made["kpis"] if kpi["name"] == "usual")
    assert usual["targets"][0]["text"] == "its value a year before, improved by 2.5%"
    assert [band["label"] for band in usual["bands"]] == ["Good", "Watch", "Poor"]


def test_the_organisation_has_its_name_in_the_language_of_the_project(tmp_path: Path) -> None:
    made = told(tmp_path, "cs_CZ")
    assert made["levels"][-1] == {"name": "organisation", "title": "Organizace", "parent": None, "members": 1}
    assert {row["label"] for row in made["observations"]} >= {"Organizace"}


TAKEN = {
    "en_GB": [
        "the median of the others at shop level (at least 2)",
        "the mean of all at the same level (at least 5)",
        "as good as the best 25% of the others at the same level in the same town (at least 3)",
        "the best of all at shop level in the same town (at least 5)",
        "the median of its 4 periods before (all with a value)",
        "the mean of its 4 periods before (at least 2 with a value)",
    ],
    "de_DE": [
        "der Median der anderen auf der Ebene shop (mindestens 2)",
        "der Mittelwert aller auf derselben Ebene (mindestens 5)",
        f"so gut wie die besten 25{NBSP}% der anderen auf derselben Ebene im selben Bereich (town) (mindestens 3)",
        "der beste Wert aller auf der Ebene shop im selben Bereich (town) (mindestens 5)",
        "der Median der 4 Perioden davor (alle mit einem Wert)",
        "der Mittelwert der 4 Perioden davor (mindestens 2 mit einem Wert)",
    ],
}


@pytest.mark.parametrize("locale", TAKEN)
def test_what_a_target_is_taken_of_is_said_whole(tmp_path: Path, locale: str) -> None:
    (tmp_path / "kpis").mkdir()
    said = {
        "project": "small", "locale": locale, "period": "year", "as_of": "2027-01-05",
        "sources": {
            "sales": {"file": "sales.csv", "time": "day", "measures": {"sold": "sum(amount)"},
                      "columns": {"shop": "text", "day": "date", "amount": "number"}},
            "shops": {"file": "shops.csv", "columns": {"shop_id": "text", "town": "text"}},
        },
        "dimensions": {"shop": {"source": "shops", "key": "shop_id", "parent": "town"}, "town": {}},
    }  # fmt: skip
    targets: list[Json] = [
        {"peers": "median", "level": "shop", "min_peers": 2}, {"peers": "mean", "exclude_self": False},
        {"peers": "p75", "within": "town", "min_peers": 3},
        {"peers": "best", "exclude_self": False, "level": "shop", "within": "town"},
        {"trailing": 4, "min_periods": 4}, {"trailing": 4, "statistic": "mean", "min_periods": 2},
    ]  # fmt: skip
    (tmp_path / "kpieval.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
    for at, target in enumerate(targets):
        kpi = {"kpi": f"k{at}", "value": "sold", "target": target}
        (tmp_path / "kpis" / f"k{at}.yaml").write_text(yaml.safe_dump(kpi), encoding="utf-8")
    (tmp_path / "sales.csv").write_text("shop,day,amount\nA,2026-01-05,120\n", encoding="utf-8")
    (tmp_path / "shops.csv").write_text("shop_id,town\nA,T\n", encoding="utf-8")
    with load(tmp_path).evaluate("2026", 2) as run:
        found = run.to_dict()["kpis"]
    assert [kpi["targets"][0]["text"] for kpi in found] == TAKEN[locale]

"""Templates of one's own: they override single blocks, see the views alone, and can do no harm."""

from __future__ import annotations

import base64
import hashlib
import math
import os
import re
from typing import TYPE_CHECKING, Any

import pytest
from jinja2 import DictLoader
from markupsafe import Markup

from kpieval import folders
from kpieval.problems import DefinitionError, Problem
from kpieval.render import TEMPLATED, render
from kpieval.render.html import site
from kpieval.render.prose import prose
from kpieval.render.templates import metering, own_templates
from kpieval.render.templates.sandbox import Sandbox
from kpieval.render.templates.trusted import Trusted
from kpieval.translation import words
from sample_result import result

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]

METER = metering.Meter
PAGE = '{% extends "kpieval/page.html" %}{% block footer %}'
END = "{% endblock %}"


@pytest.fixture(scope="module")
def small() -> Json:
    made = result(reps=4)
    made["kpis"] = made["kpis"][:3]
    return made


def page(small: Json, folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return render(small, "html", folder)


def problem(small: Json, folder: Path, **files: str) -> Problem:
    with pytest.raises(DefinitionError) as raised:
        page(small, folder, **files)
    assert len(raised.value.problems) == 1
    return raised.value.problems[0]


def test_a_block_is_overridden_and_everything_else_stays(small: Json, tmp_path: Path) -> None:
    plain = render(small, "html")
    own = page(small, tmp_path, page=f"{PAGE}<p>Ours: {{{{ frame.project }}}}</p>{END}")
    ours = f"<p>Ours: {small['project']}</p>"
    assert own == re.sub(r"<footer>.*</footer>", f"<footer>\n{ours}</footer>", plain, flags=re.DOTALL)


def test_a_block_of_each_section_is_overridden_wherever_the_section_is_included(small: Json, tmp_path: Path) -> None:
    (tmp_path / "overview.html").write_text(
        '{% extends "kpieval/overview.html" %}{% block attention %}<p>!!</p>{% endblock %}'
    )
    (tmp_path / "kpi.html").write_text(
        '{% extends "kpieval/kpi.html" %}{% block meaning %}{{ super() }}<p>{{ kpi.name }}??</p>{% endblock %}'
    )
    text = render(small, "html", tmp_path)
    assert text.count("<p>!!</p>") == 1
    assert 'id="attention"' not in text
    assert [f"{kpi['name']}??" in text for kpi in small["kpis"]] == [True] * 3
    pages = dict(site(small, tmp_path))
    assert "<p>!!</p>" in pages["index.html"]
    assert sum("??</p>" in each for name, each in pages.items() if name.startswith("kpi-")) == 3


def test_every_block_of_every_page_can_be_overridden(small: Json, tmp_path: Path) -> None:
    blocks = {
        path.name: re.findall(r"{% block (\w+) %}", path.read_text("utf-8"))
        for path in folders.reports().glob("*.html")
    }
    for name, inside in blocks.items():
        own = [f"{{% block {block} %}}{{{{ super() }}}}<!--{name} {block}-->{END}" for block in inside]
        if own:
            (tmp_path / name).write_text(f'{{% extends "kpieval/{name}" %}}{"".join(own)}', encoding="utf-8")
    texts = [render(small, format_, tmp_path) for format_ in TEMPLATED]
    made = [*texts, *(text for name, text in site(small, tmp_path) if name.endswith(".html"))]
    plain = [
        *(render(small, format_) for format_ in TEMPLATED),
        *(text for name, text in site(small) if name.endswith(".html")),
    ]
    assert [re.sub(r"<!--[a-z_.]+ [a-z]+-->", "", text) for text in made] == plain
    seen = set(re.findall(r"<!--([a-z_.]+ [a-z]+)-->", "".join(made)))
    assert seen == {f"{name} {block}" for name, inside in blocks.items() for block in inside} - {
        "page.html main"
    }  # each page has a main of its own


@pytest.mark.parametrize(
    "value",
    [
        "a1",
        "",
        "<b>",
        "a & b",
        "it's",
        '"',
        "é",
        "a\nb",
        "\x00",
        "\u202ea",
        "\ud800",
        Markup("<i>"),
        prose("a &#x202E;b&#8207;"),
        3,
        0.5,
        None,
    ],
)
def test_a_value_goes_out_of_a_shipped_template_as_out_of_ones_own(value: object) -> None:
    loader = DictLoader({"a": "{{ value }}|{{ [value] | join }}"})
    shipped, own = (kind(loader, words("en")) for kind in (Trusted, Sandbox))
    assert shipped.get_template("a").render(value=value) == own.get_template("a").render(value=value)


def test_a_style_of_ones_own_follows_the_shipped_one_and_is_in_the_policy(small: Json, tmp_path: Path) -> None:
    (tmp_path / "extra.css").write_text("body { color: maroon }", encoding="utf-8")
    text = render(small, "html", tmp_path)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    assert style[1].endswith("\nbody { color: maroon }")
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src &#39;sha256-{digest}&#39;" in text
    sheet = next(text for name, text in site(small, tmp_path) if name.endswith(".css"))
    assert sheet == style[1]


@pytest.mark.parametrize(
    ("body", "code", "message", "hint"),
    [
        ("{{ frame.titel }}", "unknown-in-template", "A Frame has no field `titel`.", "Did you mean `title`?"),
        ("{{ fram.title }}", "unknown-in-template", "There is no `fram` here.", "docs/templates.md"),
        ('{% include "brnd.html" %}', "unknown-in-template", "There is no template `brnd.html`.", "Did you mean"),
        ("{{ frame.title | uper }}", "unknown-in-template", "There is no filter `uper`.", "Did you mean `upper`?"),
        ("{{ frame.title | safe }}", "unknown-in-template", "There is no filter `safe`.", "There are"),
        ("{% if frame.title is xyzzy %}{% endif %}", "unknown-in-template", "There is no test `xyzzy`.", "There are"),
        ("{% if %}", "template-error", "Expected an expression, got 'end of statement block'.", None),
        ("{{ 1 + frame.title }}", "template-error", "TypeError", None),
        ("{{ 1 / 0 }}", "template-error", "ZeroDivisionError", None),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_line_and_the_nearest_right_name(
    small: Json, tmp_path: Path, body: str, code: str, message: str, hint: str | None
) -> None:
    found = problem(small, tmp_path, page=f"{PAGE}\n\n{body}\n{END}")
    assert (found.code, found.message.startswith(message)) == (code, True), found
    assert (found.hint or "").startswith(hint or "") or (hint or "") in (found.hint or "")
    assert found.place is not None
    assert (found.place.file, found.place.line) == (f"{tmp_path.name}/page.html", 3)
    assert found.excerpt == body


def test_a_block_and_a_template_that_override_nothing_are_errors(small: Json, tmp_path: Path) -> None:
    with pytest.raises(DefinitionError) as raised:
        page(small, tmp_path, page='{% extends "kpieval/page.html" %}\n{% block foter %}{% endblock %}', reprot="x")
    assert [(each.message, each.hint, each.place and each.place.line) for each in raised.value.problems] == [
        ("The template that this one extends has no block `foter`.", "Did you mean `footer`?", 2),
        ("No template is called `reprot.html`, and no other uses it.", "Did you mean `report.html`?", 1),
    ]


def test_the_shipped_templates_can_not_be_hidden(small: Json, tmp_path: Path) -> None:
    (tmp_path / "kpieval").mkdir()
    (tmp_path / "kpieval" / "page.html").write_text("hidden")
    found = problem(small, tmp_path, page='{% extends "kpieval/page.html" %}')
    assert found.message == "No template is called `kpieval/page.html`, and no other uses it."


def test_an_inner_block_and_a_template_that_is_used_are_right(small: Json, tmp_path: Path) -> None:
    inner = f'{PAGE}{{% block mine %}}{{% include "mine.html" %}}{END}{END}'
    assert "<p>mine</p>" in page(small, tmp_path, page=inner, mine="<p>mine</p>")


@pytest.mark.parametrize(
    "body",
    [
        "{{ frame.__class__ }}",
        "{{ frame.__class__.__mro__ }}",
        "{{ frame['__class__'] }}",
        "{{ ''.__class__ }}",
        '{{ [frame] | map(attribute="__class__") | first }}',
        "{{ frame.title.format(1) }}",
        "{{ frame.title.center(10) }}",
        "{{ frame.title.replace('a', 'b') }}",
        "{{ self.__init__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ caller.__func__ }}",
        "{{ range(10) }}",
        "{{ lipsum() }}",
        "{{ namespace() }}",
        "{{ frame.title | attr('__class__') }}",
        "{{ overview.tiles.append(1) }}",
        "{{ frame.contents.__add__ }}",
        "{{ 'x' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%*d' % (1000000000, 1) }}",
        "{{ frame.title | center(1000000000) }}",
        "{{ [1] | batch(1000000000, 0) }}",
        "{{ [1] | slice(1000000000) | list }}",
        "{% autoescape false %}{{ frame.title }}{% endautoescape %}",
        '{% include "../secret.html" %}',
        '{% include "/etc/passwd" %}',
        '{% include "kpieval/../../secret.html" %}',
        '{% extends "../secret.html" %}',
    ],
)
def test_a_template_gets_at_nothing_but_the_views(small: Json, tmp_path: Path, body: str) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (tmp_path / "secret.html").write_text("secret")
    found = problem(small, folder, page=f"{PAGE}{body}{END}")
    assert found.code in {"unknown-in-template", "template-unsafe", "template-error"}
    assert "secret" not in found.message.replace("secret.html", "")


@pytest.mark.parametrize(
    "body",
    [
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{% for a in frame.dates %}" * 12 + "{% endfor %}" * 12,
        "{% block one %}{{ self.one() }}{{ self.one() }}{% endblock %}",
        '{% include "page.html" %}',
    ],
)
def test_a_template_that_would_not_end_is_ended(
    small: Json, tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metering, "SECONDS", 0.5)
    assert problem(small, tmp_path, page=f"{PAGE}{body}{END}").code == "template-limit"


DEEP = "{% macro grow(text, n) %}{% if n %}{{ grow(%s, n - 1) }}{% endif %}{% endmacro %}{{ grow('abcdefgh', 19) }}"
"""Doubles a text nineteen times, to four million characters, and prints none of them."""
LONG = "{% set long = '" + "x" * 200_000 + "' %}{% for a in frame.dates %}{{ %s | length }}{% endfor %}"


@pytest.mark.parametrize(
    "body",
    [
        DEEP.replace("%s", "text ~ text"),
        DEEP.replace("%s", "text + text"),
        DEEP.replace("%s", "[text, text] | join"),
        DEEP.replace("'abcdefgh'", "[1, 2, 3, 4, 5, 6, 7, 8]").replace("%s", "text + text"),
        DEEP.replace("{% if n", "{% set more %}{{ text }}{{ text }}{% endset %}{% if n").replace("%s", "more"),
        DEEP.replace("'abcdefgh'", "99").replace("%s", "text * text"),
        "{% for a in frame.dates %}" * 3 + "x" * 5000 + "{% endfor %}" * 3,
        LONG.replace("%s | length", "long[1:] == long"),
        LONG.replace("%s", "long | upper"),
    ],
)  # fmt: skip
def test_a_template_that_makes_much_of_little_is_stopped(
    small: Json, tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metering, "SECONDS", 60.0)
    monkeypatch.setattr(metering, "Meter", lambda: METER(characters=3_000_000))
    found = problem(small, tmp_path, page=f"{PAGE}{body}{END}")
    refused = ("It writes more than", "The number is too large", "It holds a list of more than")
    assert found.message.startswith(refused), found


def doubled(name: str, first: str, step: str, times: int) -> str:
    """Variables `name0`, `name1` ..., each made of the one before."""
    steps = (f"{{% set {name}{at + 1} = {step.replace('@', f'{name}{at}')} %}}" for at in range(times))
    return f"{{% set {name}0 = {first} %}}" + "".join(steps)


NESTED = doubled("n", "[1]", "[@, @]", 18) + doubled("m", "[1]", "[@, @]", 18)
LISTED = doubled("l", "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", "@ + @", 10)
VARIED = "{% macro f(n) %}{% if n %}{{ f(n - 1, varargs, varargs) }}{% else %}{{ varargs }}{% endif %}{% endmacro %}"
SAID = doubled("t", "'abcdefghij'", "@ ~ @", 10)


@pytest.mark.parametrize(
    "body",
    [
        NESTED + "{{ n18 == m18 }}",
        NESTED + "{{ n18 < m18 }}",
        NESTED + "{{ m18 in [n18, 1] }}",
        NESTED + "{{ n18 is eq(m18) }}",
        NESTED + "{{ [n18, m18] | sort | length }}",
        NESTED + "{{ n18 | string | length }}",
        NESTED + "{{ n18 ~ 1 }}",
        NESTED + "{{ '%s' % [n18] }}",
        NESTED + "{{ n18 }}",
        doubled("n", "{1: 1}", "{1: @, 2: @}", 18) + "{{ n18 }}",
        LISTED + doubled("n", "[l10]", "@ + @", 6) + "{{ n6 }}",
        VARIED + "{{ f(18, 1, 2) }}",
        LISTED + "{{ " + "11 in l10 or " * 40 + "0 }}",
        LISTED + "{{ l6 | select('in', l6) | list }}",
        LISTED + "{% for a in l10 if a is none %}{% endfor %}" * 40,
        LISTED + "{{ l10 " + "| map(attribute='real')" * 40 + "| list | length }}",
        SAID + "{{ " + "t10.startswith(t10) and " * 40 + "1 }}",
    ],
)
def test_no_single_step_of_a_template_looks_through_much(
    small: Json, tmp_path: Path, body: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metering, "Meter", lambda: METER(characters=300_000, end=math.inf))
    found = problem(small, tmp_path, page=f"{PAGE}{body}{END}")
    assert (found.code, found.message) == ("template-limit", "It writes more than 50,000,000 characters."), found
    page(small, tmp_path, page=f"{PAGE}{LISTED}{END}")  # the rest of the page is within the limit


def test_a_list_has_an_end(small: Json, tmp_path: Path) -> None:
    body = doubled("l", "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]", "@ + @", 15)
    for use in ("{{ l15 | length }}", "{{ l15 is sequence }}", "{{ 11 in l15 }}"):
        found = problem(small, tmp_path, page=f"{PAGE}{body}{use}{END}")
        assert (found.code, found.message) == ("template-limit", "It holds a list of more than 250,000."), found


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ("{{ '" + "f" * 9000 + "' | int(0, 16) }}", "template-unsafe", "The number is too large."),
        ("{{ " + "9" * 9000 + " }}", "template-error", "Exceeds the limit"),
    ],
)
def test_a_number_that_takes_long_to_reckon_with_is_refused(
    small: Json, tmp_path: Path, body: str, code: str, message: str
) -> None:
    found = problem(small, tmp_path, page=f"{PAGE}{body}{END}")
    assert (found.code, found.message.startswith(message)) == (code, True), found


def test_a_template_that_python_has_no_memory_for_is_told(
    small: Json, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_given: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Sandbox, "_compile", full)  # so does Python's parser, of what is nested too deep
    found = problem(small, tmp_path, page=f"{PAGE}{END}")
    assert (found.code, found.message) == ("template-limit", "It is nested too deep, or holds too much.")


def test_values_are_compared_looked_up_and_told_as_ever(small: Json, tmp_path: Path) -> None:
    body = (
        "{% set a, b = 'x', [1, 2] %}{{ [b == [1, 2], 2 in b, a in 'xyz', b < [3], 1 < 2 < 3, {'k': a}.k, (a, 1)[1]] }}"
        "{% for c, d in {'p': 1, 'q': 2} | items if d > 1 %}{{ c }}{{ loop.last }}{% endfor %}"
        "{{ [3, 1] | sort | first }}{{ '12' | int + 1 }}{{ b is iterable }}{{ 1.5 }}{{ none }}"
        "{{ b | map('string') | join('-') }}"
    )
    text = page(small, tmp_path, page=f"{PAGE}<p>{body}</p>{END}")
    said = "[True, True, True, True, True, &#39;x&#39;, 1]qTrue113True1.5None1-2"
    assert f"<p>{said}</p>" in text


def test_a_template_that_extends_itself_is_told_how_not_to(small: Json, tmp_path: Path) -> None:
    found = problem(small, tmp_path, page='{% extends "page.html" %}')
    assert (found.code, found.hint) == (
        "template-limit", 'To extend the shipped template of the same name, write "kpieval/" before it.',
    )  # fmt: skip


def test_nothing_outside_of_the_folder_is_read_through_links(small: Json, tmp_path: Path) -> None:
    (tmp_path / "secret.html").write_text("secret")
    own = tmp_path / "own"
    own.mkdir()
    (own / "brand.html").symlink_to(tmp_path / "secret.html")
    assert problem(small, own).message == "This file is a link that leads out of the folder of templates."
    (own / "brand.html").unlink()
    (own / "extra.css").symlink_to(tmp_path / "secret.html")
    assert problem(small, own).message == "This file is a link that leads out of the folder of templates."
    (own / "extra.css").unlink()
    (own / "sub").symlink_to(tmp_path)
    found = problem(small, own, page=f'{PAGE}{{% include "sub/secret.html" %}}{END}')
    assert found.message == "This file is a link that leads out of the folder of templates."


def test_what_is_no_text_file_is_not_read(small: Json, tmp_path: Path) -> None:
    path = tmp_path / "brand.html"
    path.write_bytes(b"\xff\xfe")
    assert problem(small, tmp_path).message == "This file isn't text in UTF-8."
    path.write_text("x" * 300_000)
    assert problem(small, tmp_path).message == "This file is larger than 250,000 bytes."
    path.unlink()
    os.mkfifo(path)
    assert problem(small, tmp_path).message == "This is no file."


def test_a_large_page_of_ours_is_known_by_how_it_begins(small: Json, tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text(render(small, "html") + " " * 250_000, encoding="utf-8")
    assert problem(small, tmp_path).message == "This is a page that kpieval wrote, and no template."


def test_a_template_that_extends_what_is_not_there_says_so_where_it_does(small: Json, tmp_path: Path) -> None:
    found = problem(small, tmp_path, overview='\n{% extends "kpieval/overvew.html" %}{% block grid %}{% endblock %}')
    assert (found.code, found.message) == ("unknown-in-template", "There is no template `kpieval/overvew.html`.")
    assert found.hint == "Did you mean `kpieval/overview.html`?"
    assert found.place is not None
    assert found.place.line == 2


def test_a_page_that_kpieval_wrote_is_not_taken_for_a_template(small: Json, tmp_path: Path) -> None:
    for name, text in site(small):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DefinitionError) as raised:
        render(small, "html", tmp_path)
    assert raised.value.problems[0].message == "This is a page that kpieval wrote, and no template."


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE html><html><head><script>1</script></head></html>",
        (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<script>1</script><meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="{{ policy }}">'
        ),
        (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="">'
        ),
    ],
)
def test_a_page_keeps_its_policy_and_has_it_first(small: Json, tmp_path: Path, text: str) -> None:
    found = problem(small, tmp_path, report=text)
    assert (found.code, found.message) == (
        "template-unsafe", "The page that `report.html` makes doesn't begin with its security policy.",
    )  # fmt: skip


def test_a_style_can_not_end_itself(small: Json, tmp_path: Path) -> None:
    (tmp_path / "extra.css").write_text("</style><script>1</script>")
    assert problem(small, tmp_path).code == "template-unsafe"


def test_hostile_texts_stay_texts_in_templates_of_ones_own(small: Json, tmp_path: Path) -> None:
    changed = {**small, "title": "<script>1</script>"}
    joins = "{{ [frame.title, frame.title] | join('<') }}{{ frame.title ~ frame.title }}{{ frame.title[:9] + '>' }}"
    assert "<script>1" not in page(changed, tmp_path, page=f"{PAGE}{joins}{END}")


def test_the_folder_of_a_project_stays_in_it(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    assert own_templates(project) is None
    (tmp_path / "elsewhere").mkdir()
    (project / "reports").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DefinitionError):
        own_templates(project)
    (project / "reports").unlink()
    (project / "reports").mkdir()
    assert own_templates(project) == project / "reports"

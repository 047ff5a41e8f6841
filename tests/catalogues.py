"""The messages in the sources -> the catalogues of the report's languages, in `reports/locale`.

`./run words` writes new messages into all of them and takes out what isn't said any more; `./run words LANGUAGE` begins
a new one. What is to be translated then is what has no text yet: the tests name it.
"""

from __future__ import annotations

import ast
import string
import sys
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale
from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "reports" / "locale"
PLACES = {"say": (0,), "marked": (0,), "counted": (1, 2)}
"""What says a message, and which of its arguments are the message, or that of one and that of many."""
_WIDTH = 110
_LEFT_OUT = (
    "#, python-format",
    '"Project-Id',
    '"POT-Cre',
    '"PO-Rev',
    '"Last-T',
    '"Language-T',
    '"Report-M',
    '"Generated',
)
"""Lines that would differ from day to day, or say nothing; a per cent sign makes no format of a message."""
Message = tuple[str, ...]
"""The text; or that of one thing and that of many."""


def sources() -> dict[Message, list[str]]:
    """All messages that the engine and the templates say, with the files that say them."""
    found: dict[Message, list[str]] = {}
    for path in sorted((ROOT / "engine" / "kpieval").rglob("*.py")):
        if "cli" not in path.parts:  # it speaks English
            for message in _in_python(path.read_text("utf-8")):
                found.setdefault(message, []).append(path.relative_to(ROOT).as_posix())
    for path in sorted((ROOT / "reports").rglob("*.html")):
        for message in _in_template(path.read_bytes()):
            found.setdefault(message, []).append(path.relative_to(ROOT).as_posix())
    return found


def _in_python(code: str) -> Iterator[Message]:
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        places = PLACES.get(called, ())
        told = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if places and len(told) == len(places):
            yield tuple(told)


def _in_template(code: bytes) -> Iterator[Message]:
    keywords = {name: tuple(place + 1 for place in places) for name, places in PLACES.items()}
    options = {"trim_blocks": "1", "silent": "0"}
    for _, message, _, _ in extract("jinja2.ext:babel_extract", BytesIO(code), keywords, options=options):
        yield (message,) if isinstance(message, str) else tuple(message)


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(path.parent.name for path in FOLDER.glob("*/kpieval.po"))


def catalogue(language: str) -> Catalog:
    """The messages of a language."""
    with (FOLDER / language / "kpieval.po").open("rb") as file:
        return read_po(file, locale=language)


def translations(language: str) -> dict[Message, Message]:
    """What a language says for each message: a text, or one for each of its forms."""
    return {_texts(each.id): _texts(each.string) for each in catalogue(language) if each.id}


def wrong(language: str) -> list[str]:
    """What is missing in a catalogue, or too much, or doesn't fit its source; a line for each."""
    own, said, known = catalogue(language), sources(), translations(language)
    obsolete = [_texts(message.id) for message in own.obsolete.values()]
    found = [f"not in the catalogue: {message[0]!r}" for message in said.keys() - known.keys()]
    found += [f"not said any more: {message[0]!r}" for message in [*(known.keys() - said.keys()), *obsolete]]
    found += [f"fuzzy: {_texts(message.id)[0]!r}" for message in own if message.id and message.fuzzy]
    for message, told in known.items():
        found += [f"{fault}: {message[0]!r}" for fault in faults(message, told, own.num_plurals)]
    return sorted(found)


def faults(message: Message, told: Message, forms: int) -> list[str]:
    """What is wrong with a translation. The form for one thing may say its number in words."""
    if len(told) != (1 if len(message) == 1 else forms):
        return ["not as many forms as the language has"]
    if not all(told):
        return ["not translated"]
    one, many = holes(message[0]), holes(message[-1])
    fits = holes(told[0]) in (one, many) and all(holes(text) == many for text in told[1:])
    blank = any(text != text.strip() for text in told)
    return [*([] if fits else ["other places"]), *(["blanks around it"] if blank else [])]


def holes(text: str) -> set[str]:
    """The names of the places in a message."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _texts(told: object) -> Message:
    return (told,) if isinstance(told, str) else tuple(map(str, told)) if isinstance(told, list | tuple) else ("",)


def update(language: str) -> None:
    """Write a catalogue anew: with all messages of the sources, in order, and with what is translated already."""
    path = FOLDER / language / "kpieval.po"
    known = translations(language) if path.exists() else {}
    made = Catalog(
        locale=language, project="kpieval", fuzzy=False, header_comment=f"# {Locale.parse(language).english_name}"
    )
    for message, files in sources().items():
        plain = message[0] if len(message) == 1 else message
        told = known.get(message)
        text = ("" if len(message) == 1 else ("",) * made.num_plurals) if told is None else told
        made.add(
            plain,
            text[0] if len(message) == 1 and told is not None else text,
            locations=[(file, 0) for file in dict.fromkeys(files)],
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    written = BytesIO()
    write_po(written, made, width=_WIDTH, sort_output=True, include_lineno=False)
    lines = written.getvalue().decode().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(_LEFT_OUT)), encoding="utf-8")


if __name__ == "__main__":
    for each in sys.argv[1:] or languages():
        update(each)

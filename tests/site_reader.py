"""A reader of a published folder, who follows every link; and what is published in tests of it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import sample_result
from kpieval.model import ORGANISATION

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]


def result(period: int = -1, *, title: str = "Sales") -> Json:
    """A small result: of the made-up one a KPI of the whole organisation, up to a period."""
    whole = sample_result.result(reps=1)
    periods = whole["periods"][: len(whole["periods"]) + 1 + period]
    labels = {each["label"] for each in periods}
    kpis = [{**whole["kpis"][0], "drives": [], "guarded_by": [], "levels": [ORGANISATION]}]
    return {
        **whole,
        "title": title,
        "period": periods[-1]["label"],
        "periods": periods,
        "kpis": kpis,
        "levels": [each for each in whole["levels"] if each["name"] == ORGANISATION],
        "members": [each for each in whole["members"] if each["level"] == ORGANISATION],
        "observations": [
            each
            for each in whole["observations"]
            if each["kpi"] == kpis[0]["name"] and each["level"] == ORGANISATION and each["period"] in labels
        ],
        "scorecards": [],
        "findings": [],
        "rules": [],
        "drivers": [],
    }


def pages(mark: str) -> dict[str, str]:
    """A site of several pages, which link to each other and to what they need."""
    page = (
        '<!DOCTYPE html><title>{0}</title><link rel="stylesheet" href="{1}style.css">'
        '<p id="top">{0}</p>{2}<footer></footer>'
    )
    return {
        "index.html": page.format(mark, "", '<a href="kpi/one.html?a=1#top">one</a> <a href="#top">top</a>'),
        "kpi/one.html": page.format(mark, "../", '<a href="../index.html">home</a> <img src="one.svg" alt="">'),
        "kpi/one.svg": f"<svg><title>{mark}</title></svg>",
        "style.css": f"/* {mark} */",
        "result.json": f'"{mark}"',
    }


def written(folder: Path, mark: str) -> Path:
    """The folder with such a site in it, ready to be published."""
    for path, text in pages(mark).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    return folder


class _Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- its signature
        self.found += [value or "" for name, value in attrs if name in {"href", "src"}]


def read(folder: Path) -> dict[str, str]:
    """All that can be reached from the front page, by path. Fails at a link that leads nowhere."""
    waiting = [folder / name for name in ("index.html",) if (folder / name).exists()]
    found: dict[Path, str] = {}
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found[file] = file.read_text("utf-8")
        for link in _Links(found[file]).found if file.suffix == ".html" else ():
            parts = urlsplit(link)
            if parts.scheme or not parts.path:
                continue
            target = (file.parent / unquote(parts.path)).resolve()
            assert target.is_relative_to(folder.resolve()), f"{file} leads out of the site: {link}"
            assert target.is_file(), f"{file} leads to nothing: {link}"
            waiting.append(target)
    return {path.relative_to(folder).as_posix(): text for path, text in found.items()}


def front(folder: Path) -> str | None:
    """The mark of the front page, if there is one."""
    file = folder / "index.html"
    return file.read_text("utf-8").partition("<title>")[2].partition("</title>")[0] if file.exists() else None

"""Markdown of the whole repository -> the site: what `./run docs` gives to Sphinx.

The root of the site is that of the repository, so that a link leads to the same page here as where one browses the
files. For that reason no page holds a table of contents of Sphinx's: they are appended as the pages are read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).parents[1]

project = "kpieval"
author = "the authors of kpieval"
release = re.findall(r'^__version__ = "(.*)"$', (ROOT / "engine/kpieval/__init__.py").read_text("utf-8"), re.MULTILINE)[
    0
]
root_doc = "docs/index"
include_patterns = ["docs/**.md", "examples/*/README.md", "benchmarks/README.md", "CHANGELOG.md"]
exclude_patterns = [".*", "engine", "out", "tests", "**/node_modules"]  # not even looked into

extensions = ["myst_parser"]
myst_heading_anchors = 3
highlight_language = "text"

html_theme = "furo"
html_title = f"kpieval {release}"
html_extra_path = ["start"]
html_static_path = ["style"]
html_css_files = ["kpieval.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_theme_options = {"footer_icons": []}

CONTENTS = {
    "docs/index": """
```{toctree}
:hidden:
:caption: Guide

getting-started
commands
ci
language
expressions
sources
report
publishing
templates
design
statistics
python
```
```{toctree}
:hidden:
:caption: To look up

problems/index
decisions/README
Changelog </CHANGELOG>
```
```{toctree}
:hidden:
:glob:
:caption: Examples and figures

/examples/*/README
/benchmarks/README
```
""",
    "docs/problems/index": """
```{toctree}
:glob:

*
```
""",
    "docs/decisions/README": """
```{toctree}
:hidden:
:glob:

0*
```
""",
}


def with_contents(_app: Sphinx, name: str, source: list[str]) -> None:
    """Append the table of contents to a page that has one."""
    source[0] += CONTENTS.get(name, "")


def setup(app: Sphinx) -> None:
    """Sphinx calls this."""
    app.connect("source-read", with_contents)
    app.add_lexer("csv", TextLexer)

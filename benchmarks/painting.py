"""How long Chromium takes to show a page with ten thousand charts: `python painting.py` prints milliseconds.

The charts are the report's own: sparklines of eight periods and bullet graphs, in a table, with its style sheet.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from pathlib import Path

from markupsafe import Markup
from playwright.sync_api import sync_playwright

from kpieval.render import charts
from kpieval.render.html import style_sheet
from kpieval.render.templates import shipped_templates
from kpieval.translation import words

CHARTS, RUNS = 10_000, 5
PAGE = """
{% from "charts.html" import sprite, spark, bullet %}
<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Charts</title><style>{{ style }}</style></head><body>
{{ sprite([]) }}
<table class="glance"><tbody>
{% for line, bar in rows %}
<tr><th scope="row">{{ loop.index }}</th><td>{{ spark(line) }}</td><td>{{ bullet(bar) }}</td></tr>
{% endfor %}
</tbody></table></body></html>
"""
PAINT = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


def page() -> str:
    """The page."""
    chance = random.Random(1)
    rows = []
    for _ in range(CHARTS // 2):
        values = [chance.uniform(0.2, 0.4) for _ in range(8)]
        last = values[-1]
        point = charts.Point(last, 0.3, (last - 0.05, last + 0.05), "good", "green")
        rows.append(
            (
                charts.spark(values, point, 0.3, "History"),
                charts.bullet(point, [0.3, 0.25], (), "30 %", descending=True),
            )
        )
    theme = {"accent": None, "accent_dark": None}
    template = shipped_templates(words("en")).environment.from_string(PAGE)
    return template.render(rows=rows, style=Markup(style_sheet(theme)))


def main() -> None:
    """Open it a few times."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        file = Path(folder) / "charts.html"
        file.write_text(page(), encoding="utf-8")
        browser = driver.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox", "--disable-gpu"])
        times = []
        for _ in range(RUNS):
            tab = browser.new_page(viewport={"width": 1440, "height": 900})
            tab.goto(file.as_uri())
            times.append(tab.wait_for_function(PAINT).json_value())
            tab.close()
        browser.close()
    print(f"{statistics.median(times):.0f}")


if __name__ == "__main__":
    main()

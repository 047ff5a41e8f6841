"""A project that needs no data of one's own: a handful of deals, and the rate at which they are won."""

from __future__ import annotations

import datetime as dt

from kpieval.propose.columns import word
from kpieval.propose.project import win_rate

PROJECT = """\
# yaml-language-server: $schema=.schemas/project.schema.json
project: {name}
title: Deals of two teams
period: quarter
as_of: 2026-10-05                # take this day for today; without it, the last complete quarter is reported

sources:
  deals:
    file: data/deals.csv
    key: deal_id
    time: closed_on
    columns:
      deal_id: text
      team: text
      stage: {{values: {{won: [Closed Won], lost: [Closed Lost]}}}}
      closed_on: date
      amount: decimal
    measures:
      won: count(*) filter (where stage = 'won')
      lost: count(*) filter (where stage = 'lost')
      revenue: sum(amount) filter (where stage = 'won')

dimensions:
  team: {{}}
"""


def files(folder: str) -> dict[str, str]:
    """The text of each file, by its name in the folder."""
    kpi = win_rate("stage", "won", "lost")
    return {
        "kpieval.yaml": PROJECT.format(name=word(folder).replace("_", "-") or "my-kpis"),
        f"kpis/{kpi.name}.yaml": "\n".join(kpi.lines) + "\n",
        "data/deals.csv": deals(),
    }


def deals() -> str:
    """A deal each other day of three quarters: the North wins more and more, the South stays where it was."""
    lines = ["deal_id,team,stage,closed_on,amount"]
    for number in range(136):
        day = dt.date(2026, 1, 2) + dt.timedelta(days=2 * number)
        north = number % 2 == 0
        won = (number * 7) % 20 < (6 + number // 14 if north else 8)
        stage = "Closed Won" if won else "Closed Lost"
        lines.append(
            f"D{number + 1:03},{'North' if north else 'South'},{stage},{day},{1000 + (number * 37) % 90 * 100}"
        )
    return "\n".join(lines) + "\n"

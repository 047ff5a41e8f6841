"""A number of millions -> files of opportunities, and the project that evaluates 30 KPIs over them at four levels.

The same number always gives the same rows (with one version of DuckDB, whose hash() is the source of chance).
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

REPS, MANAGERS, REGIONS = 2_000, 40, 5

SEGMENTS = {
    "all": "true",
    "new": "type = 'new'",
    "existing": "type = 'existing'",
    "cross": "is_cross_sell",
    "large": "amount >= 50000",
}
"""The parts of the business that each get their own KPIs: what must be true of a deal."""

FORMULAS = {
    "win_rate": ("won / (won + lost)", "percent", 0.3),
    "win_rate_value": ("revenue / (revenue + lost_value)", "percent", None),
    "revenue": ("revenue", "number", None),
    "average_deal": ("revenue / won", "number", 36_000),
    "deals_won": ("won", "number", None),
    "margin_rate": ("margin / revenue", "percent", None),
}
"""The KPIs of each segment: over its own measures, their unit, and their target."""

AIMS = {
    "win_rate": "30%",
    "win_rate_value": "30%",
    "revenue": "1000000",
    "average_deal": "36000",
    "deals_won": "16",
    "margin_rate": "30%",
}
"""What all KPIs are held against, where it is asked for."""

BESIDE = """\
peers: true
process: true
"""
"""What stands beside each observation, asked for of all KPIs."""

ARROWS = {
    "win_rate": {"drives": "deals_won", "guarded_by": "margin_rate"},
    "deals_won": {"drives": "revenue", "guarded_by": "average_deal"},
    "average_deal": {"drives": "revenue"},
    "revenue": {"guarded_by": "margin_rate"},
}
"""What a KPI leads to and what must not fall while it rises, in each segment."""

SCORECARDS = {
    "reps": """\
level: rep
kpis:
  {win_rate_of_all: 3, revenue_of_all: {weight: 3, gate: true}, margin_rate_of_all: 2, average_deal_of_all: 1,
   win_rate_of_new: 2, revenue_of_new: 2, win_rate_of_existing: 2, revenue_of_existing: 2, revenue_of_cross: 1,
   deals_won_of_cross: 1, win_rate_of_large: 1, revenue_of_large: 1}
bands: {good: 80, watch: 60}
peers: {min_peers: 5}
double_count: [revenue_all]
""",
    "hunters": """\
level: rep
kpis:
  {win_rate_of_new: 3, win_rate_value_of_new: 1, revenue_of_new: 3, average_deal_of_new: 1, deals_won_of_new: 2,
   margin_rate_of_new: 1, win_rate_of_large: 2, revenue_of_large: 2, deals_won_of_large: 1, margin_rate_of_large: 1}
points: {good: 100, watch: 50, poor: 0}
double_count: [won_new, revenue_new, won_large]
bands: {good: 75, watch: 50}
""",
    "teams": """\
level: manager
kpis: {win_rate_of_all: 2, revenue_of_all: 3, margin_rate_of_all: 2}
scorecards: {reps: 3}
bands: {good: 80, watch: 60}
peers: {within: region, min_peers: 3}
""",
}
"""Two of all 2,000 reps, of ten KPIs and more, one with peers; and one of managers, of what their reps score too."""

RULES = {
    "falling": ("rep", "win_rate_of_all.change < 0 and prior(win_rate_of_all.change) < 0"),
    "poor_again": ("rep", "revenue_of_all.status = 'poor' and prior(revenue_of_all.status) = 'poor'"),
    "lost_its_place": ("rep", "revenue_of_all.rank > 1500 and prior(revenue_of_all.rank) <= 500"),
    "last_quarter": ("rep", "win_rate_of_all.percentile < 0.25 and margin_rate_of_all.percentile < 0.25"),
    "signal": ("rep", "win_rate_of_all.variation = 'concern' or revenue_of_all.variation = 'concern'"),
    "long_poor": ("rep", "win_rate_of_new.status = 'poor' and win_rate_of_new.streak >= 4"),
    "bought": ("rep", "revenue_of_all.change > 0 and margin_rate_of_all.change < 0 and win_rate_of_all.n >= 20"),
    "new_only": ("rep", "win_rate_of_new.value > 2 * win_rate_of_existing.value and win_rate_of_new.n >= 10"),
    "behind": ("rep", "revenue_of_all.attainment < 0.5 and prior(revenue_of_all.attainment, 2) >= 1"),
    "unsure": ("rep", "win_rate_of_all.uncertain and win_rate_of_large.reason = 'no_data'"),
    "low_score": ("rep", "reps.score < 40 and reps.change < -10"),
    "team_fell": ("manager", "teams.status = 'poor' and win_rate_of_all.change < 0 and revenue_of_all.change < 0"),
}
"""On change, status, earlier periods, ranks, limits and scores: the level and the condition of each."""

MEASURES = {
    "won": "count(*) filter (where stage = 'won' and {segment})",
    "lost": "count(*) filter (where stage = 'lost' and {segment})",
    "revenue": "sum(amount) filter (where stage = 'won' and {segment})",
    "lost_value": "sum(amount) filter (where stage = 'lost' and {segment})",
    "margin": "sum(margin) filter (where stage = 'won' and {segment})",
}

ROWS = f"""
    select
        i as opportunity_id,
        'r' || lpad((hash(i, 1) % {REPS})::varchar, 4, '0') as rep,
        case when hash(i, 2) % 100 < 25 then 'won' when hash(i, 2) % 100 < 80 then 'lost' else 'open' end as stage,
        case when hash(i, 3) % 100 < 40 then 'new' else 'existing' end as type,
        hash(i, 4) % 100 < 15 as is_cross_sell,
        (500 + hash(i, 5) % 7000000 / 100.0)::decimal(12, 2) as amount,
        (500 + hash(i, 5) % 7000000 / 100.0 * (10 + hash(i, 6) % 40) / 100)::decimal(12, 2) as margin,
        date '2024-01-01' + (hash(i, 7) % 731)::integer as close_date,
        date '2024-01-01' + (hash(i, 7) % 731)::integer - (hash(i, 8) % 200)::integer as created_date,
        'account ' || hash(i, 9) % 50000 as account,
    from range({{rows}}) as t(i)
"""


def data(folder: Path, millions: float) -> Path:
    """The folder with the files for so many million opportunities, made where it isn't there yet."""
    target = folder / f"{millions:g}M"
    if (target / "managers.csv").exists():
        return target
    target.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    rows = ROWS.format(rows=round(millions * 1_000_000))
    connection.execute(f"copy ({rows}) to '{target}/opportunities.parquet' (row_group_size 122880)")
    if millions <= 1:
        connection.execute(f"copy (from '{target}/opportunities.parquet') to '{target}/opportunities.csv'")
    reps = f"'r' || lpad(i::varchar, 4, '0') as rep_id, 'm' || i % {MANAGERS} as manager from range({REPS}) as t(i)"
    managers = f"'m' || i as manager_id, 'region ' || i % {REGIONS} as region from range({MANAGERS}) as t(i)"
    connection.execute(f"copy (select {reps}) to '{target}/reps.csv'")
    connection.execute(f"copy (select {managers}) to '{target}/managers.csv'")
    connection.close()
    return target


def project(folder: Path, source: str, *, aims: bool = False, beside: bool = False, judged: bool = False) -> Path:
    """The project whose opportunities are in `folder/source`.

    With `aims` each KPI has a target; `beside` asks for what stands beside an observation, `judged` for scorecards,
    rules, guards and drivers.
    """
    asked = {"judged": judged, "beside": beside, "aims": aims}
    target = folder / f"project-{next((kind for kind, wanted in asked.items() if wanted), source.rpartition('.')[2])}"
    (target / "kpis").mkdir(parents=True, exist_ok=True)
    measures = "".join(
        f"      {name}_{segment}: {expression.format(segment=condition)}\n"
        for segment, condition in SEGMENTS.items()
        for name, expression in MEASURES.items()
    )
    head = textwrap.dedent(
        """\
        project: benchmark
        period: quarter
        history: 8
        as_of: 2026-01-05
        sources:
          opportunities:
            file: ../%s
            time: close_date
            columns:
              {rep: text, stage: text, type: text, is_cross_sell: boolean, amount: decimal, margin: decimal,
               close_date: date}
            measures:
        """
    )
    dimensions = textwrap.dedent(
        """\
          reps: {file: ../reps.csv, key: rep_id, columns: {rep_id: text, manager: text}}
          managers: {file: ../managers.csv, key: manager_id, columns: {manager_id: text, region: text}}
        dimensions:
          rep: {source: reps, key: rep_id, parent: manager}
          manager: {source: managers, key: manager_id, parent: region}
          region: {}
        """
    )
    (target / "kpieval.yaml").write_text(head % source + measures + dimensions + (BESIDE if beside else ""))
    for segment in SEGMENTS:
        for name, (formula, unit, aim) in FORMULAS.items():
            own = formula
            for measure in MEASURES:
                own = replaced(own, measure, f"{measure}_{segment}")
            text = f"kpi: {name}_of_{segment}\ntitle: {name} of {segment}\nvalue: {own}\nunit: {unit}\n"
            wanted = AIMS[name] if aims else aim
            text += f"target: {wanted}\n" if wanted is not None else ""
            arrows = ARROWS.get(name, {}) if judged else {}
            text += "".join(f"{key}: [{other}_of_{segment}]\n" for key, other in arrows.items())
            (target / "kpis" / f"{name}_of_{segment}.yaml").write_text(text)
    if judged:
        write_judgement(target)
    return target


def write_judgement(target: Path) -> None:
    """The scorecards and rules of a project."""
    for kind in ("scorecards", "rules"):
        (target / kind).mkdir(exist_ok=True)
    for name, text in SCORECARDS.items():
        (target / "scorecards" / f"{name}.yaml").write_text(f"scorecard: {name}\n{text}")
    for name, (level, condition) in RULES.items():
        text = f'rule: {name}\nlevel: {level}\nwhen: "{condition}"\nmessage: "{{{{ member }}}}: look at this."\n'
        (target / "rules" / f"{name}.yaml").write_text(text)


def replaced(formula: str, name: str, by: str) -> str:
    """The formula with one word in the place of another."""
    return re.sub(rf"\b{name}\b", by, formula)


def many(folder: Path, number: int) -> Path:
    """A project of so many KPI files, to be validated."""
    target = folder / f"{number}-kpis"
    (target / "kpis").mkdir(parents=True, exist_ok=True)
    head = textwrap.dedent(
        """\
        project: many
        sources:
          deals:
            file: deals.csv
            time: day
            columns: {day: date, stage: text, amount: decimal}
            measures:
              won: count(*) filter (where stage = 'won')
              lost: count(*) filter (where stage = 'lost')
        """
    )
    (target / "kpieval.yaml").write_text(head)
    for index in range(number):
        text = (
            f"kpi: rate_{index}\ntitle: Rate {index}\nvalue: won / (won + lost + {index})\nunit: percent\ntarget: 0.3\n"
        )
        (target / "kpis" / f"rate_{index}.yaml").write_text(text)
    return target

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

JUDGED = """\
peers: true
process: true
"""
"""All that can be asked for beside the observations."""

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


def project(folder: Path, source: str, *, aims: bool = False, more: str = "") -> Path:
    """The project whose opportunities are in `folder/source`.

    With `aims` each KPI has a target; `more` are lines of kpieval.yaml that ask for what is made of it.
    """
    kind = "judged" if more else "aims" if aims else source.rpartition(".")[2]
    target = folder / f"project-{kind}"
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
    (target / "kpieval.yaml").write_text(head % source + measures + dimensions + more)
    for segment in SEGMENTS:
        for name, (formula, unit, aim) in FORMULAS.items():
            own = formula
            for measure in MEASURES:
                own = replaced(own, measure, f"{measure}_{segment}")
            text = f"kpi: {name}_of_{segment}\ntitle: {name} of {segment}\nvalue: {own}\nunit: {unit}\n"
            wanted = AIMS[name] if aims else aim
            text += f"target: {wanted}\n" if wanted is not None else ""
            (target / "kpis" / f"{name}_of_{segment}.yaml").write_text(text)
    return target


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

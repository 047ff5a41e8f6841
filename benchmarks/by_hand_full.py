"""The best plan by hand, with all columns that kpieval writes: `python by_hand_full.py FOLDER SOURCE OUTPUT`.

In its order: values, samples, Wilson's intervals, targets, statuses and reasons, and the value of the quarter before.
Written for these thirty KPIs and nothing else: one formula for an interval, a status from two edges, and what no KPI
has is null.
"""

from __future__ import annotations

import sys

import duckdb

from by_hand import LEVELS, MEMBERS, NAMES, cells
from generate import FORMULAS, MEASURES, SEGMENTS, replaced

Z = 1.959963984540054
WATCH = 0.9
"""The share of its target from which a value is to be watched; below it is poor."""


def fields(name: str, segment: str) -> dict[str, str]:
    """What the row of a KPI starts with, as SQL over the measures."""
    formula, _, target = FORMULAS[name]
    for measure in MEASURES:
        formula = replaced(formula, measure, f"{measure}_{segment}")
    above, _, below = formula.partition(" / ")
    counted = f"won_{segment} + lost_{segment}" if name.startswith("win_rate") else f"won_{segment}"
    return {
        "kpi": f"'{name}_of_{segment}'::kpi",
        "value": f"{above} / nullif({below}, 0)" if below else above,
        "numerator": above if below else "null::double",
        "denominator": below or "null::double",
        "n": counted,
        "share": str(name == "win_rate").lower(),
        "target": f"{target or 'null'}::double",
    }


def observations() -> str:
    """The query: KPIs side by side, each with the value of the quarter before, then one below the other, judged."""
    kpis = [fields(name, segment) for segment in SEGMENTS for name in FORMULAS]
    measures = ", ".join(f"coalesce({name}, 0)::double as {name}" for name in NAMES)
    wide = ", ".join(f"{kpi['value']} as value_{i}" for i, kpi in enumerate(kpis))
    earlier = ", ".join(f"b.value_{i} as previous_{i}" for i in range(len(kpis)))
    listed = [{**kpi, "value": f"value_{i}", "previous": f"previous_{i}"} for i, kpi in enumerate(kpis)]
    below = ", ".join(f"unnest([{', '.join(kpi[field] for kpi in listed)}]) as {field}" for field in listed[0])
    period = "(year(quarter) || '-Q' || quarter(quarter))"
    centre = f"(numerator + {Z * Z / 2}) / (n + {Z * Z})"
    reach = f"{Z} / (n + {Z * Z}) * sqrt(numerator * (n - numerator) / n + {Z * Z / 4})"
    low = f"case when numerator = 0 then 0 else greatest(0, {centre} - {reach}) end"
    high = f"case when numerator = n then 1 else least(1, {centre} + {reach}) end"
    inside = " or ".join(f"{edge} > interval_low and {edge} < interval_high" for edge in ("target", "watch"))
    return f"""
with measured as (
  select level::level as level, member::member as member, {period}::period as period, quarter, {measures} from cells
),
wide as materialized (select *, {wide} from measured),
paired as (
  select a.*, {earlier} from wide a
  left join wide b on b.level = a.level and b.member = a.member and b.quarter = a.quarter - interval 3 months
),
long as (select level, member, period, {below} from paired),
limited as (
  select * replace (case when value is not null then numerator end as numerator,
                    case when value is not null then denominator end as denominator),
    target * {WATCH} as watch,
    case when share and n > 0 then {low} end as interval_low, case when share and n > 0 then {high} end as interval_high
  from long
)
select kpi, period, level, member, if(level = 'organisation', 'Organisation', member) as label,
  value, numerator, denominator, n, interval_low, interval_high, coalesce({inside}, false) as uncertain,
  case when value >= target then 'good' when value >= watch then 'watch' when value < watch then 'poor' end as status,
  case when value is null then 'zero_denominator' when target is null then 'no_target' end as reason,
  target, null::double as target_low, null::double as target_high,
  case when target is not null then [target, watch] end as edges, null::double[] as edges_high,
  value / target as attainment, previous, value - previous as change,
  null::bigint as members_counted, null::bigint as members_missing
from limited order by kpi, period, level desc, member
"""


def main(folder: str, source: str, output: str) -> None:
    """Compute all KPIs and write them as Parquet."""
    connection = duckdb.connect()
    connection.execute(MEMBERS.format(folder=folder))
    rows = f"'{folder}/{source}'"
    connection.execute(f"create temp table cells as {cells('values', rows)}")
    kpis = sorted(f"{name}_of_{segment}" for segment in SEGMENTS for name in FORMULAS)
    periods = "select distinct year(quarter) || '-Q' || quarter(quarter) as p from cells order by p"
    for kind, names in {
        "kpi": ", ".join(f"'{kpi}'" for kpi in kpis),
        "level": ", ".join(f"'{level}'" for level in LEVELS),
        "period": periods,
        "member": "select distinct member from cells order by member",
    }.items():
        connection.execute(f"create type {kind} as enum ({names})")
    connection.execute(f"copy ({observations()}) to '{output}' (format parquet)")
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

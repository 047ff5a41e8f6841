"""The same KPIs as an analyst writes them, in DuckDB's SQL: `python by_hand.py PLAN FOLDER SOURCE OUTPUT`.

Four plans that give the same numbers: `finest` (group at the finest level with `case when`, roll up), `values` (group
also by what the filters test), `sets` (GROUPING SETS with FILTER), `queries` (a query for each KPI and level).
"""

from __future__ import annotations

import sys

import duckdb

from generate import FORMULAS, MEASURES, SEGMENTS, replaced

LEVELS = {"rep": "rep", "manager": "manager", "region": "region", "organisation": "'organisation'"}

MEMBERS = """
    create temp table members as
    select rep_id as rep, manager, region
    from read_csv('{folder}/reps.csv') join read_csv('{folder}/managers.csv') on manager = manager_id
"""

NAMES = [f"{measure}_{segment}" for segment in SEGMENTS for measure in MEASURES]


def case_when(measure: str, segment: str) -> str:
    """A measure as a sum over all rows."""
    stage = "lost" if measure.startswith("lost") else "won"
    value = {"won": "1", "lost": "1", "lost_value": "amount", "revenue": "amount", "margin": "margin"}[measure]
    return f"sum(case when stage = '{stage}' and {SEGMENTS[segment]} then {value} end)"


def over_groups(measure: str, segment: str) -> str:
    """A measure as a sum over groups in which the filters have one value."""
    stage = "lost" if measure.startswith("lost") else "won"
    value = {"won": "n", "lost": "n", "lost_value": "amount", "revenue": "amount", "margin": "margin"}[measure]
    condition = "large" if segment == "large" else SEGMENTS[segment]
    return f"sum({value}) filter (where stage = '{stage}' and {condition})"


def filtered(measure: str, segment: str) -> str:
    """A measure with a FILTER."""
    return MEASURES[measure].format(segment=SEGMENTS[segment])


def columns(write: object) -> str:
    """All measures, in one way to write them."""
    assert callable(write)
    return ", ".join(
        f"{write(measure, segment)} as {measure}_{segment}" for segment in SEGMENTS for measure in MEASURES
    )


QUARTER = "date_trunc('quarter', close_date)"


def cells(plan: str, rows: str) -> str:
    """The query that gives each measure for each level, member and quarter."""
    closed = f"from {rows} where stage in ('won', 'lost')"
    if plan == "sets":
        sets = "(quarter, rep), (quarter, manager), (quarter, region), (quarter)"
        member = "coalesce(rep, manager, region, 'organisation')"
        grouped = "grouping(rep, manager, region) when 3 then 'rep' when 5 then 'manager' when 6 then 'region'"
        asked = f"case {grouped} else 'organisation' end as level, {member} as member, quarter, {columns(filtered)}"
        facts = f"select o.*, m.manager, m.region, {QUARTER} as quarter from {rows} o join members m using (rep)"
        return f"select {asked} from ({facts}) group by grouping sets ({sets})"
    if plan == "finest":
        finest = f"select rep, {QUARTER} as quarter, {columns(case_when)} {closed} group by all"
    else:
        few = "stage, type, is_cross_sell, amount >= 50000 as large"
        sums = "count(*) as n, sum(amount) as amount, sum(margin) as margin"
        groups = f"select rep, {QUARTER} as quarter, {few}, {sums} {closed} group by all"
        finest = f"select rep, quarter, {columns(over_groups)} from ({groups}) group by all"
    sums = ", ".join(f"sum({name}) as {name}" for name in NAMES)
    rolled = " union all ".join(
        f"select '{level}' as level, {member} as member, quarter, {sums}"
        " from finest join members using (rep) group by all"
        for level, member in LEVELS.items()
    )
    return f"with finest as materialized ({finest}) {rolled}"


def values(relation: str) -> str:
    """Each KPI of each row, one below the other."""
    divided = {}
    for segment in SEGMENTS:
        for name, (formula, _, _) in FORMULAS.items():
            own = formula
            for measure in MEASURES:
                own = replaced(own, measure, f"coalesce({measure}_{segment}, 0)")
            above, _, below = own.partition(" / ")
            divided[f"{name}_of_{segment}"] = f"({above})::double / nullif({below}, 0)" if below else f"({own})::double"
    listed = ", ".join(f"{expression} as {name}" for name, expression in divided.items())
    wide = f"select level, member, quarter, {listed} from {relation}"
    unpivot = "unpivot (value for kpi in (columns(* exclude (level, member, quarter))))"
    return f"select kpi, level, member, quarter, value from ({wide}) {unpivot}"


def one_by_one(rows: str) -> list[str]:
    """A query for each KPI and level."""
    found = []
    for segment in SEGMENTS:
        for name, (formula, _, _) in FORMULAS.items():
            own = formula
            for measure in MEASURES:
                own = replaced(own, measure, f"coalesce(<{measure}>, 0)")
            for measure in MEASURES:
                own = own.replace(f"<{measure}>", filtered(measure, segment))
            above, _, below = own.partition(" / ")
            value = f"({above})::double / nullif({below}, 0)" if below else f"({own})::double"
            for level, member in LEVELS.items():
                found.append(
                    f"select '{name}_of_{segment}' as kpi, '{level}' as level, {member} as member, "
                    f"{QUARTER} as quarter, {value} as value from {rows} join members using (rep) group by all"
                )
    return found


def main(plan: str, folder: str, source: str, output: str) -> None:
    """Compute all KPIs by one plan and write them as Parquet."""
    rows = f"'{folder}/{source}'"
    connection = duckdb.connect()
    connection.execute(MEMBERS.format(folder=folder))
    if plan == "queries":
        kinds = "kpi varchar, level varchar, member varchar, quarter date, value double"
        connection.execute(f"create temp table observations ({kinds})")

        for query in one_by_one(rows):
            connection.execute(f"insert into observations {query}")
    else:
        connection.execute(f"create temp table cells as {cells(plan, rows)}")
        connection.execute(f"create temp table observations as {values('cells')}")
    connection.execute(f"copy observations to '{output}' (format parquet)")
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

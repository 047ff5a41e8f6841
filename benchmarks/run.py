"""kpieval beside what one writes by hand, whole process against whole process, as Markdown tables: see README.md."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb

import generate
from measure import Contender, compete, table

HERE = Path(__file__).parent
KPIEVAL = [sys.executable, "-m", "kpieval"]
PLANS = {
    "by hand: finest level, `case when`, rolled up": "finest",
    "by hand: also by what the filters test": "values",
    "by hand: GROUPING SETS with FILTER": "sets",
    "by hand: a query for each KPI and level": "queries",
}
BEST = 2
"""So many of the plans, from the first, are the ones that an expert who has measured would write."""

FULL = "by hand: the second, with the same columns"
"""The script that writes all that kpieval writes; the others write the bare values."""

TOLERANCE = 1e-9


def main() -> None:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--millions", type=float, nargs="*", default=[1, 10], help="opportunities, in millions")
    parser.add_argument("--runs", type=int, default=5, help="timed runs of each")
    parser.add_argument("--data", type=Path, default=HERE / "data", help="where the generated files are kept")
    parser.add_argument("--csv", action=argparse.BooleanOptionalAction, default=True, help="also a million rows of CSV")
    parser.add_argument(
        "--judgement", action=argparse.BooleanOptionalAction, default=True, help="also what is made of the values"
    )
    parser.add_argument(
        "--pages", action=argparse.BooleanOptionalAction, default=True, help="also the site of a report"
    )
    parser.add_argument(
        "--start-up", action=argparse.BooleanOptionalAction, default=True, help="also the start-up times"
    )
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} processors, Python {platform.python_version()}, DuckDB {duckdb.__version__}.")
    times = {}
    for millions in arguments.millions:
        folder = generate.data(arguments.data, millions)
        times[millions] = evaluation(
            folder, "opportunities.parquet", f"{millions:g} million rows of Parquet", arguments.runs
        )
    if len(times) > 1:
        first, last = min(times), max(times)
        growth = times[last] / times[first]
        more = f"From {first:g} to {last:g} million rows, {last / first:g} times as many"
        print(f"\n{more}, kpieval takes {growth:.1f} times as long.")
    if arguments.csv:
        evaluation(generate.data(arguments.data, 1), "opportunities.csv", "1 million rows of CSV", arguments.runs)
    if arguments.judgement:
        judgement(generate.data(arguments.data, 1), arguments.runs)
    if arguments.pages:
        pages(generate.data(arguments.data, 1), arguments.runs)
    if arguments.start_up:
        start_up(arguments.data, arguments.runs)


def evaluation(folder: Path, source: str, title: str, runs: int) -> float:
    """Thirty KPIs at four levels over eight quarters, by kpieval and by hand; the time of kpieval."""
    plans = {"kpieval": "kpieval", **PLANS, FULL: "full"}
    outputs = {name: folder / f"result-{plan}.parquet" for name, plan in plans.items()}
    project = generate.project(folder, source)
    contenders = [
        Contender("kpieval", [*KPIEVAL, "evaluate", str(project), "-q", "-o", str(outputs["kpieval"])]),
        *(
            Contender(name, [sys.executable, str(HERE / "by_hand.py"), plan, str(folder), source, str(outputs[name])])
            for name, plan in PLANS.items()
        ),
        Contender(FULL, [sys.executable, str(HERE / "by_hand_full.py"), str(folder), source, str(outputs[FULL])]),
    ]
    compete(contenders, runs)
    observations = same_numbers(outputs)
    same_observations(outputs["kpieval"], outputs[FULL])
    bare, full = contenders[1 : BEST + 1], contenders[-1:]
    header = ["whole process", "seconds", "to the best", "to the same columns", "CPU seconds", "to the best",
              "to the same columns", "peak MiB", "to the best", "to the same columns"]  # fmt: skip
    rows = []
    for each in contenders:
        row = [each.name]
        for measure in ("time", "cpu", "memory"):
            mine = getattr(each, measure)
            row.append(f"{mine:.0f}" if measure == "memory" else f"{mine:.2f}")
            row += [f"{mine / min(getattr(other, measure) for other in others):.2f}" for others in (bare, full)]
        rows.append(row)
    print(f"\n### {title}, {observations:,} values\n")
    print(table(header, rows))
    return contenders[0].time


def judgement(folder: Path, runs: int) -> None:
    """What verdicts, and what stands beside them, cost beyond the values alone: 2,000 members, 30 KPIs, 8 periods."""
    source = "opportunities.parquet"
    projects = {
        "the values alone": generate.project(folder, source),
        "with targets: status, score, trend, next band": generate.project(folder, source, aims=True),
        "with peers, funnels and limits over time": generate.project(folder, source, aims=True, beside=True),
        "with scorecards, rules, guards and drivers as well": generate.project(
            folder, source, aims=True, beside=True, judged=True
        ),
    }
    contenders = [
        Contender(name, [*KPIEVAL, "evaluate", str(path), "-q", "-o", str(folder / f"result-{path.name}.parquet")])
        for name, path in projects.items()
    ]
    compete(contenders, runs)
    values = contenders[0]
    rows = [
        [
            each.name,
            f"{each.time:.2f}",
            f"{each.time / values.time:.2f}",
            f"{each.cpu:.2f}",
            f"{each.cpu / values.cpu:.2f}",
            f"{each.memory:.0f}",
            f"{each.memory / values.memory:.2f}",
        ]
        for each in contenders
    ]
    print("\n### What is made of the values, 1 million rows of Parquet\n")
    header = ["whole process", "seconds", "to the values", "CPU seconds", "to the values", "peak MiB", "to the values"]
    print(table(header, rows))


def pages(folder: Path, runs: int) -> None:
    """The site of a report on 2,000 members and 30 KPIs over 8 periods beside the evaluation alone; then its pages."""
    project = generate.project(folder, "opportunities.parquet", aims=True, beside=True, judged=True)
    site = folder / "site"
    evaluated = Contender("evaluated", [*KPIEVAL, "evaluate", str(project), "-q", "-o", str(folder / "result.parquet")])
    written = Contender(
        "written as a site", [*KPIEVAL, "report", str(project), "-q", "--format", "site", "-o", str(site)]
    )
    compete([evaluated, written], runs)
    rows = [[each.name, f"{each.time:.1f}", f"{each.cpu:.1f}", f"{each.memory:.0f}"] for each in (evaluated, written)]
    print("\n### The site of a report, 2,000 members, 30 KPIs, 8 periods\n")
    print(table(["whole process", "seconds", "CPU seconds", "peak MiB"], rows))
    sizes = {file.name: file.stat().st_size / 1000 for file in site.iterdir()}
    print(
        f"\n{len(sizes):,} files of {sum(sizes.values()) / 1000:.0f} MB; the largest has {max(sizes.values()):.0f} kB."
    )
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium:
        painted = subprocess.run(
            [sys.executable, str(HERE / "painting.py"), chromium], stdout=subprocess.PIPE, text=True, check=True
        )
        print(f"Chromium shows a page with ten thousand charts after {painted.stdout.strip()} ms.")
    if chromium and shutil.which("npm"):
        pages = [
            "index.html",
            "find.html",
            *(min(each.name for each in site.glob(f"{kind}-*.html")) for kind in ("kpi", "member")),
        ]
        subprocess.run([sys.executable, str(HERE / "audit.py"), str(site), *pages], check=True)


def same_numbers(outputs: dict[str, Path]) -> int:
    """How many values there are; the benchmark ends where any of them is another one by hand than by kpieval."""
    connection = duckdb.connect()
    quarter = "make_date(left(period, 4)::int, right(period, 1)::int * 3 - 2, 1) as quarter"
    ours = f"select kpi, level, member, value, {quarter} from '{outputs['kpieval']}' where value is not null"
    connection.execute(f"create table ours as {ours}")
    number = int(connection.execute("select count(*) from ours").fetchall()[0][0])
    for name in PLANS:
        compared = f"""
            select count(*), any_value(concat_ws(' ', kpi, level, member, quarter, o.value, t.value))
            from ours o full join (from '{outputs[name]}' where value is not null) t using (kpi, level, member, quarter)
            where o.value is null or t.value is null
               or abs(o.value - t.value) > {TOLERANCE} * greatest(1, abs(t.value))"""
        wrong, example = connection.execute(compared).fetchall()[0]
        if wrong:
            sys.exit(f"{wrong} values differ between kpieval and {name}, such as: {example}")
    connection.close()
    return number


def same_observations(ours: Path, theirs: Path) -> None:
    """End the benchmark where a column by hand is another one by kpieval in any row, or the rows have another order."""
    connection = duckdb.connect()
    for side, path in {"ours": ours, "theirs": theirs}.items():
        connection.execute(f"create table {side} as select row_number() over () as place, * from '{path}'")
    columns = connection.execute("describe theirs").fetchall()
    differs = []
    for column, kind, *_ in columns:
        a, b = f"o.{column}", f"t.{column}"
        if kind == "DOUBLE":
            near = f"abs({a} - {b}) <= {TOLERANCE} * greatest(1, abs({b}))"
            differs.append(f"({a} is distinct from {b} and not coalesce({near}, false))")
        else:
            differs.append(f"{a} is distinct from {b}")
    named = ", ".join(f"count(*) filter (where {each})" for each in differs)
    wrong = connection.execute(f"select {named} from ours o full join theirs t using (place)").fetchall()[0]
    found = [f"{count} times {column[0]}" for column, count in zip(columns, wrong, strict=True) if count]
    if found:
        sys.exit(f"kpieval and {FULL} differ: {', '.join(found)}")
    connection.close()


def start_up(folder: Path, runs: int) -> None:
    """What one waits for before anything is computed."""
    example = HERE.parent / "examples" / "sales-leadership"
    contenders = [
        Contender("`python -c pass`, for comparison", [sys.executable, "-c", "pass"]),
        Contender("`kpieval --version`", [*KPIEVAL, "--version"]),
        Contender("`kpieval validate examples/sales-leadership`", [*KPIEVAL, "validate", str(example)]),
        Contender("`kpieval validate`, 1,000 KPI files", [*KPIEVAL, "validate", str(generate.many(folder, 1000))]),
        Contender("`kpieval evaluate examples/sales-leadership`", [*KPIEVAL, "evaluate", str(example)]),
    ]
    compete(contenders, runs)
    rows = [[each.name, f"{each.time:.2f}", f"{each.cpu:.2f}", f"{each.memory:.0f}"] for each in contenders]
    print("\n### Start-up\n")
    print(table(["whole process", "seconds", "CPU seconds", "peak MiB"], rows))


if __name__ == "__main__":
    main()

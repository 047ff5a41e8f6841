"""What was reported, beside today's: for each past period its last kept run against the observations of this one.

What is hidden today is not told from an older run. Of a private KPI nothing is: two values of almost the same people
tell what the one who makes the difference said.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import duckdb

from kpieval.collect.sql import text
from kpieval.evaluate.fingerprints import fingerprint
from kpieval.history.kept import newest, unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kpieval.evaluate import Evaluated
    from kpieval.history.kept import Kept

NOISE = 1e-9
"""Values that differ by no more than this share of themselves are the same: another engine adds up in another way."""

_TABLES = """
create temp table reported (kpi varchar, level varchar, member varchar, period varchar, value double, status varchar);
create temp table hashes_then (period varchar, kpi varchar, definition varchar, judgement varchar, made varchar);
create temp table hashes_now (kpi varchar, definition varchar, judgement varchar, private boolean);
create temp table shown as select kpi, level, member, label, period, value, status, reason from observations"""

_NAMES = (
    "kpi", "level", "member", "label", "period", "reported_value", "reported_status", "reported_at", "value", "status",
    "reason", "cause",
)  # fmt: skip

_RESTATED = f"""
with compared as (
  select o.*, r.value as reported_value, r.status as reported_status, t.made as reported_at,
    (r.value is null) <> (o.value is null)
      or coalesce(abs(r.value - o.value) > {NOISE} * greatest(abs(r.value), abs(o.value)), false) as other,
    case when t.definition is distinct from h.definition then 'definition'
      when not other and t.judgement is distinct from h.judgement then 'target' else 'data' end as cause
  from reported as r
  join hashes_then as t on t.kpi = r.kpi and t.period = r.period
  join hashes_now as h on h.kpi = r.kpi and not h.private
  join shown as o on o.kpi = r.kpi and o.level = r.level and o.member = r.member and o.period = r.period
  where o.reason is distinct from 'suppressed')
select {", ".join(_NAMES)} from compared
where other or status is distinct from reported_status
order by kpi, compared.period, level desc, member"""


def compare(run: Evaluated, periods: Sequence[str], folder: Path) -> dict[str, Any]:
    """The `history` of a result: which kept runs were looked at, and each observation that is another one now.

    `periods` are those before the reported one, `folder` is where runs are kept. Needs the view `observations`. Raises
    DataError where a kept run can't be read.
    """
    runs = newest(folder, run.plan.project.name, periods)
    connection = run.connection
    connection.execute(_TABLES)
    _hashes(run, runs)
    for each in runs:
        _reported(run, each)
    rows = connection.execute(_RESTATED).fetchall()
    for table in ("reported", "hashes_then", "hashes_now", "shown"):
        connection.execute(f"drop table {table}")
    return {
        "runs": [
            {"name": each.name, "period": each.period, "made": each.made, "kpieval": each.kpieval} for each in runs
        ],
        "restatements": [dict(zip(_NAMES, row, strict=True)) for row in rows],
    }


def _hashes(run: Evaluated, runs: Sequence[Kept]) -> None:
    """What the KPIs meant when they were reported, and what they mean now."""
    project = run.plan.project
    now = [(name, *fingerprint(project, kpi).values(), kpi.min_group is not None) for name, kpi in project.kpis.items()]
    then = [
        (each.period, name, hashes["definition"], hashes["judgement"], each.made)
        for each in runs
        for name, hashes in each.kpis.items()
    ]
    for table, rows in (("hashes_now", now), ("hashes_then", then)):
        if rows:
            columns = ", ".join(["unnest(?)"] * len(rows[0]))
            values = [list(column) for column in zip(*rows, strict=True)]
            run.connection.execute(f"insert into {table} select {columns}", values)


def _reported(run: Evaluated, kept: Kept) -> None:
    """Read what a kept run reported of its own period."""
    beside = run.folder / "kept.parquet"  # of the connection's own folder, the only one that it may read
    try:
        shutil.copyfile(kept.observations, beside)
        run.connection.execute(
            f"insert into reported by name select kpi, level, member, period, value, status "
            f"from read_parquet({text(str(beside))}) where period = {text(kept.period)}"
        )
    except OSError as error:
        raise unreadable(kept.observations, f"{error.strerror}.") from error
    except duckdb.Error as error:
        raise unreadable(kept.observations, "It isn't what kpieval writes.") from error
    finally:
        beside.unlink(missing_ok=True)

"""Raw observations become verdicts, a level in one query: interval, edges of the bands, status, or why there is none.

A band's edge that is a share of the target is the target moved by a share of its own size, so that it is right for a
negative one too: 85 % of -10 is -11.5 where higher is better.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpieval.collect.members import UNKNOWN
from kpieval.collect.sql import text
from kpieval.model import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpieval.plan import Planned

_CODES = {reason: code for code, reason in enumerate(REASONS, 1)}


def edge_count(planned: Iterable[Planned]) -> int:
    """How many edges the KPI with the most bands has."""
    return max((len(one.kpi.bands[1:]) for one in planned), default=0)


def judged_columns(edges: int) -> str:
    """The columns of the table of judged observations; KPIs, levels, members and statuses are numbers."""
    return (
        "kpi integer, level integer, mid integer, period bigint, value double, numerator double, denominator double, "
        "n double, low_limit double, high_limit double, uncertain boolean, status integer, reason integer, "
        "target double, low double, high double, target_by integer, attainment double, counted bigint, missing bigint"
        + "".join(f", edge_{i} double, high_{i} double" for i in range(1, edges + 1))
    )


def meta_columns(edges: int) -> str:
    """The columns of the table of what a verdict needs to know of each KPI at each level."""
    return (
        "kpi integer, level integer, direction integer, min_sample double, require boolean, evidence integer, "
        "edges integer" + "".join(f", shift_{i} double, absolute_{i} double" for i in range(1, edges + 1))
    )


def meta(number: int, planned: Planned, level: str, level_number: int, edges: int) -> tuple[Any, ...]:
    """The row of a KPI at a level: direction 1 up, -1 down, 0 range; evidence 1 share, 2 change, 3 mean."""
    kpi, evidence = planned.kpi, planned.at(level).evidence
    direction = {"higher_is_better": 1, "lower_is_better": -1, "target_range": 0}[kpi.direction]
    kind = 1 if evidence.share else 2 if evidence.change else 3 if evidence.mean else 0
    places: list[float | None] = []
    for band in kpi.bands[:-1]:
        places += [float(Decimal(repr(band.percent)) - 1) if band.percent is not None else None, band.edge]
    places += [None] * (2 * edges - len(places))
    own = len(kpi.bands[1:])
    return number, level_number, direction, kpi.min_sample, kpi.confidence == "require", kind, own, *places


def judge(raw: str, level_number: int, edges: int, *, means: bool) -> str:
    """The query that judges the rows of the query `raw` into `judged`; `means` as in `statistics.define`."""
    numbers = range(1, edges + 1)
    reach = "t975(c - 1) * b / sqrt(c)" if means else "cast(null as double)"
    stranger = f"(select mid from people where level = {level_number} and member = {text(UNKNOWN)})"
    absence = f"""
select r.*, m.* exclude (kpi, level), r.mid is not distinct from {stranger} as stranger,
  case when not applies or r.mid is not distinct from {stranger} then {_CODES["not_applicable"]}
    when rows = 0 then {_CODES["no_data"]}
    when raw is null and rows_earlier = 0 then {_CODES["no_baseline"]}
    when raw is null and zero then {_CODES["zero_denominator"]}
    when raw is null and zero_earlier then {_CODES["no_baseline"]}
    when raw is null or not isfinite(raw) then {_CODES["no_data"]} end as absence
from ({raw}) as r join meta as m on m.kpi = r.kpi and m.level = {level_number}"""
    limits = [
        f"case evidence when 1 then case when b > 0 and a between 0 and b then wilson_{side}(a, b) end "
        f"when 2 then case when b > 0 and d > 0 then newcombe_{side}(a, b, c, d) end "
        f"when 3 then case when c > 1 then a {sign} {reach} end end as {side}_limit"
        for side, sign in (("low", "-"), ("high", "+"))
    ]
    places = [
        f"coalesce(absolute_{i}, coalesce(target, low) + shift_{i} * abs(coalesce(target, low))) as edge_{i}, "
        f"case when direction = 0 then high - shift_{i} * abs(high) end as high_{i}"
        for i in numbers
    ]
    values = f"""
select *, case when absence is null or stranger and rows is distinct from 0 and isfinite(raw) then raw end as value,
  {", ".join([*limits, *places])}
from ({absence})"""
    inside = " or ".join(f"coalesce({_inside(f'edge_{i}')} or {_inside(f'high_{i}')}, false)" for i in numbers)
    targetless = "edges = 0" + (" or edge_1 is null" if edges else "")
    reasons = f"""
select * replace (case when value is not null then low_limit end as low_limit,
                  case when value is not null then high_limit end as high_limit),
  case when absence is not null then absence
    when coalesce(n, 0) < min_sample then {_CODES["insufficient_sample"]}
    when {targetless} then {_CODES["no_target"]} end as reason,
  {inside or "false"} as doubtful, {inside or "false"} or (evidence > 0 and low_limit is null) as unproven
from ({values})"""
    reached = "".join(f" when {_reached(i)} then {i}" for i in numbers)
    status = f"case{reached} else edges + 1 end" if reached else "cast(null as integer)"
    return f"""
insert into judged by name
select kpi, {level_number} as level, mid, period, value,
  case when value is not null then numerator end as numerator,
  case when value is not null then denominator end as denominator,
  case when reason is distinct from {_CODES["not_applicable"]} then n end as n,
  low_limit, high_limit, reason is null and doubtful as uncertain,
  case when reason is null and not (require and unproven) then {status} end as status,
  case when reason is null and require and unproven then {_CODES["insufficient_sample"]} else reason end as reason,
  target, low, high, target_by,
  case direction when 1 then case when target > 0 then value / target end
    when -1 then case when target > 0 and value > 0 then target / value end
    else case when low <= 0 then null when reaches(value, low) and reaches(high, value) then 1.0
      when value < low then value / low when value > 0 then high / value end end as attainment,
  counted, missing{"".join(f", edge_{i}, high_{i}" for i in numbers)}
from ({reasons})"""


def _inside(edge: str) -> str:
    return f"({edge} > low_limit and {edge} < high_limit)"


def _reached(number: int) -> str:
    edge, high = f"edge_{number}", f"high_{number}"
    return (
        f"case direction when 1 then reaches(value, {edge}) when -1 then reaches({edge}, value) "
        f"else reaches(value, {edge}) and reaches({high}, value) end"
    )

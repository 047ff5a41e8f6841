"""Raw observations become verdicts, all in one query: interval, edges of the bands, status, or why there is none.

A band's edge that is a share of the target is the target moved by a share of its own size, so that it is right for a
negative one too: 85 % of -10 is -11.5 where higher is better.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kpieval.evaluate.reasons import reason

if TYPE_CHECKING:
    from collections.abc import Collection

    from kpieval.plan import Planned

ORDER = "order by kpi, period, level desc, mid"
"""That of the observations in the result, which KPIs and levels are enumerated in."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the table `judged` has a place for: half a million times nothing is not stored."""

    edges: int
    """Those of the KPI with the most bands."""
    intervals: bool
    means: bool
    targets: bool
    ranges: bool
    """Targets with two ends."""
    counts: bool
    """Of members, for KPIs that have a `per`."""

    @classmethod
    def of(cls, planned: Collection[Planned]) -> Shape:
        """The shape that these KPIs need."""
        formulas = [one.at(level) for one in planned for level in one.kpi.levels]
        evidence = [formula.evidence for formula in formulas]
        return cls(
            max((len(one.kpi.bands[1:]) for one in planned), default=0),
            any(found.share or found.change or found.mean for found in evidence),
            any(found.mean for found in evidence),
            any(one.targets for one in planned),
            any(one.kpi.direction == "target_range" for one in planned),
            any(formula.population for formula in formulas),
        )

    def columns(self) -> dict[str, str]:
        """The columns with their types; names are enumerations, `mid` is a member's number as members are shown.

        `low_limit` and `high_limit` are the interval of a value, `error` is the standard error of a mean.
        """
        found = {
            "kpi": "kpi_name", "level": "level_name", "mid": "integer", "member": "member_name", "label": "label_name",
            "period": "integer", "period_label": "period_name", "value": "double", "numerator": "double",
            "denominator": "double", "n": "double", "uncertain": "boolean", "status": "band_name", "reason": "reason",
            "previous": "double",
        }  # fmt: skip
        if self.intervals:
            found |= dict.fromkeys(("low_limit", "high_limit"), "double")
        if self.means:
            found |= {"error": "double"}
        if self.targets:
            found |= {**dict.fromkeys(("target", "attainment"), "double"), "target_by": "integer"}
        if self.ranges:
            found |= dict.fromkeys(("low", "high"), "double")
        if self.counts:
            found |= dict.fromkeys(("counted", "missing"), "bigint")
        if self.edges:
            sides = ("edge", "high") if self.ranges else ("edge",)
            places = (f"{side}_{i}" for side in sides for i in range(1, self.edges + 1))
            found |= {"edges": "utinyint", **dict.fromkeys(places, "double")}
        return found


def meta_columns(edges: int) -> str:
    """The columns of the table of what a verdict needs to know of each KPI at each level."""
    return (
        "kpi kpi_name, level level_name, direction integer, min_sample double, require boolean, evidence integer, "
        "edges integer, lowest band_name"
        + "".join(f", band_{i} band_name, shift_{i} double, absolute_{i} double" for i in range(1, edges + 1))
    )


def meta(planned: Planned, level: str, edges: int) -> tuple[Any, ...]:
    """The row of a KPI at a level: direction 1 up, -1 down, 0 else; evidence 1 share, 2 change, 3 mean."""
    kpi, evidence = planned.kpi, planned.at(level).evidence
    direction = {"higher_is_better": 1, "lower_is_better": -1}.get(kpi.direction, 0)
    kind = 1 if evidence.share else 2 if evidence.change else 3 if evidence.mean else 0
    own = len(kpi.bands[1:])
    lowest = kpi.bands[-1].name if kpi.bands else None
    places: list[str | float | None] = []
    for band in kpi.bands[:-1]:
        places += [band.name, float(Decimal(repr(band.percent)) - 1) if band.percent is not None else None, band.edge]
    places += [None] * (3 * (edges - own))
    return kpi.name, level, direction, kpi.min_sample, kpi.confidence == "require", kind, own, lowest, *places


def judge(raw: str, shape: Shape, *, means: bool) -> str:
    """The query that judges the rows of the query `raw` into `judged`, in order; `means` as in `statistics.define`.

    The rows tell whether their target is of the `past`: without one there is no baseline.
    """
    numbers = range(1, shape.edges + 1)
    reach = "t975(c - 1) * b / sqrt(c)" if means else "cast(null as double)"
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
    limited = f"""
select r.*, m.* exclude (kpi, level), {", ".join([*limits, *places])}
from ({raw}) as r join meta as m on m.kpi = r.kpi and m.level = r.level"""
    inside = " or ".join(f"coalesce({_inside(f'edge_{i}')} or {_inside(f'high_{i}')}, false)" for i in numbers)
    targetless = "edges = 0" + (" or edge_1 is null" if shape.edges else "")
    reasons = f"""
select * replace (case when value is not null then low_limit end as low_limit,
                  case when value is not null then high_limit end as high_limit),
  case when absence is not null then absence
    when coalesce(n, 0) < min_sample then {reason("insufficient_sample")}
    when {targetless} then case when past then {reason("no_baseline")} else {reason("no_target")} end end as reason,
  {inside or "false"} as doubtful, {inside or "false"} or (evidence > 0 and low_limit is null) as unproven
from ({limited})"""
    reached = "".join(f" when {_reached(i)} then band_{i}" for i in numbers)
    status = f"case{reached} else lowest end" if reached else "lowest"
    told = {
        "numerator": "case when value is not null then numerator end",
        "denominator": "case when value is not null then denominator end",
        "n": f"case when reason is distinct from {reason('not_applicable')} then n end",
        "error": "case when evidence = 3 and value is not null and c > 1 then b / sqrt(c) end",
        "uncertain": "reason is null and doubtful",
        "status": f"case when reason is null and not (require and unproven) then {status} end",
        "reason": (
            f"case when reason is null and require and unproven then {reason('insufficient_sample')} else reason end"
        ),
        "attainment": _ATTAINMENT,
    }
    listed = ", ".join(f"{told.get(column, column)} as {column}" for column in shape.columns())
    return f"insert into judged by name select {listed} from ({reasons}) {ORDER}"


_ATTAINMENT = """case direction when 1 then case when target > 0 then value / target end
    when -1 then case when target > 0 and value > 0 then target / value end
    else case when low <= 0 then null when reaches(value, low) and reaches(high, value) then 1.0
      when value < low then value / low when value > 0 then high / value end end"""


def _inside(edge: str) -> str:
    return f"({edge} > low_limit and {edge} < high_limit)"


def _reached(number: int) -> str:
    edge, high = f"edge_{number}", f"high_{number}"
    return (
        f"case direction when 1 then reaches(value, {edge}) when -1 then reaches({edge}, value) "
        f"else reaches(value, {edge}) and reaches({high}, value) end"
    )

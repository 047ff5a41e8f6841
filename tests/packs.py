"""Small projects on the pack `sales-leadership`, written into a folder and evaluated: what its tests share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kpieval.api import load

if TYPE_CHECKING:
    from pathlib import Path

HEADS = {
    "opportunities": (
        "opportunity_id,rep,stage,amount,close_date,created_date,type,is_cross_sell,competitor,margin,account"
    ),
    "quotas": "rep,period_start,period_end,quota",
    "forecasts": "rep,period_start,frozen_on,forecast",
    "surveys": "respondent,team,answered_on,score",
    "activities": "activity_id,rep,kind,date,hours",
    "manager_hours": "manager,kind,date,hours",
    "employment": "rep,hired_on,left_on,regretted",
    "goals": "manager,period_start,goal",
    "reps": "rep_id,name,manager,segment,valid_from,valid_to",
    "managers": "manager_id,name,region",
}

MANAGERS = "m1,Mia,north\nm2,Max,north\nm3,Moe,south"


@dataclass(frozen=True)
class Answers:
    """A result by KPI, level, member and period."""

    result: dict[str, Any]

    def __call__(self, kpi: str, member: str = "organisation", period: str | None = None) -> dict[str, Any]:
        """The one observation of a member."""
        found: list[dict[str, Any]] = [
            row
            for row in self.result["observations"]
            if (row["kpi"], row["member"], row["period"]) == (kpi, member, period or self.result["period"])
        ]
        assert len(found) == 1, (kpi, member, period, found)
        return found[0]

    def value(self, kpi: str, member: str = "organisation", period: str | None = None) -> float | None:
        """Its value."""
        value: float | None = self(kpi, member, period)["value"]
        return value

    def verdict(
        self, kpi: str, member: str = "organisation", period: str | None = None
    ) -> tuple[float | None, str | None]:
        """Its value, and why there is no status."""
        row = self(kpi, member, period)
        return row["value"], row["reason"]


def evaluate(folder: Path, period: str | None = None, periods: int = 8) -> Answers:
    """Evaluate a project."""
    return Answers(load(folder).evaluate(period=period, periods=periods).to_dict())


def small(folder: Path, period: str = "2026-Q2", settings: str = "", **files: str) -> Answers:
    """A project on the pack whose sources are these rows, evaluated; each file has the columns of `HEADS`."""
    lines = ["project: small", "uses: [sales-leadership]", "currency: EUR", "sources:"]
    for name, rows in ({"managers": MANAGERS} | files).items():
        lines.append(f"  {name}: {{file: {name}.csv}}")
        (folder / f"{name}.csv").write_text("\n".join([HEADS[name], *rows.split(), ""]), encoding="utf-8")
    (folder / "kpieval.yaml").write_text("\n".join([*lines, settings]), encoding="utf-8")
    return evaluate(folder, period, periods=2)


def deals(rep: str, won: int, lost: int, day: str, amount: int = 1000, start: int = 0) -> str:
    """Rows of closed deals."""
    stages = ["won"] * won + ["lost"] * lost
    return "\n".join(
        f"{rep}-{day}-{number},{rep},{stage},{amount},{day},{day},existing,false,,,acme"
        for number, stage in enumerate(stages, start)
    )


def reps(*rows: str) -> str:
    """Rows of reps: `ann m1` or `ann m1 2026-01-01 2026-03-31`."""
    found = []
    for row in rows:
        rep, manager, *dates = row.split()
        first, last = [*dates, "", ""][:2]
        found.append(f"{rep},{rep},{manager},core,{first},{last}")
    return "\n".join(found)

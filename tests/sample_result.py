# ruff: noqa: E501, one KPI a line, as in a sheet
"""A made-up result, as `kpieval evaluate --format json` writes it: seeded, so that each run gives the same.

An organisation of three regions, seven managers and fifty reps over eight quarters, with every reason for no verdict,
uncertain figures, a value at the edge of its band, and KPIs that are not measured. `rename` swaps all of its texts.
"""

from __future__ import annotations

import json
import math
import random
from typing import TYPE_CHECKING, Any

from sample_scorecards import scorecards

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

QUARTERS = [f"{year}-Q{quarter}" for year in (2024, 2025, 2026) for quarter in (1, 2, 3, 4)][3:11]
REGIONS = {"north": "North", "south": "South", "overseas": "Overseas"}
MANAGERS = {
    "m1": ("Amara Okafor", "north"), "m2": ("Bjørn Dahl", "north"), "m3": ("Carmen Ruiz", "north"),
    "m4": ("Dmitri Volkov", "south"), "m5": ("Elena Rossi", "south"),
    "m6": ("Farid Haddad", "overseas"), "m7": ("Grace Mbeki-Worthington", "overseas"),
}  # fmt: skip
FIRST = ["Ann", "Ben", "Chloé", "Dan", "Eva", "Finn", "Gita", "Hugo", "Ines", "Jan"]
LAST = ["Novák", "Lee", "Meyer", "Silva", "O’Brien"]
ABOVE = {"rep": "manager", "manager": "region", "region": "organisation", "organisation": None}

# name, title, question, unit, direction, target, spread over members, minimal sample, finest level, formula
SHEET: list[tuple[Any, ...]] = [
    ("win_rate", "Overall sales effectiveness", "How well is the sales force trained, developed and coached?", "percent", 1, 0.30, 0.08, 20, "rep", "won / (won + lost)"),
    ("win_rate_value", "Win rate by value", "What share of the money we competed for did we win?", "percent", 1, 0.28, 0.1, 20, "rep", "won_value / (won_value + lost_value)"),
    ("reps_needing_help", "Individual sales effectiveness", "How many of our people need help to sell?", "percent", -1, 0.25, 0.15, 3, "manager", "share(win_rate < 0.20)"),
    ("win_rate_improvement", "Increase of sales effectiveness", "Are our people getting better?", "points", 1, 0.02, 0.05, 20, "rep", "win_rate - prior(win_rate)"),
    ("reps_improving", "Reps who improve", "What share of our people got better?", "percent", 1, 0.5, 0.15, 3, "manager", "share(win_rate_improvement > 0)"),
    ("quota_attainment", "Quota attainment", "How many of our people reach their quota?", "percent", 1, 0.80, 0.15, 3, "manager", "share(revenue >= quota)"),
    ("attainment_ratio", "Revenue against quota", "How much of the quota did we sell?", "percent", 1, 1.0, 0.2, None, "rep", "revenue / quota"),
    ("forecast_accuracy", "Forecast accuracy", "How well do managers know their pipeline?", "percent", 1, 0.85, 0.08, None, "rep", "greatest(0, 1 - absolute_error / actual)"),
    ("forecast_bias", "Forecast bias", "Do managers promise too much, or too little?", "percent", 0, (-0.05, 0.05), 0.08, None, "rep", "(forecast - actual) / actual"),
    ("engagement", "Employee engagement", "Do people get the time and attention they need?", "number", 1, 7.5, 0.7, 5, "manager", "avg(score)"),
    ("coaching_hours", "Time spent coaching", "Does every rep get regular time with the manager?", "hours", 0, (2.0, 4.0), 0.8, None, "rep", "coaching / reps / fortnights"),
    ("coaching_share", "Coaching against internal meetings", "Do managers coach, or sit in meetings?", "percent", 1, 0.4, 0.12, None, "manager", "coaching / (coaching + meetings)"),
    ("retention", "Retention", "Do our people stay?", "percent", 1, 0.92, 0.05, 3, "manager", "stayed / employed_at_start"),
    ("tenure", "Tenure in the team", "How long have our people been with us?", "suffix", 1, None, 1.2, None, "manager", "avg(tenure)"),
    ("goal_attainment", "Achieving sales goals", "Does the team reach its goal?", "percent", 1, 1.0, 0.12, None, "manager", "revenue / goal"),
    ("revenue", "Revenue", "How much did we sell?", "currency", 1, 52_000.0, 15_000.0, None, "rep", "revenue"),
    ("objectives_met", "Sales objectives", "Do we win the business that we set out to win?", "percent", 1, 0.75, 0.2, None, "organisation", "objectives_reached / objectives"),
    ("cross_sell_share", "Cross-selling", "Do existing clients buy more from us?", "percent", 1, 0.25, 0.07, 10, "manager", "cross_sell / won"),
    ("large_new_clients", "Large new clients", "Do we win the clients that matter?", "number", 1, 2.0, 1.0, None, "manager", "count(distinct account) filter (where amount > 50000)"),
    ("deal_cycle", "Length of the sale", "How long does it take to win?", "days", -1, 60.0, 12.0, None, "rep", "avg(close_date - created_date)"),
]  # fmt: skip
BANDS = [
    {"name": "good", "label": "Good", "icon": "check", "color": "green", "percent": 1.0, "edge": None},
    {"name": "watch", "label": "Watch", "icon": "alert", "color": "amber", "percent": 0.85, "edge": None},
    {"name": "poor", "label": "Poor", "icon": "cross", "color": "red", "percent": None, "edge": None},
]


DRIVES = {
    "win_rate": ["goal_attainment"], "coaching_hours": ["engagement", "win_rate"], "engagement": ["retention"],
    "retention": ["goal_attainment"], "quota_attainment": ["goal_attainment", "revenue"],
}  # fmt: skip
RULES: list[tuple[str, str, str, str, list[str], str, str | None]] = [
    # name, severity, level, title, KPIs, message, action
    ("leaver_wave", "error", "manager", "A wave of leavers", ["retention", "engagement"], "{} kept 78% of the reps, and engagement is 5.1.", "Hold stay interviews with those who are left."),
    ("coaching_gap", "warning", "manager", "Coaching gap", ["coaching_hours", "win_rate"], "{} coaches 0.4 hours per rep and fortnight while the win rate fell by 3 points to 22%.", "Plan one coaching session per rep every two weeks."),
    ("rep_needs_help", "warning", "rep", "A rep needs help", ["win_rate"], "{} wins 14% of 28 deals.", None),
    ("competitors_unknown", "note", "organisation", "Competitors unknown", ["win_rate"], "A competitor is named in 46% of the deals of {}.", "Make it a required field."),
    ("discounts", "note", "manager", "Discounts", [], "", None),
]  # fmt: skip


def _findings(members: list[Json]) -> list[Json]:
    rows: list[Json] = []
    for name, severity, level, title, kpis, message, action in RULES:
        found = [member for member in members if member["level"] == level]
        for number, member in enumerate(found if kpis else []):
            if number % {"rep": 4, "manager": 3}.get(level, 1):
                continue
            rows.append({
                "kind": "rule", "rule": name, "title": title, "severity": severity, "level": level,
                "member": member["member"], "label": member["label"], "period": QUARTERS[-1],
                "since": QUARTERS[-1 - number % 5], "message": message.format(member["label"]), "action": action,
                "owner": "sales-ops" if severity != "note" else None, "kpis": kpis, "place": _at(name),
            })  # fmt: skip
        if name == "rep_needs_help":
            rows += [_guard(member) for member in members if member["member"] in ("organisation", "m2")]
    return rows


def _guard(member: Json) -> Json:
    return {
        "kind": "guard", "rule": None, "title": "A guard falls", "severity": "warning", "level": member["level"],
        "member": member["member"], "label": member["label"], "period": QUARTERS[-1], "since": QUARTERS[-1],
        "message": f"{member['label']}: Overall sales effectiveness (31%, +2 points) got better two periods running, while what guards it "
        "got worse both times: Coaching against internal meetings (36%, \N{MINUS SIGN}3 points).",
        "action": None, "owner": "sales-ops", "kpis": ["win_rate", "coaching_share"], "place": _at("win_rate"),
    }  # fmt: skip


def _rules() -> list[Json]:
    return [
        {"name": name, "title": title, "description": None, "severity": severity, "level": level,
         "when": f"{(kpis or ['discount'])[0]}.status = 'poor'", "measured": bool(kpis),
         "missing": [] if kpis else ["competitive_wins"], "place": _at(name)}
        for name, severity, level, title, kpis, _, _ in RULES
    ]  # fmt: skip


def _drivers() -> list[Json]:
    found: list[Json] = []
    for driver, drives in DRIVES.items():
        for driven in drives:
            proven = len(found) % 2 == 0
            known = driver != "quota_attainment"
            found.append({
                "driver": driver, "driven": driven, "level": "manager" if known else None,
                "lag": 2 if known else None, "correlation": (0.62 if proven else -0.11) if known else None,
                "interval": ([0.31, 0.81] if proven else [-0.42, 0.23]) if known else None,
                "pairs": 42 if known else 0, "periods": 8 if known else 0, "evidence": proven and known,
            })  # fmt: skip
    return found


def _at(name: str) -> Json:
    return {"file": f"pack:sales-leadership/rules/{name}.yaml", "line": 2, "column": 7}


def result(seed: int = 7, reps: int = 50) -> Json:
    """The whole result."""
    dice = random.Random(seed)
    members = _members(reps)
    observations = [row for line in SHEET for row in _observations(line, members, dice)]
    return {
        "kpieval": "0.1.0", "format": 1, "gate": None, "project": "acme-sales", "title": "Acme sales leadership", "locale": "en_GB",
        "report": dict.fromkeys(("name", "logo", "accent", "accent_dark", "footer", "classification", "url")),
        "annotations": [{"on": "2026-02-01", "text": "Regions were cut anew", "kpis": []}],
        "currency": "EUR", "grain": "quarter", "as_of": None, "period": QUARTERS[-1],
        "periods": [_period(label) for label in QUARTERS],
        "levels": [
            {"name": name, "title": name.capitalize(), "parent": above, "members": sum(m["level"] == name for m in members)}
            for name, above in ABOVE.items()
        ],
        "members": members,
        "kpis": [*(_kpi(line) for line in SHEET), *_unmeasured()],
        "observations": observations,
        "scorecards": scorecards(observations, members), "findings": _findings(members), "history": _history(observations), "rules": _rules(), "drivers": _drivers(), "benchmarks": [_benchmark()],
        "sources": _sources(),
        "problems": [
            {"severity": "warning", "code": "unmapped-value", "message": "The value 'Verbal' of StageName is not mapped; its 14 rows count as 'open'.", "file": "kpieval.yaml", "line": 12, "column": 9, "hint": "Add it to `values:`."},
        ],
    }  # fmt: skip


def _history(observations: list[Json]) -> Json:
    """What was reported of the quarter before: some figures were others, of some there was none."""
    period = QUARTERS[-2]
    found = [row for row in observations if row["period"] == period and row["kpi"] in ("win_rate", "revenue")]
    rows = [row for row in found if row["reason"] != "suppressed"][::9]
    at = "2026-07-06T07:00:12Z"
    return {
        "runs": [{"name": f"acme-sales-{period}-20260706T070012000000Z-1a2b3c4d", "period": period, "made": at, "kpieval": "0.1.0"}],
        "restatements": [
            {
                **{key: row[key] for key in ("kpi", "level", "member", "label", "period", "value", "status", "reason")},
                "reported_value": None if number % 5 == 4 or row["value"] is None else row["value"] * 1.0001,
                "reported_status": "poor", "reported_at": at, "cause": ("data", "definition", "target")[number % 3],
            }
            for number, row in enumerate(rows)
        ],
    }  # fmt: skip


def _period(label: str) -> Json:
    year, quarter = int(label[:4]), int(label[-1])
    end = f"{year}-{quarter * 3 + 1:02}-01" if quarter < 4 else f"{year + 1}-01-01"
    return {"label": label, "start": f"{year}-{quarter * 3 - 2:02}-01", "end": end, "complete": True}


def _members(reps: int) -> list[Json]:
    rows: list[Json] = []
    for index in range(reps):
        manager = list(MANAGERS)[index % len(MANAGERS)]
        label = f"{FIRST[index % 10]} {LAST[index // 10 % 5]}" + (f" {index // 50}" if index >= 50 else "")
        rows.append(_member("rep", f"r{index:02}", label, "manager", manager))
    rows += [_member("manager", key, label, "region", region) for key, (label, region) in MANAGERS.items()]
    rows += [_member("region", key, label, "organisation", "organisation") for key, label in REGIONS.items()]
    return [*rows, {"level": "organisation", "member": "organisation", "label": "Organisation", "parent": None}]


def _member(level: str, key: str, label: str, above: str, parent: str) -> Json:
    return {"level": level, "member": key, "label": label, "parent": {"level": above, "member": parent}}


def _kpi(line: tuple[Any, ...]) -> Json:
    name, title, question, unit, direction, aim, _spread, sample, finest, formula = line
    levels = list(ABOVE)[list(ABOVE).index(finest) :]
    return {
        "name": name, "title": title, "question": question,
        "description": f"**{title}** in the period in which the deal closed.\n\nOpen deals are in neither half; "
        "see the [handbook](https://example.com/handbook) for how a deal is closed.",
        "owner": "sales-ops", "unit": {"kind": unit, "decimals": 1 if name == "tenure" else None, "suffix": "years" if unit == "suffix" else None},
        "direction": {1: "higher_is_better", -1: "lower_is_better", 0: "target_range"}[direction],
        "levels": levels, "per": "rep" if "share(" in formula else None, "rollup": "pooled", "min_sample": sample,
        "tags": ["effectiveness"], "drives": DRIVES.get(name, []), "guarded_by": ["coaching_share"] if name == "win_rate" else [], "benchmarks": [],
        "targets": [_target(name, aim)] if aim is not None else [],
        "peers": None, "process": None,
        "bands": BANDS, "formula": formula,
        "measures": [
            {"name": "won", "source": "opportunities", "expression": "count(*) filter (where stage = 'won')", "description": "Deals that were won."},
            {"name": "lost", "source": "opportunities", "expression": "count(*) filter (where stage = 'lost')", "description": None},
        ],
        "sql": "SELECT\n  rep,\n  date_trunc('quarter', close_date) AS period,\n  count(*) FILTER (WHERE stage = 'won') AS won,\n"
        f"  count(*) FILTER (WHERE stage = 'lost') AS lost -- {name}\nFROM opportunities\nGROUP BY ALL",
        "place": {"file": f"pack:sales-leadership/kpis/{name}.yaml", "line": 1, "column": 1}, "measured": True, "missing": [],
        "fingerprint": {"definition": "0123456789abcdef", "judgement": "fedcba9876543210"},
    }  # fmt: skip


def _target(kpi: str, aim: float | tuple[float, float]) -> Json:
    inside = isinstance(aim, tuple)
    return {
        "kind": "range" if inside else "value", "text": "a fixed range" if inside else "a fixed value", "value": None if inside else aim,
        "range": list(aim) if isinstance(aim, tuple) else None, "benchmark": None, "level": None, "where": None, "from": "2024-10-01", "to": None,
        "note": "Board decision of 12 Dec 2023.", "place": {"file": f"pack:sales-leadership/kpis/{kpi}.yaml", "line": 6, "column": 9},
    }  # fmt: skip


def _benchmark() -> Json:
    return {
        "name": "b2b_2024", "title": "B2B win rates", "kpi": "win_rate", "value": None, "quantiles": {"p25": 0.14, "p50": 0.21, "p75": 0.3},
        "population": "1,000 made-up reps", "definition": "won / all closed, by count", "basis": "count",
        "source": {"title": "A made-up survey", "url": "https://example.com/survey", "publisher": "Example", "year": 2024, "grade": "secondary"},
        "expires": "2026-06-30", "expired": True, "place": {"file": "benchmarks/b2b_2024.yaml", "line": 1, "column": 12},
    }  # fmt: skip


def _unmeasured() -> list[Json]:
    line = (
        "competitive_wins",
        "Competitive displacements",
        "Do we win against our rivals?",
        "percent",
        1,
        0.4,
        0.1,
        10,
        "manager",
        "displaced / contested",
    )
    survey = (
        "response_rate",
        "Answers to the survey",
        "How many people answer?",
        "percent",
        1,
        0.7,
        0.1,
        5,
        "manager",
        "answers / asked",
    )
    return [
        _kpi(line) | {"measured": False, "missing": [{"source": "opportunities", "columns": ["competitor"]}]},
        _kpi(survey)
        | {
            "measured": False,
            "missing": [
                {"source": "surveys", "columns": ["respondent", "answered_on"]},
                {"source": "employment", "columns": ["rep"]},
            ],
        },
    ]


def _observations(line: tuple[Any, ...], members: list[Json], dice: random.Random) -> list[Json]:
    name, _title, _question, unit, direction, target, spread, sample, finest, _formula = line
    centre = (target[0] + target[1]) / 2 if isinstance(target, tuple) else 6.0 if target is None else target
    levels = list(ABOVE)[list(ABOVE).index(finest) :]
    drift = dice.uniform(-1.2, 0.6) * spread
    rows = []
    for member in members:
        if member["level"] not in levels:
            continue
        width = {"rep": 1.5, "manager": 1.0, "region": 0.6, "organisation": 0.4}[member["level"]]
        size = {"rep": 26, "manager": 180, "region": 420, "organisation": 1260}[member["level"]]
        own = dice.gauss(0, spread * width)
        previous: float | None = None
        for index, period in enumerate(QUARTERS):
            n = max(0, int(dice.gauss(size, size / 3)))
            value: float | None = centre + own + drift * index / 8 + dice.gauss(0, spread * width / 3)
            assert value is not None
            if unit in ("percent", "number", "hours", "days") and name != "forecast_bias":
                value = max(0.0, value)
            if unit == "percent" and name not in ("attainment_ratio", "goal_attainment"):
                value = min(1.0, value)
            value = round(value, 6)
            row: Json = {
                "kpi": name, "period": period, "level": member["level"], "member": member["member"], "label": member["label"],
                "value": value, "numerator": round(value * n, 2) if unit == "percent" else None, "denominator": n if unit == "percent" else None,
                "n": n, "interval": _interval(value, n) if unit == "percent" and direction else None, "uncertain": False,
                "status": None, "reason": None, "target": None, "target_range": None, "target_by": None, "edges": None, "edges_high": None, "attainment": None, "score": None,
                "previous": previous, "change": None if previous is None else value - previous,
                "members_counted": size // 26 if line[9].startswith("share(") else None, "members_missing": 2 if line[9].startswith("share(") else None,
                "guard": {"falling": ["coaching_share"]} if name == "win_rate" and member["member"] in ("m2", "organisation") and index == 7 else None,
                "peers": None, "funnel": None, "process": None, "trend": None, "next": None,
            }  # fmt: skip
            _special(row, index, sample)
            _judge(row, target, direction)
            previous = row["value"]
            rows.append(row)
    return rows


def _special(row: Json, index: int, sample: int | None) -> None:
    """Each reason for no verdict, somewhere; and a value at the edge of its target."""
    blank = {"value": None, "numerator": None, "denominator": None, "interval": None, "change": None}
    last = index == len(QUARTERS) - 1
    if row["kpi"] == "quota_attainment" and row["level"] == "organisation" and last:
        row |= {"value": 0.7995, "interval": [0.775, 0.822], "change": 0.7995 - row["previous"]}
    elif row["kpi"] == "win_rate" and row["member"] in ("r04", "r11"):
        row |= blank | {"n": 0, "reason": "no_data"}
    elif row["kpi"] == "attainment_ratio" and row["member"] == "r06" and last:
        row |= blank | {"denominator": 0, "reason": "zero_denominator"}
    elif row["kpi"] == "coaching_hours" and row["member"] == "m7" and last:
        row |= blank | {"reason": "not_applicable"}
    elif row["kpi"] == "win_rate_improvement" and index == 0:
        row |= blank | {"reason": "no_baseline"}
    elif sample and row["n"] < sample:
        row["reason"] = "insufficient_sample"


def _judge(row: Json, target: float | tuple[float, float] | None, direction: int) -> None:
    value = row["value"]
    if target is None:
        row["reason"] = row["reason"] or "no_target"
        return
    if isinstance(target, tuple):
        low, high = target
        slack = (high - low) * 0.15
        row |= {
            "target_by": 1,
            "target_range": [low, high],
            "edges": [low, low - slack],
            "edges_high": [high, high + slack],
        }
        if value is not None and not row["reason"]:
            row["status"] = (
                "good" if low <= value <= high else "watch" if low - slack <= value <= high + slack else "poor"
            )
        return
    goal = (
        target * {"rep": 1, "manager": 7, "region": 16, "organisation": 50}[row["level"]]
        if row["kpi"] == "revenue"
        else target
    )
    if row["kpi"] == "revenue" and value is not None:
        row["value"] = value = round(value * goal / target, 2)
        row["change"] = None if row["previous"] is None else round(value - row["previous"], 2)
    share = 0.85 if direction > 0 else 1 / 0.85
    row |= {"target": goal, "edges": [goal, goal * share]}
    if value is None or row["reason"]:
        return
    rank = sum((value < edge) if direction > 0 else (value > edge) for edge in row["edges"])
    row["status"] = BANDS[rank]["name"]
    row["attainment"] = value / goal if direction > 0 else (goal / value if value else None)
    if row["interval"]:
        row["uncertain"] = any(row["interval"][0] < edge < row["interval"][1] for edge in row["edges"])


def _interval(share: float, n: int) -> list[float] | None:
    """Wilson's 95 % interval."""
    if not n or not 0 <= share <= 1:
        return None
    z = 1.959963984540054
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return [max(0.0, round(middle - half, 6)), min(1.0, round(middle + half, 6))]


def _sources() -> list[Json]:
    columns = [
        {"name": "opportunity_id", "type": "text", "missing": 0},
        {"name": "amount", "type": "decimal", "missing": 214},
    ]
    common: Json = {
        "columns": columns,
        "unmapped": [],
        "unknown_members": [],
        "quarantined": 0,
        "crossing": 0,
        "sql": "SELECT *\nFROM opportunities",
    }
    return [
        common | {"name": "opportunities", "location": "data/opportunities.csv", "rows": 18211, "rows_used": 11034, "undated": 12, "first": "2024-10-01", "last": "2026-09-30",
                  "unmapped": [{"column": "stage", "value": "Verbal", "rows": 14}], "unknown_members": [{"level": "rep", "member": "r99", "rows": 31}], "quarantined": 3},
        common | {"name": "quotas", "location": "data/quotas.csv", "rows": 400, "rows_used": 400, "undated": 0, "first": "2024-10-01", "last": "2026-12-31"},
        common | {"name": "activities", "location": "warehouse: sales.activity", "rows": 45120, "rows_used": 20411, "undated": 0, "first": None, "last": None},
    ]  # fmt: skip


TEXTS = {
    "title",
    "label",
    "question",
    "description",
    "owner",
    "suffix",
    "formula",
    "expression",
    "sql",
    "location",
    "value_text",
    "message",
    "hint",
    "file",
    "code",
    "action",
    "when",
    "text",
    "note",
    "where",
    "population",
    "definition",
    "publisher",
    "url",
}
NAMES = {"project"}


def rename(node: Any, write: Callable[[str], str], key: str = "") -> Any:  # noqa: ANN401, any part of JSON
    """The result with every text that an author or the data may choose rewritten; what ties its parts together as well."""
    if isinstance(node, dict):
        return {name: rename(value, write, name) for name, value in node.items()}
    if isinstance(node, list):
        return [rename(value, write, key) for value in node]
    tied = {
        "name",
        "member",
        "kpi",
        "status",
        "reported_status",
        "level",
        "parent",
        "per",
        "within",
        "scorecard",
        "gated_by",
        "largest_gain",
        "missing",
        "levels",
        "drives",
        "source",
        "columns",
        "tags",
        "column",
        "type",
        "icon",
        "color",
        "driver",
        "driven",
        "guarded_by",
        "falling",
        "rule",
        "kpis",
    }
    if isinstance(node, str) and (key in TEXTS | NAMES | tied or (key == "value" and not node.isdigit())):
        return write(node)
    return node


if __name__ == "__main__":
    print(json.dumps(result(), indent=1))  # noqa: T201

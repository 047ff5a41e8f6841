"""The mappings that ship with the pack, on a few rows in the shape in which Salesforce and HubSpot export them."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from kpieval import folders
from packs import Answers, evaluate

if TYPE_CHECKING:
    from pathlib import Path

MAPPINGS = folders.kpis() / "sales-leadership" / "mappings"

SALESFORCE = {
    "Opportunity": """
        Id,OwnerId,AccountId,StageName,IsClosed,IsWon,CloseDate,CreatedDate,Amount,Type
        006A,005A,001A,Closed Won,true,true,2026-05-04,2026-02-01T09:30:00.000Z,60000.00,New Business
        006B,005A,001A,Closed Lost,true,false,2026-05-05,2026-02-01T09:30:00.000Z,5000,Existing Business
        006C,005A,001B,Abandoned,true,false,2026-05-05,2026-02-01T09:30:00.000Z,,Partner
        006D,005A,001B,Prospecting,false,false,2026-05-06,2026-02-01T09:30:00.000Z,100,""",
    "User": """
        Id,Name,ManagerId
        005A,Ann Lee,005M
        005B,Bob Ray,005M""",
    "Manager": """
        Id,Name,Division
        005M,Mia Fox,North""",
    "ForecastingQuota": """
        QuotaOwnerId,QuotaAmount,StartDate
        005A,20000,2026-04-01
        005A,20000,2026-05-01
        005A,20000,2026-06-01""",
    "Event": """
        Id,OwnerId,Type,ActivityDate,DurationInMinutes
        00UA,005A,Coaching,2026-05-04,90
        00UB,005A,Lunch,2026-05-04,60""",
    "ManagerEvent": """
        Id,OwnerId,Type,ActivityDate,DurationInMinutes
        00UC,005M,Coaching,2026-05-04,90
        00UD,005M,Team Meeting,2026-05-04,270""",
}
HUBSPOT = {
    "deals": """
        hs_object_id,hubspot_owner_id,dealstage,closedate,createdate,amount,dealtype
        9001,77,closedwon,2026-05-04T14:21:09.123Z,2026-02-01T08:00:00Z,60000,newbusiness
        9002,77,closedlost,2026-05-05T10:00:00Z,2026-02-01T08:00:00Z,5000.50,existingbusiness
        9003,77,contractsent,2026-06-30T00:00:00Z,2026-02-01T08:00:00Z,,newbusiness
        9004,77,123456789,2026-05-05T10:00:00Z,2026-02-01T08:00:00Z,100,newbusiness""",
    "owners": """
        id,firstName,lastName,team
        77,Ann,Lee,Hunters
        78,Bob,Ray,Hunters""",
    "teams": """
        team,manager,region
        Hunters,Mia Fox,North""",
}


def mapped(folder: Path, mapping: str, files: dict[str, str]) -> Answers:
    (folder / "data").mkdir()
    for name, text in files.items():
        (folder / "data" / f"{name}.csv").write_text(dedent(text).lstrip() + "\n", encoding="utf-8")
    head = "project: mapped\nuses: [sales-leadership]\n"
    snippet = (MAPPINGS / f"{mapping}.yaml").read_text(encoding="utf-8")
    (folder / "kpieval.yaml").write_text(head + snippet, encoding="utf-8")
    return evaluate(folder, "2026-Q2", 2)


def unmapped(answers: Answers, source: str) -> set[tuple[str, str, int]]:
    found = next(entry for entry in answers.result["sources"] if entry["name"] == source)
    return {(entry["column"], entry["value"], entry["rows"]) for entry in found["unmapped"]}


def test_salesforce(tmp_path: Path) -> None:
    answers = mapped(tmp_path, "salesforce", SALESFORCE)
    assert answers("win_rate", "005A")["label"] == "Ann Lee"
    assert answers.value("win_rate", "005A") == pytest.approx(1 / 3)
    assert answers.verdict("win_rate", "005B") == (None, "no_data")
    assert answers.value("win_rate_created", "North", "2026-Q1") == pytest.approx(1 / 3)
    assert answers.value("attainment_ratio", "005M") == 1
    assert answers.value("quota_attainment", "005M") == 1
    assert answers.value("coaching_share", "005M") == 0.25
    assert answers.value("large_new_clients") == 1
    assert unmapped(answers, "opportunities") == {("type", "Partner", 1)}
    assert not {kpi["name"]: kpi for kpi in answers.result["kpis"]}["retention"]["measured"]


def test_hubspot(tmp_path: Path) -> None:
    answers = mapped(tmp_path, "hubspot", HUBSPOT)
    assert answers("win_rate", "77")["label"] == "Ann Lee"
    assert answers("win_rate", "Hunters")["label"] == "Mia Fox"
    assert answers.value("win_rate", "77") == 0.5
    assert answers.value("win_rate_value", "North") == pytest.approx(60000 / 65000.5)
    assert answers.value("win_rate_created", "77", "2026-Q1") == 0.5
    assert unmapped(answers, "opportunities") == {("stage", "123456789", 1)}

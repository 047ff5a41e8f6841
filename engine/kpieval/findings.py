"""What was judged -> the parts of the result that say it in words: findings, the rules behind them, and drivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from kpieval.judge import EXTENSIONS, drivers, guards, rules
from kpieval.model import Severity
from kpieval.render.formatting import Formats
from kpieval.sentences import Sentences, mentioned
from kpieval.translation import marked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from kpieval.evaluate import Evaluated
    from kpieval.model import Rule
    from kpieval.problems import Place
    from kpieval.rows import Rows

Json = dict[str, Any]

SEVERITIES: tuple[str, ...] = tuple(reversed(get_args(Severity)))
"""From the one that matters most."""

GUARD_SEVERITY = "warning"
GUARD_TITLE = marked("A guard falls")


class Findings:
    """Tells the findings of the reported period. `made` are the tables that the judgement left."""

    def __init__(self, run: Evaluated, made: Collection[str]) -> None:
        self.run, self.made = run, made
        self.rules: list[Rule] = list(run.plan.project.rules.values())
        self._asked = {rule.name: self._kpis_of(rule) for rule in self.rules}

    def findings(self, kpis: list[Json], rows: Rows, levels: list[Json], period: Json) -> list[Json]:
        """The findings, what matters most first; then as the rules are declared, and from the coarsest level down."""
        if rules.FINDINGS not in self.made:
            return []
        found = rules.found(self.run)
        if not found:
            return []
        project = self.run.plan.project
        held = [self.rules[number] for number in dict.fromkeys(row[0] for row in found if row[0] is not None)]
        asked = mentioned(message for rule in held for message in (rule.message, rule.action))
        sentences = Sentences(
            Formats(project.locale, project.currency),
            period,
            {level["name"]: level["title"] for level in levels},
            rules.scores(self.run, asked) if rules.SCORES in self.made else {},
        )
        sentences.learn(
            {kpi["name"]: kpi for kpi in kpis if kpi["measured"]},
            rows,
            {
                (name, (level, member))
                for number, kpi, level, member, *_ in found
                for name in self._spoken_of(number, kpi)
            },
        )
        told = []
        for number, kpi, level, member, label, since in found:
            subject = (level, member)
            began = self.run.timeline.periods.at(since).label
            own = (
                self._of_rule(self.rules[number], sentences, subject, label)
                if number is not None
                else self._of_guard(kpi or "", sentences, subject, label)
            )
            told.append(
                {
                    **{key: own[key] for key in ("kind", "rule", "title", "severity")},
                    "level": level, "member": member, "label": label, "period": period["label"], "since": began,
                    **{key: own[key] for key in ("message", "action", "owner", "kpis", "place")},
                }
            )  # fmt: skip
        return sorted(told, key=lambda finding: SEVERITIES.index(finding["severity"]))

    def all_rules(self) -> list[Json]:
        """Every rule, with what it lacks where it can't be evaluated."""
        told = []
        for rule in self.rules:
            missing = rules.lacking(rule, self.run, self.made, EXTENSIONS)
            told.append(
                {
                    "name": rule.name, "title": rule.title, "description": rule.description,
                    "severity": rule.severity, "level": rule.level, "when": rule.when.text.strip(),
                    "measured": not missing, "missing": missing, "place": _place(rule.place),
                }
            )  # fmt: skip
        return told

    def drivers(self) -> list[Json]:
        """Every arrow between KPIs, with the evidence that the data give."""
        return drivers.found(self.run) if drivers.DRIVERS in self.made else []

    def _spoken_of(self, number: int | None, kpi: str | None) -> Iterable[str]:
        """The KPIs and scorecards that the sentences of a rule or of a guarded KPI tell something of."""
        if number is None:
            return [kpi, *self.run.plan.project.kpis[kpi].guarded_by] if kpi else []
        rule = self.rules[number]
        return mentioned((rule.message, rule.action))

    def _kpis_of(self, rule: Rule) -> list[str]:
        asked = dict.fromkeys(column.table for column in rules.asked_in(rule))
        return [name for name in asked if name in self.run.plan.kpis]

    def _of_rule(self, rule: Rule, sentences: Sentences, subject: tuple[str, str], label: str) -> Json:
        return {
            "kind": "rule", "rule": rule.name, "title": rule.title, "severity": rule.severity,
            "message": sentences.said(rule.message, subject, label),
            "action": sentences.said(rule.action, subject, label) or None, "owner": rule.owner,
            "kpis": self._asked[rule.name], "place": _place(rule.place),
        }  # fmt: skip

    def _of_guard(self, name: str, sentences: Sentences, subject: tuple[str, str], label: str) -> Json:
        falling = sentences.observed[name, subject][guards.GUARD.name]["falling"]
        kpi = self.run.plan.kpis[name].kpi
        say = sentences.formats.say
        return {
            "kind": "guard", "rule": None, "title": say(GUARD_TITLE), "severity": GUARD_SEVERITY,
            "message": say(
                "{label}: {kpi} got better two periods running, while what guards it got worse both times: {guards}.",
                label=label, kpi=sentences.moved(name, subject),
                guards=sentences.formats.listed(sentences.moved(guard, subject) for guard in falling),
            ),
            "action": None, "owner": kpi.owner, "kpis": [name, *falling], "place": _place(kpi.place),
        }  # fmt: skip


def _place(place: Place) -> Json:
    return {"file": place.file, "line": place.line, "column": place.column}

"""Rules -> where they hold: the table `findings`, of all members at their level and all periods, since when.

A condition is true, or it isn't: what is missing makes nothing true. Of the fields that it asks for each is a column of
one row per member and period, so that nothing of an author's is a name in the SQL. `since` is the first period of the
unbroken run that a finding belongs to. Guards that fell (see `guards`) are findings as well, by KPI instead of rule.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from kpieval.collect.members import UNKNOWN
from kpieval.collect.sql import render, text
from kpieval.expressions.fields import OF_KPI, OF_SCORECARD
from kpieval.judge.comparison import with_tolerance
from kpieval.judge.extension import KEY
from kpieval.judge.guards import GUARD
from kpieval.judge.scorecards import measured_cards

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kpieval.evaluate import Evaluated
    from kpieval.judge.extension import Extension
    from kpieval.model import Rule

FINDINGS = "findings"
SCORES = "scores"
"""The table of scorecards: a row by scorecard, level, member and period."""
_CARD = "(select number from scorecards where scorecard = {})"


def make(run: Evaluated, made: Collection[str], extensions: Sequence[Extension]) -> frozenset[str]:
    """Make the table, if there is a rule or a guard fell. `made` are the tables that there are already."""
    project, connection = run.plan.project, run.connection
    if not project.rules and GUARD.name not in made:
        return frozenset()
    prepare(run)
    there = {each.name: each for each in extensions if each.name in made}
    for number, rule in enumerate(project.rules.values()):
        if not lacking(rule, run, made, extensions):
            connection.execute(f"insert into held by name {query(rule, number, run, there)}")
    if GUARD.name in made:
        connection.execute(
            f"insert into held by name select kpi, level, mid, period from {GUARD.name} "
            f"semi join present using (level, mid, period)"
        )
    connection.execute(
        f"create temp table {FINDINGS} as select * exclude (run), min(period) over (partition by rule, kpi, level, "
        f"mid, run) as since from (select *, period - row_number() over (partition by rule, kpi, level, mid "
        f"order by period) as run from held)"
    )
    return frozenset({FINDINGS})


def prepare(run: Evaluated) -> None:
    """Make the tables `present`, of all known members in the periods that are asked for, and `held`, which is empty."""
    run.connection.execute(f"create temp table held (rule integer, {KEY})")
    run.connection.execute(
        f"create temp table present as from (select distinct level, mid, period, member, label from judged "
        f"where period >= {run.timeline.first}) where cast(member as varchar) <> {text(UNKNOWN)}"
    )


def query(rule: Rule, number: int, run: Evaluated, there: Mapping[str, Extension]) -> str:
    """The members and periods for which a rule holds; extensions that are `there` may be asked."""
    return _Condition(frozenset(run.plan.kpis), there).query(rule, number)


def found(run: Evaluated) -> list[tuple[int | None, str | None, str, str, str, int]]:
    """The findings of the reported period, as rule, KPI, level, member, label and the first period, in order."""
    return run.connection.execute(
        f"select f.rule, cast(f.kpi as varchar), cast(f.level as varchar), cast(p.member as varchar), "
        f"cast(p.label as varchar), f.since from {FINDINGS} as f join present as p using (level, mid, period) "
        f"where f.period = ? order by f.rule nulls last, f.kpi, f.level desc, p.label, p.member",
        [run.timeline.last],
    ).fetchall()


def lacking(rule: Rule, run: Evaluated, made: Collection[str], extensions: Sequence[Extension]) -> list[str]:
    """What a rule asks for and the run doesn't have: KPIs, scorecards, or single fields of a KPI."""
    found = {}
    scored = measured_cards(run) if SCORES in made else frozenset()
    for column in asked_in(rule):
        owner, asked = column.table, OF_KPI.get(column.name)
        if owner not in run.plan.kpis:
            found[owner] = owner not in scored
        elif owner not in run.measured:
            found[owner] = True
        elif asked is not None and asked.extension is not None:
            there = [each for each in extensions if each.name == asked.extension and each.name in made]
            found[f"{owner}.{column.name}"] = not any(column.name in each.columns for each in there)
    return [name for name, is_lacking in found.items() if is_lacking]


def scores(run: Evaluated, asked: Mapping[str, Collection[str]]) -> dict[tuple[str, tuple[str, str]], dict[str, Any]]:
    """The fields asked of scorecards in the reported period, by scorecard, level and member."""
    answers: dict[tuple[str, tuple[str, str]], dict[str, Any]] = {}
    for name, fields in asked.items():
        names = sorted(fields)
        if name in run.plan.kpis or not names:
            continue
        selected = ", ".join(OF_SCORECARD[each].sql.format(now="o") for each in names)
        rows = run.connection.execute(
            f"select cast(p.level as varchar), cast(p.member as varchar), {selected} from {SCORES} as o "
            f"join present as p using (level, mid, period) where o.scorecard = {_CARD.format(text(name))} "
            f"and o.period = {run.timeline.last}"
        ).fetchall()
        answers |= {(name, (row[0], row[1])): dict(zip(names, row[2:], strict=True)) for row in rows}
    return answers


def asked_in(rule: Rule) -> list[exp.Column]:
    """The fields that a rule asks for, in the order in which they are written."""
    return sorted(rule.when.tree.find_all(exp.Column), key=lambda column: int(column.meta["at"]))


@dataclass(slots=True)
class _Condition:
    """The query of one condition: `joins` by alias bring the rows that its `fields` are read from."""

    kpis: frozenset[str]
    there: Mapping[str, Extension]
    joins: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)

    def query(self, rule: Rule, number: int) -> str:
        """The members and periods for which the rule holds."""
        condition = render(with_tolerance(self._with_columns(rule.when.tree.copy())))
        selected = "".join(f", {sql} as {name}" for sql, name in self.fields.items())
        joins = " ".join(f"left join {clause.replace('@', alias)}" for clause, alias in self.joins.items())
        return (
            f"select {number} as rule, level, mid, period from (select s.level, s.mid, s.period{selected} "
            f"from present as s {joins} where s.level = cast({text(rule.level)} as level_name)) "
            f"where coalesce({condition}, false)"
        )

    def _with_columns(self, tree: exp.Expression) -> exp.Expression:
        """The tree with a plain column in the place of each field, and of each `prior` around one."""
        root = exp.Paren(this=tree)
        for column in list(root.find_all(exp.Column)):
            spot: exp.Expr = column
            back = 0
            if isinstance(column.parent, exp.Anonymous) and column.parent.name == "prior":
                spot = column.parent
                back = int(spot.expressions[1].name) if len(spot.expressions) > 1 else 1
            plain = exp.column(self._field(column.table, column.name, back))
            plain.meta.update(column.meta)
            spot.replace(plain)
        inner: exp.Expression = root.this
        return inner

    def _field(self, owner: str, name: str, back: int) -> str:
        """The column of a field of a KPI or scorecard, so many periods back."""
        asked = OF_KPI[name] if owner in self.kpis else OF_SCORECARD[name]
        if asked.extension is not None:
            column = f"{self._row(owner, back, self.there[asked.extension].name)}.{name}"
            sql = f"cast({column} as varchar)" if asked.type == "text" else column
        else:
            sql = asked.sql.format(now=self._row(owner, back))
        return self.fields.setdefault(sql, f"f{len(self.fields)}")

    def _row(self, owner: str, back: int, table: str = "verdicts") -> str:
        """The alias of the row of a KPI, or of a scorecard, so many periods back."""
        if owner in self.kpis:
            is_owner = f"@.kpi = cast({text(owner)} as kpi_name)"
        else:
            table, is_owner = SCORES, f"@.scorecard = {_CARD.format(text(owner))}"
        clause = f"{table} as @ on {is_owner} and @.level = s.level and @.mid = s.mid and @.period = s.period - {back}"
        return self.joins.setdefault(clause, f"r{len(self.joins)}")

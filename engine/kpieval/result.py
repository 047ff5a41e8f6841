"""What a run found: observations as a table, and all of it as the one versioned object that every format renders."""

from __future__ import annotations

import json
import weakref
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from kpieval import __version__
from kpieval.collect.sql import text
from kpieval.evaluate import needs
from kpieval.evaluate.describe import describe_kpi, describe_level, describe_pack, describe_source
from kpieval.evaluate.describe_presentation import describe_annotation, describe_theme
from kpieval.evaluate.describe_targets import describe_benchmark
from kpieval.evaluate.verdict import Shape
from kpieval.history import compare, keep, told_of
from kpieval.judge import observed, scored
from kpieval.model import ORGANISATION
from kpieval.queried import QueriedRows, QueriedScores
from kpieval.rows import ListedRows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import duckdb

    from kpieval.evaluate import Evaluated
    from kpieval.model.notify import Webhook
    from kpieval.problems import Problem
    from kpieval.rows import Rows

FORMAT = 1
"""The version of the result's shape, as `schemas/result.schema.json` describes it."""

LISTED = 50_000
"""So many observations are objects of Python; more stay in the database while a report is made."""


class Result:
    """The observations of a run, with everything that a report says about them.

    It holds them in a database in memory until it is closed; `with project.evaluate() as result:` closes it.

    >>> import kpieval
    >>> with kpieval.load("examples/sales-leadership").evaluate(period="2026-Q3") as result:
    ...     observations = result.to_dict()["observations"]
    >>> found = [o for o in observations if (o["kpi"], o["level"]) == ("win_rate", "organisation")]
    >>> [(o["period"], o["status"]) for o in found[-2:]]
    [('2026-Q2', 'good'), ('2026-Q3', 'good')]
    """

    def __init__(
        self,
        evaluated: Evaluated,
        judgement: frozenset[str],
        problems: Iterable[Problem],
        *,
        trim: bool,
        history: Path | None = None,
    ) -> None:
        self._run = evaluated
        self._judgement = judgement
        self._connection = evaluated.connection
        self._finalizer = weakref.finalize(self, evaluated.resources.close)
        self.problems: tuple[Problem, ...] = (*problems, *evaluated.problems)
        self._first = self._first_period(trim=trim)
        shape = Shape.of([evaluated.plan.kpis[name] for name in evaluated.measured])
        self._connection.execute(observed.view("observations", shape, self._first, judgement))
        self._connection.execute(observed.view("bare_observations", shape, self._first, frozenset()))
        scored.views(self._connection, self._first, made="scores" in judgement)
        before = self._labels[:-1]
        self._history = compare(evaluated, before, history) if history is not None else None

    def __enter__(self) -> Self:
        """Use the result, and close it afterwards."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the result."""
        self.close()

    def close(self) -> None:
        """Free the memory; `observations` can't be read any more."""
        self._finalizer()

    @property
    def observations(self) -> duckdb.DuckDBPyRelation:
        """One row per KPI, period, level and member: a table that Polars, pandas, DuckDB and pyarrow read (Arrow)."""
        return self._connection.sql("from observations")

    @property
    def scores(self) -> duckdb.DuckDBPyRelation:
        """One row per scorecard, period and member, as a table like the observations; their parts are in `to_dict`."""
        return self._connection.sql("from score_rows")

    @property
    def has_scorecards(self) -> bool:
        """Whether the project declares scorecards, so that there can be scores."""
        return bool(self._run.plan.project.scorecards)

    @property
    def webhooks(self) -> tuple[Webhook, ...]:
        """Who is to be told of the run when it is published."""
        return self._run.plan.project.webhooks

    @property
    def root(self) -> Path:
        """The folder of the project."""
        return self._run.plan.project.root

    def write_parquet(
        self,
        path: str | Path,
        of: Literal["observations", "scores"] = "observations",
        gate: dict[str, Any] | None = None,
    ) -> None:
        """Write a table into a Parquet file, whole or not at all, with the `gate` as JSON in the file's metadata.

        Raises OutputError where that fails.
        """
        from kpieval.render.write import write  # noqa: PLC0415 - rendering isn't needed to compute

        file = self._run.folder / f"{of}.parquet"
        table = {"observations": "observations", "scores": "score_rows"}[of]
        noted = f", kv_metadata {{kpieval_gate: {text(json.dumps(gate))}}}" if gate is not None else ""
        copied = f"copy ({self._as_text(table)}) to {text(str(file))} (format parquet{noted})"
        with self._run.watch.anew().limited():
            self._connection.execute(copied).fetchall()
        write(Path(path), file.read_bytes())
        file.unlink()

    def keep(self, folder: str | Path) -> str:
        """Keep this run in a folder that later ones are compared with, and return its name there.

        Raises OutputError where that fails.
        """
        file = self._run.folder / "keep.parquet"
        self.write_parquet(file)
        told = told_of(self._run, self._periods()[-1]["label"])
        return keep(told, file.read_bytes(), Path(folder))

    def report(self, path: str | Path, format: str = "html", templates: str | Path | None = None) -> Path:  # noqa: A002 - the option's name
        """Write a report: one page of HTML, Markdown, a mail (`email`), a workbook (`xlsx`), or a `site` into a folder.

        `templates` is a folder with templates of one's own; without it, the folder `reports` of the project is.
        Raises OutputError where it can't be written, DefinitionError for what is wrong in templates.
        """
        from kpieval.render import FOLDERS, document, files  # noqa: PLC0415 - rendering isn't needed to compute
        from kpieval.render.templates import own_templates  # noqa: PLC0415 - as above
        from kpieval.render.write import write, write_each  # noqa: PLC0415 - as above

        own = own_templates(self.root) if templates is None else Path(templates)
        if format in FOLDERS:
            write_each(Path(path), files(self.for_report(), format, own))
            return Path(path)
        return write(Path(path), document(self.for_report(), format, own))

    def to_dict(self) -> dict[str, Any]:
        """The whole result, as `schemas/result.schema.json` describes it: plain values, ready for JSON.

        Raises DataError where reading it takes more than the project's limits.
        """
        with self._run.watch.anew().limited():
            return self._told_whole()

    def for_report(self) -> dict[str, Any]:
        """The result as `to_dict` has it, but where there are many observations, they stay in the database.

        They are there as long as the result is open.
        Formats that look up what they show take it, so that a large result doesn't take its size in memory.
        """
        with self._run.watch.anew().limited():
            if self._count() <= LISTED:
                return self._told_whole()
            queried = QueriedRows(self._connection, self._labels)
            return self._told(queried, queried, lambda card: QueriedScores(self._connection, card, self._labels))

    def _told_whole(self) -> dict[str, Any]:
        rows = observed.rows(self._connection, "from observations")
        return self._told(ListedRows(rows, self._labels), rows, partial(scored.scores_of, self._connection))

    def _told(
        self, rows: Rows, observations: Rows | list[dict[str, Any]], scores: Callable[[str], object]
    ) -> dict[str, Any]:
        from kpieval.findings import Findings  # noqa: PLC0415 - it writes numbers in words, which takes a moment to load

        run, project = self._run, self._run.plan.project
        levels = [level for level in project.levels if level in run.levels]
        told = Findings(run, self._judgement)
        shown = {
            "levels": [describe_level(self._connection, project, level) for level in (*levels, ORGANISATION)],
            "periods": self._periods(),
            "kpis": [
                describe_kpi(run.plan, planned, needs.missing(run.plan, planned, run.absent))
                for planned in run.plan.kpis.values()
            ],
        }
        return {
            "kpieval": __version__,
            "format": FORMAT,
            "gate": None,
            "project": project.name,
            "packs": [describe_pack(each) for each in project.packs],
            "title": project.title,
            "locale": project.locale,
            "currency": project.currency,
            "grain": project.grain,
            "report": describe_theme(project.theme),
            "annotations": [describe_annotation(each) for each in project.annotations],
            "as_of": run.given_day.isoformat() if run.given_day else None,
            "period": self._period,
            "periods": shown["periods"],
            "levels": shown["levels"],
            "members": self._members(),
            "kpis": shown["kpis"],
            "observations": observations,
            "scorecards": scored.describe_scorecards(run, scores),
            "findings": told.findings(shown["kpis"], rows, shown["levels"], shown["periods"][-1]),
            "history": self._history,
            "rules": told.all_rules(),
            "drivers": told.drivers(),
            "benchmarks": [describe_benchmark(each, run.timeline.as_of) for each in project.benchmarks.values()],
            "sources": [describe_source(project.sources[each.source], each) for each in run.accounts],
            "problems": [
                {
                    "severity": problem.severity, "code": problem.code, "message": problem.message,
                    "file": problem.place.file if problem.place else None,
                    "line": problem.place.line if problem.place else None,
                    "column": problem.place.column if problem.place else None,
                    "hint": problem.hint,
                }
                for problem in self.problems
            ],
        }  # fmt: skip

    def _as_text(self, table: str) -> str:
        """The query of a table, its enumerations as text: DuckDB writes those in other bytes each time.

        How much of an enumeration it writes depends on which thread was faster.
        """
        kinds = {row[0]: row[1] for row in self._connection.execute(f"describe {table}").fetchall()}
        plain = ", ".join(
            f"cast({name} as varchar{'[]' if kind.endswith('[]') else ''}) as {name}"
            for name, kind in kinds.items()
            if kind.startswith("ENUM")
        )
        return f"select *{f' replace ({plain})' if plain else ''} from {table}"

    def _first_period(self, *, trim: bool) -> int:
        """The first period shown: with `trim` the first one in which anything has a value."""
        times = self._run.timeline
        if not trim:
            return times.first
        found = self._connection.execute(
            f"select min(period) from judged where period >= {times.first} and value is not null"
        ).fetchall()[0][0]
        return times.last if found is None else int(found)

    def _periods(self) -> list[dict[str, Any]]:
        times = self._run.timeline
        return [
            {"label": p.label, "start": p.start.isoformat(), "end": p.end.isoformat(), "complete": times.complete(p)}
            for p in times.evaluated
            if p.index >= self._first
        ]

    @property
    def _labels(self) -> list[str]:
        """Those of the periods."""
        return [period["label"] for period in self._periods()]

    @property
    def _period(self) -> str:
        """The label of the reported period."""
        return self._run.timeline.evaluated[-1].label

    def _count(self) -> int:
        count: int = self._connection.execute("select count(*) from judged").fetchall()[0][0]
        return count

    def _members(self) -> list[dict[str, Any]]:
        rows = self._connection.execute(
            "select level, member, label, parent_level, parent from belonging order by level, label, member"
        ).fetchall()
        return [
            {"level": level, "member": member, "label": label,
             "parent": None if parent is None else {"level": parent_level, "member": parent}}
            for level, member, label, parent_level, parent in rows
        ]  # fmt: skip

"""kpieval from Python: load a project, evaluate it, look at the result or write a report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from kpieval import model
    from kpieval.problems import Problem
    from kpieval.result import Result


@dataclass(frozen=True, slots=True)
class Project:
    """A project whose definitions are right. `problems` are its warnings; `model` is what it means."""

    model: model.Project
    problems: tuple[Problem, ...]

    @property
    def name(self) -> str:
        """The project's name."""
        return self.model.name

    @property
    def secrets(self) -> tuple[str, ...]:
        """What came from `${env:...}` and is never shown."""
        return self.model.secrets

    def evaluate(
        self,
        period: str | None = None,
        periods: int | None = None,
        as_of: dt.date | None = None,
        *,
        quarantine_dir: Path | None = None,
        history: Path | None = None,
    ) -> Result:
        """Compute every KPI for `periods` periods up to `period`.

        `period` is a label such as `2026-Q3`; without it, the last period that is complete on the day `as_of` (today)
        and that the data reach. Rows that a source with `on_error: quarantine` sets aside are written into
        `quarantine_dir`, one file for each source; without it they are counted only. With `history`, a folder of runs
        that `Result.keep` has kept, the result says what was reported of earlier periods and is another value now.

        Raises DataError where the data can't be trusted or a limit is met, DefinitionError for a period that the
        project's calendar doesn't have.
        """
        from kpieval.collect.timeline import Request  # noqa: PLC0415 - `validate` needs none of this
        from kpieval.evaluate import evaluate  # noqa: PLC0415 - as above
        from kpieval.judge import judge  # noqa: PLC0415 - as above
        from kpieval.result import Result  # noqa: PLC0415 - as above

        run = evaluate(self.model, Request(period, periods, as_of, history), quarantine_dir)
        with run.bounded():
            return Result(run, judge(run), self.problems, trim=periods is None, history=history)


def load(path: str | Path = ".") -> Project:
    """Read and check the project that `path` belongs to: its folder, its `kpieval.yaml`, or anything inside.

    Raises DefinitionError with everything that is wrong.
    """
    from kpieval.build import build  # noqa: PLC0415 - `import kpieval` costs nothing
    from kpieval.problems import DefinitionError  # noqa: PLC0415 - as above
    from kpieval.read import read  # noqa: PLC0415 - as above

    project, problems = build(read(path))
    if project is None:
        raise DefinitionError(problems)
    return Project(project, tuple(problems))

"""Each case in `cases/data/` is a project with untidy or hostile data beside exactly what is said of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from asking import loaded, rows
from kpieval.problems import DataError
from kpieval.sources import open_session

CASES = Path(__file__).parent / "cases" / "data"


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir() if path.is_dir()))
def test_data(case: str, tmp_path: Path, *, update: bool) -> None:
    shutil.copytree(CASES / case, tmp_path, dirs_exist_ok=True)
    if not (tmp_path / "kpieval.yaml").exists():
        shutil.copy(CASES / "kpieval.yaml", tmp_path)
    said = outcome(tmp_path)
    expected = CASES / case / "expected.txt"
    if update:
        expected.write_text(said, encoding="utf-8", newline="\n")
    assert said == expected.read_text(encoding="utf-8")


def outcome(folder: Path) -> str:
    """The problems, or the rows with what is reported of them."""
    aside = folder / "out"
    lines: list[str] = []
    try:
        with open_session(loaded(folder), quarantine_dir=aside) as session:
            columns = [name for name in session.project.sources["deals"].columns if name not in session.absent("deals")]
            found = rows(session, "select * from rows", columns=tuple(columns))
            types = session.connection.execute("describe answer").fetchall()
            report = session.report("deals")
        lines.append(", ".join(f"{name} {type_.lower()}" for name, type_, *_ in types))
        lines += [", ".join("-" if value is None else str(value) for value in row) for row in found]
        lines += [f"unmapped: {each.column} = {each.value!r} in {each.rows}" for each in report.unmapped]
        if report.quarantined:
            lines += [f"{report.quarantined} set aside of {report.rows} and them:"]
            lines += [(aside / "deals.csv").read_text(encoding="utf-8")]
    except DataError as error:
        for problem in error.problems:
            lines.append(str(problem))
            lines += [f"  hint: {problem.hint}"] if problem.hint else []
        assert not aside.exists()
    return "".join(f"{line}\n" for line in lines)

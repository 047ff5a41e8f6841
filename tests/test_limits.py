"""What a run may use is bounded, also where DuckDB doesn't bound it, and a run that is stopped says so."""

from __future__ import annotations

import mmap
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

import workbook
from asking import ask, project, rows
from kpieval.problems import DataError, Place
from kpieval.sources import open_session, process

if TYPE_CHECKING:
    from collections.abc import Callable

    from kpieval.sources.session import Session

TESTS = Path(__file__).parent
TEXTS = "deals: {file: deals.csv, columns: {id: text, x: text}}"
LONG = "id,x\n" + "".join(f"{row},{'a' * 1000}\n" for row in range(3))
MIB = 1 << 20

APART = f"""
import resource, sys
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from asking import ask, loaded
from kpieval.problems import DataError
try:
    ask(loaded(Path(sys.argv[1])), sys.argv[2])
except DataError as error:
    print(*(problem.code for problem in error.problems))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def codes(caught: pytest.ExceptionInfo[DataError]) -> list[str]:
    return [each.code for each in caught.value.problems]


@pytest.mark.parametrize(
    ("query", "most"),
    [
        # 3 GB in texts of 1 GB, which no memory limit of DuckDB's sees
        ("select sum(length(replace(replace(x, 'a', x), 'a', x))) as n from rows", 2000),
        ("select median(cast(r.range as double)) as n from range(100000000) as r", 1200),
        ("select mode(r.range) as n from range(30000000) as r", 1200),
    ],
)
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bounded by the operating system on Linux only")
def test_memory_is_bounded_whatever_needs_it(tmp_path: Path, query: str, most: int) -> None:
    project(tmp_path, TEXTS, {"deals.csv": LONG}, "limits: {memory: 200MB}")
    command = [sys.executable, "-c", APART, str(tmp_path), query]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    said, peak = done.stdout.splitlines()
    assert said == "memory-limit"
    assert int(peak) < most


def grow(session: Session) -> None:
    with session.bounded(Place("kpis/a.yaml", 3, 5)):
        held = b"\1" * (400 * MIB)
        time.sleep(0.2)
    assert not held


def test_memory_that_grows_while_nothing_listens_to_duckdb_is_seen(tmp_path: Path) -> None:
    made = project(tmp_path, TEXTS, {"deals.csv": LONG}, "limits: {memory: 50MB}")
    with open_session(made) as session, pytest.raises(DataError) as caught:
        grow(session)
    assert str(caught.value).startswith("kpis/a.yaml:3:5: error [memory-limit] The run needs more memory than 0.0466 ")


def test_a_file_that_is_looked_at_is_not_memory_that_is_needed(tmp_path: Path) -> None:
    made = project(tmp_path, TEXTS, {"deals.csv": LONG}, "limits: {memory: 50MB}")
    with (tmp_path / "large").open("w+b") as large:
        large.truncate(500 * MIB)
        whole = mmap.mmap(large.fileno(), 0, access=mmap.ACCESS_READ)
        with whole, open_session(made) as session, session.bounded():
            assert whole.find(b"x") < 0
            time.sleep(0.1)


def test_a_document_that_is_too_large_is_not_called_wrong(tmp_path: Path) -> None:
    content = "".join(f'{{"id": "{row}", "x": "{"a" * 1000}{row}"}}\n' for row in range(30_000))
    made = project(
        tmp_path,
        "deals: {file: deals.ndjson, columns: {id: text, x: text}}",
        {"deals.ndjson": content},
        "limits: {memory: 20MB}",
    )
    with pytest.raises(DataError) as caught:
        ask(made, "select * from rows")
    assert codes(caught) == ["memory-limit"]


def test_a_smaller_machine_is_not_asked_for_more_than_it_has(tmp_path: Path) -> None:
    made = project(tmp_path, TEXTS, {"deals.csv": LONG}, "limits: {memory: 8GB}")
    with duckdb.connect(config={"memory_limit": "100MiB"}) as connection, open_session(made, connection) as session:
        assert connection.execute("select current_setting('memory_limit')").fetchall() == [("100.0 MiB",)]
        with pytest.raises(DataError) as caught:
            rows(session, "select rows.*, range from rows, range(10000000)")
    assert codes(caught) == ["memory-limit"]
    assert "0.0977 GiB, which is what this machine can spare" in str(caught.value)


def dawdle(session: Session) -> None:
    with session.bounded(Place("kpis/a.yaml", 3, 5)):
        time.sleep(1.1)  # an interrupt here meets no statement
        session.connection.execute("select sum(a.range * b.range) from range(1000000) as a, range(1000000) as b")


def test_time_that_runs_out_between_two_statements_is_noticed(tmp_path: Path) -> None:
    made = project(tmp_path, TEXTS, {"deals.csv": LONG}, "limits: {seconds: 1}")
    with open_session(made) as session:
        began = time.monotonic()
        with pytest.raises(DataError) as caught:
            dawdle(session)
        assert time.monotonic() - began < 3
        with pytest.raises(DataError, match="time-limit"), session.bounded():
            pytest.fail("no time is left")
    assert str(caught.value) == "kpis/a.yaml:3:5: error [time-limit] The run took longer than 1 second and was stopped."


def test_a_statement_that_ends_in_time_is_never_interrupted_later(tmp_path: Path) -> None:
    made = project(tmp_path, TEXTS, {"deals.csv": LONG}, "limits: {seconds: 1}")
    with open_session(made) as session:
        with session.bounded():
            session.connection.execute("select 1")
        time.sleep(0.9)
        # outside of `bounded`, nobody's statement is stopped
        session.connection.execute("select sum(a.range * b.range) from range(20000) as a, range(10000) as b")


def test_where_the_process_is_its_own_a_statement_that_doesnt_listen_ends_it_with_a_word(tmp_path: Path) -> None:
    project(tmp_path, TEXTS, {"deals.csv": LONG}, "limits: {seconds: 1}")
    code = f"""
import sys, time
sys.path.insert(0, {str(TESTS)!r})
from pathlib import Path
from asking import loaded
from kpieval.problems import Place
from kpieval.sources import open_session, process
process.OWN.set()
with open_session(loaded(Path(sys.argv[1]))) as session, session.bounded(Place("kpis/a.yaml", 3, 5)):
    time.sleep(60)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False, timeout=30
    )
    said = "kpis/a.yaml:3:5: error [time-limit] The run took longer than 1 second and was stopped.\n"
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == said + "    hint: Raise `limits: {seconds: ...}`, or ask for less.\n"


def test_the_command_owns_its_process() -> None:
    code = "from kpieval import __main__, cli; from kpieval.sources import process; import sys\n"
    code += "__main__.run = lambda _: 0 if process.OWN.is_set() else 1; __main__.main()"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bounded by the operating system on Linux only")
def test_the_systems_limit_is_there_while_a_session_is_open_and_gone_afterwards(tmp_path: Path) -> None:
    import resource  # noqa: PLC0415 - Windows has none

    made = project(tmp_path, TEXTS, {"deals.csv": LONG}, "limits: {memory: 1GB}")
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with duckdb.connect() as connection, open_session(made, connection):
        reserved = int(process.STATM.read_bytes().split()[5]) * resource.getpagesize()
        one = resource.getrlimit(resource.RLIMIT_DATA)
        with open_session(made):
            two = resource.getrlimit(resource.RLIMIT_DATA)
        assert resource.getrlimit(resource.RLIMIT_DATA) == one
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert 10**9 < one[0] - reserved < 4 * 10**9
    assert two[0] - one[0] > 10**9


def test_a_lower_limit_of_the_users_stays() -> None:
    code = """
import resource
from kpieval.sources import process
resource.setrlimit(resource.RLIMIT_DATA, (5 << 30, 6 << 30))
with process.ceiling(64 << 30):
    print(resource.getrlimit(resource.RLIMIT_DATA) == (5 << 30, 6 << 30))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


def test_a_system_without_such_limits_still_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "resource", None)
    monkeypatch.setattr(process, "STATM", tmp_path / "nothing")
    made = project(tmp_path, TEXTS, {"deals.csv": LONG}, "limits: {memory: 100MB}")
    assert ask(made, "select count(*) as n from rows") == [(3,)]
    with pytest.raises(DataError) as caught:
        ask(made, "select * from rows, range(10000000) as r")
    assert codes(caught) == ["memory-limit"]


def far_apart(folder: Path) -> None:
    """A workbook of a kilobyte whose two cells span all that a sheet can have."""
    workbook.write(folder / "plain.xlsx", {"Deals": [["id"], ["a"]]})
    with zipfile.ZipFile(folder / "plain.xlsx") as old, zipfile.ZipFile(folder / "deals.xlsx", "w") as new:
        for part in old.namelist():
            last = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            new.writestr(part, old.read(part).replace(b"</sheetData>", last))


def shared_bomb(folder: Path) -> None:
    """A workbook whose cells all show one long text, which is in it once."""
    workbook.write(folder / "plain.xlsx", {"Deals": [["id"], ["a"]]})
    related = f'<Relationship Id="s" Type="{workbook.OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(3, 100_000))
    with (
        zipfile.ZipFile(folder / "plain.xlsx") as old,
        zipfile.ZipFile(folder / "deals.xlsx", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            content = old.read(part).replace(b"</sheetData>", cells.encode() + b"</sheetData>")
            if part.endswith("workbook.xml.rels"):
                content = content.replace(b"</Relationships>", related.encode() + b"</Relationships>")
            new.writestr(part, content)
        text = "a" * 32_000
        new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{workbook.MAIN}"><si><t>{text}</t></si></sst>')


@pytest.mark.parametrize("bomb", [far_apart, shared_bomb])
def test_a_workbook_that_becomes_too_large_is_refused(tmp_path: Path, bomb: Callable[[Path], None]) -> None:
    pytest.importorskip("fastexcel", reason="the extra kpieval[excel] is not installed")
    bomb(tmp_path)
    made = project(
        tmp_path, "deals: {file: deals.xlsx, columns: {id: text}}", more="limits: {memory: 500MB, seconds: 60}"
    )
    with pytest.raises(DataError) as caught:
        ask(made, "select * from rows")
    place = caught.value.problems[0].place
    assert codes(caught) == ["memory-limit"]
    assert place is not None
    assert place.file == "deals.xlsx"

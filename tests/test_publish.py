"""Publishing: whoever reads sees the old site or the new one, whatever happens meanwhile."""

from __future__ import annotations

import datetime as dt
import errno
import os
import resource
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import killing
import publishing
import sample_result
import site_reader
from kpieval.problems import OutputError
from kpieval.publish import pages, publish
from kpieval.publish.contents import write_documents
from kpieval.publish.links import moved, with_footer
from kpieval.publish.site import ABANDONED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpieval.publish import Published

HERE = Path(__file__).parent


def at(minute: int) -> dt.datetime:
    return dt.datetime(2026, 10, 5, 7, minute, tzinfo=dt.UTC)


def put(folder: Path, mark: str, minute: int, period: int = -1, keep: int = 12) -> Published:
    with tempfile.TemporaryDirectory() as made:
        source = site_reader.written(Path(made), mark)
        return publish(site_reader.result(period), source, folder, keep=keep, now=at(minute))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "runs").iterdir())


def started(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_report_is_published_with_all_its_pages_and_its_other_forms(tmp_path: Path) -> None:
    result = sample_result.result(reps=2)
    source = tmp_path / "made"
    source.mkdir()
    write_documents(result, source)
    documents = {path.name: path.read_text("utf-8") for path in source.iterdir()}
    found = publish(result, source, tmp_path / "site", now=at(0))
    assert found.new
    run = f"runs/{found.run.name}"
    assert found.run.name.startswith("2026-Q3-20261005T070000000000Z-")
    seen = site_reader.read(tmp_path / "site")
    pages = {path.removeprefix(f"{run}/") for path in seen if path.startswith(run)}
    assert pages == documents.keys()
    assert {"index.html", "methods.html", "kpi-win-rate.html", "report.md", "result.json"} < pages
    for path, text in documents.items():
        footer = '<p><a href="../../index.html">The newest report</a> <a href="../../runs.html">All runs</a></p>\n'
        assert seen[f"{run}/{path}"].replace(footer, "") == text
        assert (footer in seen[f"{run}/{path}"]) == path.endswith(".html")
    assert "2026-10-05 07:00 UTC" in seen["runs.html"]
    assert f'href="{run}/kpi-win-rate.html"' in seen["index.html"]


def test_the_front_page_is_the_newest_report_and_leads_into_its_run(tmp_path: Path) -> None:
    put(tmp_path, "old", 0)
    run = put(tmp_path, "new", 1).run.name
    page = site_reader.read(tmp_path)["index.html"]
    assert f'href="runs/{run}/style.css"' in page
    assert f'href="runs/{run}/kpi/one.html?a=1#top"' in page
    assert 'href="#top"' in page
    assert site_reader.front(tmp_path) == "new"


def test_the_same_again_makes_nothing_new_and_touches_no_page(tmp_path: Path) -> None:
    put(tmp_path, "same", 0)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if ".kpieval" not in path.parts}
    assert not put(tmp_path, "same", 1).new
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if ".kpieval" not in path.parts}
    assert before == after
    assert put(tmp_path, "other", 2).new
    assert put(tmp_path, "same", 3).new  # it came back, which is news


def test_an_earlier_period_does_not_take_the_front_page(tmp_path: Path) -> None:
    put(tmp_path, "now", 0)
    found = put(tmp_path, "earlier", 1, period=-3)
    assert (found.run.period, found.front.period) == ("2026-Q1", "2026-Q3")
    assert site_reader.front(tmp_path) == "now"
    assert f"runs/{found.run.name}/index.html" in site_reader.read(tmp_path)


def test_the_last_runs_and_the_last_run_of_the_last_periods_are_kept(tmp_path: Path) -> None:
    for minute, period in enumerate([-5, -4, -3, -3, -2, -1, -1, -1, -1]):
        put(tmp_path, f"run {minute}", minute, period, keep=3)
    kept = [(name[:7], name[-20:-16]) for name in names(tmp_path)]
    assert kept == [("2026-Q1", "0300"), ("2026-Q2", "0400")] + [("2026-Q3", f"0{n}00") for n in (6, 7, 8)]
    assert set(site_reader.read(tmp_path)) >= {f"runs/{name}/index.html" for name in names(tmp_path)}


def test_the_run_shown_before_stays_for_those_who_have_opened_it(tmp_path: Path) -> None:
    first, second = (put(tmp_path, f"run {minute}", minute, keep=1).run.name for minute in (0, 1))
    assert names(tmp_path) == [first, second]
    third = put(tmp_path, "run 2", 2, keep=1).run.name
    assert names(tmp_path) == [second, third]


def test_what_is_not_kpievals_is_never_touched(tmp_path: Path) -> None:
    put(tmp_path, "one", 0, keep=1)
    (tmp_path / "theirs.html").write_text("theirs")
    (tmp_path / "runs" / "2020-Q1-20200101T000000000000Z-00000000").mkdir()
    (tmp_path / "runs" / "notes").mkdir()
    for minute in (1, 2, 3):
        put(tmp_path, f"run {minute}", minute, keep=1)
    assert (tmp_path / "theirs.html").read_text() == "theirs"
    assert {"2020-Q1-20200101T000000000000Z-00000000", "notes"} < set(names(tmp_path))


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".hidden").write_text("fine")
    (tmp_path / "index.html").write_text("theirs")
    with pytest.raises(OutputError, match=r"hasn't published, such as `index\.html`"):
        put(tmp_path, "new", 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".hidden", "index.html"]
    with pytest.raises(OutputError, match="is no folder"):
        put(tmp_path / "index.html", "new", 0)


def test_a_folder_of_another_project_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "one", 0)
    with pytest.raises(OutputError, match="shows the project `acme-sales`, not `other`") as caught:
        publish({**site_reader.result(), "project": "other"}, site_reader.written(tmp_path / ".two", "two"), tmp_path)
    assert caught.value.problems[0].code == "not-published-here"
    assert site_reader.front(tmp_path) == "one"


@pytest.mark.parametrize("name", ["runs", ".kpieval"])
def test_nothing_is_written_through_a_link(tmp_path: Path, name: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="is a link"):
        put(tmp_path / "site", "new", 0)
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    ("mode", "folders", "files"), [(None, 0o755, 0o644), (0o750, 0o750, 0o640), (0o2775, 0o2775, 0o664)]
)
def test_who_may_read_the_folder_may_read_all_of_it(tmp_path: Path, mode: int | None, folders: int, files: int) -> None:
    site = tmp_path / "a" / "site"
    before = os.umask(0o077)
    try:
        if mode is not None:
            site.mkdir(parents=True)
            site.chmod(mode)
        put(site, "new", 0)
    finally:
        os.umask(before)
    found = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in [site, *site.rglob("*")]}
    assert found == {(True, folders), (False, files)}


def test_leftovers_of_killed_runs_are_swept_after_some_hours(tmp_path: Path) -> None:
    put(tmp_path, "one", 0)
    for name in ("staging-old", "staging-young"):
        (tmp_path / ".kpieval" / name / "half").mkdir(parents=True)
    os.utime(tmp_path / ".kpieval" / "staging-old", (0, time.time() - ABANDONED - 1))
    put(tmp_path, "two", 1)
    assert sorted(path.name for path in (tmp_path / ".kpieval").iterdir()) == ["lock", "site.json", "staging-young"]


def test_what_another_takes_away_meanwhile_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "one", 0)
    gone = tmp_path / ".kpieval" / "staging-gone"
    gone.mkdir()
    look = os.scandir

    def seen(folder: Any = ".") -> Any:  # noqa: ANN401 - as os has it
        if folder != gone.parent or not gone.exists():
            return look(folder)
        entries = list(look(folder))
        gone.rmdir()
        return nullcontext(entries)

    monkeypatch.setattr(os, "scandir", seen)
    put(tmp_path, "two", 1)
    assert not gone.exists()
    assert len(names(tmp_path)) == 2


def test_a_spoilt_list_of_runs_is_made_anew(tmp_path: Path) -> None:
    put(tmp_path, "one", 0, period=-2)
    for spoilt in ("{", '{"runs": []}', '{"runs": {"x": 1}, "shown": 3}', "[]"):
        (tmp_path / "runs.json").write_text(spoilt)
        put(tmp_path, "two", 1)
        assert site_reader.read(tmp_path)["runs.html"].count('<th scope="row">') == 2


def test_only_new_runs_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for minute in range(6):
        put(tmp_path, f"run {minute}", minute)
    opened: list[str] = []
    real = Path.read_text

    def reading(path: Path, encoding: str | None = None) -> str:
        opened.append(path.name)
        return real(path, encoding)

    monkeypatch.setattr(Path, "read_text", reading)
    put(tmp_path, "new", 6)
    assert opened.count("run.json") <= 2  # the new one, before and after the swap


def test_publishing_survives_a_kill_at_every_system_call(tmp_path: Path) -> None:
    done = started("killing.py", tmp_path)
    out, err = done.communicate()
    if done.returncode == killing.DENIED:
        pytest.skip("tracing a process is not allowed here")
    assert done.returncode == 0, err
    assert all(int(calls) > 100 for calls in out.split()), out


class DiskFull:
    """From the file operation of a number on, whatever needs room fails."""

    NEEDING_ROOM = ("os.mkdir", "os.rename", "os.fsync")

    def __init__(self) -> None:
        self.left: int | None = None
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.left is None:
            return
        flags = arguments[2] if event == "open" else 0
        if event in self.NEEDING_ROOM or (event == "open" and isinstance(flags, int) and flags & os.O_CREAT):
            self.left -= 1
            if self.left < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture(scope="module")
def disk() -> DiskFull:
    return DiskFull()


@pytest.fixture
def full(disk: DiskFull, monkeypatch: pytest.MonkeyPatch) -> Iterator[DiskFull]:
    real = os.fsync

    def fsync(handle: int) -> None:
        disk("os.fsync", ())
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    yield disk
    disk.left = None


@pytest.mark.parametrize("begun", [True, False])
def test_publishing_survives_a_full_disk_at_every_step(tmp_path: Path, full: DiskFull, *, begun: bool) -> None:
    before, site = tmp_path / "before", tmp_path / "site"
    result, source = site_reader.result(), site_reader.written(tmp_path / "source", "new")
    if begun:
        put(before, "first", 0, period=-3, keep=1)
        put(before, "old", 1, period=-2, keep=1)
    for step in count():
        shutil.rmtree(site, ignore_errors=True)
        if begun:
            shutil.copytree(before, site)
        full.left = step
        failed = None
        try:
            publish(result, source, site, keep=1, now=at(2))
        except OutputError as error:
            failed = error.problems[0].message
        full.left = None
        if failed is None:
            break
        assert "No space left on device" in failed, step
        site_reader.read(site)
        assert site_reader.front(site) in ({"old", "new"} if begun else {None, "new"}), step
        assert not list(site.glob(".kpieval/staging-*")), step
        put(site, "new", 3, keep=1)
        assert site_reader.front(site) == "new"
    assert step > 20


def test_a_disk_that_takes_only_half_a_file_leaves_the_old_site(tmp_path: Path) -> None:
    source = site_reader.written(tmp_path / "source", "new")
    (source / "large.json").write_text("x" * 200_000)
    tmp_path /= "site"
    put(tmp_path, "old", 0)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OutputError, match="File too large"):
            publish(site_reader.result(), source, tmp_path, now=at(1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert site_reader.front(tmp_path) == "old"
    assert len(names(tmp_path)) == 1
    assert len(list((tmp_path / ".kpieval").iterdir())) == 2


READ_ONLY = """
import os, sys, site_reader
from pathlib import Path
from kpieval.problems import OutputError
from kpieval.publish import pages, publish
import kpieval.publish.links, kpieval.render.views.report
result = site_reader.result()
if os.getuid() == 0:
    os.setuid(65534)  # whom the modes of folders bind, unlike root
try:
    publish(result, Path(sys.argv[2]), Path(sys.argv[1]))
except OutputError as error:
    print(error.problems[0].message)
"""


def test_a_folder_that_may_only_be_read_is_left_as_it_is() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        site = folder / "site"
        put(site, "old", 0)
        source = site_reader.written(folder / "source", "new")
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        done = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(site), str(source)],
            env={**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout == f"`{site}` can't be published into: Permission denied ({site}/.kpieval/lock).\n"
        assert site_reader.front(site) == "old"
        assert len(names(site)) == 1
    finally:
        for path in folder.rglob("*"):
            path.chmod(0o755)
        shutil.rmtree(folder)


@pytest.mark.parametrize("locks", ["", "without"])
@pytest.mark.parametrize("keep", [5, 100])
def test_several_at_once_leave_a_whole_site_at_any_time(tmp_path: Path, locks: str, keep: int) -> None:
    running = [started("publishing.py", tmp_path, f"writer {number}", 8, keep, locks) for number in range(3)]
    read = 0
    while any(each.poll() is None for each in running):
        if keep == 100 and (tmp_path / "index.html").exists():  # else a run may go while its link is looked at
            site_reader.read(tmp_path)
        read += 1
    for each in running:
        _, err = each.communicate()
        assert each.returncode == 0, err
    assert read > 10
    seen = site_reader.read(tmp_path)
    assert (site_reader.front(tmp_path) or "").endswith(" 7")
    listed = {path.split("/")[1] for path in seen if path.startswith("runs/")}
    assert listed == set(names(tmp_path))
    assert len(listed) in ({5, 6} if keep == 5 else {24})


def test_without_locks_a_run_that_comes_in_between_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "old", 0)
    monkeypatch.setattr("kpieval.publish.site.locked", publishing.unlocked)
    real, between = pages.runs_page, [True]

    def slowly(*arguments: Any) -> str:  # noqa: ANN401 -- whatever it is called with
        if between:
            between.clear()
            put(tmp_path, "other", 2)
        return real(*arguments)

    monkeypatch.setattr("kpieval.publish.pages.runs_page", slowly)
    put(tmp_path, "new", 1)
    assert site_reader.front(tmp_path) == "other"
    assert site_reader.read(tmp_path)["runs.html"].count('<th scope="row">') == 3


def test_links_move_and_text_that_looks_like_one_stays() -> None:
    page = (
        '<a href="a.html#x">href="b.html"</a><img alt=\'src="c.png"\' src=\'c.png\'><a href="../up.html?q=1&amp;r">'
        '<a href="https://x.example/a"><a href="/rooted"><a href="#here"><a href=""><code>&lt;a href="d"&gt;</code>'
    )
    assert moved(page, "runs/1") == (
        '<a href="runs/1/a.html#x">href="b.html"</a><img alt=\'src="c.png"\' src="runs/1/c.png">'
        '<a href="runs/up.html?q=1&amp;r">'
        '<a href="https://x.example/a"><a href="/rooted"><a href="#here"><a href=""><code>&lt;a href="d"&gt;</code>'
    )
    assert with_footer("<footer>a</footer><footer>b</footer>c", "!") == "<footer>a</footer><footer>b!</footer>c"
    assert with_footer("none", "!") == "none"

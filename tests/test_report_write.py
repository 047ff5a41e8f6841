"""Writing: a file is the old one or the new one."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kpieval.problems import OutputError
from kpieval.render.write import write, write_each

if TYPE_CHECKING:
    from collections.abc import Iterator

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and links of POSIX")


def test_a_new_file_and_the_folders_that_lead_to_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / "b" / "report.html", "čau\n")
    assert path.read_bytes() == "čau\n".encode()
    assert [found.name for found in path.parent.iterdir()] == ["report.html"]


@posix
def test_a_new_file_gets_what_the_mask_allows_and_an_old_one_keeps_its_mode(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        new = write(tmp_path / "new.html", b"1")
    finally:
        os.umask(mask)
    assert stat.S_IMODE(new.stat().st_mode) == 0o640
    new.chmod(0o604)
    write(new, b"2")
    assert stat.S_IMODE(new.stat().st_mode) == 0o604


@posix
def test_a_link_is_replaced_and_what_it_points_to_stays(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "precious")
    write(tmp_path / "link", "new")
    assert (tmp_path / "precious").read_text() == "old"
    assert (tmp_path / "link").read_text() == "new"
    assert not (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("step", ["fsync", "replace", "write"])
def test_a_failure_at_any_step_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    elif step == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    else:
        monkeypatch.setattr("kpieval.render.write.os.fdopen", fail)
    with pytest.raises(OutputError, match="No space left on device") as caught:
        write(path, "new")
    monkeypatch.undo()
    assert caught.value.problems[0].code == "output-not-written"
    assert path.read_text() == "old"
    assert [found.name for found in tmp_path.iterdir()] == ["report.html"]


def test_an_interrupt_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(path, "new")
    assert [found.name for found in tmp_path.iterdir()] == ["report.html"]
    assert path.read_text() == "old"


@pytest.mark.parametrize("place", ["folder", "file/below"])
def test_a_place_that_cannot_be_written_is_a_problem_with_a_way_out(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError) as caught:
        write(tmp_path / place, "new")
    assert caught.value.problems[0].hint


def test_the_files_of_a_folder_are_flushed_each_and_their_folder_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[bool] = []
    flush = os.fsync

    def seen(handle: int) -> None:
        flushed.append(stat.S_ISDIR(os.fstat(handle).st_mode))
        flush(handle)

    monkeypatch.setattr(os, "fsync", seen)
    write_each(tmp_path / "site", [("a.html", "1"), ("b.html", "2")])
    assert {path.name: path.read_text() for path in (tmp_path / "site").iterdir()} == {"a.html": "1", "b.html": "2"}
    assert flushed == [False, False, True]


def test_the_first_file_that_cannot_be_written_is_the_problem_and_the_last_one(tmp_path: Path) -> None:
    (tmp_path / "b.html").mkdir()
    asked: list[str] = []

    def made(*names: str) -> Iterator[tuple[str, str]]:
        for name in names:
            asked.append(name)
            yield name, "new"

    with pytest.raises(OutputError, match=r"b\.html"):
        write_each(tmp_path, made("a.html", "b.html", "c.html"))
    assert asked == ["a.html", "b.html"]
    assert sorted(found.name for found in tmp_path.iterdir()) == ["a.html", "b.html"]
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError) as caught:
        write_each(tmp_path / "file", made("a.html"))
    assert len(caught.value.problems) == 1

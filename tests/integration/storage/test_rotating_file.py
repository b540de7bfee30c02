"""The log in the data folder: private, of bounded size, and no trouble to anybody."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from plexsync.storage.rotating_file import RotatingFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "plexsync.log"


def test_it_is_private_and_what_it_held_stays(path: Path) -> None:
    path.write_text("before\n")
    path.chmod(0o600)
    RotatingFile(path).write("after\n")
    assert path.read_text() == "before\nafter\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    other = path.with_name("new.log")
    RotatingFile(other).write("new\n")
    assert stat.S_IMODE(other.stat().st_mode) == 0o600


def test_it_never_grows_beyond_its_bounds(path: Path) -> None:
    file = RotatingFile(path, most=100, kept=2)
    for number in range(100):
        file.write(f"line {number:03d}\n")
    files = sorted(path.parent.iterdir())
    assert [one.name for one in files] == ["plexsync.log", "plexsync.log.1", "plexsync.log.2"]
    assert all(one.stat().st_size <= 100 for one in files)
    lines = [line for one in reversed(files) for line in one.read_text().splitlines()]
    assert lines == [f"line {number:03d}" for number in range(100 - len(lines), 100)], "the latest, and none twice"


def test_a_line_longer_than_a_file_is_written_whole(path: Path) -> None:
    file = RotatingFile(path, most=10, kept=1)
    file.write("a" * 50 + "\n")
    file.write("b\n")
    assert path.read_text() == "b\n"
    assert path.with_name("plexsync.log.1").read_text() == "a" * 50 + "\n"


def test_it_follows_when_another_process_puts_it_aside(path: Path) -> None:
    first, second = (RotatingFile(path, most=20, kept=1, look_every=0) for _ in range(2))
    first.write("a" * 15 + "\n")
    second.write("b" * 15 + "\n")
    first.write("c\n")
    assert path.read_text() == "b" * 15 + "\nc\n"
    path.unlink()
    first.write("d\n")
    assert path.read_text() == "d\n"


def test_what_cannot_be_written_harms_nobody(path: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("not ours")
    path.symlink_to(elsewhere)
    file = RotatingFile(path, look_every=0)
    file.write("a line\n")
    assert elsewhere.read_text() == "not ours"
    path.unlink()
    path.mkdir()
    file.write("a line\n")
    assert list(path.iterdir()) == []
    path.rmdir()
    file.write("a line\n")
    assert path.read_text() == "a line\n"

"""What stands in the place of a file of ours - a link, a folder, a pipe - is neither written to nor waited for."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from plexsync.cli import environment
from plexsync.configuration.config_file import NotEditable, put_setting
from plexsync.inbox.hook_process import replace
from plexsync.reconcile.only_one import LOCK, exclusive
from plexsync.storage import consumer_lock
from plexsync.storage.consumer_lock import CONSUMER_LOCK, only_consumer, running_consumer
from plexsync.storage.database import Database
from plexsync.storage.locks import Taken
from plexsync.storage.own_files import NotOurs
from settings import load
from tests.support import programs
from tests.support.places import ROOT

PRECIOUS = "what nobody of us has written\n"


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    path = tmp_path / "precious"
    path.write_text(PRECIOUS)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


PLACES: dict[str, Callable[[Path, Path], object]] = {
    "a link": lambda place, precious: place.symlink_to(precious),
    "a link that leads nowhere": lambda place, precious: place.symlink_to(precious.with_name("nowhere")),
    "a folder": lambda place, _: place.mkdir(),
    "a pipe": lambda place, _: os.mkfifo(place),
}


@pytest.mark.parametrize("what", PLACES)
def test_the_consumers_lock_is_neither_followed_nor_emptied(folder: Path, precious: Path, what: str) -> None:
    PLACES[what](folder / CONSUMER_LOCK, precious)
    with (
        pytest.raises(NotOurs, match=f"{' '.join(what.split()[:2])} stands where .* move it away"),
        only_consumer(folder),
    ):
        pytest.fail("the block must not run")
    assert precious.read_text() == PRECIOUS
    assert not precious.with_name("nowhere").exists()


@pytest.mark.parametrize("what", PLACES)
def test_so_for_the_lock_of_the_comparison(folder: Path, precious: Path, what: str) -> None:
    PLACES[what](folder / LOCK, precious)
    with pytest.raises(NotOurs, match="move it away"), exclusive(folder):
        pytest.fail("the block must not run")
    assert not precious.with_name("nowhere").exists()


def test_a_lock_that_has_another_name_is_made_anew_and_the_other_one_left_as_it_is(folder: Path) -> None:
    backup = folder / "backup"
    backup.write_text("4711\n")
    os.link(backup, folder / CONSUMER_LOCK)
    with only_consumer(folder):
        assert running_consumer(folder).pid == os.getpid()  # type: ignore[union-attr]  # it runs
    assert backup.read_text() == "4711\n"


def test_a_file_of_somebody_elses_in_the_locks_place_is_not_emptied(folder: Path) -> None:
    place = folder / CONSUMER_LOCK
    place.write_text(PRECIOUS)
    with pytest.raises(NotOurs, match="move it away"), only_consumer(folder):
        pytest.fail("the block must not run")
    assert place.read_text() == PRECIOUS


@pytest.mark.parametrize("content", [b"", b"123\n", b"\0" * 7])
def test_a_lock_that_an_earlier_consumer_left_is_taken_whatever_a_power_cut_made_of_it(
    folder: Path, content: bytes
) -> None:
    (folder / CONSUMER_LOCK).write_bytes(content)
    with only_consumer(folder) as lock:
        assert lock.ran_before
        assert (folder / CONSUMER_LOCK).read_text() == f"{os.getpid()}\n"


# --- The lock's file is deleted --------------------------------------------------------------------------------------


def until(condition: Callable[[], bool], timeout: float = 20) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_lock_that_is_deleted_with_its_folder_is_made_anew_and_keeps_the_second_consumer_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(consumer_lock, "EVERY", 0.01)
    with only_consumer(folder) as lock, consumer_lock.held_anew(lock):
        (folder / CONSUMER_LOCK).unlink()
        folder.rmdir()
        until(lambda: "cannot be made again" in caplog.text)
        folder.mkdir()
        until((folder / CONSUMER_LOCK).exists)
        until(lambda: "is made again" in caplog.text)
        with pytest.raises(Taken, match=f"process {os.getpid()}"), only_consumer(folder):
            pytest.fail("the block must not run")
    assert running_consumer(folder) is None


def test_of_two_consumers_the_one_whose_lock_was_deleted_stops(folder: Path) -> None:
    script = (
        "import signal, sys, time; from pathlib import Path\n"
        "from plexsync.storage import consumer_lock; from plexsync.storage.consumer_lock import only_consumer\n"
        "consumer_lock.EVERY = 0.05\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        f"with only_consumer(Path({str(folder)!r})) as lock, consumer_lock.held_anew(lock):\n"
        "    print('runs', flush=True)\n    time.sleep(60)"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "runs\n"
        # As a rename does it: at no time is there none that somebody else could take.
        other = folder / "other"
        other.mkdir()
        with only_consumer(other) as second:
            second.path.rename(folder / CONSUMER_LOCK)
            assert first.wait(20) == 7
            assert f"another consumer (process {os.getpid()})" in first.communicate()[1]
    finally:
        first.kill()
        first.communicate()


# --- Other files that are written ------------------------------------------------------------------------------------


def test_the_copy_before_a_migration_never_goes_through_a_link(folder: Path, precious: Path) -> None:
    first = Database(folder / "plexsync.db")
    first.migrate("room", ("create table thing (id integer primary key);",))
    target = folder / "plexsync.db.before-room-2"
    precious.write_bytes(b"")
    target.symlink_to(precious)
    first.migrate("room", ("create table thing (id integer primary key);", "create table more (id integer);"))
    first.close()
    assert precious.read_bytes() == b""
    assert not target.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("select version from schema").fetchone()[0] == 1
    assert [one.name for one in folder.iterdir() if one.name.startswith(".")] == []


@pytest.mark.parametrize("name", ["notice.json", "stash_connection.json"])
@pytest.mark.parametrize("what", ["a link", "a link that leads nowhere", "a pipe"])
def test_files_that_are_replaced_as_a_whole_take_the_place_of_what_is_there(
    folder: Path, precious: Path, name: str, what: str
) -> None:
    PLACES[what](folder / name, precious)
    replace(str(folder / name), b"{}\n")
    assert (folder / name).read_bytes() == b"{}\n"
    assert not (folder / name).is_symlink()
    assert precious.read_text() == PRECIOUS


@pytest.mark.parametrize("what", ["a folder", "a pipe"])
def test_a_configuration_file_that_is_none_is_neither_waited_for_nor_replaced(folder: Path, what: str) -> None:
    PLACES[what](folder / "plexsync.toml", folder)
    with pytest.raises(NotEditable, match="is not a file: move it away"):
        put_setting(folder / "plexsync.toml", "plex_token", "secret")
    assert not (folder / "plexsync.toml").is_file()


def test_a_pipe_where_the_hook_notes_stashs_address_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "stash_connection.json")
    settings = load({"PLEXSYNC_PLEX_TOKEN": "a-token-of-plex", "PLEXSYNC_DATA_DIR": str(folder)}, {})
    assert any("stash_connection.json is broken" in warning for warning in settings.warnings)


@pytest.mark.parametrize("name", [".venv.log", "plexsync.json", "plexsync.pth"])
def test_files_of_the_environment_are_written_anew_and_not_through_a_link(
    folder: Path, precious: Path, name: str
) -> None:
    (folder / name).symlink_to(precious)
    environment.write_anew(folder / name, "ours\n")
    assert (folder / name).read_text() == "ours\n"
    assert precious.read_text() == PRECIOUS


def test_what_pip_says_never_goes_through_a_link(folder: Path, precious: Path) -> None:
    log = folder / environment.LOG
    log.symlink_to(precious)
    environment.run_logged([sys.executable, "-c", "print('said')"], log, "it failed")
    assert log.read_text() == "said\n"
    assert precious.read_text() == PRECIOUS


def test_a_log_that_is_a_pipe_which_nobody_reads_is_an_error_at_the_start(folder: Path) -> None:
    os.mkfifo(folder / "log")
    done = programs.run(
        [sys.executable, "-P", "-m", "plexsync.cli.consumer", "-l", str(folder / "log")],
        env={
            "PATH": os.environ["PATH"],
            "PLEXSYNC_DATA_DIR": str(folder),
            "PLEXSYNC_PLEX_TOKEN": "a-token-of-plex",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert f"cannot use {folder / 'log'}" in done.stderr

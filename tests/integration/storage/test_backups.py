"""Copies of the database: sound, private, seven of them, made beside whoever writes, and put back whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from plexsync.ledger import Ledger
from plexsync.ledger.schema import STEPS
from plexsync.storage import backups, last_run
from plexsync.storage.backups import NoBackup
from plexsync.storage.consumer_lock import only_consumer
from plexsync.storage.database import Database
from plexsync.storage.locks import Taken
from tasks.backup import HOUR, LATE, is_due

KNOWN = {"ledger": STEPS}
DAY = 24 * 3600


@pytest.fixture
def used(tmp_path: Path) -> Iterator[Database]:
    """A database in use, whose last change is in SQLite's log still."""
    database = Database(tmp_path / "data" / "plexsync.db")
    Ledger(database).facts.put("kept", "before")
    yield database
    database.close()


def told(path: Path) -> str | None:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        row = connection.execute("select value from fact where key = 'kept'").fetchone()
    return row[0] if row else None


def test_a_copy_has_all_and_is_one_private_file(used: Database) -> None:
    copy = backups.make(used.path)
    assert told(copy) == "before"
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700
    assert told(backups.make(used.path, used.path.parent / "mine.db")) == "before"


def test_the_newest_seven_are_kept_and_what_is_no_copy_is_left_alone(used: Database) -> None:
    own = used.path.parent / backups.FOLDER / "plexsync-mine.db"
    own.parent.mkdir()
    own.touch()
    made = [backups.make(used.path, now=1_800_000_000 + day * DAY) for day in range(9)]
    assert backups.kept(used.path.parent) == made[-backups.KEPT :]
    assert backups.latest_at(used.path.parent) == 1_800_000_000 + 8 * DAY
    assert own.exists()


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_no_copy_takes_the_place_of_what_is_in_use(used: Database, suffix: str) -> None:
    target = Path(f"{used.path}{suffix}")
    link = used.path.with_name("link.db")
    link.symlink_to(target)
    before = target.stat().st_ino
    for one in (target, link):
        with pytest.raises(NoBackup, match="is the database itself"):
            backups.make(used.path, one)
    assert target.stat().st_ino == before


def test_who_writes_does_not_wait_for_a_copy(used: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    within = []

    def damage(_copy: Path) -> None:
        # The copy is being made: what is written now does not wait for its end, and is not in it.
        done = threading.Event()
        writer = threading.Thread(target=lambda: (Ledger(used).facts.put("kept", "after"), done.set()))
        writer.start()
        within.append(done.wait(20))
        writer.join()

    monkeypatch.setattr(backups, "damage", damage)
    copy = backups.make(used.path)
    assert within == [True]
    assert (told(copy), told(used.path)) == ("before", "after")


def test_no_room_and_damage_are_said_and_leave_the_old_copies(used: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    old = backups.make(used.path, now=1_800_000_000)
    disk = shutil.disk_usage(used.path.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk._replace(free=1024))
    with pytest.raises(NoBackup, match="no room"):
        backups.make(used.path)
    monkeypatch.undo()
    used.close()
    pages = used.path.read_bytes()
    used.path.write_bytes(pages[:4096] + os.urandom(len(pages) - 4096))
    with pytest.raises(NoBackup, match=r"damaged|cannot be copied"):
        backups.make(used.path)
    assert [path.name for path in old.parent.iterdir()] == [old.name]
    used.path.unlink()
    with pytest.raises(NoBackup, match="no database"):
        backups.make(used.path)


def test_what_is_put_back_is_in_doubt_and_what_was_there_is_kept(used: Database) -> None:
    last_run.begin(used)
    copy = backups.make(used.path)
    Ledger(used).facts.put("kept", "after")
    used.close()
    last_run.closed(used.path)
    for one in (used.path.parent / "inbox").glob("*"):
        one.unlink()
    before = backups.restore(copy, used.path, KNOWN)
    assert before is not None
    assert (told(used.path), told(before)) == ("before", "after")
    assert stat.S_IMODE(used.path.stat().st_mode) == 0o600
    assert last_run.is_to_be_doubted(used.path), "the same run's copy is older than what Plex was told"
    assert list((used.path.parent / "inbox").iterdir()), "every scene is asked for"
    last_run.see_to(used.path)
    assert last_run.is_to_be_doubted(used.path)
    assert copy.exists()


def test_nothing_is_put_back_under_a_consumer(used: Database) -> None:
    copy = backups.make(used.path)
    with only_consumer(used.path.parent), pytest.raises(Taken, match="another consumer"):
        backups.restore(copy, used.path, KNOWN)
    assert backups.restore(copy, used.path, KNOWN) is not None


@pytest.mark.parametrize("at", ["set_aside", "note_restored", "replace"])
def test_interrupted_anywhere_one_of_the_two_is_there_whole(
    used: Database, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    copy = backups.make(used.path)
    Ledger(used).facts.put("kept", "after")
    used.close()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    place = {"set_aside": backups, "note_restored": last_run, "replace": Path}[at]
    with monkeypatch.context() as patch:
        patch.setattr(place, at, die)
        with pytest.raises(KeyboardInterrupt):
            backups.restore(copy, used.path, KNOWN)
    assert told(used.path) == "after"
    backups.restore(copy, used.path, KNOWN)
    assert told(used.path) == "before"


def test_what_is_no_backup_of_ours_or_of_a_newer_version_is_refused(used: Database, tmp_path: Path) -> None:
    copy = backups.make(used.path)
    text = tmp_path / "text"
    text.write_text("no database")
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("create table x (y)")
    for path, fault in ((tmp_path / "nowhere", "no such file"), (text, "not a backup"), (other, "not a backup")):
        with pytest.raises(NoBackup, match=fault):
            backups.restore(path, used.path, KNOWN)
    with pytest.raises(NoBackup, match="newer PlexSync"):
        backups.restore(copy, used.path, {"ledger": STEPS[:-1]})
    assert told(used.path) == "before"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("create trigger t after insert on fact begin delete from scene; end", "has a trigger"),
        ("create view v as select 1", "has a view"),
        ("drop table scene", "lacks the table scene"),
        ("update schema set version = 'x'", "not a backup"),
        ("update schema set version = -1", "not a backup"),
        ("delete from schema", "not a backup"),
    ],
)
def test_a_copy_that_somebody_has_changed_is_refused(used: Database, change: str, fault: str) -> None:
    copy = backups.make(used.path)
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute(change)
    with pytest.raises(NoBackup, match=fault):
        backups.restore(copy, used.path, KNOWN)
    assert told(used.path) == "before"


def test_a_copy_that_would_be_read_for_ever_is_refused_at_once(used: Database) -> None:
    copy = backups.make(used.path)
    for_ever = "with recursive c (x) as (select 1 union all select x + 1 from c) select 'ledger' as room, x as version"
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("alter table schema rename to other")
        connection.execute(f"create view schema as {for_ever} from c")
    with pytest.raises(NoBackup, match="has a view"):
        backups.restore(copy, used.path, KNOWN)


def test_a_copy_of_an_older_version_is_put_back(used: Database, tmp_path: Path) -> None:
    older = Database(tmp_path / "older" / "plexsync.db")
    older.migrate("ledger", STEPS[:-2])
    older.close()
    assert backups.restore(older.path, used.path, KNOWN) is not None


def test_what_is_no_file_at_all_is_named(used: Database, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(NoBackup, match="is a folder"):
        backups.restore(tmp_path / "folder", used.path, KNOWN)


def test_a_copy_replaces_a_copy_and_no_other_file(used: Database, tmp_path: Path) -> None:
    made, empty, mine = tmp_path / "made.db", tmp_path / "empty.db", tmp_path / "plexsync.toml"
    empty.touch()
    mine.write_text("plex_token = 'x'")
    for target in (made, made, empty):
        assert told(backups.make(used.path, target)) == "before"
    with pytest.raises(NoBackup, match="is not a copy of a database"):
        backups.make(used.path, mine)
    assert mine.read_text() == "plex_token = 'x'"


def test_a_copy_takes_no_name_that_belongs_to_the_database(used: Database) -> None:
    used.close()
    log_file = Path(f"{used.path}-wal")
    log_file.unlink(missing_ok=True)
    with pytest.raises(NoBackup, match="is the database itself"):
        backups.make(used.path, log_file)


def test_a_copy_is_made_at_night_or_late_and_where_there_is_none() -> None:
    night = time.mktime((2026, 11, 27, HOUR, 23, 0, 0, 0, -1))
    assert is_due(None, night + 8 * 3600)
    assert is_due(night - DAY, night)
    assert not is_due(night, night + 600)
    assert not is_due(night, night + 13 * 3600)
    assert is_due(night, night + LATE)
    assert is_due(night + DAY, night), "by a clock that was wrong"

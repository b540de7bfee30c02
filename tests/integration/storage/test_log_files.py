"""SQLite's log is deleted under processes that share the database: what they committed is there afterwards."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from plexsync.inbox import event_files, event_reading
from plexsync.inbox.everything_again import SYNC_ALL
from plexsync.ledger.rescue import Rescue
from plexsync.storage.database import Database
from tests.support.places import ROOT

STEPS = ("create table thing (id integer primary key, name text);",)

#: Writes what it is told, and says "ok" or what was wrong.
OTHER = """
import sqlite3, sys
from pathlib import Path
from plexsync.storage.database import Database
database = Database(Path(sys.argv[1]))
database.migrate("room", ("create table thing (id integer primary key, name text);",))
print("ready", flush=True)
for line in sys.stdin:
    try:
        with database.write(durable=True) as connection:
            connection.execute("insert into thing (name) values (?)", (line.strip(),))
    except sqlite3.Error as error:
        print(repr(error), flush=True)
    else:
        print("ok", flush=True)
"""


@pytest.fixture
def shared(database: Database) -> Database:
    database.keeper = Rescue(database.path)
    database.migrate("room", STEPS)
    return database


def put(database: Database, name: str) -> None:
    with database.write(durable=True) as connection:
        connection.execute("insert into thing (name) values (?)", (name,))


def names(path: Path) -> list[str]:
    """What whoever comes anew finds."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        return [row[0] for row in connection.execute("select name from thing order by id")]


def asked(database: Database) -> list[str]:
    folder = str(database.path.parent / event_files.FOLDER)
    return [event_reading.read(f"{folder}/{name}")["name"] for name in event_reading.waiting(folder, 100)]


@pytest.fixture
def other(shared: Database) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(shared.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def tell(process: subprocess.Popen[str], name: str) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{name}\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


@pytest.mark.parametrize("suffixes", [("-wal",), ("-shm",), ("-wal", "-shm")])
def test_what_was_committed_is_in_the_file_after_the_next_use(shared: Database, suffixes: tuple[str, ...]) -> None:
    put(shared, "before")
    for suffix in suffixes:
        Path(f"{shared.path}{suffix}").unlink()
    put(shared, "after")
    assert asked(shared) == [SYNC_ALL]
    assert names(shared.path) == ["before", "after"]
    put(shared, "later")
    assert asked(shared) == [SYNC_ALL]


@pytest.mark.parametrize("suffixes", [("-wal",), ("-wal", "-shm")])
def test_a_durable_write_into_a_log_that_is_being_deleted_is_none(shared: Database, suffixes: tuple[str, ...]) -> None:
    with (
        pytest.raises(sqlite3.OperationalError, match="deleted or replaced"),
        shared.write(durable=True) as connection,
    ):
        for suffix in suffixes:
            Path(f"{shared.path}{suffix}").unlink()
        connection.execute("insert into thing (name) values ('into nothing')")
    put(shared, "after")
    assert "after" in names(shared.path)


def test_a_log_that_is_replaced_by_another_file_is_noticed_too(shared: Database) -> None:
    put(shared, "before")
    logged = Path(f"{shared.path}-wal")
    Path(f"{shared.path}-shm").replace(logged)
    put(shared, "after")
    assert names(shared.path) == ["before", "after"]


def test_of_two_processes_that_share_a_log_neither_loses_what_it_acknowledged(
    shared: Database, other: subprocess.Popen[str]
) -> None:
    put(shared, "ours")
    assert tell(other, "theirs") == "ok"
    Path(f"{shared.path}-wal").unlink()
    put(shared, "ours afterwards")
    acknowledged = [name for name in ("theirs 1", "theirs 2", "theirs 3") if tell(other, name) == "ok"]
    assert "theirs 3" in acknowledged
    put(shared, "at last")
    assert set(names(shared.path)) >= {"ours", "theirs", "ours afterwards", "at last", *acknowledged}


def test_a_database_behind_a_link_has_its_log_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "real.db").touch()
    (tmp_path / "plexsync.db").symlink_to(tmp_path / "elsewhere" / "real.db")
    database = Database(tmp_path / "plexsync.db")
    database.migrate("room", STEPS)
    put(database, "before")
    (tmp_path / "elsewhere" / "real.db-wal").unlink()
    put(database, "after")
    assert names(tmp_path / "elsewhere" / "real.db") == ["before", "after"]
    database.close()


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
def test_a_folder_in_the_place_of_any_of_its_files_is_named(tmp_path: Path, suffix: str) -> None:
    place = tmp_path / f"plexsync.db{suffix}"
    place.mkdir()
    database = Database(tmp_path / "plexsync.db")
    with pytest.raises(sqlite3.OperationalError, match=f"{place} is a folder: move it away"):
        database.migrate("room", STEPS)
    place.rmdir()
    database.migrate("room", STEPS)
    database.close()


def test_a_file_put_in_its_place_is_not_mixed_with_the_log_of_the_one_that_was_there(
    shared: Database, tmp_path: Path
) -> None:
    put(shared, "in the backup")
    backup = tmp_path / "backup.db"
    with closing(sqlite3.connect(shared.path)) as source, closing(sqlite3.connect(backup)) as copy:
        source.backup(copy)
    put(shared, "in the log")
    backup.rename(shared.path)
    put(shared, "after")
    assert names(shared.path) == ["in the backup", "after"]

"""The SQLite file: privacy, transactions, migrations."""

from __future__ import annotations

import multiprocessing
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from plexsync.storage.database import (
    AUTOCHECKPOINT_PAGES,
    FILLING_CACHE_KIB,
    FILLING_CHECKPOINT_PAGES,
    WRITER_CACHE_KIB,
    Database,
)
from plexsync.storage.migrations import DatabaseTooNew

STEPS = ("create table thing (id integer primary key, name text);",)


def test_a_new_file_and_its_folder_are_private(database: Database) -> None:
    with database.read() as db:
        db.execute("select 1")
    assert stat.S_IMODE(database.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(database.path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_can_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "plexsync.db"
    path.touch(mode=0o644)
    database = Database(path)
    database.migrate("room", STEPS)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    database.close()


def test_the_files_sqlite_adds_are_private_too(database: Database) -> None:
    database.migrate("room", STEPS)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in database.path.parent.iterdir()}
    assert modes == dict.fromkeys(modes, 0o600)
    assert len(modes) == 3


def test_a_write_that_raises_changes_nothing(database: Database) -> None:
    database.migrate("room", STEPS)
    with pytest.raises(ZeroDivisionError), database.write() as db:
        db.execute("insert into thing values (1, 'a')")
        raise ZeroDivisionError
    with database.read() as db:
        assert db.execute("select count(*) from thing").fetchone()[0] == 0


def test_more_of_the_file_is_in_memory_and_in_its_log_only_while_much_is_written(database: Database) -> None:
    usual, filling = (WRITER_CACHE_KIB, AUTOCHECKPOINT_PAGES), (FILLING_CACHE_KIB, FILLING_CHECKPOINT_PAGES)

    def kept() -> tuple[int, int]:
        with database.writer() as db:
            asked = [int(db.execute(f"pragma {one}").fetchone()[0]) for one in ("cache_size", "wal_autocheckpoint")]
        return -asked[0], asked[1]

    with pytest.raises(ZeroDivisionError), database.much_written():
        assert kept() == filling
        raise ZeroDivisionError
    assert kept() == usual
    with database.much_written():
        database.close()
    assert kept() == usual
    with database.much_written():
        database.close()
        assert kept() == usual, "another connection"


def test_an_inner_write_belongs_to_the_outer_one(database: Database) -> None:
    database.migrate("room", STEPS)
    with pytest.raises(ZeroDivisionError), database.write() as outer:
        outer.execute("insert into thing values (1, 'a')")
        with database.write() as inner:
            inner.execute("insert into thing values (2, 'b')")
        raise ZeroDivisionError
    with database.read() as db:
        assert db.execute("select count(*) from thing").fetchone()[0] == 0


def test_a_durable_write_cannot_hide_in_one_that_is_not(database: Database) -> None:
    with pytest.raises(RuntimeError, match="durable"), database.write(), database.write(durable=True):
        pytest.fail("the inner block must not run")


def test_a_durable_write_is_synced_and_another_is_not(database: Database) -> None:
    with database.write(durable=True) as db:
        assert db.execute("pragma synchronous").fetchone()[0] == 2
    with database.write() as db:
        assert db.execute("pragma synchronous").fetchone()[0] == 1


def test_threads_take_turns_and_lose_nothing(database: Database) -> None:
    database.migrate("room", STEPS)

    def insert() -> None:
        for _ in range(50):
            with database.write() as db:
                db.execute("insert into thing (name) values ('x')")

    threads = [threading.Thread(target=insert) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as db:
        assert db.execute("select count(*) from thing").fetchone()[0] == 400


def test_the_data_version_tells_of_other_processes(database: Database) -> None:
    database.migrate("room", STEPS)
    before = database.data_version()
    other = sqlite3.connect(database.path)
    other.execute("insert into thing values (1, 'a')")
    other.commit()
    other.close()
    assert database.data_version() != before


def _count_in_child(database: Database, answers: multiprocessing.queues.Queue[int]) -> None:
    with database.write() as db:
        db.execute("insert into thing (name) values ('child')")
        answers.put(db.execute("select count(*) from thing").fetchone()[0])


def test_a_forked_process_opens_a_connection_of_its_own(database: Database) -> None:
    database.migrate("room", STEPS)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=_count_in_child, args=(database, answers))
    child.start()
    assert answers.get(timeout=10) == 1
    child.join()
    with database.read() as db:
        assert db.execute("select name from thing").fetchone()[0] == "child"


def test_missing_steps_run_in_order_and_only_once(database: Database) -> None:
    database.migrate("room", STEPS)
    more = (*STEPS, "alter table thing add column size integer; update thing set size = 1;")
    database.migrate("room", more)
    database.migrate("room", more)
    with database.read() as db:
        assert [row[1] for row in db.execute("pragma table_info(thing)")] == ["id", "name", "size"]


def test_a_file_with_data_is_backed_up_before_a_migration(database: Database) -> None:
    database.migrate("room", STEPS)
    with database.write() as db:
        db.execute("insert into thing values (1, 'before')")
    database.migrate("room", (*STEPS, "delete from thing;"))
    backup = sqlite3.connect(f"{database.path}.before-room-2")
    assert backup.execute("select name from thing").fetchone()[0] == "before"
    backup.close()
    assert stat.S_IMODE(Path(f"{database.path}.before-room-2").stat().st_mode) == 0o600


def test_a_step_that_fails_leaves_the_old_version(database: Database) -> None:
    database.migrate("room", STEPS)
    with pytest.raises(sqlite3.OperationalError):
        database.migrate("room", (*STEPS, "alter table thing add column size integer; select nonsense from nowhere;"))
    with database.read() as db:
        assert [row[1] for row in db.execute("pragma table_info(thing)")] == ["id", "name"]
        assert db.execute("select version from schema where room = 'room'").fetchone()[0] == 1


def test_a_file_from_a_newer_version_is_refused_in_words(database: Database) -> None:
    database.migrate("room", (*STEPS, "delete from thing;"))
    with pytest.raises(DatabaseTooNew, match="newer PlexSync.*update the plugin"):
        database.migrate("room", STEPS)

"""Whoever reads waits for nobody who writes, and sees what was committed; and what a use costs."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from plexsync.storage import readers
from plexsync.storage.database import Database
from tests.support.queue_app.rig import until

STEPS = ("create table thing (id integer primary key, name text);",)


@pytest.fixture
def filled(database: Database) -> Database:
    database.migrate("room", STEPS)
    put(database, "first")
    return database


def put(database: Database, name: str) -> None:
    with database.write() as db:
        db.execute("insert into thing (name) values (?)", (name,))


def names(database: Database) -> list[str]:
    with database.read() as db:
        return [row["name"] for row in db.execute("select name from thing order by id")]


def test_who_reads_does_not_wait_for_a_write_under_way_and_sees_it_once_it_is_committed(filled: Database) -> None:
    seen: list[list[str]] = []
    with filled.write() as db:
        db.execute("insert into thing (name) values ('second')")
        reader = threading.Thread(target=lambda: seen.append(names(filled)))
        reader.start()
        reader.join(10)
        assert seen == [["first"]]
        assert names(filled) == ["first", "second"], "a thread sees what it has written itself"
    assert names(filled) == ["first", "second"]


def test_who_reads_can_be_within_a_read_of_his_own(filled: Database) -> None:
    with filled.read() as outer, filled.read() as inner:
        assert outer is not inner
        assert names(filled) == ["first"]


def test_what_only_reads_cannot_write(filled: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"), filled.read() as db:
        db.execute("delete from thing")
    assert names(filled) == ["first"]


def test_no_more_connections_are_kept_than_are_used_in_a_while(filled: Database) -> None:
    uses = [filled.read() for _ in range(readers.KEPT + 3)]
    connections = [use.__enter__() for use in uses]
    assert len(set(map(id, connections))) == len(uses)
    for use in uses:
        use.__exit__(None, None, None)
    closed = 0
    for connection in connections:
        try:
            connection.execute("select 1")
        except sqlite3.ProgrammingError:
            closed += 1
    assert closed == 3


def test_a_file_that_is_replaced_is_noticed_by_who_only_reads(filled: Database, tmp_path: Path) -> None:
    other = Database(tmp_path / "other.db")
    other.migrate("room", STEPS)
    put(other, "of the other")
    other.close()
    other.path.replace(filled.path)
    until(lambda: names(filled) == ["of the other"])
    put(filled, "after that")
    assert names(filled) == ["of the other", "after that"]


def test_a_log_that_was_deleted_is_given_up_only_when_nobody_reads_it_any_more(filled: Database) -> None:
    def write_anew() -> None:
        put(filled, "second")

    with filled.read() as db:
        Path(f"{filled.path}-wal").unlink()
        writer = threading.Thread(target=write_anew)
        writer.start()
        until(lambda: filled._readers.life > 1)
        assert [row[0] for row in db.execute("select name from thing")] == ["first"]
        assert writer.is_alive()
    writer.join(10)
    assert names(filled) == ["first", "second"]
    assert _checked(filled.path) == ["ok"]


def _checked(path: Path) -> list[str]:
    with sqlite3.connect(path) as connection:
        return [row[0] for row in connection.execute("pragma integrity_check")]


def test_a_use_for_reading_asks_the_file_system_for_nothing_and_a_write_for_three_files(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = _asked(monkeypatch)
    names(filled)
    asked.clear()
    monkeypatch.setattr(readers, "LOOK_EVERY", 3600.0)
    filled._readers._look_at = float("inf")
    for _ in range(20):
        names(filled)
    assert asked == []
    put(filled, "second")
    assert len(asked) == 3


def _asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the file system is asked for from here on."""
    asked: list[str] = []

    def counting(name: str) -> None:
        real = getattr(os, name)

        def count(place: Any, *args: Any, **how: Any) -> Any:
            asked.append(f"{name} {place}")
            return real(place, *args, **how)

        monkeypatch.setattr(os, name, count)

    counting("stat")
    counting("lstat")
    return asked


def test_the_disk_is_told_of_only_when_that_changes(filled: Database) -> None:
    said: list[str] = []
    with filled.writer() as db:
        db.set_trace_callback(said.append)
    for _ in range(5):
        put(filled, "one more")
    with filled.write(durable=True):
        pass
    assert [one for one in said if one.startswith("pragma")] == ["pragma synchronous=full"]

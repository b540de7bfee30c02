"""How often PostgreSQL is asked for a message, and that this goes by the index, however few rows there seem to be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import pytest

from plexsync.queue import PlexSyncHuey, open_queue, schema
from plexsync.storage.postgres.connection import PostgresSession
from plexsync.storage.postgres.database import PostgresDatabase
from tests.support.postgres_server import Server
from tests.support.spaces import new_space

pytestmark = pytest.mark.sqlite

MESSAGE = b'{"id": "%032x", "name": "sync_scene", "args": [%d], "kwargs": {}, "eta": null, "retries": 0}'


@pytest.fixture
def space(server: Server, tmp_path: Path) -> Iterator[PostgresDatabase]:
    with new_space(server, tmp_path) as space:
        yield space


@pytest.fixture
def huey(space: PostgresDatabase) -> Iterator[PlexSyncHuey]:
    huey = open_queue(space)
    assert space.lead()
    huey.storage.enqueue_many([MESSAGE % (number, number) for number in range(6)])
    with closing(huey.storage):
        yield huey


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was sent to the server, in one go each."""
    sent: list[list[str]] = []
    flush = PostgresSession._flush

    def noted(self: PostgresSession) -> None:
        if self._pending:
            sent.append([sql for sql, _ in self._pending])
        flush(self)

    monkeypatch.setattr(PostgresSession, "_flush", noted)
    return sent


def work(huey: PlexSyncHuey) -> int:
    claimed = huey.storage.dequeue()
    huey.storage.ack(claimed.id)
    return int(claimed.id)


def test_a_message_is_claimed_in_two_ways_to_the_server_and_acknowledged_in_one(
    huey: PlexSyncHuey, sent: list[list[str]]
) -> None:
    work(huey)
    sent.clear()
    work(huey)
    assert len(sent) == 3
    assert not any("prepare" in sql or "deallocate" in sql for batch in sent for sql in batch), "prepared once"
    work(huey)
    assert len(sent) == 6


def test_what_was_prepared_is_prepared_anew_after_a_transaction_that_was_undone(
    huey: PlexSyncHuey, space: PostgresDatabase
) -> None:
    first = work(huey)
    with pytest.raises(sqlite3.Error), space.write() as db:
        db.execute("select no_such_function()")
    second = work(huey)
    with pytest.raises(ZeroDivisionError), space.write() as db:
        db.execute(schema.NEXT_TASK, {"queue": "plexsync"}).fetchall()
        raise ZeroDivisionError
    third = work(huey)
    assert [second, third] == [first + 1, first + 2]


def test_many_rows_at_once_and_prepared_statements_do_not_disturb_each_other(
    huey: PlexSyncHuey, space: PostgresDatabase
) -> None:
    first = work(huey)
    for number in range(3):
        with space.write() as db:
            db.executemany(schema.PUT_VALUE, [("plexsync", f"k{each}", b"v", number) for each in range(50)])
        work(huey)
        with pytest.raises(sqlite3.Error), space.write() as db:
            db.execute("select no_such_function()")
    assert work(huey) == first + 4


@pytest.mark.parametrize("statement", [schema.NEXT_TASK, schema.NEXT_OF_NAME], ids=["next", "of its name"])
def test_the_next_message_is_found_in_the_order_of_the_index_in_a_table_that_has_grown(
    huey: PlexSyncHuey, space: PostgresDatabase, statement: str
) -> None:
    work(huey)
    huey.storage.enqueue_many([MESSAGE % (number, number) for number in range(100, 500)])
    values: dict[str, Any] = {"queue": "plexsync", "name": "sync_scene", "priority": 0.0, "id": 0, "limit": 3}
    with space.write() as db:
        session = cast("PostgresSession", db)
        db.execute(statement, values).fetchall()
        prepared = session._translation(statement).prepared
        assert prepared is not None
        execute = session._cursor.mogrify(prepared.execute, values)
        plan = "\n".join(row[0] for row in session.run(f"explain {execute}"))
    assert "Index Scan using task_" in plan
    assert "Sort" not in plan
    assert "Seq Scan" not in plan
    assert "Bitmap" not in plan

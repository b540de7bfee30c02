"""Of several consumers on one PostgreSQL one leads: by its session, and only for as long as that stands."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from plexsync.errors import PermanentError
from plexsync.queue import open_queue
from plexsync.storage import opening
from plexsync.storage.faults import LeadLost, ServerFault
from plexsync.storage.postgres.connection import PostgresSession
from plexsync.storage.postgres.consumers import GONE_AFTER, SignOfLife
from plexsync.storage.postgres.database import PostgresDatabase
from plexsync.storage.postgres.watch import Watch
from tests.support.postgres_server import Server
from tests.support.spaces import new_space

pytestmark = pytest.mark.sqlite

#: A table for what is written.
STEPS = ("create table note (id integer primary key, words text not null);",)
#: A message as the hook's stand in the queue.
MESSAGE = b'{"id": "%032x", "name": "sync_scene", "args": [%d], "kwargs": {}, "eta": null, "retries": 0}'


@pytest.fixture
def first(server: Server, tmp_path: Path) -> Iterator[PostgresDatabase]:
    with new_space(server, tmp_path) as space:
        space.migrate("notes", STEPS)
        yield space


@pytest.fixture
def second(first: PostgresDatabase, server: Server) -> Iterator[PostgresDatabase]:
    """Another consumer's."""
    other = PostgresDatabase(server.url, first.path.parent / "other" / "plexsync.db", first._space)
    yield other
    other.close()


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def note(database: PostgresDatabase, text: str) -> None:
    with database.write(durable=True) as db:
        db.execute("insert into note (words) values (?)", (text,))


def notes(database: PostgresDatabase) -> list[str]:
    with database.read() as db:
        return [row["words"] for row in db.execute("select words from note order by id")]


def end_session(database: PostgresDatabase, server: Server) -> None:
    """As the server does where it hears nothing of a machine any more."""
    with database.writer() as db:
        pid = db.execute("select pg_backend_pid()").fetchone()[0]
    with closing(PostgresSession(server.url, "public")) as session:
        session.run("select pg_terminate_backend(%s)", [pid])
        until(lambda: not session.run("select 1 from pg_stat_activity where pid = %s", [pid]).fetchall())


def test_one_leads_and_the_next_one_does_once_it_has_ended(first: PostgresDatabase, second: PostgresDatabase) -> None:
    assert first.lead()
    assert first.lead()
    assert not second.lead()
    first.close()
    # The server hears of it a moment later.
    until(second.lead)
    assert not first.lead()


def test_one_that_lost_its_session_writes_nothing_more_and_is_told(
    first: PostgresDatabase, second: PostgresDatabase, server: Server
) -> None:
    lost: list[str] = []
    first.on_lost = lost.append
    assert first.lead()
    note(first, "as leader")
    end_session(first, server)
    assert second.lead()
    for _ in range(2):
        with pytest.raises(ServerFault):
            note(first, "too late")
    assert len(lost) == 1
    note(second, "the new one's")
    assert notes(second) == ["as leader", "the new one's"]


def test_one_that_lost_it_in_the_middle_of_a_transaction_leaves_nothing_of_that(
    first: PostgresDatabase, second: PostgresDatabase, server: Server
) -> None:
    lost: list[str] = []
    first.on_lost = lost.append
    assert first.lead()
    with pytest.raises(ServerFault), first.write() as db:
        db.execute("insert into note (words) values ('half')")
        db.execute("select 1").fetchone()
        end_session(first, server)
        db.execute("insert into note (words) values ('the other half')")
    assert lost
    assert notes(second) == []


def test_another_session_of_a_leader_writes_nothing_once_somebody_else_leads(
    first: PostgresDatabase, second: PostgresDatabase, server: Server
) -> None:
    assert first.lead()
    beside = first.another()
    assert isinstance(beside, PostgresDatabase)
    with closing(beside):
        note(beside, "as the leader's")
        end_session(first, server)
        assert second.lead()
        with pytest.raises(LeadLost):
            note(beside, "too late")
        assert notes(second) == ["as the leader's"]


def test_who_watches_hears_of_it_though_nothing_is_written(first: PostgresDatabase, server: Server) -> None:
    lost = threading.Event()
    first.on_lost = lambda _why: lost.set()
    assert first.lead()
    watch = first.watch(SignOfLife("nas"))
    assert [(one.host, one.leads) for one in first.consumers()] == [("nas", True)], "known before it begins"
    watch.start()
    assert not lost.is_set()
    end_session(first, server)
    assert lost.wait(20)
    watch.stop()


def test_a_leader_that_ends_by_itself_has_lost_nothing(first: PostgresDatabase) -> None:
    lost: list[str] = []
    first.on_lost = lost.append
    assert first.lead()
    watch = first.watch(SignOfLife())
    watch.start()
    first.close()
    watch.stop()
    assert lost == []


def test_a_leader_whose_process_is_stopped_is_replaced(first: PostgresDatabase, second: PostgresDatabase) -> None:
    assert first.lead()
    with first.writer() as db:
        pid = db.execute("select pg_backend_pid()").fetchone()[0]
    with first.read() as db:
        session = db
    # Its last sign of life was long ago.
    with second.write() as db:
        db.execute(
            "insert into consumer (id, host, pid, session, leads, since, seen_at) "
            "values ('one', 'nas', 1, ?, true, 0, extract(epoch from clock_timestamp()) - ?)",
            (pid, GONE_AFTER + 5),
        )
    assert session is not None
    second.wait_in_line(SignOfLife())
    until(second.lead)


def test_one_whose_session_has_ended_is_told_of_no_longer(first: PostgresDatabase, second: PostgresDatabase) -> None:
    second.wait_in_line(SignOfLife("elsewhere"))
    first.wait_in_line(SignOfLife("here"))
    assert {one.host for one in first.consumers() if one.is_there} == {"here", "elsewhere"}
    second.close()
    until(lambda: [one.host for one in first.consumers() if one.is_there] == ["here"])


def test_a_new_leader_takes_over_at_once_what_the_old_one_was_at(
    first: PostgresDatabase, second: PostgresDatabase, server: Server
) -> None:
    assert first.lead()
    old = open_queue(first)
    old.storage.enqueue_many([MESSAGE % (number, number) for number in range(3)])
    claimed = old.storage.dequeue()
    assert claimed is not None
    end_session(first, server)
    assert second.lead()
    new = open_queue(second)
    assert new.storage.stats().in_progress == 1
    assert new.storage.recover() == 0, "by the lease alone it would be waited for"
    assert new.storage.recover(begins=True) == 1
    with pytest.raises(sqlite3.Error):
        old.storage.ack(claimed.id)
    assert (new.storage.stats().pending, new.storage.stats().in_progress) == (3, 0)


def test_a_worker_hears_at_once_what_another_machine_leaves(first: PostgresDatabase, second: PostgresDatabase) -> None:
    assert first.lead()
    told = threading.Event()
    end = first.follow(told.set)
    assert end is not None
    # It has begun to listen.
    assert told.wait(20)
    told.clear()
    note(second, "news")
    assert told.wait(20)
    told.clear()
    note(first, "its own")
    assert not told.wait(0.2)
    end()


def test_a_claim_ends_by_the_servers_clock(first: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    huey = open_queue(first, lease=60.0)
    huey.storage.enqueue(MESSAGE % (1, 1))
    right = time.time()
    # This machine's is an hour slow.
    plain = time.time
    monkeypatch.setattr(time, "time", lambda: plain() - 3600)
    huey.storage.enqueue(MESSAGE % (2, 2))
    claimed = huey.storage.dequeue()
    assert claimed is not None
    with first.read() as db:
        until_then = db.execute("select max(lease_until) from claim").fetchone()[0]
    huey.storage.close()
    assert right + 50 < until_then < right + 120


def test_a_server_that_is_away_is_named_and_the_password_is_not(tmp_path: Path) -> None:
    url = "postgresql://plexsync:pa55w0rd-of-nobody@127.0.0.1:1/plexsync"
    database = opening.open_database(tmp_path, url)
    with pytest.raises(ServerFault) as raised, database.write():
        pass
    assert "PostgreSQL at 127.0.0.1:1, database plexsync does not answer" in str(raised.value)
    assert "pa55w0rd" not in str(raised.value)
    assert "pa55w0rd" not in database.place


def test_what_is_missing_is_named_with_what_to_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "psycopg", None)
    for name in [name for name in sys.modules if name.startswith("plexsync.storage.postgres")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(PermanentError, match=r"--setup requirements-postgres\.txt"):
        opening.open_database(tmp_path, "postgresql://nas/plexsync")


def test_after_the_server_was_restarted_who_does_not_lead_goes_on(first: PostgresDatabase, server: Server) -> None:
    note(first, "before")
    end_session(first, server)
    with pytest.raises(ServerFault):
        note(first, "lost")
    note(first, "after")
    assert notes(first) == ["before", "after"]


def test_who_listens_sleeps_until_there_is_something(first: PostgresDatabase) -> None:
    told = threading.Event()
    end = first.follow(told.set)
    assert end is not None
    assert told.wait(20)
    (listener,) = (one for one in threading.enumerate() if one.name == "Postgres")
    before, began = _wake_ups(listener), time.monotonic()
    until(lambda: time.monotonic() - began > 1)
    # Whoever looks ten times a second wakes ten times.
    assert _wake_ups(listener) - before < 5
    end()


def test_who_listens_ends_at_once(first: PostgresDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Watch, "EVERY", 60.0)
    told = threading.Event()
    end = first.follow(told.set)
    assert end is not None
    assert told.wait(20)
    (listener,) = (one for one in threading.enumerate() if one.name == "Postgres")
    began = time.monotonic()
    end()
    assert not listener.is_alive()
    assert time.monotonic() - began < 30


def _wake_ups(thread: threading.Thread) -> int:
    status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])

"""Whatever whoever keeps the server has set for all its sessions: what PlexSync rests on is set for its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from plexsync.ledger import Ledger, Result, State
from plexsync.storage.postgres.connection import PostgresSession
from plexsync.storage.postgres.database import PostgresDatabase
from tests.support.postgres_server import Server
from tests.support.spaces import new_database

pytestmark = pytest.mark.sqlite

SET = {
    "default_transaction_isolation": "serializable",
    "statement_timeout": "100ms",
    "idle_session_timeout": "200ms",
    "transaction_timeout": "100ms",
    "extra_float_digits": "-15",
    "standard_conforming_strings": "off",
    "lc_messages": "C",
}


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    """A database whose sessions begin with such settings, as far as the server has them."""
    with new_database(server) as url:
        with closing(PostgresSession(url, "public")) as session:
            known = {row[0] for row in session.run("select name from pg_settings").fetchall()}
            for name, value in SET.items():
                if name in known:
                    session.run(f"alter database {url.rpartition('/')[2]} set {name} = '{value}'")
        yield url


def test_nothing_is_cut_short_and_numbers_and_texts_are_what_they_were(url: str, tmp_path: Path) -> None:
    with closing(PostgresDatabase(url, tmp_path / "plexsync.db")) as database:
        ledger = Ledger(database)
        ledger.scenes.set_state(1, State.FAILED, Result.FAILED, title="100%_\\")
        with database.write() as db:
            db.execute("update scene set changed_at = ?", (0.1 + 0.2,))
            # Other statements of a transaction may take long, too.
            db.run("select pg_sleep(0.3)")  # type: ignore[attr-defined]
        time.sleep(0.4)
        with database.read() as db:
            assert db.execute("select changed_at from scene").fetchone()[0] == 0.1 + 0.2
        assert [one.scene_id for one in ledger.listings.scenes(None, "%_\\", None, 9)] == [1]
        assert database.lead()
        time.sleep(0.4)
        # By the same session still.
        assert database.lead()
        with database.write() as db:
            db.execute("delete from scene")


def test_who_waits_for_others_sees_what_they_have_written(url: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        many = [stack.enter_context(closing(PostgresDatabase(url, tmp_path / f"{n}.db"))) for n in range(3)]
        Ledger(many[0])
        with many[0].write() as db:
            db.execute("insert into fact (key, value) values ('count', '0')")
        failed: list[BaseException] = []

        def count(database: PostgresDatabase) -> None:
            try:
                for _ in range(20):
                    with database.write() as db:
                        value = int(db.execute("select value from fact where key = 'count'").fetchone()[0])
                        db.execute("update fact set value = ? where key = 'count'", (str(value + 1),))
            except BaseException as error:
                failed.append(error)
                raise

        threads = [threading.Thread(target=count, args=(one,)) for one in many]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed
        with many[0].read() as db:
            assert db.execute("select value from fact where key = 'count'").fetchone()[0] == "60"

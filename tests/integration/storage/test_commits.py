"""Whoever looks at the database all day is told by its log whether there may be anything new."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.storage.commits import Commits
from plexsync.storage.database import Database
from plexsync.storage.file_stamps import SETTLED
from tests.support.clocks import ManualClock

pytestmark = pytest.mark.sqlite


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "plexsync.db")
    database.migrate("test", ["create table thing (id integer primary key);"])
    yield database
    database.close()


@pytest.fixture
def log(database: Database) -> Path:
    return Path(f"{database.path}-wal")


def commit(database: Database) -> None:
    with database.write() as connection:
        connection.execute("insert into thing default values")


def rest(log: Path, seconds: float) -> None:
    """Let the last commit be so long ago."""
    changed = log.stat().st_mtime_ns - int(seconds * 1e9)
    os.utime(log, ns=(changed, changed))


def test_nothing_is_new_once_the_log_rests(database: Database, log: Path) -> None:
    rest(log, 60)
    commits = Commits(database)
    assert commits.may_be_new(), "nobody has looked yet"
    assert not commits.may_be_new()
    assert not commits.may_be_new()


def test_a_commit_is_told_whoever_made_it(database: Database, log: Path) -> None:
    other = Database(database.path)
    commits = Commits(database)
    for one in (database, other):
        rest(log, 60)
        commits.may_be_new()
        assert not commits.may_be_new()
        commit(one)
        assert commits.may_be_new()
    other.close()


def test_a_commit_that_leaves_size_and_time_as_they_were_is_told(database: Database, log: Path) -> None:
    """A file system may keep times to two seconds, and SQLite writes over a log that was folded into the file."""
    clock = ManualClock()
    os.utime(log, (clock(), clock()))
    commits = Commits(database, clock)
    commits.may_be_new()
    for _ in range(3):
        assert commits.may_be_new(), "a commit may have come in the same tick"
        clock.advance(SETTLED / 4)
    clock.advance(SETTLED)
    assert not commits.may_be_new()


def test_where_the_log_is_gone_or_another_there_may_be_news(database: Database, log: Path) -> None:
    rest(log, 60)
    commits = Commits(database)
    commits.may_be_new()
    assert not commits.may_be_new()
    log.rename(log.with_name("elsewhere"))
    assert commits.may_be_new()
    assert commits.may_be_new(), "as long as it is gone"


def test_a_server_is_always_asked(database: Database, log: Path) -> None:
    rest(log, 60)
    database.is_shared = True
    commits = Commits(database)
    assert commits.may_be_new()
    assert commits.may_be_new()

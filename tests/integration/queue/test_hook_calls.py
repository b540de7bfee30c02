"""When Stash called the hook last, as the queue learns it from the messages that it takes over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.inbox import event_files
from plexsync.queue import PlexSyncHuey, open_queue
from plexsync.storage.database import Database


@pytest.fixture
def huey(database: Database) -> Iterator[PlexSyncHuey]:
    huey = open_queue(database)
    yield huey
    huey.storage.close()


def lay(database: Database, at: float, event: str = "Scene.Update.Post") -> None:
    event_files.put(str(Path(database.path.parent, event_files.FOLDER)), event_files.message(1, event) | {"at": at})


def test_before_the_first_call_there_is_none(huey: PlexSyncHuey) -> None:
    assert huey.hook_called_at() is None


def test_the_newest_call_counts_and_is_kept(huey: PlexSyncHuey, database: Database) -> None:
    lay(database, 1000.25)
    lay(database, 1003.5, "Studio.Update.Post")
    lay(database, 1002.0)
    assert huey.hook_called_at() == 1003.5
    huey.storage.close()
    assert open_queue(database).hook_called_at() == 1003.5


def test_what_was_stuck_for_long_is_no_news(huey: PlexSyncHuey, database: Database) -> None:
    lay(database, 1000.0)
    assert huey.hook_called_at() == 1000.0
    lay(database, 900.0)
    assert huey.hook_called_at() == 1000.0


def test_a_call_that_is_to_come_is_forgotten_when_the_clock_is_right_again(
    huey: PlexSyncHuey, database: Database
) -> None:
    lay(database, 9e9)
    assert huey.hook_called_at() == 9e9
    lay(database, 1000.0)
    assert huey.hook_called_at() == 1000.0


def test_what_plexsync_lays_there_by_itself_is_no_call(huey: PlexSyncHuey, database: Database) -> None:
    lay(database, 1000.0, "Database.Lost")
    assert huey.hook_called_at() is None
    lay(database, 900.0)
    lay(database, 1001.0, "Database.Lost")
    assert huey.hook_called_at() == 900.0

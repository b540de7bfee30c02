"""The queue looked at without Huey says what the queue says, while the inbox is empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plexsync.inbox import event_files
from plexsync.queue import PlexSyncHuey, open_queue, quiet
from plexsync.storage.database import Database


@pytest.fixture
def huey(database: Database) -> Iterator[PlexSyncHuey]:
    huey = open_queue(database)
    yield huey
    huey.storage.close()


def test_it_says_what_the_queue_says(huey: PlexSyncHuey, database: Database) -> None:
    assert quiet.look(database) == (huey.stats(), None)

    @huey.task()  # type: ignore[untyped-decorator]  # huey has no types
    def work(number: int) -> None:
        """Do nothing."""

    for number in range(3):
        work(number)
    work.schedule((3,), eta=datetime.now(UTC) + timedelta(hours=1))
    assert huey.dequeue() is not None
    inbox = Path(database.path.parent, event_files.FOLDER)
    event_files.put(str(inbox), event_files.message(1, "Scene.Update.Post") | {"at": 1000.5})
    assert quiet.look(database) is None
    told = huey.stats(), huey.hook_called_at()
    assert (told[0].pending, told[0].scheduled, told[0].in_progress, told[1]) == (3, 1, 1, 1000.5)
    assert quiet.look(database) == told
    assert huey.name == quiet.NAME


def test_an_inbox_that_cannot_be_seen_is_left_to_the_queue(huey: PlexSyncHuey, database: Database) -> None:
    assert huey.stats().pending == 0
    Path(database.path.parent, event_files.FOLDER).write_text("in the way")
    assert quiet.look(database) is None

"""A queue that hands out at once what is there, and a clock that can be set ahead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.queue import PlexSyncHuey
from plexsync.queue import storage as storage_module
from tests.support.clocks import ClockAhead
from tests.support.queue_app.rig import new_queue


@pytest.fixture
def clock() -> ClockAhead:
    return ClockAhead()


@pytest.fixture
def huey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: ClockAhead) -> Iterator[PlexSyncHuey]:
    monkeypatch.setattr(storage_module, "PATIENCE", 0.0)
    huey = new_queue(tmp_path, clock=clock)
    yield huey
    huey.storage.close()

"""A bench with a queue, a runtime and a probe, for tests of what happens while Plex or Stash is away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plexsync.app import App, QueueAccess, build
from plexsync.errors import PlexUnavailable
from plexsync.inbox import event_files
from plexsync.installation.settings_reader import SettingsReader
from plexsync.ledger import State
from plexsync.queue import PlexSyncHuey, open_queue
from plexsync.queue import storage as storage_module
from settings import Settings
from tasks.app import Runtime
from tasks.attempt import attempt
from tasks.knocks import Knocks
from tasks.policy import Paused
from tasks.probe import Probe
from tasks.settings_watch import SettingsWatch
from tests.support.sync_bench import SyncBench, sync_bench

#: Seconds, as short as a loaded machine allows.
RESET = 0.2


class Days:
    """A bench with a queue, a runtime whose settings come from a file and a mapping, and a probe."""

    def __init__(self, bench: SyncBench, folder: Path) -> None:
        self.bench = bench
        self.folder = folder
        self.environ = {
            "PLEXSYNC_DATA_DIR": str(folder),
            "PLEXSYNC_PLEX_URL": bench.plex.url,
            "PLEXSYNC_STASH_URL": bench.stash.url,
            "PLEXSYNC_PATH_MAP": "/data=>/media",
            "PLEXSYNC_CONNECT_TIMEOUT": "1",
            "PLEXSYNC_READ_TIMEOUT": "1",
            "PLEXSYNC_BREAKER_FAIL_MAX": "1",
            "PLEXSYNC_BREAKER_RESET_TIMEOUT": str(RESET),
        }
        self.set_token(bench.plex.token)
        self.database = bench.database
        self.huey: PlexSyncHuey = open_queue(self.database)
        self.sync_scene = self.huey.task(coalesce=True, context=True)(self._task())
        self.wired = 0
        self.set_up()

    def set_up(
        self,
        *,
        settled: float = 0.2,
        access_retry: float = 0.5,
        knocks: Callable[[], Knocks] = Knocks,
        wire: Callable[[Settings], App] | None = None,
    ) -> None:
        """Make what reads settings, the runtime, the probe and the settings' watch; before anything is at work.

        :param settled: seconds; see ``SettingsReader``.
        :param access_retry: seconds; see ``Probe``. So is ``knocks``.
        :param wire: makes an app.
        """
        self.reader = SettingsReader(self.environ, settled=settled)
        self.runtime = Runtime(self.reader, wire or self.wire)
        self.probe = Probe(self.runtime, self.huey, access_retry=access_retry, look_every=0.05, knocks=knocks)
        self.watch = SettingsWatch(self.runtime, self.probe.settings_changed, look_every=0.05)

    def set_token(self, token: str) -> None:
        (self.folder / "plexsync.toml").write_text(f'plex_token = "{token}"\n')
        (self.folder / "plexsync.toml").chmod(0o600)

    def open_up(self, service: str = "Plex") -> None:
        """The breaker opens."""
        self.runtime().guard_of(service).trip(PlexUnavailable("down"))

    def let_rest(self) -> None:
        """Scenes rest as in the consumer, but nobody asks."""
        self.huey.storage.paused = self.probe.paused

    def run(self) -> Any:
        """Hand out the next message and work on it."""
        task = self.huey.dequeue()
        if task is not None:
            self.huey.execute(task)
        return task

    def state(self, scene: int) -> State | None:
        record = self.runtime().ledger.scenes.get(scene)
        return record.state if record else None

    @contextmanager
    def consuming(self, workers: int = 2) -> Iterator[None]:
        """Workers and the probe's thread at work."""
        stopping = threading.Event()
        self.huey.storage.is_stopping = stopping.is_set

        def work() -> None:
            while not stopping.is_set():
                self.run()

        threads = [threading.Thread(target=work) for _ in range(workers)]
        self.probe.start()
        self.watch.start()
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stopping.set()
            self.huey.storage.wake()
            for thread in threads:
                thread.join(10)
            self.watch.stop()
            self.probe.stop()
            self.runtime().close()

    def wire(self, settings: Settings) -> App:
        """An app on the bench's database."""
        self.wired += 1
        return build(settings, self.database, QueueAccess(self.huey.waiting))

    def _task(self) -> Callable[..., str | None]:
        def sync_scene(scene_id: int, task: Any = None) -> str | None:
            try:
                return attempt(self.runtime(), scene_id, fresh=task.eta is None).text
            except Paused:
                if not self.huey.give_back(task):
                    raise
                return None

        assert sync_scene.__name__ == event_files.SYNC_SCENE
        return sync_scene


def until(condition: Callable[[], bool], timeout: float = 10.0) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "not so in time"
        time.sleep(0.01)


@contextmanager
def resting_bench(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Days]:
    """A bench whose servers run."""
    monkeypatch.setattr(storage_module, "PATIENCE", 0.2)
    with sync_bench(folder) as bench:
        days = Days(bench, folder)
        yield days
        if days.wired:
            days.runtime().close()
        days.huey.storage.close()
